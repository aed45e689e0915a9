"""Records read back, and their form as a JSON Schema and as Arrow features."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from pydantic import ValidationError

from corpora.errors import InputError
from pipelines.record_models import RECORD, Part, Record

if TYPE_CHECKING:
    from datasets import Features


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a record."""
    schema = Record.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def read_records(path: str | Path) -> Iterator[Record]:
    """Read records back, one at a time.

    Raises:
        InputError: A line is no record.
    """
    with Path(path).open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield Record.model_validate_json(line)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                where = ".".join(map(str, first["loc"])) or "the line"
                raise InputError(
                    str(path),
                    number,
                    found=f"{where}: {first['msg']}",
                    expected=f"a record of form {RECORD}",
                    remedy="write the results again with this release",
                ) from error


def arrow_features() -> "Features":
    """The same form as features of Hugging Face `datasets`; Arrow's own is `.arrow_schema`."""
    from datasets import Features  # here: it takes longer to import than a record to read

    return Features(_feature(Record))


def _feature(kind: Any) -> Any:
    from datasets import List, Value

    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Part):
        return {name: _feature(field.annotation) for name, field in kind.model_fields.items()}
    if origin is tuple:
        return List(_feature(arguments[0]))
    if origin is Literal:
        return Value("string")
    if origin is Annotated:
        return _feature(arguments[0])
    if arguments:  # X | None: every Arrow column may hold null
        return _feature(arguments[0])
    return Value({str: "string", int: "int64", float: "float64", bool: "bool"}[kind])
