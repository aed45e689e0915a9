"""A schema made ready for reading: numbers for its slots, and where its values are said.

Everything here depends on the schema alone; it is built once and used for every turn.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, get_args

from nlp_lstm.states.described.rarity import match_odds
from nlp_lstm.states.described.schema import DescribedSchema, DescribedSlot, Kind
from nlp_lstm.states.mentions import stem
from nlp_lstm.text.words import split_words
from nlp_lstm.values.numbers import NUMBER_WORDS

KINDS: tuple[Kind, ...] = get_args(Kind)
TRUE, FALSE = "true", "false"
# Kinds whose values look like nothing else; ten digits may be a phone, and an account.
TELLING: tuple[Kind, ...] = ("email",)
# Kinds whose values are names: what was said for one of them may be copied to another.
NAMES = ("span", "person")
_WORD_BORDER = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")


class Match(NamedTuple):
    """Words that say a listed value of a slot, [first, last]."""

    slot: int
    value: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """One slot made ready.

    Attributes:
        slot: As the schema has it.
        kind: Index into `KINDS`.
        group: Number of its group.
        name: Words of its name.
        description: Words of its description.
        values: Names of the values it is always offered; none for a slot of free values.
        spoken: Those names as they are looked for among words.
        value_words: The words of each value.
        is_new: Whether training never saw it.
    """

    slot: DescribedSlot
    kind: int
    group: int
    name: list[str]
    description: list[str]
    values: tuple[str, ...]
    spoken: tuple[str, ...]
    value_words: list[list[str]]
    is_new: bool


class SchemaPlan:
    """See the module."""

    def __init__(self, schema: DescribedSchema, new: Collection[str] = ()) -> None:
        """Prepare a schema.

        Args:
            schema: The slots.
            new: Names of those that training never saw.
        """
        self.schema = schema
        groups: dict[str, int] = {}
        self.slots = [
            SlotPlan(
                slot=slot,
                kind=KINDS.index(slot.kind),
                group=groups.setdefault(slot.group, len(groups)),
                name=_words(slot.name.removeprefix(slot.group) or slot.name),
                description=split_words(slot.description).forms or [slot.name],
                values=_values(slot),
                spoken=tuple(spoken(name) for name in _values(slot)),
                value_words=[_words(name) for name in _value_texts(slot)],
                is_new=slot.name in new,
            )
            for slot in schema.slots
        ]
        self.groups = groups
        self._entries = _entries(schema.slots)

    @cached_property
    def copied_by(self) -> list[list[int]]:
        """For each slot those that may take over its present value."""
        return [
            [
                taker
                for taker, own in enumerate(self.slots)
                if taker != number and _same_sort(own.slot, theirs.slot)
            ]
            for number, theirs in enumerate(self.slots)
        ]

    @cached_property
    def patterns(self) -> list[tuple[int, str, float]]:
        """Slots whose values must match a regular expression, which, and what a match says."""
        return [
            (number, slot.slot.pattern, match_odds(slot.slot.pattern))
            for number, slot in enumerate(self.slots)
            if slot.slot.pattern is not None
        ]

    @cached_property
    def telling(self) -> dict[Kind, int]:
        """Kinds whose values nobody takes for anything else, where one slot alone has the kind."""
        alone = Counter(slot.slot.kind for slot in self.slots)
        return {
            slot.slot.kind: number
            for number, slot in enumerate(self.slots)
            if slot.slot.kind in TELLING and alone[slot.slot.kind] == 1
        }

    @cached_property
    def has_agents_slots(self) -> bool:
        """Whether the other side sets slots by what it says."""
        return any("agent" in slot.slot.set_by for slot in self.slots)

    def view(self, groups: Iterable[str] | None) -> list[int]:
        """The slots of some groups, in order; all of them where the schema knows none of these."""
        wanted = {self.groups[group] for group in groups or () if group in self.groups}
        if not wanted:
            return list(range(len(self.slots)))
        return [number for number, slot in enumerate(self.slots) if slot.group in wanted]

    def matches(self, words: Sequence[str]) -> list[Match]:
        """Where listed values are said, longest first at each word, all slots that can mean it."""
        folded = [fold(word) for word in words]
        found: list[Match] = []
        for first, word in enumerate(folded):
            slots: set[int] = set()
            for entry, slot, value in self._entries.get(word, ()):
                last = first + len(entry) - 1
                if slot not in slots and tuple(folded[first : last + 1]) == entry:
                    slots.add(slot)
                    found.append(Match(slot, value, first, last))
        return found


def fold(word: str) -> str:
    """What matching compares: lower case, digits for number words, no plural s."""
    lower = word.casefold()
    return NUMBER_WORDS.get(lower) or stem(lower)


def folded(text: str) -> tuple[str, ...]:
    """The words of a text as matching compares them."""
    return tuple(fold(word) for word in split_words(text).forms)


def spoken(text: str) -> str:
    """A text as it is looked for among words: folded, joined by blanks."""
    return " ".join(folded(text))


def _words(name: str) -> list[str]:
    """Words of a name: `leaving_date` and `leavingDate` are `leaving date`."""
    return [word.lower() for word in _WORD_BORDER.split(name) if word] or [name]


def _values(slot: DescribedSlot) -> tuple[str, ...]:
    if slot.kind == "boolean":
        return TRUE, FALSE
    return tuple(value.name for value in slot.values)


def _value_texts(slot: DescribedSlot) -> tuple[str, ...]:
    if slot.kind == "boolean":
        return "yes", "no"
    return tuple(" ".join([value.name, *value.aliases[:2]]) for value in slot.values)


def _entries(
    slots: Sequence[DescribedSlot],
) -> dict[str, list[tuple[tuple[str, ...], int, int]]]:
    """First word → what begins with it: all words, slot, value; the longest first."""
    entries: defaultdict[str, list[tuple[tuple[str, ...], int, int]]] = defaultdict(list)
    for number, slot in enumerate(slots):
        for place, value in enumerate(slot.values):
            for text in dict.fromkeys([value.name, *value.aliases]):
                words = folded(text.replace("_", " "))
                if words:
                    entries[words[0]].append((words, number, place))
    for known in entries.values():
        known.sort(key=lambda entry: -len(entry[0]))
    return dict(entries)


def _same_sort(own: DescribedSlot, other: DescribedSlot) -> bool:
    if own.kind in NAMES:
        return other.kind in NAMES
    if own.kind == "category":
        names = {fold(value.name) for value in own.values}
        return any(fold(value.name) in names for value in other.values) or other.kind == "number"
    return own.kind == other.kind and own.kind != "boolean"
