from pathlib import Path

import pytest
from pydantic import ValidationError

from corpora.errors import InputError
from nlp_lstm.states.guide import GUIDES, read_guide
from nlp_lstm.states.schema import EMPTY, Schema, Slot, Value
from nlp_lstm.states.tables import FIRST_OWN_ROW, RARE_ROW, TIME_ROW, schema_tables
from tests.nlp_lstm.states.tiny_states import SCHEMA


def test_every_number_but_the_nameless_ones_names_its_value() -> None:
    for name, number in SCHEMA.value_number.items():
        assert SCHEMA.value_names[number] == name
    assert SCHEMA.value_names[EMPTY] == ""


def test_times_are_taken_by_time_slots_alone() -> None:
    assert SCHEMA.takers(SCHEMA.value_number["23:59"]) == (3,)
    assert SCHEMA.takers(SCHEMA.value_number["north"]) == (0, 2)
    assert SCHEMA.takers(SCHEMA.value_number["any"]) == ()


def test_a_schema_survives_its_json() -> None:
    assert Schema.model_validate_json(SCHEMA.model_dump_json()) == SCHEMA


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"slots": (*SCHEMA.slots, SCHEMA.slots[0])}, "slot is named twice", id="slot"),
        pytest.param(
            {"values": (*SCHEMA.values, SCHEMA.values[0])}, "value is named twice", id="value"
        ),
        pytest.param(
            {"slots": (Slot(name="a", kind="open", offered=(), related=("b",)),), "values": ()},
            "related to unknown 'b'",
            id="related slot",
        ),
        pytest.param(
            {"slots": (Slot(name="a", kind="open", offered=("b",), related=()),), "values": ()},
            "offers unknown value 'b'",
            id="offered value",
        ),
        pytest.param(
            {"values": (*SCHEMA.values, Value(name="x", slots=(9,), count=1, aliases=()))},
            "names a slot that does not exist",
            id="value of no slot",
        ),
    ],
)
def test_what_cannot_be_true_cannot_be_built(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Schema.model_validate({**SCHEMA.model_dump(), **change})


def test_frequent_values_have_vectors_of_their_own() -> None:
    tables = schema_tables(SCHEMA)
    numbers = SCHEMA.value_number

    assert int(tables.value_rows[numbers["north"]]) == FIRST_OWN_ROW
    assert int(tables.value_rows[numbers["kings lynn"]]) == RARE_ROW
    assert int(tables.value_rows[numbers["23:59"]]) == TIME_ROW
    assert tables.value_row_count == FIRST_OWN_ROW + 3
    assert tables.offered.tolist()[0] == [numbers["north"], numbers["south"]]
    assert tables.related.tolist() == [[2], [-1], [0], [-1]]


@pytest.mark.parametrize(
    "guide", [path.stem for path in GUIDES.glob("*.toml") if "." not in path.stem]
)
def test_shipped_guides_can_be_read(guide: str) -> None:
    assert read_guide(guide).dontcare


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("dontcare = 1", "dontcare", id="a wrong type"),
        pytest.param('dontcare = "x"\ntail = []', "tail", id="an unknown key"),
        pytest.param("dontcare =", "Invalid value", id="no TOML"),
    ],
)
def test_a_bad_guide_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "guide.toml"
    path.write_text(text)

    with pytest.raises(InputError, match=message) as caught:
        read_guide(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_guide_names_the_shipped_ones() -> None:
    with pytest.raises(InputError, match="multiwoz, own, woz2"):
        read_guide("multiwos")
