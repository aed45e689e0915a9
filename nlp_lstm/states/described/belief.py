"""What a tracker believes between two steps: what slots hold and what the other side offered.

A value, never changed; its size is bounded by the schema, whatever the conversation's length.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from corpora.labels import Evidence, Source

DONTCARE = "dontcare"
MOST_HELD = 40  # values of one slot of several; what is remembered of a chat has an end


@dataclass(frozen=True, slots=True)
class Held:
    """One value of a slot.

    Attributes:
        value: Normalised where that was possible, `dontcare` where any will do.
        raw: As it was said.
        evidence: Where; None where it was not.
        source: Why the slot holds it.
        words: What it is recognised by when it is said again: folded words joined by blanks.
    """

    value: str
    raw: str
    evidence: Evidence | None
    source: Source
    words: str

    @property
    def is_dontcare(self) -> bool:
        """Whether any value will do."""
        return self.value == DONTCARE


@dataclass(frozen=True, slots=True)
class Offer:
    """What the other side named for a slot.

    Attributes:
        raw: As it was said.
        evidence: Where.
        step: In which step.
        words: As in `Held`.
    """

    raw: str
    evidence: Evidence
    step: int
    words: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A listed value that the other side said.

    Attributes:
        value: Which of the slot's values.
        raw: As it was said.
        evidence: Where.
    """

    value: int
    raw: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed after a step.

    Attributes:
        step: Number of the next step.
        held: Slot → its values, the oldest first; several only where the schema says so.
        offers: Slot → what the other side named last.
        mentioned: Slot with listed values → the one that the other side said last.
        changed: Groups that the last step changed.
    """

    step: int = 0
    held: Mapping[int, tuple[Held, ...]] = field(default_factory=lambda: MappingProxyType({}))
    offers: Mapping[int, Offer] = field(default_factory=lambda: MappingProxyType({}))
    mentioned: Mapping[int, Mention] = field(default_factory=lambda: MappingProxyType({}))
    changed: frozenset[int] = frozenset()
