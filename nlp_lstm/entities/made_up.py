"""Things that chats name and hardly any corpus marks, made up: addresses of mail and web, amounts.

    you can reach me at jo.adams84@mailbox.org        email
    that took an hour and a half                      duration
    my order number is KX-20418                       identifier

Every word of such a sentence is known to name something or nothing, so what stands around it in a
turn teaches nothing wrong. Names and numbers are drawn by chance and belong to nobody.
"""

import random
import string
from collections.abc import Callable, Mapping

from corpora.labels import EntitySpan

Value = Callable[[random.Random], str]

FIRST = [
    "ana",
    "ben",
    "carla",
    "deepak",
    "elif",
    "farid",
    "grace",
    "hugo",
    "imani",
    "jonas",
    "kavita",
    "luca",
    "maria",
    "noor",
    "olga",
    "pedro",
    "quinn",
    "rosa",
    "sam",
    "tariq",
    "uma",
    "victor",
    "wei",
    "xenia",
    "yusuf",
    "zoe",
    "amy",
    "bob",
    "chloe",
    "dan",
    "emma",
    "frank",
    "gita",
    "henry",
    "isla",
    "jack",
    "kim",
    "liam",
    "mia",
    "nina",
    "oscar",
    "priya",
    "ravi",
    "sofia",
    "tom",
    "vera",
    "will",
]
LAST = [
    "adams",
    "baker",
    "chen",
    "diaz",
    "evans",
    "fischer",
    "garcia",
    "haddad",
    "ito",
    "jones",
    "khan",
    "lopez",
    "meyer",
    "nguyen",
    "okafor",
    "patel",
    "quist",
    "rossi",
    "smith",
    "tanaka",
    "ueda",
    "vega",
    "weber",
    "xu",
    "young",
    "zhang",
    "brown",
    "clark",
    "davies",
    "fernandez",
    "gupta",
    "hall",
    "jensen",
    "kumar",
    "lee",
    "martin",
    "novak",
    "owens",
    "perez",
    "reed",
    "silva",
    "taylor",
    "walker",
]
PLACES = [
    "leeds",
    "york",
    "dallas",
    "austin",
    "porto",
    "lyon",
    "graz",
    "turin",
    "madrid",
    "oslo",
    "bergen",
    "dublin",
    "cork",
    "leipzig",
    "bonn",
    "boston",
    "denver",
    "fresno",
    "tampa",
    "omaha",
    "perth",
    "cairns",
    "delhi",
    "pune",
    "chennai",
    "lagos",
    "nairobi",
    "lima",
    "quito",
]
STREETS = [
    "baker",
    "mill",
    "station",
    "church",
    "park",
    "oak",
    "elm",
    "cedar",
    "high",
    "king",
    "queen",
    "victoria",
    "market",
    "harbour",
    "hill",
    "lake",
    "river",
    "garden",
    "maple",
    "pine",
    "washington",
    "lincoln",
    "franklin",
    "bridge",
    "castle",
    "union",
    "spring",
    "sunset",
]
STREET_KINDS = ("street", "st", "road", "rd", "avenue", "ave", "lane", "drive", "dr", "boulevard")
WORDS = [
    "shop",
    "mail",
    "support",
    "cloud",
    "green",
    "nova",
    "blue",
    "data",
    "home",
    "city",
    "travel",
    "book",
    "store",
    "news",
    "photo",
    "games",
    "bright",
    "pixel",
    "river",
    "stone",
    "north",
    "lumen",
    "cedar",
    "open",
    "free",
    "daily",
    "my",
    "the",
    "web",
    "help",
    "team",
]
ENDINGS = ("com", "com", "com", "org", "net", "de", "co.uk", "io", "in", "fr", "edu", "info", "eu")
PROVIDERS = [
    "gmail.com",
    "gmail.com",
    "yahoo.com",
    "outlook.com",
    "hotmail.com",
    "mailbox.org",
    "icloud.com",
    "proton.me",
    "web.de",
    "gmx.net",
    "aol.com",
    "example.org",
    "company.com",
]
NUMBER_WORDS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "twelve",
    "fifteen",
    "twenty",
]
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sept",
    "oct",
    "nov",
    "dec",
]
DAYS = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
]
CURRENCIES = ("dollars", "euros", "pounds", "usd", "eur", "gbp", "rupees", "bucks", "inr", "cents")
UNITS = ("kg", "g", "gb", "mb", "miles", "km", "litres", "boxes", "bottles", "pieces", "percent")
LETTERS = string.ascii_uppercase


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def _email(rng: random.Random) -> str:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    number = _digits(rng, rng.randint(1, 4)) if rng.random() < 0.4 else ""
    local = rng.choice(
        (f"{first}.{last}", f"{first}{last}", f"{first[0]}{last}", f"{first}_{last}", first, last)
    )
    own = f"{rng.choice(WORDS)}{rng.choice(WORDS)}.{rng.choice(ENDINGS)}"
    return f"{local}{number}@{rng.choice(PROVIDERS) if rng.random() < 0.7 else own}"


def _url(rng: random.Random) -> str:
    host = f"{rng.choice(WORDS)}{rng.choice(('', '-', ''))}{rng.choice(WORDS)}"
    start = rng.choice(("https://", "http://", "https://www.", "www.", "www.", ""))
    path = rng.choice(
        (
            "",
            "",
            "/",
            f"/{rng.choice(WORDS)}",
            f"/{rng.choice(WORDS)}/{_digits(rng, 4)}",
            f"/{rng.choice(WORDS)}?id={_digits(rng, 5)}",
            f"/{rng.choice(WORDS)}.html",
        )
    )
    return f"{start}{host}.{rng.choice(ENDINGS)}{path}"


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
        return "".join(rng.choice(LETTERS) for _ in range(count))

    made = rng.choice(
        (
            f"{code(2)}-{_digits(rng, 5)}",
            f"{code(3)}{_digits(rng, 4)}",
            f"{code(1)}{_digits(rng, 7)}",
            f"#{_digits(rng, rng.randint(4, 8))}",
            _digits(rng, rng.randint(4, 12)),
            _digits(rng, 16),
            " ".join(_digits(rng, 4) for _ in range(4)),
            "".join(rng.choice(LETTERS + string.digits) for _ in range(6)) + _digits(rng, 1),
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
    said = rng.choice((amount, amount, amount, rng.choice(NUMBER_WORDS), "a hundred", "two grand"))
    if said != amount:
        return said if said.endswith("grand") else f"{said} {rng.choice(CURRENCIES)}"
    return rng.choice(
        (
            f"${amount}",
            f"${amount}",
            f"€{amount}",
            f"£{amount}",
            f"{amount}€",
            f"{amount}$",
            f"{amount} {rng.choice(CURRENCIES)}",
            f"{amount} {rng.choice(CURRENCIES)}",
            f"{rng.choice(('USD', 'EUR', 'GBP', 'INR', 'Rs', 'rs.'))} {amount}",
        )
    )


def _duration(rng: random.Random) -> str:
    number = str(rng.randint(2, 48)) if rng.random() < 0.6 else rng.choice(NUMBER_WORDS[1:])
    unit = rng.choice(("minutes", "hours", "days", "weeks", "months", "years", "nights", "seconds"))
    short = rng.choice(("min", "mins", "hrs", "h", "d", "sec", "yrs"))
    return rng.choice(
        (
            f"{number} {unit}",
            f"{number} {unit}",
            f"{number} {unit}",
            f"{rng.randint(2, 90)} {short}",
            f"{rng.randint(2, 90)}{short}",
            f"{number} to {rng.choice(NUMBER_WORDS)} {unit}",
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
    name = rng.choice(MONTHS)
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
            f"next {rng.choice(DAYS)}",
            f"last {rng.choice(DAYS)}",
            rng.choice(DAYS),
            f"{rng.choice(DAYS)} the {day}{th}",
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
            f"half past {rng.choice(NUMBER_WORDS[:9])}",
            f"quarter to {rng.choice(NUMBER_WORDS[:9])}",
            "noon",
            "midnight",
        )
    )


def _quantity(rng: random.Random) -> str:
    number = str(rng.randint(1, 60)) if rng.random() < 0.6 else rng.choice(NUMBER_WORDS)
    return rng.choice((number, number, f"{number} {rng.choice(UNITS)}"))


def _address(rng: random.Random) -> str:
    street = f"{rng.randint(1, 999)} {rng.choice(STREETS)} {rng.choice(STREET_KINDS)}"
    return rng.choice(
        (
            street,
            f"{street}, {rng.choice(PLACES)}",
            f"{street} {rng.choice(PLACES)} {_digits(rng, 5)}",
            f"{street}, apt {rng.randint(1, 40)}, {rng.choice(PLACES)} {_digits(rng, 5)}",
            f"{rng.choice(STREETS)} {rng.choice(STREET_KINDS)} {rng.randint(1, 99)}",
        )
    )


def _person(rng: random.Random) -> str:
    return rng.choice((rng.choice(FIRST), f"{rng.choice(FIRST)} {rng.choice(LAST)}"))


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
    "place": lambda rng: rng.choice(PLACES),
}

# What an agent asks, and how the question ends.
ASKED: Mapping[str, tuple[str, ...]] = {
    "email": ("what is your e-mail address", "may i have your email", "which email did you use"),
    "url": ("which page were you on", "can you send me the link", "what is the web address"),
    "phone": ("what number can we reach you on", "your phone number please", "your mobile number"),
    "identifier": (
        "can i have your order number",
        "what is the booking reference",
        "please give me the last four digits of your account",
        "your customer id please",
        "and the card number",
        "what is the tracking number",
    ),
    "money": ("how much was it", "what amount were you charged", "what is your budget"),
    "duration": ("how long did it take", "how long will you stay", "since when, how long"),
    "date": ("when did you order it", "which day suits you", "on what date", "date of birth"),
    "time": ("at what time", "when should we call", "what time works for you"),
    "quantity": ("how many do you need", "how many people", "how many did you get"),
    "address": ("where should we send it", "what is your address", "the delivery address please"),
    "person": ("may i have your name", "who am i speaking with", "your full name please"),
    "place": ("which city are you in", "where are you flying to", "where do you live"),
}

# What a customer says; braces are values. Words in small letters, as chats are.
SAID = (
    "my email is {email}",
    "you can reach me at {email}",
    "please send it to {email} or call {phone}",
    "mail {email} please",
    "write to {email} by {date}",
    "see {url}",
    "i found it on {url}",
    "the link is {url}",
    "have a look at {url} , it says {money}",
    "it happens when i open {url}",
    "my number is {phone}",
    "call me at {phone} after {time}",
    "text me on {phone}",
    "order number {identifier}",
    "my order {identifier} has not arrived",
    "the reference is {identifier}",
    "booking {identifier} for {person}",
    "account {identifier}",
    "it is invoice {identifier} from {date}",
    "ticket {identifier} is still open after {duration}",
    "my card {identifier} was charged {money} on {date}",
    "i paid {money}",
    "you charged me {money} instead of {money}",
    "it was {money} last time",
    "they want {money} for {duration}",
    "i have been waiting for {duration}",
    "it took {duration}",
    "we will stay for {duration}",
    "back in {duration}",
    "for {duration} now , since {date}",
    "delivery within {duration}",
    "it broke after {duration}",
    "i ordered it on {date}",
    "i need it by {date}",
    "can you do {date} at {time}",
    "let us say {time}",
    "they open at {time}",
    "i need {quantity} of them",
    "only {quantity} arrived",
    "{quantity} please",
    "send it to {address}",
    "i live at {address}",
    "my address is {address}",
    "this is {person}",
    "{person} here",
    "my name is {person} and i live in {place}",
    "from {place} to {place} on {date} , {quantity} people",
    "i am in {place} until {date}",
)

# Answers to a question of the agent, in which a value stands alone or nearly so.
ANSWERS = (
    "{}",
    "{}",
    "{}",
    "it is {}",
    "{} please",
    "sure , {}",
    "ok {}",
    "yes it's {}",
    "{} i think",
)


def sentence(rng: random.Random) -> tuple[str, list[EntitySpan]]:
    """A sentence that names something, and where."""
    return _filled(rng.choice(SAID), rng)


def exchange(rng: random.Random) -> tuple[str, tuple[str, list[EntitySpan]]]:
    """A question of an agent, and the customer's answer with what it names."""
    kind = rng.choice(tuple(ASKED))
    question = rng.choice(ASKED[kind]) + rng.choice(("?", "?", "", " ?", " please?"))
    if rng.random() < 0.7:
        question = question[0].upper() + question[1:]
    return question, _filled(rng.choice(ANSWERS).replace("{}", f"{{{kind}}}"), rng)


def _filled(template: str, rng: random.Random) -> tuple[str, list[EntitySpan]]:
    text = ""
    spans: list[EntitySpan] = []
    for literal, kind, _, _ in string.Formatter().parse(template):
        text += literal
        if kind is not None:
            value = _cased(kind, VALUES[kind](rng), rng)
            spans.append(EntitySpan(len(text), len(text) + len(value), kind))
            text += value
    return text, spans


def _cased(kind: str, value: str, rng: random.Random) -> str:
    if kind in ("person", "place", "address", "date") and rng.random() < 0.5:
        return string.capwords(value)
    return value
