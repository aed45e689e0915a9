"""Codes and numbers that identify: `LH-40719`, `AB 123456`, `#5512`, `four seven one two`."""

import re

from nlp_lstm.text.lowered import lowered
from nlp_lstm.values.forms import Form, any_of, form
from nlp_lstm.values.numbers import NUMBER_WORDS

DIGIT_WORDS = {word: digit for word, digit in NUMBER_WORDS.items() if len(digit) == 1} | {"oh": "0"}
REPEATS = {"double": 2, "triple": 3}
SPOKEN_DIGIT = rf"(?:{any_of(REPEATS)}\s)?{any_of(DIGIT_WORDS)}\b"

_PART = r"[a-z\d]{1,30}"
FORMS = (
    Form("identifier", rf"(?<![\w#])#\s?{_PART}(?:-{_PART}){{0,5}}(?!\w)", "#"),
    # Letters first; digits with letters among them, but not `21st`, `10km` or `5pm`.
    form("identifier", rf"[a-z]{{1,10}}-?\d{{2,20}}[a-z\d]{{0,20}}(?:-{_PART}){{0,5}}", digits=2),
    form("identifier", rf"\d{{1,20}}[a-z]{{1,10}}\d[a-z\d]{{0,20}}(?:-{_PART}){{0,5}}", digits=1),
    form("identifier", r"\d{4,20}-?[a-z]{1,4}", digits=4),
    form("identifier", r"\d{5,30}", digits=5),
    form("identifier", r"\d{2,20}(?:-\d{2,20}){1,5}", digits=2),
    form("identifier", rf"{SPOKEN_DIGIT}(?:[\s,-]{{1,2}}{SPOKEN_DIGIT}){{3,40}}", *DIGIT_WORDS),
)
_TOKEN = re.compile(r"[^\s,]+")
_CODE = re.compile(r"#?[a-z\d]+(?:[-/._][a-z\d]+)*")


def normalise_identifier(raw: str) -> str | None:
    """The code that a text is, in capitals and without blanks, or None.

    Spoken digits are written. Words among the digits, `my number is 5`, make it unclear.
    """
    lower = lowered(raw).strip(" .,;!?")
    spoken = spoken_digits(lower)
    if spoken is not None:
        return spoken
    tokens = _TOKEN.findall(lower.removeprefix("#"))
    if not all(_CODE.fullmatch(token) or token == "-" for token in tokens):
        return None
    if len(tokens) > 1 and any(token.isalpha() and len(token) > 3 for token in tokens):
        return None
    code = "".join(tokens).upper().strip("-")
    return code or None


def spoken_digits(lower: str) -> str | None:
    """`four double seven oh` as `4770`; None where any other word is said, or fewer than two."""
    digits, repeat, said = "", 1, 0
    for word in re.split(r"[\s,-]+", lower):
        if word in REPEATS and repeat == 1:
            repeat = REPEATS[word]
        elif word in DIGIT_WORDS:
            digits += DIGIT_WORDS[word] * repeat
            repeat, said = 1, said + 1
        elif word.isdecimal() and said:
            digits += word * repeat
            repeat = 1
        else:
            return None
    return digits if said and len(digits) > 1 and repeat == 1 else None
