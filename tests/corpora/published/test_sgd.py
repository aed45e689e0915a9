"""Schema-Guided Dialogue: states of several services, each value in all its spellings."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from corpora.errors import InputError
from corpora.labels import EntitySpan, LabelledConversation, SlotValue, TurnLabels
from corpora.published import read_corpus

SAMPLES = Path(__file__).parents[2] / "samples"

Json = dict[str, Any]


@pytest.fixture
def media() -> LabelledConversation:
    first, _ = read_corpus("sgd", SAMPLES, "train")
    return first


@pytest.fixture
def cab() -> LabelledConversation:
    _, second = read_corpus("sgd", SAMPLES, "train")
    return second


def test_customer_and_agent_take_turns(media: LabelledConversation) -> None:
    turns = media.conversation.turns

    assert media.conversation.id == "20_00037"
    assert [turn.role for turn in turns] == ["customer", "agent"] * 5
    assert turns[2].text == "Dogman would be perfect."


def test_both_sides_spans_are_what_was_said(media: LabelledConversation) -> None:
    said = [
        [(span.label, turn.text[span.start : span.end]) for span in labels.entities or ()]
        for turn, labels in zip(media.conversation.turns, media.labels, strict=True)
    ]

    offered = ["Dogman", "Hackers", "High Life"]
    assert said[0] == [("Media_1-genre", "Drama")]
    assert said[1] == [("Media_1-title", title) for title in offered]


def test_only_customers_turns_have_a_state(media: LabelledConversation) -> None:
    agents = media.labels[1::2]

    assert all(labels.state is None and labels.requests is None for labels in agents)


def test_yes_and_no_are_spelt_as_schemas_spell_them(media: LabelledConversation) -> None:
    assert media.labels[6].state == (
        SlotValue("Media_1-directed_by", "dontcare"),
        SlotValue("Media_1-genre", "Drama"),
        SlotValue("Media_1-subtitles", "false"),
        SlotValue("Media_1-title", "Dogman"),
    )


def test_a_service_keeps_its_state_while_others_are_talked_about(cab: LabelledConversation) -> None:
    turn, labels = cab.conversation.turns[6], cab.labels[6]

    assert turn.meta["services"] == ["RideSharing_1"]
    assert {held.slot.partition("-")[0] for held in labels.state or ()} == {
        "Movies_1",
        "RideSharing_1",
    }
    assert labels.requests == ("RideSharing_1-ride_fare",)


def test_services_of_a_dialogue_and_of_a_turn(cab: LabelledConversation) -> None:
    assert cab.conversation.meta == {"services": ["Movies_1", "RideSharing_1"]}
    assert cab.conversation.turns[4].meta == {"services": ["RideSharing_1", "Movies_1"]}
    assert cab.conversation.turns[5].meta == {}


def test_what_was_said_stays_when_the_agent_spells_it_otherwise(cab: LabelledConversation) -> None:
    (before,) = [one for one in cab.labels[2].state or () if one.slot == "Movies_1-theater_name"]
    (after,) = [one for one in cab.labels[4].state or () if one.slot == "Movies_1-theater_name"]

    assert before == after
    assert (before.value, before.also) == ("piedmont theatre", ())
    assert after.also == ("landmark's piedmont theatre",)


def frame(
    values: Json, *, slots: list[Json] | None = None, requested: tuple[str, ...] = ()
) -> Json:
    state = {"slot_values": values, "requested_slots": requested, "active_intent": "NONE"}
    return {"service": "Cafes_1", "slots": slots or [], "actions": [], "state": state}


def sgd_file(root: Path, *frames: Json, text: str = "two teas", speaker: str = "USER") -> Path:
    """A corpus of one dialogue with a turn for each frame."""
    folder = root / "test"
    folder.mkdir()
    turns = [{"speaker": speaker, "utterance": text, "frames": [one]} for one in frames]
    dialogue = {"dialogue_id": "1", "services": ["Cafes_1"], "turns": turns}
    (folder / "schema.json").write_text("[]")
    path = folder / "dialogues_001.json"
    path.write_bytes(orjson.dumps([dialogue]))
    return path


@pytest.mark.parametrize(
    ("spellings", "value"),
    [
        pytest.param([["tea"], ["Tea", "tea"]], "tea", id="another spelling in front"),
        pytest.param([["tea"], ["coffee"]], "coffee", id="another value"),
        pytest.param([["tea"], []], None, id="no value"),
        pytest.param([["Tea", "tea", "Tea"]], "Tea", id="the first of several"),
    ],
)
def test_which_spelling_is_the_value(
    tmp_path: Path, spellings: list[list[str]], value: str | None
) -> None:
    sgd_file(tmp_path, *(frame({"drink": listed}) for listed in spellings))

    (labelled,) = read_corpus("sgd", tmp_path, "test")

    held = labelled.labels[-1].state
    assert held == (() if value is None else (SlotValue("Cafes_1-drink", value),))
    assert {one.also for one in held or ()} <= {("Tea",), ("tea",), ()}


def test_a_slot_that_vanishes_is_empty(tmp_path: Path) -> None:
    sgd_file(tmp_path, frame({"drink": ["tea"]}), frame({}))

    (labelled,) = read_corpus("sgd", tmp_path, "test")

    assert labelled.labels[1] == TurnLabels(entities=(), state=(), requests=())


@pytest.mark.parametrize(
    ("places", "spans", "losses"),
    [
        pytest.param([(0, 3), (4, 8)], [(0, 3), (4, 8)], {}, id="side by side"),
        pytest.param([(0, 3), (0, 8)], [(0, 8)], {"spans over another span": 1}, id="the longer"),
        pytest.param([(4, 9), (3, 3)], [], {"spans outside their turn": 2}, id="outside"),
    ],
)
def test_spans_do_not_overlap(
    tmp_path: Path,
    places: list[tuple[int, int]],
    spans: list[tuple[int, int]],
    losses: dict[str, int],
) -> None:
    slots = [{"slot": "drink", "start": start, "exclusive_end": end} for start, end in places]
    sgd_file(tmp_path, frame({}, slots=slots))
    counted: Counter[str] = Counter()

    (labelled,) = read_corpus("sgd", tmp_path, "test", losses=counted)

    assert labelled.labels[0].entities == tuple(EntitySpan(*one, "Cafes_1-drink") for one in spans)
    assert counted == losses


def test_a_test_split_without_states_is_refused(tmp_path: Path) -> None:
    path = sgd_file(tmp_path, {"service": "Cafes_1", "slots": []})

    with pytest.raises(InputError, match="found no state in customer turn 0") as caught:
        list(read_corpus("sgd", tmp_path, "test"))

    assert caught.value.source == str(path)


def test_another_speaker_is_refused(tmp_path: Path) -> None:
    sgd_file(tmp_path, frame({}), speaker="BOT")

    with pytest.raises(InputError, match=re.escape("0 > turns > 0 > speaker: 'BOT'")):
        list(read_corpus("sgd", tmp_path, "test"))


def test_a_folder_without_dialogues_is_refused(tmp_path: Path) -> None:
    sgd_file(tmp_path).unlink()

    with pytest.raises(InputError, match=re.escape("found no dialogues_*.json")):
        read_corpus("sgd", tmp_path, "test")
