"""How far a context is called validated."""

from collections.abc import Sequence

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, Sentiment, TurnLabels
from nlp_lstm.scoring.context import after_others, measure_context

CHATS = [
    LabelledConversation(
        Conversation(name, (Turn(f"{name} one"), Turn(f"{name} two"))),
        (TurnLabels(sentiment=Sentiment("neutral")),) * 2,
    )
    for name in ("a", "b", "c", "d", "e")
]


def test_others_are_said_first_and_only_the_last_is_judged() -> None:
    chained = after_others(CHATS, 2)

    assert [turn.text for turn in chained[0].conversation.turns] == [
        "d one",
        "d two",
        "e one",
        "e two",
        "a one",
        "a two",
    ]
    for labelled, own in zip(chained, CHATS, strict=True):
        assert labelled.labels == (TurnLabels(),) * 4 + own.labels
    assert [c.conversation.turns for c in after_others(CHATS, 0)] == [
        c.conversation.turns for c in CHATS
    ]


@pytest.mark.parametrize(
    ("figures", "tokens"),
    [
        pytest.param({4: 0.5, 8: 0.5, 16: 0.5}, 16, id="as good at every length"),
        pytest.param({4: 0.5, 8: 0.495, 16: 0.48}, 8, id="worse in the end"),
        pytest.param({4: 0.5, 8: 0.48, 16: 0.5}, 4, id="worse in between"),
        pytest.param({4: 0.5, 8: 0.9, 16: 0.49}, 16, id="at the tolerance: as good"),
    ],
)
def test_the_longest_context_that_bears(figures: dict[int, float], tokens: int) -> None:
    def judge(chained: Sequence[LabelledConversation]) -> float:
        return figures[2 * len(chained[0].conversation.turns)]

    measured = measure_context("four chats", CHATS, "weighted_f1", judge)

    assert measured.tokens == tokens
    assert [row[:2] for row in measured.table.rows] == [(0, 4), (1, 8), (3, 16)]
    assert measured.method.startswith("each of four chats was judged")
