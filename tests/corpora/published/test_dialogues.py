"""MultiWOZ 2.1 and WOZ 2.0: who said what, and the belief state after it."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpora.errors import InputError
from corpora.labels import EntitySpan, LabelledConversation, SlotValue, TurnLabels
from corpora.published import read_corpus
from corpora.published.multiwoz import SpanInfo, align_spans

SAMPLES = Path(__file__).parents[2] / "samples"
STAR = SAMPLES / "multiwoz2.1" / "star" / "train.tsv"


def state(labels: TurnLabels) -> dict[str, str]:
    return {held.slot: held.value for held in labels.state or ()}


def star_file(root: Path, *lines: str) -> Path:
    path = root / "star" / "train.tsv"
    path.parent.mkdir()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_star_turns_come_as_agent_and_customer() -> None:
    first = next(read_corpus("multiwoz21", SAMPLES, "train"))

    turns = first.conversation.turns
    assert first.conversation.id == "SNG0548.json"
    assert [turn.role for turn in turns] == ["customer", *["agent", "customer"] * 3]
    assert [turn.line for turn in turns] == [2, 3, 3, 4, 4, 5, 5]
    assert turns[-1].text == "that is all . thank you for your help !"


def test_star_states_are_the_publishers_strings() -> None:
    _, cares_not, two_foods = read_corpus("multiwoz21", SAMPLES, "train")

    assert cares_not.labels[1] == TurnLabels()
    assert cares_not.labels[2].state == (
        SlotValue("restaurant-area", "east"),
        SlotValue("restaurant-food", "do not care"),
        SlotValue("restaurant-pricerange", "expensive"),
    )
    assert state(two_foods.labels[2])["restaurant-food"] == "brazilian|portuguese"


@pytest.mark.parametrize("end", ["", "\t"])
def test_a_star_line_may_end_in_a_tab(tmp_path: Path, end: str) -> None:
    header, first, *_ = STAR.read_text(encoding="utf-8").split("\n")
    star_file(tmp_path, header, first.rstrip("\t") + end)

    (labelled,) = read_corpus("multiwoz21", tmp_path, "train")

    assert state(labelled.labels[0]) == {"restaurant-name": "pizza hut city centre"}


@pytest.mark.parametrize("value", ["", "none"])
@pytest.mark.parametrize("end", ["", "\t"])
def test_empty_last_slots_are_absent(tmp_path: Path, value: str, end: str) -> None:
    header, first, *_ = STAR.read_text(encoding="utf-8").split("\n")
    fields = first.rstrip("\t").split("\t")
    star_file(tmp_path, header, "\t".join([*fields[:-2], value, value]) + end)

    (labelled,) = read_corpus("multiwoz21", tmp_path, "train")

    assert state(labelled.labels[0]) == {"restaurant-name": "pizza hut city centre"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        pytest.param(["hello"], ":1: found header 'hello'", id="no header"),
        pytest.param(["{header}", "a\tb"], ":2: found 2 columns", id="a short line"),
        pytest.param(["{header}", "{first}\tx\ty"], ":2: found 37 columns", id="a long line"),
        pytest.param(
            ["{header}", "{first}", "{third}"],
            ":3: found turn index '2' in dialogue 'SNG0548.json', expected 1",
            id="a turn left out",
        ),
    ],
)
def test_star_lines_of_another_shape_are_refused(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    header, first, _, third, *_ = STAR.read_text(encoding="utf-8").split("\n")
    filled = [line.format(header=header, first=first.rstrip(), third=third) for line in lines]
    path = star_file(tmp_path, *filled)

    with pytest.raises(InputError, match=re.escape(f"{path}{message}")):
        list(read_corpus("multiwoz21", tmp_path, "train"))


def test_raw_states_stand_in_the_turn_after() -> None:
    _, taxi = read_corpus("multiwoz21-raw", SAMPLES, "dev")

    assert [turn.role for turn in taxi.conversation.turns] == ["customer", "agent"] * 2
    assert [state(labels) for labels in taxi.labels[::2]] == [
        {
            "taxi-departure": "express by holiday inn cambridge",
            "taxi-destination": "the oak bistro",
        },
        {
            "taxi-departure": "express by holiday inn cambridge",
            "taxi-destination": "the oak bistro",
            "taxi-leaveat": "07:30",
        },
    ]
    assert taxi.labels[1].state is None


def test_raw_spans_are_what_was_said() -> None:
    _, taxi = read_corpus("multiwoz21-raw", SAMPLES, "dev")

    said = [
        (span.label, turn.text[span.start : span.end])
        for turn, labels in zip(taxi.conversation.turns, taxi.labels, strict=True)
        for span in labels.entities or ()
    ]
    assert said == [
        ("taxi-depart", "Express by Holiday Inn Cambridge"),
        ("taxi-dest", "The Oak Bistro"),
        ("taxi-leave", "07:30"),
        ("taxi-car", "blue audi"),
        ("taxi-phone", "07384266453"),
    ]


@pytest.mark.parametrize(
    ("span_info", "spans", "losses"),
    [
        pytest.param(
            [("Hotel-Inform", "Area", "east", 2, 2)],
            (EntitySpan(9, 13, "hotel-area"),),
            {},
            id="double blanks are counted as split() counts them",
        ),
        pytest.param(
            [("Hotel-Inform", "Area", "east side", 2, 3), ("Hotel-Inform", "Name", "in", 0, 0)],
            (EntitySpan(0, 2, "hotel-name"), EntitySpan(9, 18, "hotel-area")),
            {},
            id="case may differ, order is the text's",
        ),
        pytest.param(
            [("Hotel-Inform", "Area", "west", 2, 2)],
            (),
            {"spans whose words are not their value": 1},
            id="another value",
        ),
        pytest.param(
            [("Hotel-Inform", "Area", "side", 3, 4), ("Hotel-Inform", "Area", "", -1, 0)],
            (),
            {"spans outside their turn": 2},
            id="words that the turn does not have",
        ),
        pytest.param(
            [("Hotel-Inform", "Area", "east", 2, 2), ("Train-Inform", "Dest", "East Side", 2, 3)],
            (EntitySpan(9, 13, "hotel-area"),),
            {"spans over another span": 1},
            id="of two that overlap the first stays",
        ),
    ],
)
def test_aligning_spans(
    span_info: list[SpanInfo], spans: tuple[EntitySpan, ...], losses: dict[str, int]
) -> None:
    counted: Counter[str] = Counter()

    assert align_spans("In  the  East Side", span_info, counted) == spans
    assert counted == losses


def raw_file(root: Path, log: Any) -> Path:
    path = root / "convlab2" / "val.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"PMUL1": {"log": log}}), encoding="utf-8")
    return path


def test_slots_outside_the_task_are_counted(tmp_path: Path) -> None:
    semi = {"department": "emergency department", "name": "not mentioned"}
    metadata = {
        "hospital": {"semi": semi, "book": {"booked": []}},
        "train": {
            "semi": {"leaveAt": "none"},
            "book": {"booked": [{"trainID": "1"}], "people": "2"},
        },
    }
    raw_file(
        tmp_path, [{"text": "Help", "metadata": {}}, {"text": "Where ?", "metadata": metadata}]
    )
    losses: Counter[str] = Counter()

    (labelled,) = read_corpus("multiwoz21-raw", tmp_path, "dev", losses=losses)

    assert state(labelled.labels[0]) == {"train-book people": "2"}
    assert losses == {"slots outside the five domains": 1}


@pytest.mark.parametrize(
    ("log", "message"),
    [
        pytest.param([{"text": "Hi", "metadata": {}}], "found 1 turns", id="no answer"),
        pytest.param([{"text": "Hi"}], "PMUL1 > log > 0 > metadata", id="no metadata"),
        pytest.param([{"text": 1, "metadata": {}}], "PMUL1 > log > 0 > text: '1'", id="text"),
    ],
)
def test_logs_of_another_shape_are_refused(tmp_path: Path, log: Any, message: str) -> None:
    path = raw_file(tmp_path, log)

    with pytest.raises(InputError, match=re.escape(message)) as caught:
        list(read_corpus("multiwoz21-raw", tmp_path, "dev"))

    assert caught.value.source == str(path)


def test_a_woz_dialogue() -> None:
    first = next(read_corpus("woz2", SAMPLES, "train"))

    texts = [turn.text for turn in first.conversation.turns]
    assert texts[:2] == [
        "Are there any eritrean restaurants in town?",
        "No, there are no eritrean restaurants in town. Would you like a different restaurant? ",
    ]
    asking = first.labels[6]
    assert state(asking) == {"area": "east", "food": "chinese"}
    assert asking.requests == ("address", "phone", "postcode")
    assert [first.labels[index].requests for index in (0, 2, 4)] == [(), (), ()]
    assert first.labels[1] == TurnLabels()


def test_woz_values_are_the_publishers_strings() -> None:
    _, english = read_corpus("woz2", SAMPLES, "train")
    _, italian = read_corpus("woz2-it", SAMPLES, "train")

    assert state(english.labels[-1]) == {
        "area": "dontcare",
        "food": "french",
        "price range": "dontcare",
    }
    assert state(italian.labels[-1])["cibo"] == "francese"


def woz_file(root: Path, content: str) -> LabelledConversation:
    path = root / "data" / "woz" / "woz_validate_en.json"
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    (labelled,) = read_corpus("woz2", root, "dev")
    return labelled


def test_the_first_of_two_values_of_one_slot_stays(tmp_path: Path) -> None:
    belief = [{"act": "inform", "slots": [["food", value]]} for value in ("thai", "thai", "tha")]
    turn = {"system_transcript": "", "transcript": "Thai", "turn_label": [], "belief_state": belief}
    labelled = woz_file(tmp_path, json.dumps([{"dialogue_idx": 1, "dialogue": [turn]}]))
    losses: Counter[str] = Counter()

    list(read_corpus("woz2", tmp_path, "dev", losses=losses))

    assert state(labelled.labels[0]) == {"food": "thai"}
    assert losses == {"second values of one slot": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param('[{"dialogue_idx": 0, "dialogue": [{}]}]', "system_transcript", id="a key"),
        pytest.param('{"dialogue": []}', "found", id="no list"),
        pytest.param('[{"dialogue_idx": 0', "expected JSON", id="half a file"),
    ],
)
def test_woz_files_of_another_shape_are_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        woz_file(tmp_path, content)
