"""What a person says about a corpus beside its labels: `nlp_lstm/recipes/schemas/*.toml`."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpora.errors import InputError, quoted
from nlp_lstm.states.schema import Rewrite

GUIDES = Path(__file__).parents[1] / "recipes" / "schemas"


class Database(BaseModel):
    """A file of the publisher's that lists values: records in JSON, and which fields fill what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    fields: dict[str, str]  # field of a record → slot


class SharedValues(BaseModel):
    """Slots that can hold whatever other slots can."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slots: tuple[str, ...]
    values_from: tuple[str, ...]


class Copies(BaseModel):
    """Slots whose value may be copied from others; alone, a group copies among itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slots: tuple[str, ...]
    copied_from: tuple[str, ...] = ()


class Guide(BaseModel):
    """How to read one corpus.

    Attributes:
        dontcare: How its labels say that any value will do.
        spelling: Label value → the spelling that training uses for it.
        start_slots: Slot → the slot of the starting artefact whose rows it begins with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dontcare: str
    slots: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    dropped: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    databases: tuple[Database, ...] = ()
    shared: tuple[SharedValues, ...] = ()
    copies: tuple[Copies, ...] = ()
    spelling: dict[str, str] = Field(default_factory=dict)
    start_slots: dict[str, str] = Field(default_factory=dict)


def read_guide(name: str) -> Guide:
    """Read a guide by the name of a shipped file, or by path.

    Raises:
        InputError: There is no such guide, or it is ill-formed.
    """
    path = GUIDES / f"{name}.toml"
    if not path.is_file():
        path = Path(name)
    try:
        return Guide.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        stems = {guide.stem for guide in GUIDES.glob("*.toml")}
        known = ", ".join(sorted(stem for stem in stems if "." not in stem))
        raise InputError(
            name,
            found=f"no readable guide ({error.strerror})",
            expected=f"one of {known}, or a path",
            remedy="name another guide in the recipe's `examples`",
        ) from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise InputError(
            str(path),
            found=quoted(" ".join(str(error).split())),
            expected="TOML with the fields of a schema guide",
            remedy="mend the file; the shipped guides show every field",
        ) from error
