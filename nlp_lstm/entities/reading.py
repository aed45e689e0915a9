"""From tag scores to the spans of each turn, with calibrated confidences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlp_lstm.entities.config import SpanCalibration
from nlp_lstm.layers.bioes import BioesDecoder, Doubles, Floats
from nlp_lstm.scoring.platt import platt


@dataclass(frozen=True, slots=True, order=True)
class WordSpan:
    """A span in words: first and last, inclusive."""

    first: int
    last: int
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TurnRead:
    """What a tagger reads off one turn.

    Attributes:
        spans: In reading order.
        confidence: Calibrated probability that these are right and all there are; None where the
            model knows no such.
    """

    spans: Sequence[WordSpan]
    confidence: float | None


@dataclass(frozen=True, slots=True)
class ScoredTurns:
    """Turns whose tags were scored together, or stretches of long ones.

    Attributes:
        turns: Which turn each is, counted over all batches. B numbers
        firsts: Where in its turn each starts, in words. B numbers
        lengths: Words in each. B numbers
        scores: Tag scores; what stands after a turn's end is ignored. (B, T, K)
    """

    turns: Sequence[int]
    firsts: Sequence[int]
    lengths: Sequence[int]
    scores: Floats


class SpanReader:
    """Reads spans off the tag scores of one tagger."""

    def __init__(self, labels: Sequence[str], calibration: SpanCalibration) -> None:
        self._labels = labels
        self._calibration = calibration

    def __call__(
        self, decoder: BioesDecoder, batches: Sequence[ScoredTurns], turns: int
    ) -> list[TurnRead]:
        """The spans of each turn, in reading order, and how sure it is that they are all.

        Args:
            decoder: With the tagger's transitions.
            batches: Every turn is in one, long ones in stretches.
            turns: How many there are.
        """
        slope, offset = self._calibration.slope, self._calibration.offset
        spans: list[list[WordSpan]] = [[] for _ in range(turns)]
        taggings = np.zeros(turns)  # log-probabilities; nothing is doubtful in a blank turn
        for batch in batches:
            if not batch.scores.shape[1]:
                continue  # blank turns name nothing
            found = decoder.spans(batch.scores, np.array(batch.lengths))
            np.add.at(taggings, batch.turns, found.log_taggings)
            sure = platt(slope, offset, np.exp(found.log_marginals))
            numbers = (found.turns, found.firsts, found.lasts, found.labels, sure)
            for row, first, last, label, confidence in zip(
                *(column.tolist() for column in numbers), strict=True
            ):
                if confidence >= self._calibration.least:
                    start = batch.firsts[row]
                    span = WordSpan(start + first, start + last, self._labels[label], confidence)
                    spans[batch.turns[row]].append(span)
        for found_there in spans:
            # Batches are made by length, so a turn's last stretch may have come first.
            found_there.sort()
        whole = self._whole(np.exp(taggings))
        return [TurnRead(*pair) for pair in zip(spans, whole, strict=True)]

    def _whole(self, probabilities: Doubles) -> Sequence[float | None]:
        """Calibrated probabilities of whole turns; None where those were not fitted."""
        fitted = self._calibration.turn
        if fitted is None:
            return [None] * len(probabilities)
        sure: list[float] = platt(fitted.slope, fitted.offset, probabilities).tolist()
        return list(sure)
