r"""Somebody's text made harmless: it can be read on a terminal, and does nothing to it.

    "ok\x1b[2J"  →  ok\x1b[2J      the escape sequence is shown, not obeyed

Line ends become visible too, so that no text can pretend to be another turn's line.
"""

import unicodedata

# Joiners hold emoji and Persian words together; without them the text reads differently.
JOINERS = frozenset("\u200c\u200d")
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def inert(text: str) -> str:
    """`text` on one line, with every character that is not ink or a blank written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def inert_data(data: bytes) -> bytes:
    """Lines of JSON or CSV for a terminal: what is not ink is escaped as JSON would escape it.

    Args:
        data: UTF-8; its line feeds stay; a carriage return before one goes.
    """
    lines = data.decode().split("\n")
    if all(map(str.isprintable, lines)):
        return data
    return "\n".join("".join(map(_escaped, line.removesuffix("\r"))) for line in lines).encode()


def isolated(text: str) -> str:
    """`text` so marked that its right-to-left words do not reorder what stands beside it."""
    if text.isascii() or not any(
        unicodedata.bidirectional(character) in RIGHT_TO_LEFT for character in text
    ):
        return text
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}"


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in HIDDEN or character in JOINERS


def _escaped(character: str) -> str:
    if character == "\t" or _is_seen(character):
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    if _is_seen(character):
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
