"""How large the published corpora are: conversations and turns a split, as they are read here."""

from collections.abc import Mapping

Size = Mapping[str, tuple[int, int]]

SIZES: Mapping[str, Size] = {}


def size_of(name: str) -> Size:
    """Conversations and turns of each split that was counted; none where nothing was."""
    return SIZES.get(name, {})
