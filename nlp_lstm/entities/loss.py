"""What training an entity tagger makes smaller."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nlp_lstm.entities.decode import tag_names
from nlp_lstm.layers.bioes import BioesLayout
from nlp_lstm.layers.crf import BioesCrf


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Which tags may stand at a word, by number.

    The first K numbers are the tags themselves: that one and no other. After them comes one for
    words of which nothing is known, where any tag may stand, and one for each set of kinds that is
    left open where nothing is marked: outside, or any tag of those kinds.

    Attributes:
        tags: (C, K) bool
    """

    tags: Tensor

    @property
    def single(self) -> int:
        """K: smaller numbers are tags."""
        return self.tags.shape[1]

    @property
    def anything(self) -> int:
        """The number of "any tag"."""
        return self.single


def choices_of(labels: Sequence[str], open_kinds: Sequence[frozenset[str]]) -> Choices:
    """The choices of a model.

    Args:
        labels: Its kinds of entities, in the order of their tags.
        open_kinds: Sets of kinds that are left open; set i has the number K + 1 + i.
    """
    layout = BioesLayout(len(labels))
    names = tag_names(labels)
    rows = [torch.eye(layout.count, dtype=torch.bool)]
    rows.append(torch.ones(1, layout.count, dtype=torch.bool))
    for kinds in open_kinds:
        row = [index == layout.outside or name[2:] in kinds for index, name in enumerate(names)]
        rows.append(torch.tensor([row]))
    return Choices(torch.cat(rows))


def tagging_loss(
    crf: BioesCrf,
    scores: Sequence[Tensor],
    chosen: Sequence[Tensor],
    lengths: Sequence[Tensor],
    choices: Choices,
    miss_cost: float = 0.0,
) -> Tensor:
    """Minus the log-probability of all taggings that fit the labels, averaged over the turns.

    Where every word has one tag that is the gold tagging alone; where some are open it is the sum
    over the taggings that go through what each word leaves open. A turn without words counts not.

    Args:
        crf: Of the network that made the scores.
        scores: (B, T, K) a batch.
        chosen: Numbers of `choices`. (B, T) int64 a batch
        lengths: Words in each turn: all 0 or none in a batch. (B,) int64 a batch
        choices: What may stand where.
        miss_cost: How much better than its score "outside" is taken to be at words that belong to
            a span, so that it must be beaten by that much. A tagger that is unsure stays silent;
            this makes it speak (Mohit et al. 2012).

    Returns:
        A scalar.
    """
    losses: list[Tensor] = []
    for score, numbers, length in zip(scores, chosen, lengths, strict=True):
        if not score.shape[1]:
            continue
        given = score.float()
        if miss_cost:
            named = (numbers != crf.layout.outside) & (numbers < choices.single)
            given = given.clone()
            given[..., crf.layout.outside] += miss_cost * named
        if int(numbers.max()) < choices.single:
            losses.append(crf.negative_log_likelihood(given, numbers, length))
        else:
            allowed = choices.tags.to(score.device)[numbers]
            losses.append(crf.negative_log_marginal(given, allowed, length))
    return torch.cat(losses).mean() if losses else scores[0].sum() * 0
