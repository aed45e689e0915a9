"""Values that chats name, made up: drawn by chance, they belong to nobody."""

import random
import string
from collections.abc import Callable, Mapping

from nlp_lstm.entities.made_up_words import WORDS

Value = Callable[[random.Random], str]


def _one(rng: random.Random, words: str) -> str:
    return rng.choice(WORDS[words])


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def _email(rng: random.Random) -> str:
    first, last = _one(rng, "first_names"), _one(rng, "last_names")
    number = _digits(rng, rng.randint(1, 4)) if rng.random() < 0.4 else ""
    local = rng.choice(
        (f"{first}.{last}", f"{first}{last}", f"{first[0]}{last}", f"{first}_{last}", first, last)
    )
    own = f"{_one(rng, 'host_words')}{_one(rng, 'host_words')}.{_one(rng, 'host_endings')}"
    return f"{local}{number}@{_one(rng, 'mail_providers') if rng.random() < 0.7 else own}"


def _url(rng: random.Random) -> str:
    host = f"{_one(rng, 'host_words')}{rng.choice(('', '-', ''))}{_one(rng, 'host_words')}"
    start = rng.choice(("https://", "http://", "https://www.", "www.", "www.", ""))
    path = rng.choice(
        (
            "",
            "",
            "/",
            f"/{_one(rng, 'host_words')}",
            f"/{_one(rng, 'host_words')}/{_digits(rng, 4)}",
            f"/{_one(rng, 'host_words')}?id={_digits(rng, 5)}",
            f"/{_one(rng, 'host_words')}.html",
        )
    )
    return f"{start}{host}.{_one(rng, 'host_endings')}{path}"


def _phone(rng: random.Random) -> str:
    def d(count: int) -> str:
        return _digits(rng, count)

    return rng.choice(
        (
            f"{rng.randint(200, 999)}-{d(3)}-{d(4)}",
            f"({rng.randint(200, 999)}) {d(3)}-{d(4)}",
            f"{rng.randint(200, 999)} {d(3)} {d(4)}",
            f"+1 {rng.randint(200, 999)} {d(3)} {d(4)}",
            f"+44 20 {d(4)} {d(4)}",
            f"+49 {rng.randint(30, 999)} {d(6)}",
            f"+91{rng.randint(6, 9)}{d(9)}",
            f"07{d(3)} {d(6)}",
            f"0{d(2)}/{d(7)}",
            f"{rng.randint(6, 9)}{d(9)}",
            f"1-800-{d(3)}-{d(4)}",
            f"{d(3)}.{d(3)}.{d(4)}",
        )
    )


def _identifier(rng: random.Random) -> str:
    def code(count: int) -> str:
        return "".join(rng.choice(string.ascii_uppercase) for _ in range(count))

    made = rng.choice(
        (
            f"{code(2)}-{_digits(rng, 5)}",
            f"{code(3)}{_digits(rng, 4)}",
            f"{code(1)}{_digits(rng, 7)}",
            f"#{_digits(rng, rng.randint(4, 8))}",
            _digits(rng, rng.randint(4, 12)),
            _digits(rng, 16),
            " ".join(_digits(rng, 4) for _ in range(4)),
            "".join(rng.choice(string.ascii_uppercase + string.digits) for _ in range(6))
            + _digits(rng, 1),
            f"{code(3)}-{_digits(rng, 3)}-{_digits(rng, 4)}",
            f"{_digits(rng, 3)}-{_digits(rng, 2)}-{_digits(rng, 4)}",
            f"{rng.choice(('DE', 'GB', 'FR', 'ES'))}{_digits(rng, 18)}",
            f"{code(2)} {_digits(rng, 4)}",
        )
    )
    return made if rng.random() < 0.6 else made.lower()


def _money(rng: random.Random) -> str:
    amount = rng.choice(
        (
            str(rng.randint(1, 999)),
            str(rng.randint(1, 99) * 50),
            f"{rng.randint(1, 999)}.{rng.randint(0, 99):02d}",
            f"{rng.randint(1, 99)},{rng.randint(0, 999):03d}",
        )
    )
    said = rng.choice((amount, amount, amount, _one(rng, "numbers"), "a hundred", "two grand"))
    if said != amount:
        return said if said.endswith("grand") else f"{said} {_one(rng, 'currencies')}"
    return rng.choice(
        (
            f"${amount}",
            f"${amount}",
            f"€{amount}",
            f"£{amount}",
            f"{amount}€",
            f"{amount}$",
            f"{amount} {_one(rng, 'currencies')}",
            f"{amount} {_one(rng, 'currencies')}",
            f"{rng.choice(('USD', 'EUR', 'GBP', 'INR', 'Rs', 'rs.'))} {amount}",
        )
    )


def _duration(rng: random.Random) -> str:
    number = str(rng.randint(2, 48)) if rng.random() < 0.6 else rng.choice(WORDS["numbers"][1:])
    unit = rng.choice(("minutes", "hours", "days", "weeks", "months", "years", "nights", "seconds"))
    short = rng.choice(("min", "mins", "hrs", "h", "d", "sec", "yrs"))
    return rng.choice(
        (
            f"{number} {unit}",
            f"{number} {unit}",
            f"{number} {unit}",
            f"{rng.randint(2, 90)} {short}",
            f"{rng.randint(2, 90)}{short}",
            f"{number} to {_one(rng, 'numbers')} {unit}",
            f"{rng.randint(1, 4)}-{rng.randint(5, 9)} {unit}",
            "an hour and a half",
            "half an hour",
            "a couple of days",
            "a few weeks",
            "an hour",
            "a week",
            "the whole day",
            "a year",
        )
    )


def _date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2015, 2032)
    name = _one(rng, "months")
    th = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(day, "th")
    return rng.choice(
        (
            f"{day} {name}",
            f"{name} {day}",
            f"{name} {day}{th}",
            f"the {day}{th} of {name}",
            f"{name} {day}, {year}",
            f"{day:02d}.{month:02d}.{year}",
            f"{month}/{day}/{year}",
            f"{day}/{month}",
            f"{year}-{month:02d}-{day:02d}",
            f"next {_one(rng, 'days')}",
            f"last {_one(rng, 'days')}",
            _one(rng, "days"),
            f"{_one(rng, 'days')} the {day}{th}",
            "tomorrow",
            "yesterday",
            "today",
            "the day after tomorrow",
            "next week",
        )
    )


def _time(rng: random.Random) -> str:
    hour, minute = rng.randint(1, 12), rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50))
    return rng.choice(
        (
            f"{hour}:{minute:02d}",
            f"{rng.randint(0, 23):02d}:{minute:02d}",
            f"{hour} {rng.choice(('am', 'pm', 'a.m.', 'p.m.'))}",
            f"{hour}{rng.choice(('am', 'pm'))}",
            f"{hour}:{minute:02d} {rng.choice(('am', 'pm'))}",
            f"{hour} o'clock",
            f"half past {rng.choice(WORDS['numbers'][:9])}",
            f"quarter to {rng.choice(WORDS['numbers'][:9])}",
            "noon",
            "midnight",
        )
    )


def _quantity(rng: random.Random) -> str:
    number = str(rng.randint(1, 60)) if rng.random() < 0.6 else _one(rng, "numbers")
    return rng.choice((number, number, f"{number} {_one(rng, 'units')}"))


def _address(rng: random.Random) -> str:
    street = f"{rng.randint(1, 999)} {_one(rng, 'streets')} {_one(rng, 'street_kinds')}"
    return rng.choice(
        (
            street,
            f"{street}, {_one(rng, 'places')}",
            f"{street} {_one(rng, 'places')} {_digits(rng, 5)}",
            f"{street}, apt {rng.randint(1, 40)}, {_one(rng, 'places')} {_digits(rng, 5)}",
            f"{_one(rng, 'streets')} {_one(rng, 'street_kinds')} {rng.randint(1, 99)}",
        )
    )


def _person(rng: random.Random) -> str:
    return rng.choice(
        (
            _one(rng, "first_names"),
            f"{_one(rng, 'first_names')} {_one(rng, 'last_names')}",
        )
    )


VALUES: Mapping[str, Value] = {
    "email": _email,
    "url": _url,
    "phone": _phone,
    "identifier": _identifier,
    "money": _money,
    "duration": _duration,
    "date": _date,
    "time": _time,
    "quantity": _quantity,
    "address": _address,
    "person": _person,
    "place": lambda rng: _one(rng, "places"),
}
