"""One slot of a user's own schema: what it is called, what it means, what it can hold."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, StrictBool, field_validator, model_validator

from corpora.errors import quoted
from nlp_lstm.states.described.patterns import pattern_fault
from nlp_lstm.values.kinds import Kind

Setter = Literal["customer", "agent"]

MOST_VALUES = 500
LONGEST_NAME = 200
LONGEST_DESCRIPTION = 1000
# Times, dates and amounts are read, not matched; categories list their values.
PATTERNED: frozenset[Kind] = frozenset({"span", "number", "identifier", "phone", "email"})


class MisfitError(ValueError):
    """Something in a schema that cannot be true.

    Attributes:
        path: Keys and positions from the part it was found in to what is wrong.
        found: What stands there, already quoted.
        expected: What should.
        remedy: What its author can do.
    """

    def __init__(
        self, *path: str | int, found: str, expected: str, remedy: str = "correct it"
    ) -> None:
        self.path = path
        self.found = found
        self.expected = expected
        self.remedy = remedy
        super().__init__(f"found {found}, expected {expected}; {remedy}")


class CategoryValue(BaseModel):
    """One value of a category.

    Attributes:
        name: What a state holds.
        aliases: Other ways of saying it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    aliases: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _named_by_a_string(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _can_be_said(self) -> Self:
        check_name(self.name, "name")
        for place, alias in enumerate(self.aliases):
            check_name(alias, "aliases", place)
        return self


class DescribedSlot(BaseModel):
    """One slot.

    Attributes:
        name: As labels and states call it.
        description: What it means, in words a tracker reads.
        kind: What its values are like.
        values: What a category can hold; empty for every other kind. A boolean slot holds `true`
            or `false`.
        set_by: Whose turns can set it; nobody's where customers only ask about it.
        several: Whether it holds any number of values.
        pattern: Regular expression that its values match as a whole.
        group: Service or domain it belongs to; empty where there is only one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    kind: Kind
    values: tuple[CategoryValue, ...] = ()
    set_by: tuple[Setter, ...] = ("customer",)
    several: StrictBool = False
    pattern: str | None = None
    group: str = ""

    @field_validator("name")
    @classmethod
    def _is_named(cls, name: str) -> str:
        check_name(name)
        return name

    @field_validator("description")
    @classmethod
    def _is_described(cls, description: str) -> str:
        if not description.strip():
            raise MisfitError(
                found="an empty description",
                expected="what the slot means",
                remedy="describe it in a few words: the tracker reads them",
            )
        if len(description) > LONGEST_DESCRIPTION:
            raise MisfitError(
                found=f"{len(description)} characters",
                expected=f"a description of at most {LONGEST_DESCRIPTION}",
                remedy="shorten it",
            )
        return description

    @field_validator("set_by")
    @classmethod
    def _somebody_sets_it(cls, set_by: tuple[Setter, ...]) -> tuple[Setter, ...]:
        if len(set(set_by)) < len(set_by):
            raise MisfitError(
                found=", ".join(set_by),
                expected="'customer', 'agent' or both, each once",
                remedy="say whose turns can set the slot",
            )
        return set_by

    @field_validator("pattern")
    @classmethod
    def _can_be_matched(cls, pattern: str | None) -> str | None:
        if pattern is not None and (fault := pattern_fault(pattern)) is not None:
            raise MisfitError(
                found=f"{quoted(pattern)} ({quoted(fault)[1:-1]})",
                expected="a regular expression that RE2 reads",
                remedy="correct it; RE2 has no lookaround and no backreferences",
            )
        return pattern

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "category":
            check_values(self.values)
        elif self.values:
            raise MisfitError(
                "values",
                found=f"values of a slot of kind {self.kind}",
                expected="values where kind is 'category'",
                remedy="leave them out, or make the slot a category",
            )
        if self.pattern is not None and self.kind not in PATTERNED:
            raise MisfitError(
                "pattern",
                found=f"a pattern on a slot of kind {self.kind}",
                expected=f"one where kind is {', '.join(sorted(PATTERNED))}",
                remedy="leave it out",
            )
        if self.several and self.kind == "boolean":
            raise MisfitError(
                "several",
                found="several values of a boolean",
                expected="one: true or false",
                remedy="leave 'several' out",
            )
        return self


def folded(text: str) -> str:
    """`text` as names are compared: without case, one blank between words."""
    return " ".join(text.casefold().split())


def check_name(name: str, *path: str | int) -> None:
    """Refuse a name that nobody could say or print.

    Raises:
        MisfitError: It is empty, longer than `LONGEST_NAME` or not printable.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise MisfitError(
            *path,
            found=quoted(name),
            expected=f"printable text of 1 to {LONGEST_NAME} characters",
            remedy="name it otherwise",
        )


def check_count(count: int, *path: str | int) -> None:
    """Refuse more values than a category may list.

    Raises:
        MisfitError: There are more than `MOST_VALUES`.
    """
    if count > MOST_VALUES:
        raise MisfitError(
            *path,
            found=f"{count} values",
            expected=f"at most {MOST_VALUES}",
            remedy="make the slot's kind 'span': its values are then found in the text",
        )


def check_values(values: tuple[CategoryValue, ...]) -> None:
    """Refuse values that a category cannot tell apart.

    Raises:
        MisfitError: There are none or too many, or two are called the same.
    """
    if not values:
        raise MisfitError(
            "values",
            found="a category without values",
            expected="at least one value",
            remedy="list its values, or make its kind 'span'",
        )
    check_count(len(values), "values")
    names: dict[str, str] = {}
    for place, value in enumerate(values):
        if folded(value.name) in names:
            raise MisfitError(
                "values",
                place,
                found=f"value {quoted(value.name)} twice",
                expected="each value once",
                remedy="leave one out",
            )
        names[folded(value.name)] = value.name
    for place, value in enumerate(values):
        for position, alias in enumerate(value.aliases):
            holder = names.setdefault(folded(alias), value.name)
            if holder != value.name:
                raise MisfitError(
                    "values",
                    place,
                    "aliases",
                    position,
                    found=f"{quoted(alias)} for both {quoted(holder)} and {quoted(value.name)}",
                    expected="one value for each way of saying",
                    remedy="take it from one of them",
                )
