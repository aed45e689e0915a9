"""Confidences fitted again: surer where they were too modest, the answers left as they are."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labels import (
    Emotion,
    LabelledConversation,
    Sentiment,
    SentimentLabel,
    SlotValue,
    TurnLabels,
)
from nlp_lstm.artefact import load_artefact, save_calibration
from nlp_lstm.loading import load_component
from nlp_lstm.recalibration import Recalibration, recalibrate
from nlp_lstm.scoring.trust import trust

CHATS = 100
SAID = {
    "entities-support": [
        "my name is ana {}",
        "the account number is 48{}21",
        "i want a large pizza, {} of them",
        "my email is ana{}@example.com",
    ],
    "states-woz2": [
        "a cheap {} restaurant",
        "in the north please, {}",
        "make that expensive, {}",
        "chinese food, {}",
    ],
    "sentiment-chat": [
        "thank you {}, that is great",
        "this is terrible, {}",
        "the order number is {}",
        "oh no, {}, I am so sorry",
    ],
}
CORPUS = {"entities-support": "own", "states-woz2": "own", "sentiment-chat": "goemotions"}


def chats(model: str) -> list[Conversation]:
    return [
        Conversation(
            f"chat-{number}",
            tuple(Turn(text.format(number), "Ana", "customer") for text in SAID[model]),
        )
        for number in range(CHATS)
    ]


def half_right(model: str) -> list[LabelledConversation]:
    """Chats whose labels are the model's own answers in half of the turns, by chance."""
    conversations = chats(model)
    predicted = load_component(model).annotate(conversations)
    return [
        LabelledConversation(
            conversation,
            tuple(
                labels if _chance(conversation.id, turn) else _otherwise(labels)
                for turn, labels in enumerate(said)
            ),
        )
        for conversation, said in zip(conversations, predicted, strict=True)
    ]


def _chance(name: str, turn: int) -> bool:
    return hashlib.sha256(f"{name}/{turn}".encode()).digest()[0] % 2 == 0


def _otherwise(labels: TurnLabels) -> TurnLabels:
    if labels.entities is not None:
        return replace(labels, entities=())
    if labels.state is not None:
        return replace(
            labels, state=tuple(SlotValue(one.slot, f"no {one.value}") for one in labels.state)
        )
    assert labels.sentiment is not None
    label: SentimentLabel = "negative" if labels.sentiment.label != "negative" else "positive"
    return replace(labels, sentiment=Sentiment(label, emotions=(Emotion("grief"),)))


@pytest.fixture(scope="module", params=sorted(SAID))
def found(request: pytest.FixtureRequest) -> tuple[str, Recalibration]:
    model = str(request.param)
    return model, recalibrate(load_artefact(model), CORPUS[model], "dev", half_right(model))


def by_kind(answers: Sequence[object]) -> list[str]:
    return sorted({str(getattr(answer, "kind", "")) for answer in answers})


def test_confidences_say_better_how_often_answers_are_right(
    found: tuple[str, Recalibration],
) -> None:
    _, calibrated = found

    assert by_kind(calibrated.before)
    for kind in by_kind(calibrated.before):
        before, after = (
            trust([answer for answer in answers if answer.kind == kind])
            for answers in (calibrated.before, calibrated.after)
        )
        assert after.log_loss < before.log_loss, kind


def test_answers_stay_as_they_were(found: tuple[str, Recalibration]) -> None:
    _, calibrated = found

    assert [replace(answer, confidence=0) for answer in calibrated.before] == [
        replace(answer, confidence=0) for answer in calibrated.after
    ]
    assert calibrated.fitted + calibrated.judged == CHATS


def test_a_calibrated_copy_loads_and_is_the_same_model(
    found: tuple[str, Recalibration], tmp_path: Path
) -> None:
    model, calibrated = found
    save_calibration(model, tmp_path / "mine", calibrated.calibration, told="To my chats.")

    copy = load_artefact(tmp_path / "mine")
    assert copy.fingerprint == load_artefact(model).fingerprint
    assert copy.calibration == calibrated.calibration != load_artefact(model).calibration
    assert copy.card.endswith("## Calibrated again\n\nTo my chats.\n")
    assert load_component(tmp_path / "mine").annotate(chats(model)[:1])


def test_what_a_model_learnt_from_is_refused() -> None:
    gold = half_right("entities-support")

    with pytest.raises(InputError, match="found what entities-support was trained on"):
        recalibrate(load_artefact("entities-support"), "multidogo", "train", gold)


def test_too_few_conversations_are_refused() -> None:
    gold = half_right("entities-support")[:20]

    with pytest.raises(InputError, match="own train: found 20 conversations, expected at least 20"):
        recalibrate(load_artefact("entities-support"), "own", "train", gold)


def test_answers_that_are_all_right_are_refused() -> None:
    conversations = chats("entities-support")
    predicted = load_component("entities-support").annotate(conversations)
    gold = [
        LabelledConversation(conversation, tuple(said))
        for conversation, said in zip(conversations, predicted, strict=True)
    ]

    with pytest.raises(InputError, match="of them right, expected at least 100, right ones and"):
        recalibrate(load_artefact("entities-support"), "own", "train", gold)


def test_labels_of_another_task_are_refused() -> None:
    with pytest.raises(InputError, match="no answer of states-woz2 that labels could judge"):
        recalibrate(load_artefact("states-woz2"), "own", "train", half_right("entities-support"))
