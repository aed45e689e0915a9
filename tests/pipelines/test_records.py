"""What is written is what the schema says, and reads back as the same."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from datasets import Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

import pipelines
from corpora.changes import replay
from corpora.conversation import ROLES, Conversation, Role, Turn
from corpora.errors import InputError
from corpora.labels import Operation, Sentiment, SlotValue, Source, StateChange, TurnLabels
from corpora.transcripts import read_transcript
from nlp_lstm.component import TASKS
from pipelines.annotation import TurnAnnotation
from pipelines.pipeline import ConversationPipeline
from pipelines.record_models import TaskName
from pipelines.records import (
    Record,
    arrow_features,
    conversation_record,
    model_parts,
    read_records,
    record_line,
    record_schema,
    sentiment_summary,
    state_summary,
)
from pipelines.routing import Policy, Router
from pipelines.tables import write_parquet
from tests.nlp_lstm.states.tiny_states import tiny_tracker
from tests.pipelines.fakes import FakeComponent, conversation, fake_pipeline

SAMPLES = Path(pipelines.__file__).parent / "samples"


def record_of(chat: Conversation, pipeline: ConversationPipeline | None = None) -> dict[str, Any]:
    pipeline = pipeline or fake_pipeline()
    [annotated] = pipeline.annotate([chat])
    cases = Router(Policy(), pipeline.components.values()).cases(annotated)
    return conversation_record(annotated, model_parts(pipeline), cases=cases)


CHATS = [
    pytest.param(
        conversation("a table for 4 area=north", "ok", "area=south 😀 12"), id="all tasks"
    ),
    pytest.param(conversation(), id="no turns"),
    pytest.param(conversation("", "  "), id="blank turns"),
    pytest.param(conversation("word " * 60), id="with a case"),
    pytest.param(
        Conversation("t", (Turn("hi", time=datetime(2024, 5, 1, 10, 2, tzinfo=UTC)),)), id="a time"
    ),
]


@pytest.mark.parametrize("chat", CHATS)
def test_a_written_record_is_what_the_models_describe(chat: Conversation) -> None:
    line = record_line(record_of(chat))
    read = Record.model_validate_json(line)

    assert orjson.loads(record_line(read.model_dump())) == orjson.loads(line)
    assert line.count(b"\n") == 1


def test_a_task_that_did_not_run_is_null_not_empty() -> None:
    record = record_of(conversation("4"), ConversationPipeline([FakeComponent("entities")]))
    turn = Record.model_validate(record).turns[0]

    assert turn.entities is not None
    assert (turn.state, turn.changes, turn.requests, turn.sentiment) == (None,) * 4


def test_entity_texts_are_cut_by_code_points() -> None:
    [turn] = record_of(conversation("👩‍👩‍👧 é 4 and 12"))["turns"]

    assert [entity["text"] for entity in turn["entities"]] == ["4", "12"]
    assert all(turn["text"][e["start"] : e["end"]] == e["text"] for e in turn["entities"])


def test_floats_have_four_digits() -> None:
    record = record_of(conversation("area=north"))

    assert record["turns"][0]["changes"][0]["confidence"] == 0.9123


def test_a_change_says_why_and_in_which_words() -> None:
    [change] = record_of(conversation("area=north"))["turns"][0]["changes"]

    assert (change["source"], change["raw"]) == ("said", "area=north")


def test_records_of_before_there_were_sources_are_read() -> None:
    record = record_of(conversation("area=north"))
    [change] = record["turns"][0]["changes"]
    del change["source"], change["raw"]

    [read] = Record.model_validate_json(record_line(record)).turns[0].changes or ()

    assert (read.value, read.source, read.raw) == ("north", None, None)


def test_older_records_become_parquet_too(tmp_path: Path) -> None:
    record = record_of(conversation("area=north"))
    del record["turns"][0]["changes"][0]["source"]
    records, table = tmp_path / "records.jsonl", tmp_path / "records.parquet"
    records.write_bytes(record_line(record))

    write_parquet(records, table)

    [change] = Dataset.from_parquet(str(table))[0]["turns"][0]["changes"]
    assert (change["source"], change["raw"]) == (None, "area=north")


def test_every_operation_and_source_is_in_the_schema() -> None:
    change = record_schema()["$defs"]["ChangePart"]

    assert change["properties"]["operation"]["enum"] == list(get_args(Operation))
    [named, unknown] = change["properties"]["source"]["anyOf"]
    assert (named["enum"], unknown) == (list(get_args(Source)), {"type": "null"})
    assert set(change["properties"]) - set(change["required"]) == {"source", "raw"}


def test_lone_surrogates_are_replaced_and_said_so() -> None:
    record = record_of(conversation("half \ud83d a face 4"))
    read = Record.model_validate_json(record_line(record))

    assert read.turns[0].text == "half \ufffd a face 4"
    assert read.turns[0].entities is not None
    assert read.turns[0].entities[0].text == "4"
    assert "U+FFFD" in read.notes[0]


def test_the_summary_names_the_turn_that_set_each_value() -> None:
    states: list[tuple[tuple[str, str], ...] | None] = [
        (("area", "north"),),
        None,
        (("area", "north"), ("food", "thai")),
        (("area", "south"), ("food", "thai")),
        (("area", "north"),),
        (("area", "north"), ("food", "thai")),
    ]
    turns = [
        TurnAnnotation(
            i, TurnLabels(state=None if s is None else tuple(SlotValue(*pair) for pair in s)), i
        )
        for i, s in enumerate(states)
    ]

    assert state_summary(turns) == [
        {"slot": "area", "value": "north", "turn": 4},
        {"slot": "food", "value": "thai", "turn": 5},
    ]


def test_the_summary_names_the_turn_of_each_of_several_values() -> None:
    tea, milk = SlotValue("drinks", "tea"), SlotValue("drinks", "milk")
    states = [(tea,), (milk, tea), (milk,), (milk, tea)]
    turns = [TurnAnnotation(i, TurnLabels(state=state), i) for i, state in enumerate(states)]

    assert state_summary(turns) == [
        {"slot": "drinks", "value": "milk", "turn": 1},
        {"slot": "drinks", "value": "tea", "turn": 3},
    ]


WORDS = ("north", "south", "acorn guest house", "at 5pm", "the slug", "no", "fine", "like that")
chats = st.lists(
    st.builds(
        Turn,
        st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
        role=st.sampled_from(ROLES),
    ),
    max_size=12,
).map(lambda turns: Conversation("c", tuple(turns)))
TRACKERS = [ConversationPipeline([tiny_tracker(seed)]) for seed in range(3)]


def check_traces(chat: Conversation, pipeline: ConversationPipeline) -> int:
    """Replay a record's changes, and find each value of its summary; how many those are."""
    record = Record.model_validate_json(record_line(record_of(chat, pipeline)))
    changes = [
        [StateChange(c.operation, c.slot, c.value) for c in turn.changes or ()]
        for turn in record.turns
    ]
    states = [tuple(SlotValue(s.slot, s.value) for s in turn.state or ()) for turn in record.turns]
    assert list(replay(changes)) == states
    summed = [SlotValue(held.slot, held.value) for held in record.summary.state]
    assert summed == list(states[-1] if states else ())
    for held in record.summary.state:
        own = [(n, c.value) for n, turn in enumerate(changes) for c in turn if c.slot == held.slot]
        assert own[-1] == (held.turn, held.value)
    return len(summed)


@settings(max_examples=30, deadline=None)
@given(chats, st.sampled_from(TRACKERS))
def test_every_value_can_be_traced_to_the_turn_that_set_it(
    chat: Conversation, pipeline: ConversationPipeline
) -> None:
    check_traces(chat, pipeline)


def test_the_values_of_the_samples_can_be_traced() -> None:
    traced = [
        check_traces(chat, pipeline)
        for place in sorted(SAMPLES.iterdir())
        for chat in read_transcript(place)
        for pipeline in TRACKERS
    ]

    assert sum(traced) > len(TRACKERS)


def test_the_summary_follows_each_speakers_valence() -> None:
    said_by: list[tuple[str, Role | None]] = [
        ("Ana", "customer"),
        ("", "agent"),
        ("Ana", "customer"),
        ("Ana", "customer"),
        ("", "agent"),
        ("", None),
        ("", "system"),
        ("lookup", "tool"),
    ]
    chat = Conversation("c", tuple(Turn("x", speaker, role) for speaker, role in said_by))
    valences = [0.1, 0.5, -0.70004, -0.2, 0.4, None, 0.9, -0.9]
    turns = [
        TurnAnnotation(i, TurnLabels(sentiment=Sentiment("neutral", valence)), i)
        for i, valence in enumerate(valences)
    ]

    names = ("speaker", "first", "last", "lowest", "lowest_turn")
    summary = sentiment_summary(chat, turns)
    assert [{name: heard[name] for name in names} for heard in summary] == [
        {"speaker": "Ana", "first": 0.1, "last": -0.2, "lowest": -0.7, "lowest_turn": 2},
        {"speaker": "agent", "first": 0.5, "last": 0.4, "lowest": 0.4, "lowest_turn": 4},
    ]


def test_records_read_back_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"".join(record_line(record_of(c)) for c in two_chats()))

    assert [record.id for record in read_records(path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        pytest.param(b'{"record": "nlp-ls', "Invalid JSON", id="half a line"),
        pytest.param(b'{"record": "nlp-lstm/9"}', "record: ", id="another form"),
    ],
)
def test_what_is_no_record_is_named_by_its_line(tmp_path: Path, line: bytes, found: str) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(record_line(record_of(conversation("hi"))) + line)

    with pytest.raises(InputError, match=rf"records\.jsonl:2: found .*{found}"):
        list(read_records(path))


def test_records_from_before_moods_and_frustration_are_read(tmp_path: Path) -> None:
    record = record_of(conversation("one two three four five six", "hello"))
    for turn in record["turns"]:
        del turn["mood"], turn["sentiment"]["frustration"], turn["sentiment"]["satisfaction"]
    for heard in record["summary"]["sentiment"]:
        del heard["smoothed"], heard["slope"], heard["turning_points"]
    for case in record["routing"]:
        del case["since"], case["evidence"]
    path = tmp_path / "records.jsonl"
    path.write_bytes(record_line(record))

    [read] = read_records(path)

    assert read.turns[0].mood is None
    assert read.summary.sentiment[0].turning_points == ()


def test_arrow_holds_what_json_holds(tmp_path: Path) -> None:
    records = [record_of(chat) for chat in two_chats()]
    dataset = Dataset.from_list(records, features=arrow_features())

    assert dataset.to_list() == records


def test_the_schema_forbids_what_it_does_not_name() -> None:
    schema = record_schema()
    parts = [schema, *(part for part in schema["$defs"].values() if part["type"] == "object")]

    assert all(part["additionalProperties"] is False for part in parts)
    # Older records have no answers; they are written always and asked for never.
    assert {*schema["required"], "answers"} == set(record_of(conversation("hi")))


def test_the_schema_knows_every_task() -> None:
    assert set(get_args(TaskName)) == set(TASKS)


def two_chats() -> list[Conversation]:
    return [conversation("a=1 4", "b=2", id="a"), conversation("hello", id="b", source=None)]
