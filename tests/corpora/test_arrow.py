"""Datasets: what goes in comes out, from a cache that knows its data by their key."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import datasets
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.arrow import FEATURES, from_dataset, to_dataset
from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labels import LabelledConversation, Sentiment, TurnLabels
from tests.labelled_strategies import equivalents, labelled_conversations


def conversation(name: str) -> LabelledConversation:
    return LabelledConversation(Conversation(name, (Turn("Hi"),)), (TurnLabels(),))


@settings(max_examples=15, deadline=None)
@given(st.lists(labelled_conversations(gold=False), min_size=1, max_size=4))
def test_reading_undoes_writing(made: list[LabelledConversation]) -> None:
    with tempfile.TemporaryDirectory() as cache:
        dataset = to_dataset(lambda: made, key="made", cache=Path(cache))

        assert dataset.features == FEATURES
        read = list(from_dataset(dataset))
        assert read == made
        assert [*map(equivalents, read)] == [*map(equivalents, made)]


def test_what_nobody_labelled_is_not_what_is_empty(tmp_path: Path) -> None:
    nothing = TurnLabels(entities=(), state=(), changes=(), requests=(), sentiment=Sentiment(None))
    made = LabelledConversation(Conversation("a", (Turn("Hi"),) * 2), (TurnLabels(), nothing))

    (read,) = from_dataset(to_dataset(lambda: [made], key="a", cache=tmp_path))

    assert read.labels == (TurnLabels(), nothing)


def test_order_and_choice_of_a_dataset_are_kept(tmp_path: Path) -> None:
    dataset = to_dataset(lambda: map(conversation, "abc"), key="abc", cache=tmp_path)

    chosen = from_dataset(dataset.select([2, 0]))

    assert [labelled.conversation.id for labelled in chosen] == ["c", "a"]


def test_the_key_alone_decides_what_the_cache_gives(tmp_path: Path) -> None:
    def fail() -> NoReturn:
        raise AssertionError("the cache was not used")

    first = to_dataset(lambda: [conversation("a")], key="1", cache=tmp_path)
    again = to_dataset(fail, key="1", cache=tmp_path)
    changed = to_dataset(lambda: [conversation("b")], key="2", cache=tmp_path)

    assert list(first["id"]) == list(again["id"]) == ["a"]
    assert list(changed["id"]) == ["b"]


def test_an_input_error_arrives_as_itself_and_leaves_no_dataset(tmp_path: Path) -> None:
    def read() -> Iterator[LabelledConversation]:
        yield conversation("a")
        raise InputError("chats.jsonl", 2, found="'x'", expected="JSON", remedy="correct it")

    with pytest.raises(InputError, match=r"chats\.jsonl:2"):
        to_dataset(read, key="1", cache=tmp_path)

    dataset = to_dataset(lambda: [conversation("b")], key="1", cache=tmp_path)
    assert list(dataset["id"]) == ["b"]


def test_a_dataset_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no conversation"):
        to_dataset(lambda: [], key="1", cache=tmp_path)


def test_no_network_and_no_progress_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    shown = datasets.is_progress_bar_enabled()

    to_dataset(lambda: [conversation("a")], key="1", cache=tmp_path)

    assert capsys.readouterr() == ("", "")
    assert datasets.is_progress_bar_enabled() == shown


def test_another_dataset_is_refused() -> None:
    with pytest.raises(ValueError, match="columns"):
        next(from_dataset(datasets.Dataset.from_dict({"text": ["Hi"]})))
