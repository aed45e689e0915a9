import json
from collections import Counter
from pathlib import Path

import pytest

from corpora.published import read_corpus
from corpora.published.multiwoz_labels import normalised_label

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize(
    ("slot", "written", "compared"),
    [
        pytest.param("hotel-area", "east", "east", id="most labels stay"),
        pytest.param("hotel-area", "Centre of town", "centre", id="a place said otherwise"),
        pytest.param("hotel-internet", "free", "true", id="a yes"),
        pytest.param("hotel-parking", "n", "false", id="a short no"),
        pytest.param("hotel-type", "guesthouse", "false", id="a guest house is no hotel"),
        pytest.param("attraction-type", "night club", "nightclub", id="one word"),
        pytest.param("attraction-type", "gastropub", None, id="a label of another slot"),
        pytest.param("hotel-book day", "next friday", "friday", id="booked or not"),
        pytest.param("train-day", "next friday", "friday", id="a day alone"),
        pytest.param("restaurant-food", "dontcare", "do not care", id="any will do"),
        pytest.param("restaurant-food", "not mentioned", None, id="nobody said"),
        pytest.param("restaurant-food", "", None, id="nothing"),
        pytest.param(
            "hotel-name", "alpha-milton guesthouse", "alpha milton guest house", id="name"
        ),
        pytest.param("hotel-name", "a and b guest house", "a and b guest house", id="not b and b"),
        pytest.param("train-leaveat", "5:45pm", "17:45", id="afternoon"),
        pytest.param("train-leaveat", "12:15 am", "00:15", id="after midnight"),
        pytest.param("taxi-leaveat", "24:30", "00:30", id="an hour after the last"),
        pytest.param("restaurant-book time", "9:00", "09:00", id="one digit"),
        pytest.param("restaurant-book people", "8", "8", id="a number is no time"),
        pytest.param("train-arriveby", "8", "8", id="not even here"),
    ],
)
def test_what_a_label_is_compared_as(slot: str, written: str, compared: str | None) -> None:
    assert normalised_label(slot, written) == compared


def test_normalising_twice_changes_nothing_in_the_leaderboards_own_labels() -> None:
    star = [
        *read_corpus("multiwoz21", SAMPLES, "train"),
        *read_corpus("multiwoz21", SAMPLES, "dev"),
    ]

    held = [one for labelled in star for labels in labelled.labels for one in labels.state or ()]
    assert held
    assert [normalised_label(one.slot, one.value) for one in held] == [one.value for one in held]


def test_slots_outside_the_goal_are_no_labels(tmp_path: Path) -> None:
    metadata = {
        "hotel": {"semi": {"area": "east"}, "book": {}},
        "taxi": {"semi": {"leaveAt": "5:45pm"}, "book": {}},
    }
    log = [{"text": "Hi", "metadata": {}}, {"text": "?", "metadata": metadata}]
    goal = {"hotel": {}, "taxi": {"info": {"leaveAt": "17:45"}}, "message": ["Take a taxi"]}
    (tmp_path / "convlab2").mkdir()
    (tmp_path / "convlab2" / "val.json").write_text(json.dumps({"A": {"goal": goal, "log": log}}))
    losses: Counter[str] = Counter()

    (labelled,) = read_corpus("multiwoz21-raw", tmp_path, "dev", losses=losses)

    assert [(one.slot, one.value) for one in labelled.labels[0].state or ()] == [
        ("taxi-leaveat", "17:45")
    ]
    assert losses == {"slots outside the goal": 1}
