"""Simulated dialogues: spans that count tokens, states that list what is wanted so far."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from corpora.errors import InputError
from corpora.labels import EntitySpan, LabelledConversation, SlotValue
from corpora.published import read_corpus

SAMPLES = Path(__file__).parents[2] / "samples"


def said(labelled: LabelledConversation) -> list[list[tuple[str, str]]]:
    pairs = zip(labelled.conversation.turns, labelled.labels, strict=True)
    return [
        [(span.label, turn.text[span.start : span.end]) for span in labels.entities or ()]
        for turn, labels in pairs
    ]


def test_both_sides_spans_are_what_was_said() -> None:
    (cinema,) = read_corpus("sim-m", SAMPLES, "train")

    assert [turn.role for turn in cinema.conversation.turns] == [
        "customer",
        *["agent", "customer"] * 2,
    ]
    assert said(cinema) == [
        [("num_tickets", "two"), ("movie", "the long road")],
        [],
        [],
        [("time", "7.30 pm"), ("theatre_name", "odeon")],
        [("time", "9 pm"), ("theatre_name", "odeon")],
    ]


def test_states_are_the_publishers_strings_after_customers_turns() -> None:
    (cinema,) = read_corpus("sim-m", SAMPLES, "train")

    assert [labels.state is None for labels in cinema.labels] == [False, True, False, True, False]
    assert cinema.labels[2].state == (
        SlotValue("movie", "the long road"),
        SlotValue("num_tickets", "two"),
        SlotValue("time", "dontcare"),
    )
    assert cinema.labels[4].requests == ()


@pytest.mark.parametrize(
    ("name", "split", "service"), [("sim-m", "train", "movies"), ("sim-r", "dev", "restaurants")]
)
def test_each_file_is_about_one_service(name: str, split: Any, service: str) -> None:
    (labelled,) = read_corpus(name, SAMPLES, split)

    meta = {"services": [service]}
    turns = labelled.conversation.turns
    assert labelled.conversation.meta == meta
    assert [turn.meta for turn in turns] == [
        meta if turn.role == "customer" else {} for turn in turns
    ]


def sim_file(root: Path, utterance: Any, acts: Any = ()) -> None:
    turn = {"user_utterance": utterance, "user_acts": acts, "dialogue_state": []}
    path = root / "sim-M" / "dev.json"
    path.parent.mkdir()
    path.write_bytes(orjson.dumps([{"dialogue_id": "1", "turns": [turn]}]))


@pytest.mark.parametrize(
    ("places", "spans", "losses"),
    [
        pytest.param([(2, 3), (0, 2)], [(0, 4), (5, 7)], {}, id="in reading order"),
        pytest.param([(0, 2), (1, 3)], [(0, 4)], {"spans over another span": 1}, id="overlap"),
        pytest.param([(2, 4), (1, 1)], [], {"spans outside their turn": 2}, id="outside"),
    ],
)
def test_where_spans_stand(
    tmp_path: Path,
    places: list[tuple[int, int]],
    spans: list[tuple[int, int]],
    losses: dict[str, int],
) -> None:
    slots = [{"slot": "time", "start": start, "exclusive_end": end} for start, end in places]
    sim_file(tmp_path, {"text": "9 pm ok", "tokens": ["9", "pm", "ok"], "slots": slots})
    counted: Counter[str] = Counter()

    (labelled,) = read_corpus("sim-m", tmp_path, "dev", losses=counted)

    assert labelled.labels[0].entities == tuple(EntitySpan(*span, "time") for span in spans)
    assert counted == losses


def test_requests_are_the_acts_that_ask_for_a_slot(tmp_path: Path) -> None:
    acts = [{"type": "REQUEST", "slot": "time"}, {"type": "GREETING"}, {"type": "REQUEST"}]
    sim_file(tmp_path, {"text": "when", "tokens": ["when"], "slots": []}, acts)

    (labelled,) = read_corpus("sim-m", tmp_path, "dev")

    assert labelled.labels[0].requests == ("time",)


def test_a_text_that_is_not_its_tokens_is_refused(tmp_path: Path) -> None:
    sim_file(tmp_path, {"text": "9pm", "tokens": ["9", "pm"], "slots": []})

    with pytest.raises(InputError, match="found text '9pm', expected its tokens"):
        list(read_corpus("sim-m", tmp_path, "dev"))
