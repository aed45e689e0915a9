"""The kinds of values that slots can hold, and those that entities can be checked as."""

from typing import Literal, get_args

Kind = Literal[
    "category",
    "span",
    "number",
    "time",
    "date",
    "money",
    "boolean",
    "person",
    "identifier",
    "phone",
    "email",
]

# What a label of entities can be checked as; the names are also those of a model's settings.
Check = Literal["email", "url", "phone", "iban", "card", "money", "date", "time", "number"]
# What can be found by its form alone; where two can be read in one place, the one named first.
Formed = Literal["email", "url", "iban", "card", "phone"]
FORMED: tuple[Formed, ...] = get_args(Formed)
