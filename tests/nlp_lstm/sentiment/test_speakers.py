"""Whose memory reads which turns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.conversation import Turn
from nlp_lstm.sentiment.speakers import remembered, speaker_key, speaker_runs


@pytest.mark.parametrize(
    ("said", "most", "runs"),
    [
        pytest.param("", 2, [], id="nobody"),
        pytest.param("aba", 2, [[0, 2], [1]], id="two take turns"),
        pytest.param("abca", 2, [[0], [1], [2], [3]], id="forgotten, and new again"),
        pytest.param("abaca", 2, [[0, 2, 4], [1], [3]], id="who spoke lately is kept"),
        pytest.param("abca", 3, [[0, 3], [1], [2]], id="room for all"),
    ],
)
def test_runs(said: str, most: int, runs: list[list[int]]) -> None:
    assert speaker_runs(list(said), most) == runs


@given(st.text("abcde", max_size=30), st.integers(1, 5))
def test_every_turn_is_read_once_and_in_order(said: str, most: int) -> None:
    runs = speaker_runs(list(said), most)

    assert sorted(index for run in runs for index in run) == list(range(len(said)))
    for run in runs:
        assert run == sorted(run)
        assert len({said[index] for index in run}) == 1


def test_the_latest_are_remembered() -> None:
    assert remembered(["a", "b", "c"], "a", 3) == ["b", "c", "a"]
    assert remembered(["a", "b", "c"], "d", 3) == ["b", "c", "d"]


def test_keys_tell_speakers_apart_and_nothing_else() -> None:
    keys = [
        speaker_key(turn)
        for turn in (
            Turn("x", "Ana"),
            Turn("y", "Ana", role="agent"),
            Turn("x", "ana"),
            Turn("x", role="agent"),
            Turn("x", "agent"),
            Turn("x"),
            Turn("x", "\ud800" * 100_000),
        )
    ]

    assert keys[0] == keys[1]
    assert len(set(keys)) == 6
    assert {len(key) for key in keys} == {24}
