"""What can be asked of the service, as one page that loads nothing: readable without a network."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
code, h2 { font-family: ui-monospace, monospace } h2 { font-size: 1.1rem; margin-top: 2.5rem }
td, th { text-align: left; vertical-align: top; padding: .1rem 1rem .1rem 0 }
"""


def page_of(openapi: Mapping[str, Any]) -> str:
    """The page.

    Args:
        openapi: The service's description.
    """
    about = openapi["info"]
    operations = "".join(
        _operation(method, path, operation, openapi)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{escape(about['title'])}</title><style>{STYLE}</style>"
        f"<h1>{escape(about['title'])} {escape(about['version'])}</h1>"
        f"<p>{escape(about['description'])}</p>"
        '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>'
        f"{operations}</html>"
    )


def _operation(
    method: str, path: str, operation: Mapping[str, Any], openapi: Mapping[str, Any]
) -> str:
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    fields = _table(_fields(sent.get("schema", {}), openapi)) if sent else ""
    answers = _table(
        (code, _kind(answer.get("content", {}).get("application/json", {}).get("schema", {})), said)
        for code, answer in operation["responses"].items()
        for said in [answer["description"]]
    )
    return (
        f"<h2>{escape(method.upper())} {escape(path)}</h2>"
        f"<p>{escape(operation.get('description', ''))}</p>{fields}<p>Answers</p>{answers}"
    )


def _fields(
    schema: Mapping[str, Any], openapi: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = openapi["components"]["schemas"].get(name, schema)
    required = schema.get("required", ())
    for field, described in schema.get("properties", {}).items():
        must = "" if field in required else "optional; "
        yield field, _kind(described), must + described.get("description", "")


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("type", ""))


def _table(rows: Iterator[tuple[str, str, str]]) -> str:
    cells = (
        "".join(f"<td>{tag}</td>" for tag in (f"<code>{escape(a)}</code>", escape(b), escape(c)))
        for a, b, c in rows
    )
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
