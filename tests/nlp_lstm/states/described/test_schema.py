from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from corpora.errors import InputError
from nlp_lstm.states.described.schema import (
    CategoryValue,
    DescribedSchema,
    DescribedSlot,
    read_schema,
    write_schema,
)

ORDERS = Path("tests/samples/schemas/orders.toml")

SIZES = """name = "orders"

[[slot]]
name = "size"
description = "size of the drink"
kind = "category"
values = [
  "small",
  {name = "large", aliases = ["big", "grande"]},
]

[[slot]]
name = "number"
description = "number of the order"
kind = "identifier"
"""
MANY = "[" + ",".join(f'"value {number}"' for number in range(10_000)) + "]"


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        pytest.param('"number"\n', '"Size"\n', 13, "'Size' twice", id="a slot twice"),
        pytest.param('"small",', '"small", "LARGE",', 9, "'large' twice", id="a value twice"),
        pytest.param('"grande"', '"Small"', 9, "'small' and 'large'", id="alias of two values"),
        pytest.param('"grande"', '""', 9, "found ''", id="an empty alias"),
        pytest.param('"small",', "4,", 8, "between quotes", id="a value that is no text"),
        pytest.param('"small",', '{nam = "x"},', 8, "did you mean 'name'", id="key of a value"),
        pytest.param('"identifier"', '"category"', 12, "without values", id="no values"),
        pytest.param('"identifier"', '"category"\nvalues = []', 16, "without", id="empty list"),
        pytest.param('"small",', MANY[1:-1] + ",", 7, "kind 'span'", id="ten thousand values"),
        pytest.param(
            '"identifier"', '"span"\nvalues = ["x"]', 16, "kind span", id="values of a span"
        ),
        pytest.param('"identifier"', '"number plate"', 15, "'identifier'", id="unknown kind"),
        pytest.param('"number of the order"', '" "', 14, "empty desc", id="empty description"),
        pytest.param(
            'description = "number of the order"\n', "", 12, "no 'description'", id="undescribed"
        ),
        pytest.param("kind", "kynd", 6, "did you mean 'kind'", id="a misspelt key"),
        pytest.param('kind = "category"\n', "", 3, "no 'kind'", id="no kind"),
        pytest.param(
            '"identifier"', '"identifier"\nsevral = true', 16, "'several'", id="key of a slot"
        ),
        pytest.param('"identifier"', '"identifier"\npattern = "(a"', 16, "missing \\)", id="regex"),
        pytest.param(
            '"identifier"', "\"span\"\npattern = '(a+)+\\1'", 16, "RE2", id="backtracking"
        ),
        pytest.param(
            '"identifier"', "\"span\"\npattern = '(\\pL{50}){15}'", 16, "too large",
            id="an expression that explodes",
        ),
        pytest.param('"identifier"', '"span"\npattern = "a*"', 16, "empty text", id="finds all"),
        pytest.param(
            '"identifier"', '"time"\npattern = "5pm"', 16, "kind time", id="pattern of a time"
        ),
        pytest.param(
            '"identifier"', '"boolean"\nseveral = true', 16, "boolean", id="several booleans"
        ),
        pytest.param('"identifier"', '"span"\nseveral = "yes"', 16, "true or false", id="no bool"),
        pytest.param('"identifier"', '"span"\nset_by = ["agent", "agent"]', 16, "once", id="twice"),
        pytest.param('"identifier"', '"span"\nset_by = ["bot"]', 16, "'agent'", id="set by a bot"),
        pytest.param('"identifier"', '"span"\nset_by = "agent"', 16, "square", id="no list"),
        pytest.param(
            '"identifier"', '"category"\nvalues_from = ["colour"]', 16, "'colour'",
            id="values of an unknown slot",
        ),
        pytest.param(
            '"identifier"', '"category"\nvalues_from = ["number"]', 16, "number -> number",
            id="values of itself",
        ),
        pytest.param(
            '"identifier"', '"category"\nvalues_from = "size"', 16, "a list of slot names",
            id="values from no list",
        ),
        pytest.param(
            '"identifier"', '"category"\nvalues = ["big"]\nvalues_from = ["size"]', 17,
            "'big' for both", id="a shared alias that is a value here",
        ),
        pytest.param('name = "orders"', "", 1, "no 'name'", id="no name"),
        pytest.param('name = "orders"', 'name = "orders"\nkind = "x"', 2, "'kind'", id="key"),
        pytest.param('"orders"', '"or\\u001b[2Jders"', 1, "printable", id="an escape sequence"),
        pytest.param("[[slot]]", "[slot]", 12, "no TOML", id="single and double brackets"),
        pytest.param('"grande"]', '"grande"', 9, "no TOML", id="no TOML"),
    ],
)  # fmt: skip
def test_what_is_refused_and_on_which_line(
    old: str, new: str, line: int, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(SIZES.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(InputError, match=told) as caught:
        read_schema(path)

    assert caught.value.line == line
    assert str(caught.value).startswith(f"{path}:{line}: found ")
    assert "\n" not in str(caught.value)


def test_a_circle_of_values_is_told_in_full(tmp_path: Path) -> None:
    path = tmp_path / "circle.toml"
    slots = [("a", "b"), ("b", "c"), ("c", "b")]
    path.write_text(
        'name = "x"\n'
        + "\n".join(
            f'[[slot]]\nname = "{name}"\ndescription = "x"\nkind = "category"\n'
            f'values_from = ["{source}"]'
            for name, source in slots
        )
    )

    with pytest.raises(InputError, match="circle: 'b -> c -> b'") as caught:
        read_schema(path)

    assert caught.value.line == 11


def test_a_chain_of_slots_that_each_add_a_value_ends(tmp_path: Path) -> None:
    path = tmp_path / "chain.toml"
    slots = (
        f'[[slot]]\nname = "{n}"\ndescription = "x"\nkind = "category"\n'
        f'values = ["value {n}"]\n' + (f'values_from = ["{n - 1}"]\n' if n else "")
        for n in range(600)
    )
    path.write_text('name = "x"\n' + "".join(slots))

    with pytest.raises(InputError, match="found 501 values, expected at most 500"):
        read_schema(path)


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        pytest.param(b"", 1, "no 'name'|no .*slot", id="an empty file"),
        pytest.param(b'name = "x"\n', 1, "no .*slot", id="no slot"),
        pytest.param(b'name = "x"\n\n[slot]\nname = "a"\n', 3, "double", id="single brackets"),
        pytest.param(b'name = "x"\nslot = []\n', 2, "no .*slot", id="an empty list of slots"),
        pytest.param(b'name = "x"\nslot = [1]\n', 2, "slot.. and its keys", id="numbers for slots"),
        pytest.param(b'name = "x"\n# caf\xe9\n', 2, "0xe9, which is no UTF-8", id="Latin-1"),
        pytest.param(b"\xff\xfen\x00", 1, "no UTF-8", id="UTF-16"),
        pytest.param(b'{"name": "x"}', 1, "no TOML", id="JSON"),
        pytest.param(b"x = " + b"[" * 100_000, None, "no TOML", id="bottomless"),
        pytest.param(b"#" * (5 << 20), None, "more than 4 MiB", id="far too large"),
    ],
)
def test_files_that_are_no_schema(
    content: bytes, line: int | None, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(content)

    with pytest.raises(InputError, match=told) as caught:
        read_schema(path)

    assert caught.value.line == line


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(InputError, match="no readable file"):
            read_schema(path)


def test_a_schema_says_what_its_file_says() -> None:
    schema = read_schema(ORDERS)

    number, drink, size, second, time, to_go = schema.slots
    assert number.set_by == ("customer", "agent")
    assert drink.several
    assert drink.values[1] == CategoryValue(name="coffee", aliases=("americano", "filter coffee"))
    assert second.values == size.values
    assert (time.kind, time.set_by, time.several) == ("time", ("customer",), False)
    assert to_go.group == "packing"
    assert schema.slot_index["size"] == 2


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    schema = read_schema(ORDERS)
    path = tmp_path / "written.toml"
    path.write_text(write_schema(schema), encoding="utf-8")

    again = read_schema(path)

    assert again == schema
    assert again.fingerprint == schema.fingerprint
    assert write_schema(again) == write_schema(schema)


NAMES = st.text(min_size=1, max_size=8).filter(lambda name: name.strip() and name.isprintable())
DESCRIPTIONS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    str.strip
)


@given(name=NAMES, description=DESCRIPTIONS, alias=NAMES, group=DESCRIPTIONS)
def test_any_text_survives_being_written(
    name: str, description: str, alias: str, group: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    value = CategoryValue(name=name, aliases=(alias,))
    slot = DescribedSlot(
        name=name, description=description, kind="category", values=(value,), group=group
    )
    schema = DescribedSchema(name=name, slots=(slot,))
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(write_schema(schema).encode("utf-8"))

    assert read_schema(path) == schema


def test_another_description_is_another_schema() -> None:
    slot = DescribedSlot(name="size", description="size of the drink", kind="span")
    other = slot.model_copy(update={"description": "size of the cup"})

    schemas = [DescribedSchema(name="x", slots=(one,)) for one in (slot, slot, other)]

    assert schemas[0].fingerprint == schemas[1].fingerprint != schemas[2].fingerprint
    assert len(schemas[0].fingerprint) == 16


def test_a_schema_made_without_a_file_is_checked_as_well() -> None:
    with pytest.raises(ValidationError, match="a category without values"):
        DescribedSlot(name="size", description="size", kind="category")


def test_the_schema_in_the_guide_can_be_read(tmp_path: Path) -> None:
    guide = Path("docs/schemas.md").read_text(encoding="utf-8")
    example = guide.partition("```toml\n")[2].partition("```")[0]
    path = tmp_path / "guide.toml"
    path.write_text(example, encoding="utf-8")

    assert read_schema(path).slot_index.keys() >= {"destination", "travellers"}


def test_the_guide_names_every_key() -> None:
    guide = Path("docs/schemas.md").read_text(encoding="utf-8")

    for key in (*DescribedSlot.model_fields, *CategoryValue.model_fields, "values_from"):
        assert f"| `{key}` |" in guide
