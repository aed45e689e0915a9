"""Writing a schema as TOML that people read and edit."""

import json
from collections.abc import Iterator

from nlp_lstm.states.described.schema import CategoryValue, DescribedSchema, DescribedSlot


def toml_text(schema: DescribedSchema) -> str:
    """The schema as TOML; what is as by default is left out."""
    blocks = [f"name = {_text(schema.name)}", *("\n".join(_slot(slot)) for slot in schema.slots)]
    return "\n\n".join(blocks) + "\n"


def _slot(slot: DescribedSlot) -> Iterator[str]:
    yield "[[slot]]"
    yield f"name = {_text(slot.name)}"
    yield f"description = {_text(slot.description)}"
    yield f"kind = {_text(slot.kind)}"
    if slot.values:
        yield f"values = [{', '.join(_value(value) for value in slot.values)}]"
    if slot.set_by != ("customer",):
        yield f"set_by = [{', '.join(_text(role) for role in slot.set_by)}]"
    if slot.several:
        yield "several = true"
    if slot.pattern is not None:
        yield f"pattern = {_pattern(slot.pattern)}"
    if slot.group:
        yield f"group = {_text(slot.group)}"


def _value(value: CategoryValue) -> str:
    if not value.aliases:
        return _text(value.name)
    aliases = ", ".join(_text(alias) for alias in value.aliases)
    return f"{{name = {_text(value.name)}, aliases = [{aliases}]}}"


def _text(text: str) -> str:
    # JSON's escapes are TOML's, which forbids one control character more.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _pattern(pattern: str) -> str:
    """In single quotes where those will do, so that backslashes stay single."""
    return _text(pattern) if "'" in pattern or not pattern.isprintable() else f"'{pattern}'"
