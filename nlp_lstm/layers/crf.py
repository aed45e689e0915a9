"""Linear-chain CRF over BIOES tags that knows which tags may follow which (Lafferty et al. 2001).

With L labels there are 4L + 1 tags, but an inside or end tag follows only its own begin or
inside, and between a closed tag and the next opening one it matters little more than whether
either is outside. So the recursions below cost O(L) a word where a dense CRF costs O(L²), and what
is illegal has no score at all instead of a very low one.

Dimensions: B turns, T words in the longest, L labels, K = 4L + 1 tags.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

# What can no longer be reached; finite, because the gradient of logsumexp over nothing but
# infinities is NaN.
UNREACHABLE = -1e30

Pair = Callable[[Tensor, Tensor], Tensor]
Reduce = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class BioesLayout:
    """Numbers of the BIOES tags of `labels` labels.

    The order is I, B, O, S, E, so that the tags that may open (B, O, S), those that may close
    (O, S, E) and those inside a span (I, B) are each one slice.
    """

    labels: int

    @property
    def count(self) -> int:
        """K, the number of tags."""
        return 4 * self.labels + 1

    @property
    def outside(self) -> int:
        """The tag of a word that names nothing."""
        return 2 * self.labels

    def inside(self, label: int) -> int:
        """The tag I of a label."""
        return label

    def begin(self, label: int) -> int:
        """The tag B of a label."""
        return self.labels + label

    def single(self, label: int) -> int:
        """The tag S of a label."""
        return 2 * self.labels + 1 + label

    def end(self, label: int) -> int:
        """The tag E of a label."""
        return 3 * self.labels + 1 + label


@dataclass(frozen=True, slots=True, eq=False)
class TaggedSpans:
    """The N spans of the likeliest taggings of a batch, turn by turn, in reading order.

    Attributes:
        turns: Which turn. (N,) int64
        firsts: First word. (N,) int64
        lasts: Last word, inclusive. (N,) int64
        labels: (N,) int64
        log_marginals: Log-probability of just this span, whatever stands around it. (N,) float64
    """

    turns: Tensor
    firsts: Tensor
    lasts: Tensor
    labels: Tensor
    log_marginals: Tensor


class BioesCrf(nn.Module):
    """Scores, sums and decodes legal BIOES taggings.

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
        self._table: Tensor | None = None

    def train(self, mode: bool = True) -> "BioesCrf":
        """Switch between learning and decoding; either way the table of transitions is dropped."""
        self._table = None
        return super().train(mode)

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

    def log_partition(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """Log of the summed exponentials of all legal taggings: scores (B, T, K) → (B,)."""
        reached = self._reach(scores, torch.logaddexp, _logsumexp)
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

    def decode(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """The likeliest legal tagging of each turn.

        Only the best values are kept on the way forwards; where the best path came from is worked
        out on the way back, for the one tag that was chosen.

        Args:
            scores: (B, T, K)
            lengths: Words in each turn, each at least 1. (B,) int64

        Returns:
            Tags, outside after each turn's end. (B, T) int64
        """
        reached = self._reach(scores, torch.maximum, _amax)
        B, T, _ = scores.shape
        to_from = self._moves().T.contiguous()
        finals = self._stopped(_at(reached, lengths - 1)).argmax(1) + self.layout.outside
        even = bool((lengths == T).all())
        path = torch.full((B, T), self.layout.outside, device=scores.device)
        path[:, -1] = tag = finals if even else torch.where(lengths == T, finals, path[:, -1])
        for t in range(T - 2, -1, -1):
            tag = (reached[:, t] + to_from[tag]).argmax(1)
            if not even:
                tag = torch.where(lengths - 1 > t, tag, finals)
                tag = torch.where(lengths - 1 < t, self.layout.outside, tag)
            path[:, t] = tag
        return path

    def spans(self, scores: Tensor, path: Tensor, lengths: Tensor) -> TaggedSpans:
        """Read the spans off legal taggings, each with its exact marginal.

        Of a span the first tag is summed over all that may stand before it and the last over all
        that may follow; forwards and backwards run in double precision, because their values grow
        with the turn and only their differences matter.

        Args:
            scores: (B, T, K)
            path: What `decode` found. (B, T) int64
            lengths: (B,) int64
        """
        L, outside = self.layout.labels, self.layout.outside
        firsts = ((path >= L) & (path < 2 * L)) | ((path > outside) & (path <= outside + L))
        turns, starts = firsts.nonzero(as_tuple=True)
        if not len(turns):
            return TaggedSpans(turns, starts, starts, starts, scores.new_zeros(0).double())
        lasts = (path > outside).nonzero(as_tuple=True)[1]
        opened = path[turns, starts]
        labels = torch.where(opened < outside, opened - L, opened - outside - 1)
        involved, places = torch.unique_consecutive(turns, return_inverse=True)
        marginals = self._log_marginals(
            scores[involved].double(), path[involved], lengths[involved], places, starts, lasts
        )
        return TaggedSpans(turns, starts, lasts, labels, marginals)

    def _log_marginals(
        self,
        scores: Tensor,
        path: Tensor,
        lengths: Tensor,
        turns: Tensor,
        firsts: Tensor,
        lasts: Tensor,
    ) -> Tensor:
        before = self._reach(scores, torch.logaddexp, _logsumexp)
        after = self._reach_back(scores, lengths)
        partition = _logsumexp(self._stopped(_at(before, lengths - 1)))[:, 0]
        steps = scores.gather(2, path[..., None])[..., 0]
        steps[:, 1:] += self._moves()[path[:, :-1], path[:, 1:]]
        along = steps.cumsum(1)
        return (
            before[turns, firsts, path[turns, firsts]]
            + (along[turns, lasts] - along[turns, firsts])
            + after[turns, lasts, path[turns, lasts]]
            - partition[turns]
        )

    def _reach(self, scores: Tensor, pair: Pair, reduce: Reduce) -> Tensor:
        """What reaching each tag at each word is worth, its own score included.

        Args:
            scores: (B, T, K)
            pair: Joins two alternatives: `logaddexp` sums over paths, `maximum` picks one.
            reduce: Joins all of the last dimension, and keeps it.

        Returns:
            (B, T, K)
        """
        L, closed = self.layout.labels, self.layout.outside
        never = scores.new_full((len(scores), L), UNREACHABLE)
        at = torch.cat([never, scores[:, 0, L:-L] + self.start, never], dim=1)
        reached = [at]
        from_inside, from_begin = self.within.unbind(0)  # (2, L) each: to I, to E
        for t in range(1, scores.shape[1]):
            inside, begin = (
                at[
                    :,
                    :L,
                ],
                at[:, L:closed],
            )
            on = pair(inside[:, None] + from_inside, begin[:, None] + from_begin)  # (B, 2, L)
            outside, named = at[:, closed : closed + 1], at[:, closed + 1 :]
            opened = pair(outside + self.from_outside, reduce(named + self.leave) + self.enter)
            rest = pair(outside + self.stay_outside, reduce(named + self.to_outside))
            parts = [on[:, 0], opened[:, :L], rest, opened[:, L:], on[:, 1]]
            at = torch.cat(parts, dim=1) + scores[:, t]
            reached.append(at)
        return torch.stack(reached, dim=1)

    def _reach_back(self, scores: Tensor, lengths: Tensor) -> Tensor:
        """Log-sum over all ways to go on after each tag at each word: → (B, T, K)."""
        L, closed = self.layout.labels, self.layout.outside
        B, T, _ = scores.shape
        never = scores.new_full((B, 2 * L), UNREACHABLE)
        stopping = torch.cat([never, self.stop.to(scores).expand(B, -1)], dim=1)
        at = stopping
        left = [at]
        for t in range(T - 2, -1, -1):
            ahead = scores[:, t + 1] + at
            on = torch.stack([ahead[:, :L], ahead[:, closed + L + 1 :]], dim=1)  # I, E
            going = torch.logsumexp(on[:, None] + self.within, dim=2).flatten(1)  # from I, B
            outside = ahead[:, closed : closed + 1]
            opened = torch.cat([ahead[:, L:closed], ahead[:, closed + 1 : closed + L + 1]], dim=1)
            stays = torch.logaddexp(
                outside + self.stay_outside, _logsumexp(opened + self.from_outside)
            )
            leaves = torch.logaddexp(
                outside + self.to_outside, _logsumexp(opened + self.enter) + self.leave
            )
            on_from_here = torch.cat([going, stays, leaves], dim=1)
            at = torch.where((lengths - 1 > t)[:, None], on_from_here, stopping)
            left.append(at)
        return torch.stack(left[::-1], dim=1)

    def _stopped(self, at: Tensor) -> Tensor:
        """The tags that may end a turn, O, S and E, with the price of ending: (B, 2L + 1)."""
        return at[:, self.layout.outside :] + self.stop

    def _moves(self) -> Tensor:
        """All transitions as one table, from row to column; what is illegal is unreachable: (K, K).

        For looking single transitions up; the recursions do without. Kept while nothing learns.
        """
        if self._table is not None:
            return self._table
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
        if not self.training and not torch.is_grad_enabled():
            self._table = moves
        return moves


def _at(reached: Tensor, places: Tensor) -> Tensor:
    """One word of each turn: reached (B, T, K), places (B,) → (B, K)."""
    return reached[torch.arange(len(reached), device=reached.device), places]


def _logsumexp(values: Tensor) -> Tensor:
    return values.logsumexp(dim=1, keepdim=True)


def _amax(values: Tensor) -> Tensor:
    return values.amax(dim=1, keepdim=True)
