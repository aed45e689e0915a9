"""What a tracker can hold: slots, the values they take and the ways of saying them.

A schema is data. It is derived from training labels, database files and a guide
(`nlp_lstm/recipes/schemas/*.toml`), stored in the artefact's configuration, and nothing in the
code knows a slot or a value by name.
"""

import re
from functools import cache, cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

Kind = Literal["closed", "open", "number", "time", "boolean"]

# The first value numbers are the same in every schema.
EMPTY = 0
DONTCARE = 1
OTHER = 2  # something that a slot held and no table knows; never predicted
FIRST_VALUE = 3

TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
MINUTES = 24 * 60


def is_time(word: str) -> bool:
    """Whether a normalised word is a time of the day."""
    # Nearly no word has a colon, and looking for one is far cheaper than the expression.
    return ":" in word and TIME.fullmatch(word) is not None


@cache
def times_of_day() -> tuple[str, ...]:
    """Every minute of the day, as values are written."""
    return tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(MINUTES))


class Slot(BaseModel):
    """One slot.

    Attributes:
        name: As labels call it.
        kind: What its values are like.
        offered: Values that are candidates at every turn, said or not.
        related: Slots whose present value may be copied.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    offered: tuple[str, ...]
    related: tuple[str, ...]


class Value(BaseModel):
    """One value.

    Attributes:
        name: As labels spell it.
        slots: Slots that can hold it, as indices into the schema's slots.
        count: How often training labels set a slot to it.
        aliases: Other ways of saying it, normalised words joined by blanks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    slots: tuple[int, ...]
    count: int
    aliases: tuple[str, ...]


class Rewrite(BaseModel):
    """Words that are read as other words: `guesthouse` as `guest house`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: str
    read_as: str


class Schema(BaseModel):
    """Slots, values and the conventions of the text they are said in.

    Attributes:
        slots: In the order of the network's slot rows.
        values: In the order of value numbers, from `FIRST_VALUE`; times that no slot names
            follow after the last, one number a minute of the day.
        requests: Slots a customer can ask about.
        dontcare: How labels say that any value will do.
        rewrites: Word normalisation that is the corpus's own.
        dropped: Words that matching ignores.
        tails: Last words that a name may be said without.
        common_words: Words too common to be a name by themselves.
        known_words: Words that are no misspelling of a value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slots: tuple[Slot, ...]
    values: tuple[Value, ...]
    requests: tuple[str, ...]
    dontcare: str
    rewrites: tuple[Rewrite, ...]
    dropped: tuple[str, ...]
    tails: tuple[str, ...]
    common_words: tuple[str, ...]
    known_words: tuple[str, ...]

    @model_validator(mode="after")
    def _refers_to_what_exists(self) -> Self:
        names = [slot.name for slot in self.slots]
        if len(set(names)) != len(names):
            raise ValueError("a slot is named twice")
        values = {value.name for value in self.values}
        if len(values) != len(self.values):
            raise ValueError("a value is named twice")
        for slot in self.slots:
            for related in slot.related:
                if related not in names:
                    raise ValueError(f"slot {slot.name!r} is related to unknown {related!r}")
            for offered in slot.offered:
                if offered not in values:
                    raise ValueError(f"slot {slot.name!r} offers unknown value {offered!r}")
        for value in self.values:
            if any(not 0 <= slot < len(names) for slot in value.slots):
                raise ValueError(f"value {value.name!r} names a slot that does not exist")
        return self

    @cached_property
    def slot_index(self) -> dict[str, int]:
        """Slot name → its index."""
        return {slot.name: index for index, slot in enumerate(self.slots)}

    @cached_property
    def value_number(self) -> dict[str, int]:
        """Value name → its number, times and the don't-care value included."""
        numbers = {time: self.first_time + m for m, time in enumerate(times_of_day())}
        numbers |= {v.name: FIRST_VALUE + i for i, v in enumerate(self.values)}
        return numbers | {self.dontcare: DONTCARE}

    @cached_property
    def value_names(self) -> list[str]:
        """The names of all value numbers; the empty and the unknown value have none."""
        names = (value.name for value in self.values)
        return ["", self.dontcare, "", *names, *times_of_day()]

    @cached_property
    def first_time(self) -> int:
        """The number of 00:00."""
        return FIRST_VALUE + len(self.values)

    @cached_property
    def time_slots(self) -> tuple[int, ...]:
        """Slots that can hold any time of the day."""
        return tuple(i for i, slot in enumerate(self.slots) if slot.kind == "time")

    def takers(self, value: int) -> tuple[int, ...]:
        """Slots that can hold a value."""
        if value >= self.first_time:
            return self.time_slots
        return self.values[value - FIRST_VALUE].slots if value >= FIRST_VALUE else ()
