"""The kinds of values that slots and entities can hold."""

from typing import Literal

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
