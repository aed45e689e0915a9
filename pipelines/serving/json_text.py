"""JSON that somebody sent: strict, but for the lone surrogates that other writers produce.

A sender that cuts a text in the middle of an emoji leaves half of it. What is refused: NaN and
the infinities, numbers too long to hold, and what nests too deep.
"""

import json
from typing import Any, NoReturn

import orjson

BOM = b"\xef\xbb\xbf"


def parse(text: bytes) -> Any:
    """The value of a JSON text; strings may hold lone surrogates.

    Raises:
        ValueError: It is no JSON.
    """
    text = text.removeprefix(BOM)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as first:
        if b"\\ud" not in text.lower():
            raise
        return _patiently(text, first)


def _patiently(text: bytes, first: ValueError) -> Any:
    try:
        return json.loads(text.decode(), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError:
        raise first from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
