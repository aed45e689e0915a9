"""Web addresses: `https://example.org/a?b=1`, `www.example.org`, `example.co.uk/help`."""

import re

from nlp_lstm.values.forms import listed

# Ends of addresses that are recognised without `www.` or a scheme; `it`, `is`, `me` are words.
BARE_ENDINGS = listed(
    "com org net edu gov mil info biz io dev app ai eu uk de fr es nl ca au jp cn ru br ch se dk pl"
    " cz pt gr fi ie nz za mx kr tr ua"
)
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_TOP = r"[^\W\d_]{2,24}"
_HOST = rf"(?:{_LABEL}\.){{1,8}}(?:{_TOP}|xn--[a-z0-9-]{{2,59}})\.?"
_NUMBERS = r"\d{1,3}(?:\.\d{1,3}){3}"
_PORT = r"(?::\d{1,5})?"
LONGEST_URL = 2000  # code points; what is longer is not read
_REST = r"(?:[/?#][^\s<>\"]*)?"
_URL = re.compile(
    rf"(?:(?P<scheme>https?|ftp)://)?(?P<user>[^\s/@]{{1,64}}@)?"
    rf"(?P<host>{_HOST}|(?<=//){_NUMBERS}|(?<=//)localhost){_PORT}(?P<rest>{_REST})",
    re.IGNORECASE,
)
# What closes a sentence or a bracket around an address, and seldom an address.
_CLOSING = ".,;:!?)]}>'\"”’»"


def normalise_url(raw: str) -> str | None:
    """The address that a text is, its host in small letters, or None.

    A scheme that nobody said is not added, and what follows the host stays as it is: there the
    size of a letter may matter.
    """
    written = raw.strip().lstrip("<([\"'").rstrip(_CLOSING)
    match = _URL.fullmatch(written)
    if match is None or (match["user"] and not match["scheme"]):
        return None  # `ana@example.org` is no place on the web
    at = match.start("rest")
    return written[:at].lower() + written[at:]
