"""A sentiment model's heads fitted again, to conversations of somebody else's."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from corpora.labels import LabelledConversation
from nlp_lstm.scoring.calibration import fit_platt, fit_temperature
from nlp_lstm.sentiment.component import SentimentTagger
from nlp_lstm.sentiment.config import THREE_WAY
from nlp_lstm.sentiment.decode import HeadCalibration, label_probabilities
from nlp_lstm.sentiment.fitting import fit_frustration
from nlp_lstm.sentiment.judging import dev_logits, emotion_rows, sentiment_rows
from nlp_lstm.sentiment.loss import UNLABELLED


def fitted_heads(
    tagger: SentimentTagger, corpus: str, gold: Sequence[LabelledConversation]
) -> dict[str, Any]:
    """The heads that the labels of a corpus can fit, as `calibration.json` has them.

    Args:
        tagger: The model.
        corpus: Its emotions fit the head of that name, its classes the three-way head.
        gold: Conversations that the model did not learn from.
    """
    logits = dev_logits(tagger, gold)
    heads: dict[str, HeadCalibration] = {}
    parts: dict[str, Any] = {}
    classes = torch.tensor(sentiment_rows(gold))
    if bool((classes != UNLABELLED).any()):
        heads[THREE_WAY] = _single(tagger.calibration[THREE_WAY], logits[THREE_WAY], classes)
    if corpus in tagger.schemes:
        scheme = tagger.schemes[corpus]
        rows = emotion_rows(gold, scheme)
        old = tagger.calibration[corpus]
        if scheme.several:
            heads[corpus] = _several(old, logits[corpus], rows)
        else:
            targets = torch.tensor([row[0] if row else UNLABELLED for row in rows])
            heads[corpus] = _single(old, logits[corpus], targets)
        shares = label_probabilities(logits[corpus], scheme, heads[corpus])
        frustration = tagger.frustration and fit_frustration(shares, rows, scheme)
        if frustration and tagger.frustration and tagger.frustration.scheme == corpus:
            # It is made of that head's probabilities, which are others now.
            parts["frustration"] = frustration.model_dump(mode="json")
    return {**{name: head.model_dump(mode="json") for name, head in heads.items()}, **parts}


def _single(old: HeadCalibration, logits: Tensor, targets: Tensor) -> HeadCalibration:
    """A temperature after the old one: logits (M, L), targets (M,) with -1 where nobody said."""
    known = targets != UNLABELLED
    temperature = fit_temperature(_calibrated(old, logits)[known], targets[known])
    return old.model_copy(update={"temperature": old.temperature * temperature})


def _several(
    old: HeadCalibration, logits: Tensor, rows: Sequence[Sequence[int]]
) -> HeadCalibration:
    """Slope and offset after the old ones: logits (M, L), the right labels of each turn."""
    gold = torch.zeros(logits.shape, dtype=torch.bool)
    for index, row in enumerate(rows):
        gold[index, list(row)] = True
    known = gold.any(dim=1)
    slope, offset = fit_platt(_calibrated(old, logits)[known].flatten(), gold[known].flatten())
    # slope * (x - bias) / T + offset, written as (x - bias') / T'.
    temperature = old.temperature / slope
    held = old.bias or (0.0,) * logits.shape[1]
    bias = tuple(one - offset * temperature for one in held)
    return old.model_copy(update={"temperature": temperature, "bias": bias})


def _calibrated(old: HeadCalibration, logits: Tensor) -> Tensor:
    bias = logits.new_tensor(old.bias) if old.bias else 0.0
    # A copy: what inference made cannot be differentiated through.
    return ((logits - bias) / old.temperature).clone()
