"""The services of Schema-Guided Dialogue as one schema: `schema.json` beside a split's dialogues.

    [{"service_name": "Restaurants_1", "description": "A leading provider for restaurant search …",
      "slots": [{"name": "party_size", "description": "Party size for a reservation",
                 "is_categorical": true, "possible_values": ["1", "2", …]}, …], …}]

The publisher does not say what values are like; what a slot is called tells it (`HINTS`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from corpora.published.files import read_json, required
from corpora.published.sgd import BOOLEANS
from nlp_lstm.states.described.schema import CategoryValue, DescribedSchema, DescribedSlot, Kind


@dataclass(frozen=True, slots=True)
class Hint:
    """What tells a kind: one of some words in the slot's name, or its description's beginning."""

    kind: Kind
    words: frozenset[str] = frozenset()
    described: re.Pattern[str] | None = None


def _words(names: str) -> frozenset[str]:
    return frozenset(names.split())


# The first that fits. Counts come before names, because what is counted is in the name too
# (`transfer_time` is a number of days); "Number of the airport" is a misprint of its name.
# Artists and stylists are bands and salons as often as people, so they stay spans.
HINTS = (
    Hint("phone", _words("phone")),
    Hint("email", _words("email")),
    Hint(
        "number", described=re.compile(r"(number of (?!the\b)|\w+ (duration|waiting time))", re.I)
    ),
    Hint("date", _words("date")),
    Hint("time", _words("time")),
    Hint("money", _words("amount balance cost fare price rent total")),
    Hint("number", _words("humidity length number precipitation rating temperature wind")),
    Hint("person", _words("actors contact directed director doctor receiver recipient")),
    Hint("person", _words("starring therapist")),
)


class _Fields(BaseModel):
    model_config = ConfigDict(frozen=True)


class Slot(_Fields):
    """One slot of a service."""

    name: str
    description: str
    is_categorical: bool
    possible_values: tuple[str, ...]


class Intent(_Fields):
    """What customers may want of a service, and the slots that say which."""

    required_slots: tuple[str, ...]
    optional_slots: dict[str, str]


class Service(_Fields):
    """One service."""

    service_name: str
    description: str
    slots: tuple[Slot, ...]
    intents: tuple[Intent, ...]


SERVICES = TypeAdapter(tuple[Service, ...])


def sgd_schema(root: Path, split: str) -> DescribedSchema:
    """The schema of all services of a split, each a group of its own.

    Args:
        root: The publisher's folder, with `train/` and `dev/` in it.
        split: Which of its folders.

    Raises:
        InputError: There is no `schema.json`, or it has another shape.
    """
    services = read_json(required(root / split / "schema.json"), SERVICES)
    slots = (slot for service in services for slot in _slots(service))
    return DescribedSchema(name=f"sgd-{split}", slots=tuple(slots))


def _slots(service: Service) -> Iterator[DescribedSlot]:
    # A slot that no intent takes is what the service answers: customers ask about it.
    taken = {
        name
        for intent in service.intents
        for name in (*intent.required_slots, *intent.optional_slots)
    }
    for slot in service.slots:
        kind = kind_of(slot)
        values = slot.possible_values if kind == "category" else ()
        yield DescribedSlot(
            name=f"{service.service_name}-{slot.name}",
            description=f"{service.description}: {slot.description}",
            kind=kind,
            values=tuple(CategoryValue(name=value) for value in values),
            set_by=("customer",) if slot.name in taken else (),
            group=service.service_name,
        )


def kind_of(slot: Slot) -> Kind:
    """What a slot's values are like: as its values or, where there are many, its name tell."""
    if slot.is_categorical:
        return "boolean" if set(slot.possible_values) <= BOOLEANS.keys() else "category"
    words = set(slot.name.split("_"))
    for hint in HINTS:
        if hint.described and hint.described.match(slot.description):
            return hint.kind
        if words & hint.words:
            return hint.kind
    return "span"
