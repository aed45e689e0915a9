"""Talk that sets no slot: pieces of other corpora, with which a tracker learns to keep quiet."""

import random
from collections.abc import Sequence

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, TurnLabels

SHORTEST, LONGEST = 6, 12  # turns of a piece


def outside_pieces(
    corpora: Sequence[Sequence[LabelledConversation]], count: int, rng: random.Random
) -> list[LabelledConversation]:
    """Cut conversations of a few turns from corpora that know no belief state.

    Single messages are strung together. In half of the pieces every other turn is the other
    side's, because outside its domain a tracker meets both kinds of transcript.

    Args:
        corpora: What to cut from, in equal shares.
        count: How many pieces.
        rng: Decides what is cut.
    """
    streams = [
        [turn.text for labelled in corpus for turn in labelled.conversation.turns if turn.text]
        for corpus in corpora
    ]
    streams = [stream for stream in streams if len(stream) >= LONGEST]
    if not streams:
        return []
    return [_piece(streams[i % len(streams)], f"outside-{i}", rng) for i in range(count)]


def _piece(stream: list[str], name: str, rng: random.Random) -> LabelledConversation:
    length = rng.randint(SHORTEST, LONGEST)
    first = rng.randrange(len(stream) - length + 1)
    two_sided = rng.random() < 0.5
    turns = tuple(
        Turn(text, role="agent" if two_sided and place % 2 else "customer")
        for place, text in enumerate(stream[first : first + length])
    )
    labels = tuple(TurnLabels(state=()) for _ in turns)
    return LabelledConversation(Conversation(name, turns), labels)


def has_states(conversations: Sequence[LabelledConversation]) -> bool:
    """Whether any turn of a corpus has a labelled state."""
    return any(labels.state is not None for labelled in conversations for labels in labelled.labels)
