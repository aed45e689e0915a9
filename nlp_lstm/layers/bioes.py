"""BIOES tags as numbers, and the likeliest spans that their scores tell of, with NumPy.

Decoding is a hundred small sums a turn, and PyTorch takes longer to start one than to compute it.
The transitions are those that `BioesCrf` learns; what is illegal has none at all.

Dimensions: B turns, T words in the longest, L labels, K = 4L + 1 tags, N spans, R turns that name
something.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from nlp_lstm.native.kernels import find_kernels

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

# The score of what cannot be reached; finite, because the gradient of logsumexp over nothing but
# infinities is NaN.
UNREACHABLE = -1e30
# The least that a logarithm is taken of.
TINY = 1e-300

# The names of a `BioesCrf`'s parameters.
TRANSITIONS = (
    *("within", "stay_outside", "from_outside", "to_outside", "leave", "enter", "start", "stop"),
)


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
        turns: Which turn. (N,)
        firsts: First word. (N,)
        lasts: Last word, inclusive. (N,)
        labels: (N,)
        log_marginals: Log-probability of just this span, whatever stands around it. (N,)
        log_taggings: Log-probability of each turn's whole tagging. (B,)
    """

    turns: Numbers
    firsts: Numbers
    lasts: Numbers
    labels: Numbers
    log_marginals: Doubles
    log_taggings: Doubles


class BioesDecoder:
    """Finds the likeliest legal tagging of turns, and how likely each span of it is."""

    def __init__(self, transitions: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Prepare to decode.

        Args:
            transitions: A `BioesCrf`'s parameters, by the names in `TRANSITIONS`.
        """
        given = {name: np.asarray(transitions[name]) for name in TRANSITIONS}
        self._given = [np.ascontiguousarray(part, np.float32) for part in given.values()]
        L = len(given["enter"]) // 2
        self.layout = BioesLayout(L)
        self._within = given["within"]  # (2, 2, L): from I, B; to I, E
        # To B, O and S, from O, and from any S or E once it was left.
        self._from_outside = _around(given["from_outside"], given["stay_outside"])
        self._enter = _around(given["enter"], np.zeros(1, self._within.dtype))
        self._exits = np.stack([given["to_outside"], given["leave"]])  # (2, 2L): from S, E
        self._start, self._stop = given["start"], given["stop"]

    def spans(self, scores: Floats, lengths: Numbers) -> TaggedSpans:
        """The spans of the likeliest taggings, each with its exact marginal.

        Args:
            scores: Tag scores; what stands after a turn's end is ignored. (B, T, K)
            lengths: Words in each turn, each at least 1. (B,)
        """
        kernels = find_kernels(exact=True) if scores.dtype == np.float32 else None
        if kernels is not None:
            B, T, K = scores.shape
            starts = T * np.arange(B)
            return TaggedSpans(
                *kernels.spans(scores.reshape(B * T, K), starts, lengths, self._given)
            )
        reached = self._reached(scores)
        named, finals = self._named(scores, reached, lengths)
        path = np.full(scores.shape[:2], self.layout.outside)
        if len(named):
            path[named] = self._path(reached[:, named], lengths[named], finals[named])
        return self.read(scores, path, lengths)

    def paths(self, scores: Floats, lengths: Numbers) -> Numbers:
        """The likeliest legal tagging of each turn, outside after its end: (B, T)."""
        reached = self._reached(scores)
        path = np.full(scores.shape[:2], self.layout.outside)
        named, finals = self._named(scores, reached, lengths)
        if len(named):
            path[named] = self._path(reached[:, named], lengths[named], finals[named])
        return path

    def read(self, scores: Floats, path: Numbers, lengths: Numbers) -> TaggedSpans:
        """The spans of legal taggings: of each the first word, the last and its marginal.

        Args:
            scores: Tag scores. (R, T, K)
            path: A tagging each, outside after a turn's end. (R, T)
            lengths: Words in each turn, each at least 1. (R,)
        """
        L, outside = self.layout.labels, self.layout.outside
        rows, firsts = np.nonzero((path >= L) & (path <= outside + L) & (path != outside))
        lasts = np.nonzero(path > outside)[1]
        opened = path[rows, firsts]
        labels = np.where(opened < outside, opened - L, opened - outside - 1)
        marginals, taggings = self._log_marginals(scores, path, lengths, rows, firsts, lasts)
        return TaggedSpans(rows, firsts, lasts, labels, marginals, taggings)

    def _reached(self, scores: Floats) -> Floats:
        """The score of the best way to each tag at each word, its own included: (T, B, K)."""
        L, closed = self.layout.labels, self.layout.outside
        B, T, K = scores.shape
        reached = np.full((T, B, K), UNREACHABLE, scores.dtype)
        reached[0, :, L:-L] = scores[:, 0, L:-L] + self._start
        for t in range(1, T):
            before, at, given = reached[t - 1], reached[t], scores[:, t]
            on = before[:, : 2 * L].reshape(B, 2, 1, L) + self._within  # to I, E
            on = np.maximum(on[:, 0], on[:, 1])
            left = (before[:, closed + 1 :][:, None] + self._exits).max(axis=2)  # (B, 2)
            opened = before[:, closed : closed + 1] + self._from_outside  # to B, O, S
            entered = left[:, 1:] + self._enter
            entered[:, L] = left[:, 0]
            np.maximum(opened, entered, out=opened)
            np.add(on[:, 0], given[:, :L], out=at[:, :L])
            np.add(opened, given[:, L:-L], out=at[:, L:-L])
            np.add(on[:, 1], given[:, -L:], out=at[:, -L:])
        return reached

    def _named(self, scores: Floats, reached: Floats, lengths: Numbers) -> tuple[Numbers, Numbers]:
        """Which turns name anything, and the last tag of every turn."""
        outside, L = self.layout.outside, self.layout.labels
        T = len(reached)
        ends = reached[lengths - 1, np.arange(len(lengths)), outside:] + self._stop
        finals = ends.argmax(axis=1) + outside
        # Whoever is outside at the end and came from there word by word has named nothing.
        along = reached[:, :, outside]
        came = (along[:-1] + self._from_outside[L]) + scores[:, 1:, outside].T
        stayed = (came == along[1:]) | (np.arange(1, T)[:, None] >= lengths)
        return np.flatnonzero((finals != outside) | ~stayed.all(axis=0)), finals

    def _path(self, reached: Floats, lengths: Numbers, finals: Numbers) -> Numbers:
        """Follow the best tags back from the last: (R, T)."""
        T, R, _ = reached.shape
        path = np.full((R, T), self.layout.outside)
        tag = finals
        for t in range(T - 1, -1, -1):
            if t < T - 1:
                best = (reached[t] + self._to_from[tag]).argmax(axis=1)
                tag = np.where(t < lengths - 1, best, finals)
            path[:, t] = np.where(t < lengths, tag, self.layout.outside)
        return path

    def _log_marginals(
        self,
        scores: Floats,
        path: Numbers,
        lengths: Numbers,
        rows: Numbers,
        firsts: Numbers,
        lasts: Numbers,
    ) -> tuple[Doubles, Doubles]:
        """Of spans, given by row, first word and last, (N,) each; and of whole taggings, (R,).

        Of a span the first tag is summed over all that may stand before it and the last over all
        that may follow. Sums are of probabilities, with a factor taken out at every word.
        """
        logs = scores.astype(np.float64)
        logs -= logs.max(axis=2, keepdims=True)
        shares = np.exp(logs)
        before, scale_before = self._forwards(shares)
        each = np.arange(len(lengths))
        ends = (before[lengths - 1, each, self.layout.outside :] * np.exp(self._stop)).sum(axis=1)
        partition = _log(ends) + scale_before[lengths - 1, each]
        steps = np.take_along_axis(logs, path[..., None], axis=2)[..., 0]
        steps[:, 1:] += self._to_from[path[:, 1:], path[:, :-1]]
        along = steps.cumsum(axis=1)
        L = self.layout.labels
        finals = path[each, lengths - 1]
        taggings = (
            along[each, lengths - 1]
            + self._start[path[:, 0] - L]
            + self._stop[finals - self.layout.outside]
            - partition
        )
        taggings = np.minimum(taggings, 0.0)
        # Only turns that name something are read backwards too.
        if not len(rows):
            return np.empty(0), taggings
        named, place = np.unique(rows, return_inverse=True)
        after, scale_after = self._backwards(shares[named], lengths[named])
        marginals: Doubles = (
            _log(before[firsts, rows, path[rows, firsts]])
            + scale_before[firsts, rows]
            + (along[rows, lasts] - along[rows, firsts])
            + _log(after[lasts, place, path[rows, lasts]])
            + scale_after[lasts, place]
            - partition[rows]
        )
        return marginals, taggings

    def _forwards(self, shares: Doubles) -> tuple[Doubles, Doubles]:
        """Sums over all ways to each tag, (T, R, K), and the logarithms taken out, (T, R)."""
        L, closed = self.layout.labels, self.layout.outside
        R, T, K = shares.shape
        within, from_outside, enter, exits, start, _ = self._powers
        sums = np.zeros((T, R, K))
        scale = np.empty((T, R))
        sums[0, :, L:-L] = shares[:, 0, L:-L] * start
        for t in range(T):
            at = sums[t]
            if t:
                before = sums[t - 1]
                on = (before[:, : 2 * L].reshape(R, 2, 1, L) * within).sum(axis=1)  # to I, E
                left = before[:, closed + 1 :] @ exits  # (R, 2)
                at[:, :L], at[:, -L:] = on[:, 0], on[:, 1]
                at[:, L:-L] = before[:, closed : closed + 1] * from_outside + left[:, 1:] * enter
                at[:, closed] += left[:, 0]
                at *= shares[:, t]
            total = at.sum(axis=1)
            at /= total[:, None]
            scale[t] = np.log(total)
        return sums, scale.cumsum(axis=0)

    def _backwards(self, shares: Doubles, lengths: Numbers) -> tuple[Doubles, Doubles]:
        """Sums over all ways to go on after each tag, and the logarithms taken out."""
        L, closed = self.layout.labels, self.layout.outside
        R, T, K = shares.shape
        within, from_outside, enter, exits, _, stop = self._powers
        sums = np.zeros((T, R, K))
        scale = np.zeros((T, R))
        sums[:, :, closed:] = stop
        for t in range(T - 2, -1, -1):
            ahead = shares[:, t + 1] * sums[t + 1]
            at = np.empty((R, K))
            on = np.stack([ahead[:, :L], ahead[:, -L:]], axis=1)[:, None]  # I, E
            at[:, :closed] = (on * within).sum(axis=2).reshape(R, closed)  # from I, B
            opening = ahead[:, L:-L]
            at[:, closed] = opening @ from_outside
            to = np.stack([ahead[:, closed], opening @ enter], axis=1)
            at[:, closed + 1 :] = to @ exits.T
            total = at.sum(axis=1)
            goes_on = t < lengths - 1
            sums[t] = np.where(goes_on[:, None], at / total[:, None], sums[t])
            scale[t] = np.where(goes_on, scale[t + 1] + np.log(total), 0)
        return sums, scale

    @cached_property
    def _powers(self) -> tuple[Doubles, Doubles, Doubles, Doubles, Doubles, Doubles]:
        """Exponentials of the transitions; nobody enters O the way B and S are entered."""
        doubles = [
            np.exp(part.astype(np.float64))
            for part in (self._within, self._from_outside, self._enter, self._exits.T)
        ]
        doubles[2][self.layout.labels] = 0
        start, stop = (np.exp(part.astype(np.float64)) for part in (self._start, self._stop))
        return doubles[0], doubles[1], doubles[2], doubles[3], start, stop

    @cached_property
    def _to_from(self) -> Floats:
        """All transitions as one table, row to, column from: (K, K)."""
        L, K, outside = self.layout.labels, self.layout.count, self.layout.outside
        moves = np.full((K, K), UNREACHABLE, self._within.dtype)
        moves[L:-L, outside] = self._from_outside
        moves[L:-L, outside + 1 :] = self._enter[:, None] + self._exits[1]
        moves[outside, outside + 1 :] = self._exits[0]
        each = np.arange(L)
        for row, start in enumerate((0, L)):
            moves[each, start + each] = self._within[row, 0]
            moves[K - L + each, start + each] = self._within[row, 1]
        return moves


def _around(opening: Floats, outside: Floats) -> Floats:
    """Numbers of B and S with that of O between: (2L,) and (1,) → (2L + 1,)."""
    L = len(opening) // 2
    return np.concatenate([opening[:L], outside, opening[L:]])


def _log(shares: Doubles) -> Doubles:
    logs: Doubles = np.log(np.maximum(shares, TINY))
    return logs
