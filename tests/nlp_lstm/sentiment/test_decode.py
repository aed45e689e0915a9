"""Which labels a turn gets, and how sure they are."""

import math

import pytest
import torch

from corpora.labels import Emotion
from nlp_lstm.sentiment.decode import (
    NOT_ASKED,
    HeadCalibration,
    decode_emotions,
    decode_sentiments,
    given_labels,
)
from tests.nlp_lstm.sentiment.tiny_sentiment import SEVERAL, SINGLE

PLAIN = HeadCalibration(temperature=1.0, bias=(), threshold=0.6)


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


@pytest.mark.parametrize(
    ("raw", "given"),
    [
        pytest.param((0.7, 0.1, 0.2, 0.1), ["anger"], id="one above the threshold"),
        pytest.param((0.7, 0.9, 0.2, 0.1), ["joy", "anger"], id="two above: likeliest first"),
        pytest.param((0.1, 0.2, 0.3, 0.4), ["sadness"], id="none above: the nearest"),
        pytest.param((0.9, 0.1, 0.6000001, 0.1), ["anger", "neutral"], id="at the threshold"),
        pytest.param((0.5, 0.5, 0.1, 0.1), ["anger"], id="a tie below: the first"),
    ],
)
def test_which_emotions_a_turn_gets(raw: tuple[float, ...], given: list[str]) -> None:
    logits = torch.tensor([[logit(share) for share in raw]], dtype=torch.float64)

    (emotions,) = decode_emotions(logits, SEVERAL, PLAIN)

    assert [emotion.label for emotion in emotions] == given
    for emotion in emotions:
        share = raw[SEVERAL.labels.index(emotion.label)]
        assert emotion.confidence == pytest.approx(share, abs=1e-6)


def test_a_single_label_scheme_gives_the_likeliest() -> None:
    (emotions,) = decode_emotions(torch.tensor([[0.0, math.log(3)]]), SINGLE, PLAIN)

    assert [emotion.label for emotion in emotions] == ["neutral"]
    assert emotions[0].confidence == pytest.approx(0.75)


def test_weighing_is_taken_off_before_the_temperature() -> None:
    # Odds 4:1 as the network has them, of which weighing by 4 made all: 1:1.
    weighed = HeadCalibration(temperature=2.0, bias=(math.log(4), 0.0, 0.0, 0.0), threshold=0.6)

    (emotions,) = decode_emotions(torch.tensor([[math.log(4), -9, -9, -9]]), SEVERAL, weighed)

    assert [emotion.label for emotion in emotions] == ["anger"]
    assert emotions[0].confidence == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("shares", "label", "valence", "confidence"),
    [
        pytest.param((0.7, 0.2, 0.1), "negative", -0.6, 0.7, id="negative"),
        pytest.param((0.1, 0.8, 0.1), "neutral", 0.0, 0.8, id="neutral, balanced"),
        pytest.param((0.05, 0.5, 0.45), "neutral", 0.4, 0.5, id="neutral, but leaning"),
        pytest.param((0.0001, 0.0001, 0.9998), "positive", 0.9997, 0.9998, id="positive"),
    ],
)
def test_what_a_turn_sounds_like(
    shares: tuple[float, ...], label: str, valence: float, confidence: float
) -> None:
    felt = (Emotion("joy", 0.5),)

    (found,) = decode_sentiments(torch.tensor([shares]).log(), PLAIN, [felt], [NOT_ASKED])

    assert found.label == label
    assert found.valence == pytest.approx(valence, abs=1e-6)
    assert found.confidence == pytest.approx(confidence, abs=1e-6)
    assert found.emotions == felt


def test_raising_the_threshold_never_gives_more() -> None:
    torch.manual_seed(0)
    logits = torch.randn(50, 4)
    counts = [int(given_labels(logits, SEVERAL, t / 20).sum()) for t in range(21)]

    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == 50
