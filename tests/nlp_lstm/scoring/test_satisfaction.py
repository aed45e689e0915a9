"""Figures on satisfaction, against scikit-learn and by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score, precision_recall_curve, roc_auc_score

from nlp_lstm.scoring.satisfaction import (
    RatedDialogue,
    RatedTurn,
    auroc,
    cohen_kappa,
    early_warning,
    precision_at_recall,
    score_satisfaction,
    spearman,
    unweighted_recall,
)

RATED = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=40)
SCORED = st.lists(
    st.tuples(st.booleans(), st.integers(0, 5).map(lambda n: n / 5)), min_size=2, max_size=40
).filter(lambda pairs: len({right for right, _ in pairs}) == 2)


@given(RATED.filter(lambda pairs: len({rating for pair in pairs for rating in pair}) > 1))
def test_kappa_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    gold, said = [g for g, _ in pairs], [s for _, s in pairs]

    assert cohen_kappa(gold, said) == pytest.approx(cohen_kappa_score(gold, said))


@given(SCORED)
def test_auroc_and_precision_are_scikit_learns(pairs: list[tuple[bool, float]]) -> None:
    right, scores = [r for r, _ in pairs], [s for _, s in pairs]
    precision, recall, _ = precision_recall_curve(right, scores)

    assert auroc(right, scores) == pytest.approx(roc_auc_score(right, scores))
    best = max(p for p, r in zip(precision, recall, strict=True) if r >= 0.5)
    assert precision_at_recall(right, scores, 0.5) == pytest.approx(best)


def test_recall_is_averaged_over_five_ratings_even_where_some_never_occur() -> None:
    assert unweighted_recall([3, 3, 3, 2], [3, 3, 4, 2]) == pytest.approx((2 / 3 + 1) / 5)


def test_rho_shares_ranks_among_equals() -> None:
    assert spearman([1, 2, 3], [10, 20, 30]) == pytest.approx(1)
    assert spearman([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert spearman([1, 1, 1], [3, 2, 1]) == 0
    assert spearman([1, 2, 2, 3], [1, 3, 3, 9]) == pytest.approx(1)


def dialogue(overall: int, *alarmed: bool) -> RatedDialogue:
    return RatedDialogue([RatedTurn(3, 3, 3.0, 0.1, one) for one in alarmed], overall)


def test_an_alarm_is_early_by_the_turns_that_remain() -> None:
    figures = early_warning(
        [
            dialogue(2, False, True, False, True, False),
            dialogue(1, False, False, True),
            dialogue(2, False, False),
            dialogue(3, True, False, True),
            *[dialogue(4, False)] * 3,
        ]
    )

    assert figures["alarm_caught"] == pytest.approx(2 / 3)
    assert figures["alarm_turns_before_end"] == 1.5
    assert figures["alarm_dialogues_per_100_satisfied"] == 25
    assert figures["alarm_events_per_100_satisfied"] == 50


def test_without_poor_dialogues_there_is_nothing_to_catch() -> None:
    assert early_warning([dialogue(3, False)])["alarm_caught"] == 0


def test_all_figures_of_a_corpus() -> None:
    turns = [
        RatedTurn(2, 2, 2.1, 0.9, True),
        RatedTurn(3, 3, 3.0, 0.2, False),
        RatedTurn(4, 3, 3.4, 0.1, False),
    ]

    scores = score_satisfaction([RatedDialogue(turns, 2)])

    assert scores.metrics["unweighted_recall"] == pytest.approx(2 / 5)
    assert scores.metrics["dissatisfied_precision_at_recall_0.5"] == 1
    assert scores.metrics["dissatisfied_times_base_rate"] == pytest.approx(3)
    assert scores.metrics["spearman"] == pytest.approx(1)
    assert scores.counts == {"dialogues": 1, "turns": 3, "dissatisfied_turns": 1}
    assert scores.tables[0].rows[3] == ("4", 0, 0, 1, 0, 0)


def test_nothing_right_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="nothing is right"):
        precision_at_recall([False], [0.1], 0.5)
    with pytest.raises(ValueError, match="0 of 1"):
        auroc([False], [0.1])
