"""From logits to what a turn sounds like. Pure: no model, no text.

A scheme of one label a turn takes the likeliest. A scheme of several takes every label whose
raw probability reaches the label's threshold, and the likeliest
where none does: a turn always sounds like something.
"""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from corpora.labels import Emotion, Sentiment, SentimentLabel
from nlp_lstm.layers.single import sigmoid, softmax
from nlp_lstm.sentiment.config import Scheme

LABELS: tuple[SentimentLabel, ...] = ("negative", "neutral", "positive")
NEGATIVE, POSITIVE = 0, 2

Scores = npt.NDArray[np.float64]

# Satisfaction and frustration, None where nobody can say.
Feeling = tuple[float | None, float | None]
NOT_ASKED: Feeling = (None, None)

# One for all labels of a head, or one for each.
Threshold = float | tuple[float, ...]


class HeadCalibration(BaseModel):
    """What turns one head's logits into decisions and probabilities.

    Attributes:
        temperature: Divides the logits, after the bias was taken off.
        bias: Taken off each label's logit before: training that weighs rare labels up
            teaches the network odds that much too high. Empty where nothing was weighed.
        threshold: Raw probability from which a label of a several-label scheme is given, one for
            all or one for each; not read for the other schemes.
        shift: Added to each label's logit before the likeliest of a single-label scheme is
            taken; empty adds nothing. Where most turns carry one label, it decides how much
            likelier that one must be than the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: float
    bias: tuple[float, ...]
    threshold: Threshold
    shift: tuple[float, ...] = ()

    @classmethod
    def untouched(cls) -> Self:
        """Probabilities as the network gives them."""
        return cls(temperature=1.0, bias=(), threshold=0.5)


Calibration = Mapping[str, HeadCalibration]


def single_probabilities(logits: npt.ArrayLike, calibration: HeadCalibration) -> Scores:
    """Calibrated probabilities of labels that exclude each other: (M, L) → (M, L)."""
    return softmax(_calibrated(logits, calibration))


def several_probabilities(logits: npt.ArrayLike, calibration: HeadCalibration) -> Scores:
    """Calibrated probabilities of labels that may go together: (M, L) → (M, L)."""
    return sigmoid(_calibrated(logits, calibration))


def label_probabilities(
    logits: npt.ArrayLike, scheme: Scheme, calibration: HeadCalibration
) -> Scores:
    """Calibrated probabilities of all of a scheme's labels: (M, L) → (M, L)."""
    probabilities = several_probabilities if scheme.several else single_probabilities
    return probabilities(logits, calibration)


def _calibrated(logits: npt.ArrayLike, calibration: HeadCalibration) -> Scores:
    scores: Scores = np.asarray(logits, dtype=np.float64)
    if calibration.bias:
        scores = scores - np.array(calibration.bias)
    return scores / calibration.temperature


def given_labels(
    logits: npt.ArrayLike, scheme: Scheme, threshold: Threshold
) -> npt.NDArray[np.bool_]:
    """Which labels each turn gets, at least one: (M, L) → (M, L)."""
    scores: Scores = np.asarray(logits, dtype=np.float64)
    given = np.zeros(scores.shape, dtype=np.bool_)
    given[np.arange(len(scores)), scores.argmax(axis=1)] = True
    if scheme.several:
        given |= sigmoid(scores) >= np.asarray(threshold)
    return given


def decode_emotions(
    logits: npt.ArrayLike,
    scheme: Scheme,
    calibration: HeadCalibration,
    confidences: Scores | None = None,
) -> list[tuple[Emotion, ...]]:
    """The emotions of each turn, likeliest first, at least one each.

    Args:
        logits: Of the scheme's head. (M, L)
        scheme: Its labels.
        calibration: Of that head.
        confidences: `label_probabilities` of it, where they are known.
    """
    scores: Scores = np.asarray(logits, dtype=np.float64)
    shifted = scores + np.array(calibration.shift) if calibration.shift else scores
    given = given_labels(shifted, scheme, calibration.threshold)
    if confidences is None:
        confidences = label_probabilities(logits, scheme, calibration)
    turns, labels = np.nonzero(given)
    sure = confidences[turns, labels]
    order = np.lexsort((-sure, turns))
    decoded: list[list[Emotion]] = [[] for _ in given]
    for turn, label, share in zip(
        *(column[order].tolist() for column in (turns, labels, sure)), strict=True
    ):
        decoded[turn].append(Emotion(scheme.labels[label], share))
    return [tuple(emotions) for emotions in decoded]


def decode_sentiments(
    logits: npt.ArrayLike,
    calibration: HeadCalibration,
    emotions: Sequence[tuple[Emotion, ...]],
    feelings: Sequence[Feeling],
) -> list[Sentiment]:
    """How each turn sounds: the likeliest of three, and the balance of the outer two.

    Args:
        logits: Of the three-way head, in the order of `LABELS`. (M, 3)
        calibration: Of that head.
        emotions: What the other head says of each turn.
        feelings: Satisfaction and frustration of each turn.
    """
    confidences: list[list[float]] = single_probabilities(logits, calibration).tolist()
    decoded = []
    for shares, felt, feeling in zip(confidences, emotions, feelings, strict=True):
        sure = max(shares)
        valence = shares[POSITIVE] - shares[NEGATIVE]
        decoded.append(Sentiment(LABELS[shares.index(sure)], valence, sure, felt, *feeling))
    return decoded
