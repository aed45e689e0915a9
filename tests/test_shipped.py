"""The models that ship: whole, good enough by their own cards, the same whole and step by step."""

from dataclasses import replace
from pathlib import Path

import pytest

from corpora.conversation import Conversation
from corpora.transcripts import read_transcript
from nlp_lstm.artefact import SHIPPED, ArtefactError, load_artefact, shipped_models
from nlp_lstm.loading import component_of, load_component
from pipelines.pipeline import ConversationPipeline

SAMPLES = Path(__file__).parents[1] / "pipelines" / "samples"
MODELS = ["states-multiwoz", "entities-chat", "sentiment-chat"]


@pytest.mark.parametrize(
    ("model", "corpus", "metric", "floor"),
    [
        ("states-multiwoz", "multiwoz21", "joint_goal_accuracy", 0.57),
        ("states-woz2", "woz2", "joint_goal_accuracy", 0.92),
        ("states-schema", "sgd", "joint_goal_accuracy_seen", 0.45),
        ("states-schema", "sgd", "average_goal_accuracy_unseen", 0.60),
        ("states-support", "multidogo-support", "joint_goal_accuracy", 0.55),
        ("entities-support", "multidogo", "span_f1", 0.85),
        ("entities-chat", "multidogo", "span_f1", 0.84),
        ("entities-chat", "sgd", "span_f1", 0.95),
        ("entities-chat", "wnut17", "span_f1", 0.53),
        ("sentiment-chat", "goemotions", "macro_f1", 0.50),
        ("sentiment-chat", "goemotions", "group_macro_f1", 0.68),
        ("sentiment-chat", "emorynlp", "weighted_f1", 0.37),
    ],
)
def test_a_model_states_the_figure_it_was_shipped_for(
    model: str, corpus: str, metric: str, floor: float
) -> None:
    artefact = load_artefact(model)
    (found,) = [
        evaluation["metrics"][metric]
        for evaluation in artefact.metrics["evaluations"]
        if (evaluation["corpus"], evaluation["split"]) == (corpus, "dev")
    ]

    assert found >= floor
    assert f"| {metric} | {found:.4f} |" in artefact.card


def test_all_models_together_are_small() -> None:
    size = sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file())

    assert size < 60e6
    for model in shipped_models():
        assert sum(path.stat().st_size for path in (SHIPPED / model).iterdir()) <= 12e6


@pytest.mark.parametrize("model", shipped_models())
def test_a_calibration_that_is_none_is_named_by_its_file(model: str) -> None:
    broken = replace(load_artefact(model), calibration={"slots": "soon"})

    with pytest.raises(ArtefactError, match=rf"{model}/calibration\.json: found settings"):
        component_of(broken)


@pytest.mark.parametrize("model", shipped_models())
def test_stepping_through_a_sample_gives_what_annotating_it_gives(model: str) -> None:
    component = load_component(model)
    chats = list(read_transcript(SAMPLES))
    for chat, whole in zip(chats, component.annotate(chats), strict=True):
        memory = component.start()
        for turn, expected in zip(chat.turns, whole, strict=True):
            labels, memory = component.step(memory, turn)
            assert labels.state == expected.state
            assert labels.requests == expected.requests
            assert [(s.start, s.end, s.label) for s in labels.entities or ()] == [
                (s.start, s.end, s.label) for s in expected.entities or ()
            ]
            if labels.sentiment is not None and expected.sentiment is not None:
                assert labels.sentiment.label == expected.sentiment.label
                assert labels.sentiment.valence == pytest.approx(
                    expected.sentiment.valence, abs=1e-5
                )
            assert labels.state_confidence == pytest.approx(expected.state_confidence, abs=1e-5)


@pytest.fixture(scope="module")
def annotated() -> dict[str, list[dict[str, str]]]:
    """The belief state after every turn of every sample."""
    pipeline = ConversationPipeline.load(MODELS)
    return {
        chat.conversation.id: [
            {held.slot: held.value for held in turn.labels.state or ()} for turn in chat.turns
        ]
        for chat in pipeline.annotate(read_transcript(SAMPLES))
    }


def test_what_the_booking_chat_wants(annotated: dict[str, list[dict[str, str]]]) -> None:
    states = annotated["booking"]

    assert states[0] == {"restaurant-area": "north"}
    assert states[4]["restaurant-book time"] == "18:30"
    assert states[6]["restaurant-book time"] == "19:15"
    wanted = {
        "restaurant-food": "indian",
        "train-departure": "london kings cross",
        "train-destination": "cambridge",
        "hotel-area": "centre",
        "hotel-book stay": "2",
    }
    assert wanted.items() <= states[-1].items()


def test_outside_its_domain_the_tracker_keeps_quiet(
    annotated: dict[str, list[dict[str, str]]],
) -> None:
    assert annotated["whatsapp"][-1] == {}
    assert annotated["lamp-40719"][-1] == {}


def test_an_angry_customer_sounds_angrier_in_the_end() -> None:
    sentiment = load_component("sentiment-chat")
    chat: Conversation
    (chat,) = read_transcript(SAMPLES / "support.jsonl")
    (labels,) = sentiment.annotate([chat])
    valences = [
        label.sentiment.valence
        for turn, label in zip(chat.turns, labels, strict=True)
        if turn.role == "customer" and label.sentiment and label.sentiment.valence is not None
    ]

    assert min(valences[-4:]) < -0.5 < valences[0]
