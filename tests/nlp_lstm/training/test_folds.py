"""Cross-validation: which recipes have folds, and how each chooses its alarm."""

from pathlib import Path

import pytest

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labels import Emotion, LabelledConversation, Sentiment, TurnLabels
from nlp_lstm.training.folds import THRESHOLDS, best_alarm, cross_validate
from nlp_lstm.training.recipe import read_recipe
from tests.nlp_lstm.sentiment.test_trainee import Silent


def rated(overall: int, *frustrations: float) -> tuple[LabelledConversation, list[TurnLabels]]:
    turns = tuple(Turn(str(chance)) for chance in frustrations)
    gold = tuple(TurnLabels(sentiment=Sentiment(None, emotions=(Emotion("3"),))) for _ in turns)
    said = [TurnLabels(sentiment=Sentiment(None, frustration=f)) for f in frustrations]
    chat = Conversation("mwoz-1", turns, meta={"majority": overall})
    return LabelledConversation(chat, gold), said


def test_the_alarm_is_as_low_as_false_alarms_allow() -> None:
    pairs = [rated(3, 0.3, 0.1), *[rated(3, 0.05, 0.0)] * 9, rated(2, 0.6)]
    gold, said = [one for one, _ in pairs], [labels for _, labels in pairs]

    threshold = best_alarm(gold, said)

    # One of ten calm dialogues may be mistaken, two may not.
    assert 0.05 < threshold < 0.3
    assert best_alarm([*gold, gold[0]], [*said, said[0]]) > 0.3


def test_where_every_threshold_is_too_low_it_is_the_highest() -> None:
    [pair] = [rated(3, 0.999)]

    assert best_alarm([pair[0]], [pair[1]]) == THRESHOLDS[-1]


@pytest.mark.parametrize("name", ["sentiment-chat", "states-woz2"])
def test_a_recipe_whose_corpora_have_no_folds_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected one corpus that has folds"):
        cross_validate(read_recipe(name), tmp_path, tmp_path, watcher=Silent())


def test_the_recipe_for_satisfaction_has_folds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        cross_validate(read_recipe("satisfaction"), tmp_path, tmp_path, watcher=Silent())
