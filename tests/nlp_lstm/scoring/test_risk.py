"""Evidence by betting: valid where the promise is broken, and strong where it is kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.scoring.risk import (
    GRID,
    Start,
    best_start,
    log_capital,
    loosest_safe,
    p_value,
    tallied,
)
from nlp_lstm.scoring.turn_answers import TurnAnswer

RISK, TOLD = 0.1, 0.2


def answers(rng: np.random.Generator, conversations: int, turns: int) -> list[TurnAnswer]:
    """Answers that are right as often as they are sure, those of a chat alike."""
    made = []
    for number in range(conversations):
        lean = rng.normal(scale=0.05)
        for turn in range(turns):
            sure = float(rng.uniform(0.5, 1))
            right = bool(rng.random() < min(1.0, max(0.0, sure + lean)))
            made.append(TurnAnswer(number, turn, 10 * turn, sure, right))
    return made


def test_without_an_error_the_p_value_is_nearly_the_binomial_one() -> None:
    margins = np.full(40, -RISK)

    # (1 - risk)^40 for the best bet, of which there are fifteen.
    assert (1 - RISK) ** 40 <= p_value(margins, 1 - RISK) <= 15 * (1 - RISK) ** 40


def test_it_does_not_matter_in_which_order_conversations_come() -> None:
    margins = np.random.default_rng(1).uniform(-0.5, 0.9, 60)

    assert log_capital(margins, 0.9) == pytest.approx(log_capital(margins[::-1], 0.9))


def test_a_broken_promise_is_seldom_taken_for_a_kept_one() -> None:
    """Errors at just the risk: at most one in ten is rejected at 0.1."""
    rng = np.random.default_rng(2)
    wrong = rng.binomial(3, RISK, size=(400, 150))  # 400 samples of 150 chats of 3 answers

    rejected = sum(p_value(row - RISK * 3, 3 * (1 - RISK)) <= 0.1 for row in wrong)

    assert rejected <= 40


def test_a_margin_above_its_bound_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"a margin of 2\.0 above its bound 1"):
        log_capital(np.array([2.0]), 1)


def test_the_promise_holds_for_fresh_conversations() -> None:
    rng = np.random.default_rng(3)
    found = broken = 0
    for _ in range(20):
        start = best_start(tallied(answers(rng, 400, 1)), TOLD)
        safe, tested = loosest_safe(tallied(answers(rng, 1500, 1)), start, TOLD, 0.1)
        if safe is None:
            continue
        found += 1
        assert all(p <= 0.1 for place, p in tested.items() if place <= safe)
        fresh = [one for one in answers(rng, 5000, 1) if one.confidence >= GRID[safe]]
        broken += bool(np.mean([not one.right for one in fresh]) > TOLD)
    assert found >= 15
    assert broken <= 2


def test_testing_stops_at_the_first_threshold_that_fails() -> None:
    always_wrong = [TurnAnswer(n, 0, 5, 0.9, False) for n in range(50)]
    start = Start(place=0, most=1, log_capital=0.0)

    safe, tested = loosest_safe(tallied(always_wrong), start, RISK, 0.1)

    assert safe is None
    assert tested == {0: 1.0}


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1), st.booleans()), min_size=1))
def test_a_looser_threshold_accepts_no_fewer(rows: list[tuple[int, float, bool]]) -> None:
    tallies = tallied([TurnAnswer(n, 0, 1, sure, right) for n, sure, right in rows])

    assert (np.diff(tallies.accepted, axis=0) >= 0).all()
    assert tallies.accepted[-1].sum() == len(rows)
    assert (tallies.wrong <= tallies.accepted).all()
