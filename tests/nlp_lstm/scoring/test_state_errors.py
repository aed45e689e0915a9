import pytest

from nlp_lstm.scoring.judged_states import judged_turns, paired
from nlp_lstm.scoring.state_errors import CAUSES, errors_by_cause, errors_by_slot, new_errors
from tests.nlp_lstm.scoring.test_states import State, corpus, predictions

ANY = "do not care"


def errors(gold: list[list[State]], said: list[list[State]]) -> list[tuple[str, str]]:
    pairs = paired(corpus(gold), predictions(corpus(said)))
    return list(new_errors(judged_turns(pairs)))


@pytest.mark.parametrize(
    ("was", "gold", "said", "cause"),
    [
        pytest.param("", "", "a", "spurious update of an empty slot", id="set for nothing"),
        pytest.param("", "a", "", "missed update", id="not set"),
        pytest.param("a", "b", "a", "missed update", id="not replaced"),
        pytest.param("a", "b", "", "missed update", id="emptied instead of replaced"),
        pytest.param("", "a", "b", "wrong value", id="set to another"),
        pytest.param("a", "b", "c", "wrong value", id="replaced by another"),
        pytest.param("", "", ANY, "spurious dontcare", id="any will do, nobody said"),
        pytest.param("a", "a", ANY, "spurious dontcare", id="any will do, over a value"),
        pytest.param("", ANY, "", "missed dontcare", id="any will do, not heard"),
        pytest.param("a", "", "a", "missed deletion", id="kept"),
        pytest.param("a", "", "b", "missed deletion", id="replaced instead of emptied"),
        pytest.param("a", "a", "b", "spurious overwriting or deletion", id="overwritten"),
        pytest.param("a", "a", "", "spurious overwriting or deletion", id="emptied"),
        pytest.param("", ANY, "a", "dontcare against value", id="a value for any"),
        pytest.param("", "a", ANY, "dontcare against value", id="any for a value"),
        pytest.param("", "a", "a", None, id="right"),
    ],
)
def test_causes(was: str, gold: str, said: str, cause: str | None) -> None:
    before = {"area": was}

    found = errors([[before, {"area": gold}]], [[before, {"area": said}]])

    assert found == ([("area", cause)] if cause else [])
    assert cause is None or cause in CAUSES


def test_an_error_is_new_once() -> None:
    gold: list[list[State]] = [[{"area": "a"}] * 4, [{"area": "a"}]]
    said: list[list[State]] = [[{}, {}, {"area": "a"}, {}], [{"area": "b"}]]

    assert errors(gold, said) == [
        ("area", "missed update"),
        ("area", "spurious overwriting or deletion"),
        ("area", "wrong value"),
    ]


def test_tables_count_every_new_error() -> None:
    found = [("area", "missed update")] * 2 + [("food", "spurious dontcare")]

    causes = {row[0]: row[1:] for row in errors_by_cause(found, turns=50).rows}
    assert causes["missed update"] == (2, 4.0)
    assert causes["all"] == (3, 6.0)
    assert errors_by_slot(found).rows == (("area", 0, 2, 0), ("food", 1, 0, 0))
