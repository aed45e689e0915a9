"""The line through a speaker's mood: what it must do for any chat."""

import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.conversation import Turn
from pipelines.tracking import (
    MOST_SPEAKERS,
    MOST_TURNINGS,
    TURNING,
    Mood,
    Moods,
    followed,
    moods_from_facts,
    moods_to_facts,
    moved,
    speaker_of,
)

VALENCE = st.floats(-1, 1)
LINES = st.lists(VALENCE, min_size=1, max_size=40)


def line(valences: Sequence[float]) -> Mood:
    """A speaker's line whose turns are every second one of a chat."""
    mood = None
    for number, valence in enumerate(valences):
        mood = moved(mood, 2 * number, valence)
    assert mood is not None
    return mood


@given(VALENCE, st.integers(1, 60))
def test_who_always_sounds_the_same_has_a_level_line(valence: float, turns: int) -> None:
    mood = line([valence] * turns)

    assert mood.smoothed == valence
    assert mood.slope == 0
    assert mood.turnings == ()


@given(VALENCE)
def test_one_turn_is_its_own_line(valence: float) -> None:
    assert (line([valence]).smoothed, line([valence]).slope) == (valence, 0)


@given(LINES, st.floats(-1, 1))
def test_shifting_all_turns_shifts_the_line_and_not_its_slope(
    valences: list[float], by: float
) -> None:
    one, other = line(valences), line([valence + by for valence in valences])

    assert other.smoothed == pytest.approx(one.smoothed + by, abs=1e-9)
    assert other.slope == pytest.approx(one.slope, abs=1e-9)


@given(LINES)
def test_turning_the_mood_round_turns_the_line_round(valences: list[float]) -> None:
    one, other = line(valences), line([-valence for valence in valences])

    assert other.smoothed == pytest.approx(-one.smoothed)
    assert other.slope == pytest.approx(-one.slope)
    assert [(p.turn, p.direction) for p in other.turnings] == [
        (p.turn, {"up": "down", "down": "up"}[p.direction]) for p in one.turnings
    ]


@given(LINES)
def test_the_line_stays_among_the_turns(valences: list[float]) -> None:
    mood = line(valences)

    assert min(valences) - 1e-12 <= mood.smoothed <= max(valences) + 1e-12
    assert abs(mood.slope) <= 2


@given(st.floats(-0.1, 0.1), st.integers(2, 10))
def test_a_straight_line_has_its_own_slope(step: float, turns: int) -> None:
    assert line([step * n for n in range(turns)]).slope == pytest.approx(step, abs=1e-9)


@given(LINES)
def test_turning_points_alternate_and_lie_apart(valences: list[float]) -> None:
    points = line(valences).turnings

    for before, after in pairwise(points):
        assert before.turn < after.turn
        assert {before.direction, after.direction} == {"up", "down"}
        assert abs(before.smoothed - after.smoothed) >= TURNING - 1e-9


def test_a_mood_that_sinks_and_recovers_turns_twice() -> None:
    mood = line([0.3, 0.4, 0.3, -0.8, -0.8, -0.8, 0.6, 0.8, 0.8, 0.8])

    assert [point.direction for point in mood.turnings] == ["down", "up"]
    assert [point.turn for point in mood.turnings] == [2, 10]
    assert mood.slope > 0


def test_a_single_bad_turn_is_no_turning_point() -> None:
    assert line([0.5, 0.5, 0.5, -1.0, 1.0, 0.5, 0.5, 0.5]).turnings == ()


def test_a_cordial_greeting_is_no_turning_point() -> None:
    mood = line([0.9, 0.0, 0.1, 0.0, 0.1])

    assert mood.turnings == ()
    assert [p.direction for p in line([0.9, 0.0, 0.0, 0.0, 0.9, 0.9, 0.9]).turnings] == ["up"]


@given(LINES, st.integers(0, 40))
def test_a_line_goes_on_from_where_it_was_kept(valences: list[float], place: int) -> None:
    moods: Moods = {}
    for number, valence in enumerate(valences):
        if number == place:
            moods = moods_from_facts(json.loads(json.dumps(moods_to_facts(moods))))
        moods = followed(moods, "Ana", 2 * number, valence)

    assert moods == {"Ana": line(valences)}


def test_what_is_carried_grows_neither_with_turns_nor_with_speakers() -> None:
    moods: Moods = {}
    for number in range(6000):
        valence = 1.0 if number // 300 % 2 else -1.0
        moods = followed(moods, f"speaker {number % 30}", number, valence)

    assert len(moods) == MOST_SPEAKERS
    assert len(json.dumps(moods_to_facts(moods))) < MOST_SPEAKERS * 3000
    swinging = line(([1.0] * 6 + [-1.0] * 6) * 30)
    assert len(swinging.turnings) == MOST_TURNINGS


def test_who_was_silent_longest_is_forgotten_first() -> None:
    moods: Moods = {}
    for number in range(MOST_SPEAKERS + 1):
        moods = followed(moods, f"speaker {number}", number, 0.1)
        moods = followed(moods, "speaker 0", number, 0.1)

    assert "speaker 1" not in moods
    assert moods["speaker 0"].turns == MOST_SPEAKERS + 2


def test_notices_and_tools_have_no_mood() -> None:
    assert speaker_of(Turn("left", role="system")) is None
    assert speaker_of(Turn("{}", "search", role="tool")) is None
    assert speaker_of(Turn("hi", "Ana", role="agent")) == "Ana"
    assert speaker_of(Turn("hi", role="agent")) == "agent"
    assert speaker_of(Turn("hi")) == ""
