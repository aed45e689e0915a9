r"""A user's own schema: slots with descriptions, in a TOML file.

    name = "orders"

    [[slot]]
    name = "order number"
    description = "number of the order"
    kind = "identifier"
    pattern = '[A-Z]{2}\d{6}'

    [[slot]]
    name = "size"
    description = "size of the drink"
    kind = "category"
    values = ["small", {name = "large", aliases = ["big", "grande"]}]

`docs/schemas.md` describes every key.
"""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Self

import orjson
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from corpora.errors import quoted
from nlp_lstm.states.described.slots import (
    CategoryValue,
    DescribedSlot,
    MisfitError,
    Setter,
    check_name,
    folded,
)
from nlp_lstm.values.kinds import Kind

# A slot's name and description.
Wording = tuple[str, str]

__all__ = [
    "CategoryValue",
    "DescribedSchema",
    "DescribedSlot",
    "Kind",
    "Setter",
    "Wording",
    "folded",
    "read_schema",
    "write_schema",
]


class DescribedSchema(BaseModel):
    """Slots that a tracker follows, in their file's order.

    Attributes:
        name: What artefacts and reports call it.
        slots: At least one, no two of one name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    slots: tuple[DescribedSlot, ...]

    @field_validator("name")
    @classmethod
    def _is_named(cls, name: str) -> str:
        check_name(name)
        return name

    @model_validator(mode="after")
    def _has_slots_to_tell_apart(self) -> Self:
        if not self.slots:
            raise MisfitError(
                "slots",
                found="no [[slot]]",
                expected="at least one",
                remedy="describe the slots to track",
            )
        seen: set[str] = set()
        for place, slot in enumerate(self.slots):
            if folded(slot.name) in seen:
                raise MisfitError(
                    "slots",
                    place,
                    "name",
                    found=f"slot {quoted(slot.name)} twice",
                    expected="each slot once",
                    remedy="leave one out, or name it otherwise",
                )
            seen.add(folded(slot.name))
        return self

    @cached_property
    def slot_index(self) -> dict[str, int]:
        """Where each slot stands in `slots`."""
        return {slot.name: place for place, slot in enumerate(self.slots)}

    @cached_property
    def wordings(self) -> frozenset[Wording]:
        """What the slots are called and said to be: what a tracker has learnt, or never seen."""
        return frozenset((slot.name, slot.description) for slot in self.slots)

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that differ where schemas do."""
        canonical = orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(canonical).hexdigest()[:16]


def read_schema(path: Path) -> DescribedSchema:
    """Read a schema from a TOML file.

    Raises:
        InputError: It cannot be read or contradicts itself; the message names the line.
    """
    # Here, because what reads a file builds the classes above.
    from nlp_lstm.states.described.schema_file import load_schema

    return load_schema(path)


def write_schema(schema: DescribedSchema) -> str:
    """The schema as TOML text; `read_schema` gives back an equal one."""
    from nlp_lstm.states.described.schema_text import toml_text

    return toml_text(schema)
