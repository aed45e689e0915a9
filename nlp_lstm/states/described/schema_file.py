"""Reading a schema from a TOML file, with the line of whatever is wrong."""

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from corpora.errors import InputError, quoted
from nlp_lstm.states.described.schema import DescribedSchema
from nlp_lstm.states.described.shared_values import with_shared_values
from nlp_lstm.states.described.slots import CategoryValue, DescribedSlot, MisfitError
from nlp_lstm.states.described.toml_lines import TomlPath, toml_lines

LARGEST_FILE = 4 << 20  # bytes; five hundred slots with five hundred values each are smaller
TOML_LINE = re.compile(r"at line (\d+)")
SCHEMA_KEYS = ("name", "slot")
SLOT_KEYS = (*DescribedSlot.model_fields, "values_from")
VALUE_KEYS = tuple(CategoryValue.model_fields)
REMEDY = "docs/schemas.md describes every key"


def load_schema(path: Path) -> DescribedSchema:
    """Read a schema; see `read_schema`."""
    source = str(path)
    text = _text(path)
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        match = TOML_LINE.search(str(error))
        raise InputError(
            source,
            int(match[1]) if match else None,
            found=f"no TOML ({error})",
            expected="a schema in TOML",
            remedy="correct the line; docs/schemas.md shows a schema",
        ) from error
    try:
        return _schema(table)
    except MisfitError as misfit:
        raise InputError(
            source,
            _line(toml_lines(text), misfit.path),
            found=misfit.found,
            expected=misfit.expected,
            remedy=misfit.remedy,
        ) from misfit
    except ValidationError as error:
        lines = toml_lines(text)
        # A key that is missing may be there misspelt: then that is what to tell.
        faults = sorted(error.errors(), key=lambda fault: fault["type"] == "missing")
        is_missing = faults[0]["type"] == "missing"
        misfits = [_misfit(fault) for fault in faults if (fault["type"] == "missing") == is_missing]
        first = min(misfits, key=lambda misfit: _line(lines, misfit.path))
        raise InputError(
            source,
            _line(lines, first.path),
            found=first.found,
            expected=first.expected,
            remedy=first.remedy,
        ) from error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(
            str(path),
            found=f"no readable file ({error.strerror})",
            expected="a schema in TOML",
            remedy="check the path",
        ) from error
    if len(content) > LARGEST_FILE:
        raise InputError(
            str(path),
            found=f"more than {LARGEST_FILE >> 20} MiB",
            expected="a schema in TOML",
            remedy="list fewer values: slots of kind 'span' need none",
        )
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(
            str(path),
            content.count(b"\n", 0, error.start) + 1,
            found=f"byte 0x{content[error.start]:02x}, which is no UTF-8",
            expected="a schema in TOML",
            remedy="save the file as UTF-8",
        ) from error


def _schema(table: dict[str, Any]) -> DescribedSchema:
    for key in table:
        if key not in SCHEMA_KEYS:
            raise _unknown_key((key,), SCHEMA_KEYS)
    slots = table.get("slot", [])
    if not isinstance(slots, list):
        raise MisfitError(
            "slot",
            found="a single 'slot'",
            expected="[[slot]], in double brackets, for each slot",
            remedy="double the brackets",
        )
    try:
        shared = with_shared_values(slots)
    except MisfitError as misfit:
        misfit.path = ("slot", *misfit.path)
        raise
    named = {"name": table["name"]} if "name" in table else {}
    return DescribedSchema.model_validate({**named, "slots": shared})


def _misfit(fault: ErrorDetails) -> MisfitError:
    """What pydantic found, in a schema's own words and with the file's own keys."""
    path = _file_path(fault["loc"])
    reason = fault.get("ctx", {}).get("error")
    if isinstance(reason, MisfitError):
        reason.path = _file_path((*path, *reason.path))
        return reason
    key, found = str(path[-1]), quoted(str(fault["input"]))
    kind = fault["type"]
    if kind == "extra_forbidden":
        return _unknown_key(path, VALUE_KEYS if "values" in path else SLOT_KEYS)
    expected, remedy = fault["msg"].removeprefix("Input should be "), REMEDY
    if kind == "missing":
        found, expected = f"no '{key}'", "one"
    elif kind == "string_type":
        expected, remedy = "text", "put text between quotes"
    elif kind == "tuple_type":
        expected, remedy = f"a list of {key}", "put square brackets around it"
    elif kind == "bool_type":
        expected, remedy = "true or false", "write it without quotes"
    elif kind == "model_type" and "values" in path:
        expected, remedy = "text, or {name = ..., aliases = [...]}", "put text between quotes"
    elif kind == "model_type":
        expected = "[[slot]] and its keys"
    return MisfitError(*path, found=found, expected=expected, remedy=remedy)


def _unknown_key(path: TomlPath, known: tuple[str, ...]) -> MisfitError:
    key = str(path[-1])
    near = get_close_matches(key, known, n=1)
    return MisfitError(
        *path,
        found=f"unknown key {quoted(key)}",
        expected=f"one of {', '.join(known)}",
        remedy=f"did you mean {near[0]!r}?" if near else REMEDY,
    )


def _file_path(path: TomlPath) -> TomlPath:
    """A path into the model as one into the file, where `slots` is called `slot`."""
    return ("slot", *path[1:]) if path[:1] == ("slots",) else path


def _line(lines: dict[TomlPath, int], path: TomlPath) -> int:
    """The line of a path, or of what is nearest around it."""
    shared = (*path[:2], "values_from")
    if path not in lines and path[2:3] == ("values",) and shared in lines:
        return lines[shared]  # a value that was listed for another slot
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1
