"""Our labelled JSON Lines: what was written is read, and what is wrong is named with its line."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labelled import read_labelled, write_labelled
from corpora.labelled_form import OVERLAPPING, format_line, parse_line
from corpora.labels import (
    Emotion,
    EntitySpan,
    LabelledConversation,
    Sentiment,
    SlotValue,
    TurnLabels,
)
from tests.labelled_strategies import equivalents, labelled_conversations

DOCUMENT = Path(__file__).parents[2] / "docs" / "labelled-chats.md"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_text(text: str) -> Path:
        path = tmp_path / "chats.jsonl"
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


@settings(max_examples=60, deadline=None)
@given(labelled_conversations(gold=True))
def test_reading_undoes_writing(labelled: LabelledConversation) -> None:
    turns = tuple(replace(turn, line=3) for turn in labelled.conversation.turns)
    expected = replace(
        labelled, conversation=replace(labelled.conversation, turns=turns, source="chats.jsonl")
    )

    line = format_line(labelled)

    read = parse_line(line, "chats.jsonl", 3)
    assert read == expected
    assert equivalents(read) == equivalents(expected)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


@settings(max_examples=15, deadline=None)
@given(st.lists(labelled_conversations(gold=True), max_size=3))
def test_a_file_holds_its_conversations_in_order(
    tmp_path_factory: pytest.TempPathFactory, made: list[LabelledConversation]
) -> None:
    path = tmp_path_factory.getbasetemp() / "ordered.jsonl"
    named = [
        replace(one, conversation=replace(one.conversation, id=str(index)))
        for index, one in enumerate([*made, *made, LabelledConversation(Conversation("", ()), ())])
    ]

    assert write_labelled(named, path) == len(named)

    read = list(read_labelled(path))
    assert [one.conversation.id for one in read] == [str(index) for index in range(len(named))]
    assert [one.labels for one in read] == [one.labels for one in named]


def test_the_documented_example_reads_as_described() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", document, flags=re.DOTALL)

    labelled = parse_line(orjson.dumps(orjson.loads(example)), "chats.jsonl", 1)

    agent, customer = labelled.conversation.turns
    assert (agent.role, agent.speaker, agent.text) == ("agent", "Sam", "Where to, and when?")
    assert customer.time == datetime(2026, 3, 2, 10, 42)
    assert labelled.labels == (
        TurnLabels(),
        TurnLabels(
            entities=(EntitySpan(0, 5, "place"), EntitySpan(9, 15, "day")),
            state=(SlotValue("train-day", "friday"), SlotValue("train-destination", "leeds")),
            requests=("price",),
            sentiment=Sentiment("positive", valence=0.4, emotions=(Emotion("excitement"),)),
        ),
    )


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        pytest.param(
            '{"text": "Leeds", "entities": [{"start": 0, "end": 5, "label": "p", "text": "Leed"}]}',
            "found entity text 'Leed' in turn 0, expected 'Leeds' as at [0, 5)",
            id="an entity's text is not what stands there",
        ),
        pytest.param(
            '{"text": "Hi", "entities": [{"start": 0, "end": 3, "label": "p"}]}',
            "found an entity at [0, 3) in turn 0, expected 0 <= start < end <= 2",
            id="an entity ends after its turn",
        ),
        pytest.param(
            '{"text": "Hi", "entities": [{"start": -2, "end": 1, "label": "p"}]}',
            "found an entity at [-2, 1) in turn 0",
            id="an entity starts before its turn",
        ),
        pytest.param(
            '{"text": "Hi", "entities": [{"start": 1, "end": 1, "label": "p"}]}',
            "found an entity at [1, 1) in turn 0",
            id="an entity of nothing",
        ),
        pytest.param(
            '{"text": "Hi there", "entities": [{"start": 3, "end": 8, "label": "p"},'
            ' {"start": 0, "end": 4, "label": "q"}]}',
            "found entities at [0, 4) and [3, 8) in turn 0",
            id="two entities overlap",
        ),
        pytest.param(
            '{"text": "", "state": [{"slot": "a", "value": "1"}, {"slot": "a", "value": "2"}]}',
            "found slot 'a' twice in turn 0",
            id="a slot in two places",
        ),
        pytest.param(
            '{"text": "", "state": [{"slot": "a", "value": ["1", "2", "1"]}]}',
            "found value '1' of slot 'a' twice in turn 0",
            id="a value twice",
        ),
        pytest.param(
            '{"text": "", "state": [{"slot": "a", "value": []}]}',
            "found turns > 0 > state > 0 > value",
            id="a slot of nothing",
        ),
        pytest.param(
            '{"text": "", "state": [{"slot": "a", "value": ["1", "2"], "also": ["one"]}]}',
            "found other spellings of slot 'a' in turn 0, expected them where it holds one value",
            id="a spelling of which value",
        ),
        pytest.param(
            '{"text": "", "requests": ["a", "b", "a"]}', "request 'a' twice", id="a double request"
        ),
        pytest.param('{"txt": "Hi"}', "turns > 0 > text", id="no text"),
        pytest.param('{"text": "Hi", "rôle": "agent"}', "turns > 0 > rôle", id="an unknown key"),
        pytest.param('{"text": "Hi", "role": "boss"}', "found turns > 0 > role: 'boss'", id="role"),
        pytest.param('{"text": 3}', "turns > 0 > text: '3'", id="a number for a text"),
        pytest.param('{"text": "", "time": "noon"}', "turns > 0 > time: 'noon'", id="no time"),
        pytest.param(
            '{"text": "", "sentiment": {"label": "sad"}}', "sentiment > label: 'sad'", id="label"
        ),
        pytest.param(
            '{"text": "", "sentiment": {"valence": 1.5}}', "valence: '1.5'", id="too glad"
        ),
    ],
)
def test_what_is_refused(write: Write, turn: str, message: str) -> None:
    path = write('{"id": "a", "turns": []}\n\n{"id": "b", "turns": [' + turn + "]}\n")

    with pytest.raises(InputError, match=re.escape(message)) as caught:
        list(read_labelled(path))

    assert str(caught.value).startswith(f"{path}:3: found ")
    assert "\n" not in str(caught.value)


def test_overlapping_entities_are_left_out_where_somebody_counts_them(write: Write) -> None:
    overlapping = (
        '{"start": 3, "end": 8, "label": "p"}, {"start": 0, "end": 4, "label": "q"},'
        ' {"start": 5, "end": 6, "label": "q"}'
    )
    path = write(f'{{"id": "a", "turns": [{{"text": "Hi there", "entities": [{overlapping}]}}]}}')
    losses: Counter[str] = Counter()

    (read,) = read_labelled(path, losses=losses)

    assert read.labels[0].entities == (EntitySpan(0, 4, "q"), EntitySpan(5, 6, "q"))
    assert losses == {OVERLAPPING: 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "found no conversation", id="empty"),
        pytest.param(" \n\n", "found no conversation", id="blank"),
        pytest.param('{"id": "a", "turns": [', ":1: found", id="half an object"),
        pytest.param('{"id": "", "turns": []}', "found id: ''", id="an empty id"),
        pytest.param("[]", ":1: found '[]'", id="no object"),
        pytest.param(
            '{"id": "a", "turns": []}\n{"id": "a", "turns": []}',
            ":2: found id 'a', which line 1 has too",
            id="an id twice",
        ),
    ],
)
def test_files_that_are_refused(write: Write, text: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        list(read_labelled(write(text)))


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_bytes(b'{"id": "a", "turns": []}\n\xff\xfe\x00')

    with pytest.raises(InputError, match=r"chats\.jsonl:2: found bytes that are no UTF-8"):
        list(read_labelled(path))


def test_a_line_longer_than_memory_should_hold_is_refused(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpora.checked.LONGEST_LINE", 30)
    path = write('{"id": "a", "turns": []}\n{"id": "b", "turns": []         }\n')

    with pytest.raises(InputError, match=r":2: found a line of more than 30 bytes"):
        list(read_labelled(path))


def test_a_byte_order_mark_is_no_text(write: Write) -> None:
    (labelled,) = read_labelled(write('\ufeff{"id": "a", "turns": []}\r\n'))

    assert labelled.conversation.id == "a"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl: found no such file"):
        read_labelled(tmp_path / "none.jsonl")


def test_a_slot_may_hold_several_values(write: Write) -> None:
    state = '[{"slot": "drink", "value": ["tea", "cola"]}, {"slot": "size", "value": ["large"]}]'
    path = write('{"id": "a", "turns": [{"text": "", "state": ' + state + "}]}")

    (labelled,) = read_labelled(path)

    held = (SlotValue("drink", "cola"), SlotValue("drink", "tea"), SlotValue("size", "large"))
    assert labelled.labels[0].state == held


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(Conversation("a", ()), id="the same id"),
        pytest.param(Conversation("", ()), id="no id"),
        pytest.param(Conversation("b", (), meta={"what": object()}), id="meta that is no JSON"),
        pytest.param(Conversation("b", (Turn("\ud800"),)), id="half a character"),
        pytest.param(Conversation("b", (Turn("two teas"),)), id="which value is spelt otherwise"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(tmp_path: Path, second: Conversation) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text("as it was")
    several = (SlotValue("drink", "cola"), SlotValue("drink", "tea", also=("chai",)))
    labelled = [
        LabelledConversation(one, (TurnLabels(state=several),) * len(one.turns))
        for one in (Conversation("a", ()), second)
    ]

    with pytest.raises(ValueError, match="conversation"):
        write_labelled(labelled, path)

    assert path.read_text() == "as it was"
    assert [left.name for left in tmp_path.iterdir()] == ["chats.jsonl"]
