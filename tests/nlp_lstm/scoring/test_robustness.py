from collections.abc import Sequence

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.scoring.robustness import measure_perturbed, perturb_corpus
from nlp_lstm.scoring.scores import Scores

CHATS = [
    LabelledConversation(
        Conversation(f"c{number}", (Turn("an Italian place for dinner", role="customer"),)),
        (TurnLabels(state=(SlotValue("food", food),)),),
    )
    for number, food in enumerate(["italian", "italian", "thai"])
]


def capitals(corpus: Sequence[LabelledConversation]) -> Scores:
    """Half right when somebody shouts."""
    shouted = sum(labelled.conversation.turns[0].text.isupper() for labelled in corpus)
    return Scores({"joint_goal_accuracy": 0.8 - shouted / 10}, {}, "")


def test_the_difference_is_in_points() -> None:
    table = measure_perturbed("states", CHATS, capitals(CHATS), ["casing", "typos"], capitals)

    clean, casing, typos = table.rows
    shouted = sum(
        labelled.conversation.turns[0].text.isupper()
        for labelled in perturb_corpus(CHATS, "casing")
    )
    assert clean == ("none", 0.8, 0.0, 0)
    assert casing[0] == "casing"
    assert casing[2] == pytest.approx(-10 * shouted)
    assert typos[1] == 0.8


def test_a_corpus_is_perturbed_by_conversation_whatever_its_order() -> None:
    forwards = perturb_corpus(CHATS, "casing")
    backwards = perturb_corpus(CHATS[::-1], "casing")

    assert forwards == backwards[::-1]


def test_spans_have_no_second_thoughts() -> None:
    with pytest.raises(ValueError, match="corrections: entities has typos, casing, fillers"):
        measure_perturbed("entities", CHATS, Scores({}, {}, ""), ["corrections"], capitals)
