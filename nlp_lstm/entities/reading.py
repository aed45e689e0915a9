"""From tag scores to the spans of each turn, with calibrated confidences.

Every turn is decoded; only in few is anything named, and only these have their marginals worked
out, those of many batches together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from nlp_lstm.entities.config import SpanCalibration
from nlp_lstm.entities.network import TurnBatch
from nlp_lstm.entities.turns import PADDING, Stretch
from nlp_lstm.layers.crf import BioesCrf
from nlp_lstm.scoring.calibration import log_odds

# Turns whose marginals are worked out together. A recursion over two takes as many steps as one
# over two hundred.
TOGETHER = 200


@dataclass(frozen=True, slots=True, order=True)
class WordSpan:
    """A span in words: first and last, inclusive."""

    first: int
    last: int
    label: str
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class _Tagged:
    """Turns that name something: their scores (B, T, K), taggings (B, T) and lengths (B,)."""

    stretches: list[Stretch]
    scores: Tensor
    path: Tensor
    lengths: Tensor


class SpanReader:
    """Reads spans off the tag scores of one tagger."""

    def __init__(self, crf: BioesCrf, labels: Sequence[str], calibration: SpanCalibration) -> None:
        self._crf = crf
        self._labels = labels
        self._calibration = calibration

    def __call__(
        self,
        rows: Sequence[Sequence[Stretch]],
        batches: Sequence[TurnBatch],
        scores: Sequence[Tensor],
        *,
        turns: int,
    ) -> list[list[WordSpan]]:
        """The spans of each turn, in reading order.

        Args:
            rows: The stretches of each batch, one a row.
            batches: What was scored.
            scores: Tag scores, (B, T, K) a batch.
            turns: How many turns the stretches belong to.
        """
        spans: list[list[WordSpan]] = [[] for _ in range(turns)]
        for tagged in self._together(rows, batches, scores):
            found = self._crf.spans(tagged.scores, tagged.path, tagged.lengths)
            odds = log_odds(found.log_marginals.exp())
            confidences = (self._calibration.slope * odds + self._calibration.offset).sigmoid()
            numbers = torch.stack([found.turns, found.firsts, found.lasts, found.labels]).tolist()
            for row, first, last, label, confidence in zip(
                *numbers, confidences.tolist(), strict=True
            ):
                stretch = tagged.stretches[row]
                start, end = stretch.first + first, stretch.first + last
                span = WordSpan(start, end, self._labels[label], confidence)
                spans[stretch.turn].append(span)
        for found_there in spans:
            # Batches are made by length, so a turn's last stretch may have come first.
            found_there.sort()
        return spans

    def _together(
        self,
        rows: Sequence[Sequence[Stretch]],
        batches: Sequence[TurnBatch],
        scores: Sequence[Tensor],
    ) -> Iterator[_Tagged]:
        """The turns that name something, those of batches of similar length as one batch."""
        waiting: list[_Tagged] = []
        for stretches, batch, score in zip(rows, batches, scores, strict=True):
            tagged = self._tagged(stretches, batch, score) if score.shape[1] else None
            if tagged is None:
                continue
            held = sum(len(other.stretches) for other in waiting)
            if waiting and (
                held + len(tagged.stretches) > TOGETHER
                or tagged.path.shape[1] > PADDING * waiting[0].path.shape[1] + 1
            ):
                yield self._joined(waiting)
                waiting = []
            waiting.append(tagged)
        if waiting:
            yield self._joined(waiting)

    def _tagged(
        self, stretches: Sequence[Stretch], batch: TurnBatch, scores: Tensor
    ) -> _Tagged | None:
        path = self._crf.decode(scores, batch.lengths)
        named = (path != self._crf.layout.outside).any(dim=1).nonzero()[:, 0]
        if not len(named):
            return None
        return _Tagged(
            [stretches[row] for row in named.tolist()],
            scores[named],
            path[named],
            batch.lengths[named],
        )

    def _joined(self, parts: Sequence[_Tagged]) -> _Tagged:
        """Several batches as one; what stands after a turn's end means nothing."""
        if len(parts) == 1:
            return parts[0]
        longest = max(part.path.shape[1] for part in parts)
        missing = [longest - part.path.shape[1] for part in parts]
        scores = [pad(part.scores, (0, 0, 0, n)) for part, n in zip(parts, missing, strict=True)]
        outside = self._crf.layout.outside
        paths = [pad(p.path, (0, n), value=outside) for p, n in zip(parts, missing, strict=True)]
        return _Tagged(
            [stretch for part in parts for stretch in part.stretches],
            torch.cat(scores),
            torch.cat(paths),
            torch.cat([part.lengths for part in parts]),
        )
