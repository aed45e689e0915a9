"""What training an entity tagger makes smaller."""

from collections.abc import Sequence

import torch
from torch import Tensor

from nlp_lstm.layers.crf import BioesCrf


def tagging_loss(
    crf: BioesCrf, scores: Sequence[Tensor], tags: Sequence[Tensor], lengths: Sequence[Tensor]
) -> Tensor:
    """Minus the log-probability of the gold taggings, averaged over all turns with words.

    Args:
        crf: Of the network that made the scores.
        scores: (B, T, K) a batch.
        tags: Gold taggings. (B, T) int64 a batch
        lengths: Words in each turn: all 0 or none in a batch. (B,) int64 a batch

    Returns:
        A scalar.
    """
    losses = [
        crf.negative_log_likelihood(score.float(), tag, length)
        for score, tag, length in zip(scores, tags, lengths, strict=True)
        if score.shape[1]
    ]
    return torch.cat(losses).mean() if losses else scores[0].sum() * 0
