"""Numbers of payment cards, with their check digit: `4111 1111 1111 1111`, `4111-1111-…`."""

import re

_WRITTEN = re.compile(r"\d(?:[\s.-]{0,3}\d)*")
_SHORTEST, _LONGEST = 12, 19  # digits of a card, by ISO/IEC 7812


def card_digits(raw: str) -> str | None:
    """The digits of what is written like a whole card number, right or wrong, or None."""
    written = raw.strip(" #.,;!?")
    if not _WRITTEN.fullmatch(written):
        return None
    digits = "".join(str(int(mark)) for mark in written if mark.isdecimal())
    return digits if _SHORTEST <= len(digits) <= _LONGEST else None


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is the one that Luhn's rule asks for (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, mark in enumerate(reversed(digits)):
        digit = int(mark) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def normalise_card(raw: str) -> str | None:
    """The digits of a card number whose check digit is right, or None."""
    digits = card_digits(raw)
    return digits if digits is not None and has_check_digit(digits) else None
