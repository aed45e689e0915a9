"""Linear-chain CRF over BIOES tags that knows which tags may follow which (Lafferty et al. 2001).

With L labels there are 4L + 1 tags, but an inside or end tag follows only its own begin or
inside, and between a closed tag and the next opening one it matters little more than whether
either is outside. So the recursions below cost O(L) a word where a dense CRF costs O(L²), and what
is illegal has no score at all instead of a very low one.

Dimensions: B turns, T words in the longest, L labels, K = 4L + 1 tags.
"""

import torch
from torch import Tensor, nn

from nlp_lstm.layers.bioes import TRANSITIONS, UNREACHABLE, BioesDecoder, BioesLayout
from nlp_lstm.tensors import as_arrays


class BioesCrf(nn.Module):
    """Scores and sums legal BIOES taggings; its `decoder` finds the likeliest.

    Transition scores: a table of four numbers a label within a span; between spans the sum of
    what leaving one tag and entering the next costs, with separate numbers to and from outside.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.layout = BioesLayout(labels)
        self.within = nn.Parameter(torch.zeros(2, 2, labels))  # from I, B; to I, E
        self.stay_outside = nn.Parameter(torch.zeros(1))
        self.from_outside = nn.Parameter(torch.zeros(2 * labels))  # to B, S
        self.to_outside = nn.Parameter(torch.zeros(2 * labels))  # from S, E
        self.leave = nn.Parameter(torch.zeros(2 * labels))  # S, E before B, S
        self.enter = nn.Parameter(torch.zeros(2 * labels))  # B, S after S, E
        self.start = nn.Parameter(torch.zeros(2 * labels + 1))  # B, O, S
        self.stop = nn.Parameter(torch.zeros(2 * labels + 1))  # O, S, E
        self._decoder: BioesDecoder | None = None

    def train(self, mode: bool = True) -> "BioesCrf":
        """Switch between learning and decoding; either way the decoder is dropped."""
        self._decoder = None
        return super().train(mode)

    def decoder(self) -> BioesDecoder:
        """What decodes with the transitions as they are: made anew where they learn."""
        if self._decoder is not None:
            return self._decoder
        learnt = {name: getattr(self, name) for name in TRANSITIONS}
        decoder = BioesDecoder(as_arrays(learnt))
        if not self.training:
            self._decoder = decoder
        return decoder

    def negative_log_likelihood(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Minus the log-probability of each turn's tagging.

        Args:
            scores: Tag scores; what stands after a turn's end is ignored. (B, T, K)
            tags: A legal tagging a turn, any tag after its end. (B, T) int64
            lengths: Words in each turn, each at least 1. (B,) int64

        Returns:
            (B,)
        """
        return self.log_partition(scores, lengths) - self.log_score(scores, tags, lengths)

    def negative_log_marginal(self, scores: Tensor, allowed: Tensor, lengths: Tensor) -> Tensor:
        """Minus the log-probability that each turn's tagging is one of those that are allowed.

        Args:
            scores: (B, T, K)
            allowed: Which tags may stand at a word; what stands after a turn's end is ignored. Some
                legal tagging must go through them. (B, T, K) bool
            lengths: Words in each turn, each at least 1. (B,) int64

        Returns:
            (B,)
        """
        # Both sums in one recursion: it is the number of steps that costs, not the turns in one.
        both = torch.cat([scores, scores.masked_fill(~allowed, UNREACHABLE)])
        every, fitting = self.log_partition(both, lengths.repeat(2)).chunk(2)
        return every - fitting

    def log_partition(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """Log of the summed exponentials of all legal taggings: scores (B, T, K) → (B,)."""
        reached = self._reach(scores)
        return _logsumexp(self._stopped(_at(reached, lengths - 1)))[:, 0]

    def log_score(self, scores: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Unnormalised log-score of one legal tagging a turn: tags (B, T) → (B,)."""
        T = scores.shape[1]
        inside = torch.arange(T, device=scores.device) < lengths[:, None]
        emitted = scores.gather(2, tags[..., None])[..., 0].masked_fill(~inside, 0).sum(1)
        moved = self._moves()[tags[:, :-1], tags[:, 1:]].masked_fill(~inside[:, 1:], 0).sum(1)
        L = self.layout.labels
        first = self.start[tags[:, 0] - L]
        last = self.stop[tags.gather(1, lengths[:, None] - 1)[:, 0] - self.layout.outside]
        return emitted + moved + first + last

    def _reach(self, scores: Tensor) -> Tensor:
        """Log-sum over all ways to each tag at each word, its own score included: (B, T, K)."""
        L, closed = self.layout.labels, self.layout.outside
        never = scores.new_full((len(scores), L), UNREACHABLE)
        at = torch.cat([never, scores[:, 0, L:-L] + self.start, never], dim=1)
        reached = [at]
        from_inside, from_begin = self.within.unbind(0)  # (2, L) each: to I, to E
        for t in range(1, scores.shape[1]):
            inside, begin = at[:, :L], at[:, L:closed]
            # To I and E: (B, 2, L)
            on = torch.logaddexp(inside[:, None] + from_inside, begin[:, None] + from_begin)
            outside, named = at[:, closed : closed + 1], at[:, closed + 1 :]
            opened = torch.logaddexp(
                outside + self.from_outside, _logsumexp(named + self.leave) + self.enter
            )
            rest = torch.logaddexp(outside + self.stay_outside, _logsumexp(named + self.to_outside))
            parts = [on[:, 0], opened[:, :L], rest, opened[:, L:], on[:, 1]]
            at = torch.cat(parts, dim=1) + scores[:, t]
            reached.append(at)
        return torch.stack(reached, dim=1)

    def _stopped(self, at: Tensor) -> Tensor:
        """The tags that may end a turn, O, S and E, with the price of ending: (B, 2L + 1)."""
        return at[:, self.layout.outside :] + self.stop

    def _moves(self) -> Tensor:
        """All transitions as one table, from row to column; what is illegal is unreachable: (K, K).

        For looking single transitions up; the recursion does without.
        """
        L, K, outside = self.layout.labels, self.layout.count, self.layout.outside
        moves = self.within.new_full((K, K), UNREACHABLE)
        label = torch.arange(L, device=moves.device)
        opening = torch.cat([label + L, label + outside + 1])  # B, S
        closing = torch.cat([label + outside + 1, label + outside + 1 + L])  # S, E
        moves[closing[:, None], opening] = self.leave[:, None] + self.enter
        moves[outside, opening] = self.from_outside
        moves[closing, outside] = self.to_outside
        moves[outside, outside] = self.stay_outside[0]
        for row, start in enumerate((label, label + L)):
            moves[start, label] = self.within[row, 0]
            moves[start, label + outside + 1 + L] = self.within[row, 1]
        return moves


def _at(reached: Tensor, places: Tensor) -> Tensor:
    """One word of each turn: reached (B, T, K), places (B,) → (B, K)."""
    return reached[torch.arange(len(reached), device=reached.device), places]


def _logsumexp(values: Tensor) -> Tensor:
    return values.logsumexp(dim=1, keepdim=True)
