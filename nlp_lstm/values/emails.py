"""E-mail addresses: `ana@example.org`, `ana @ example . org`, `ana at example dot org`."""

import re

from nlp_lstm.text.lowered import lowered
from nlp_lstm.values.forms import Form, compiled, form

_NAME = r"[\w+-]{1,64}(?:\.[\w+-]{1,64}){0,4}"
_HOST = r"[a-z\d-]{1,63}"
_TOP = r"[a-z]{2,24}"
_ADDRESS = rf"{_NAME}@{_HOST}(?:\.{_HOST}){{0,4}}\.{_TOP}"
FORMS = (
    Form("email", rf"(?<![\w.+-]){_ADDRESS}(?!\w)", "@"),
    # Cut into words: at most `example . co . uk`, or the next sentence would be read along.
    Form(
        "email",
        rf"(?<![\w.+-]){_NAME}\s@\s{_HOST}(?:\s\.\s(?:com?|org|ac|gov)(?=\s\.\s[a-z]{{2}}\b))?"
        rf"\s?\.\s?{_TOP}(?!\w)",
        "@",
    ),
    form("email", rf"{_NAME}\sat\s{_HOST}(?:\sdot\s{_HOST}){{1,3}}", "dot"),
)


def normalise_email(raw: str) -> str | None:
    """The address that a text is, in small letters, or None."""
    lower = lowered(raw).strip(" ,;!?<>").rstrip(".")
    lower = re.sub(r"\s+dot\s+", ".", re.sub(r"\s+at\s+", "@", lower))
    address = re.sub(r"\s+", "", lower)
    return address if compiled(_ADDRESS).fullmatch(address) else None
