"""Which turns one speaker's memory reads: its own, until others push it out.

    Ana Ben Ana Cem, two speakers remembered  →  [0, 2] [1] [3]

Names carry no meaning: a name says only whether the same speaker spoke before.
"""

from collections.abc import Sequence
from hashlib import blake2b

from corpora.conversation import Turn


def speaker_key(turn: Turn) -> str:
    """A short stand-in for who speaks: equal for equal speakers, of one length for any name."""
    named = f"name {turn.speaker}" if turn.speaker else f"role {turn.role}"
    return blake2b(named.encode("utf-8", "replace"), digest_size=12).hexdigest()


def remembered(keys: Sequence[str], key: str, most: int) -> list[str]:
    """Whom a memory of at most `most` speakers holds after `key` has spoken, latest last."""
    return [*(other for other in keys if other != key), key][-most:]


def speaker_runs(keys: Sequence[str], most: int) -> list[list[int]]:
    """The turns that each speaker's memory reads in one go.

    Args:
        keys: Who spoke each turn, as `speaker_key` gives it.
        most: How many speakers are remembered; who was forgotten starts a new run.

    Returns:
        Indices into `keys`, each in one run, runs in the order of their first turn.
    """
    runs: list[list[int]] = []
    current: dict[str, list[int]] = {}
    held: list[str] = []
    for index, key in enumerate(keys):
        if key not in held:
            current[key] = []
            runs.append(current[key])
        current[key].append(index)
        held = remembered(held, key, most)
    return runs
