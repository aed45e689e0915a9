"""The alarm: once an episode, never without evidence, and never for a calm customer."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.sentiment.alarm import MOST_EVIDENCE, Alarm, Escalation

CHANCES = st.floats(0, 1)


def events(frustrations: list[float], threshold: float = 0.5) -> list[Escalation]:
    """What an alarm says of a customer whose turns are every second one of a chat."""
    alarm, found = Alarm(), []
    for place, frustration in enumerate(frustrations):
        alarm, event = alarm.heard(2 * place, frustration, threshold)
        if event is not None:
            found.append(event)
    return found


def test_one_furious_turn_is_enough() -> None:
    [event] = events([0.05, 0.9, 0.1])

    assert (event.turn, event.since, event.evidence) == (2, 2, (2,))
    assert event.probability > 0.9


def test_several_annoyed_turns_are_enough_and_all_of_them_are_evidence() -> None:
    [event] = events([0.02, 0.35, 0.3, 0.35, 0.35])

    assert event.since == 2
    assert event.evidence == (2, 4, 6)
    assert event.turn == 6


def test_an_episode_sounds_once_and_the_next_one_again() -> None:
    found = events([0.9, 0.9, 0.4, 0.9, *[0.0] * 6, 0.9])

    assert [event.turn for event in found] == [0, 20]
    assert found[1].evidence == (20,)


@given(st.lists(st.floats(0, 0.13), max_size=60))
def test_a_calm_customer_never_sounds(frustrations: list[float]) -> None:
    assert events(frustrations, 0.25) == []


@given(st.lists(CHANCES, max_size=80), st.floats(0.05, 1))
def test_every_event_has_evidence_of_its_own_episode(
    frustrations: list[float], threshold: float
) -> None:
    last = -1
    for event in events(frustrations, threshold):
        assert event.evidence
        assert last < event.since <= event.evidence[0] <= event.evidence[-1] <= event.turn
        assert threshold <= event.probability <= 1
        assert len(event.evidence) <= MOST_EVIDENCE
        last = event.turn


@given(st.lists(CHANCES, max_size=30), st.lists(CHANCES, max_size=30))
def test_more_frustration_means_more_strain(one: list[float], other: list[float]) -> None:
    low, high = Alarm(), Alarm()
    for turn, (a, b) in enumerate(zip(one, other, strict=False)):
        low, _ = low.heard(turn, min(a, b), 0.5)
        high, _ = high.heard(turn, max(a, b), 0.5)
        assert 0 <= low.strain <= high.strain <= 1


def test_a_thousand_furious_turns_are_one_event_and_need_no_more_memory() -> None:
    alarm, sounded = Alarm(), 0
    for turn in range(1000):
        alarm, event = alarm.heard(turn, 1.0, 0.5)
        sounded += event is not None

    assert sounded == 1
    assert len(alarm.evidence) == MOST_EVIDENCE
    assert sys.getsizeof(alarm.evidence) < 200


def test_at_a_threshold_of_one_nothing_sounds() -> None:
    assert events([0.99] * 5, 1.0) == []
