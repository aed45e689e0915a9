"""Pooling, attention and GELU by the compiled kernels against NumPy, in each version."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_lstm.native.kernels import GELU, Doubles, Floats, Kernels, Numbers
from tests.nlp_lstm.native.versions import VERSIONS, version_here

SEEDS = st.integers(0, 2**32 - 1)
LAW = settings(max_examples=40)


@pytest.fixture(scope="module", params=VERSIONS)
def kernels(request: pytest.FixtureRequest) -> Kernels:
    return version_here(request.param)


def normal(random: np.random.Generator, *shape: int) -> Floats:
    return random.standard_normal(shape, np.float32)


class Turns:
    """Turns in any order with places between them that no turn has, where nothing is a number."""

    def __init__(self, random: np.random.Generator, lengths: Sequence[int]) -> None:
        gaps = random.integers(0, 3, len(lengths))
        order = random.permutation(len(lengths))
        own = np.asarray(lengths, np.int64)
        ends = (own + gaps).cumsum()
        self.starts: Numbers = (ends - own)[order]
        self.lengths: Numbers = own[order]
        self.words = int(ends[-1]) if len(ends) else 0
        inside = np.zeros(self.words, bool)
        for turn in self.each():
            inside[turn] = True
        self._outside = np.flatnonzero(~inside)

    def each(self) -> list[slice]:
        """The words of each turn."""
        return [slice(a, a + n) for a, n in zip(self.starts, self.lengths, strict=True)]

    def only(self, rows: Floats) -> Floats:
        """Rows of words without what stands between turns: (words, …)."""
        left = rows.copy()
        left[self._outside] = np.nan
        return left


def some_turns(random: np.random.Generator, count: int, longest: int = 9) -> Turns:
    lengths = random.integers(1, longest + 1, count)
    lengths[::5] = 1
    return Turns(random, lengths.tolist())


# Pooling


@LAW
@given(
    width=st.integers(1, 100),
    count=st.integers(0, 12),
    longest=st.sampled_from([9, 60]),
    seed=SEEDS,
)
def test_the_largest_and_the_mean_are_numpys_whatever_the_width(
    kernels: Kernels, width: int, count: int, longest: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    turns = some_turns(random, count, longest)
    states = turns.only(normal(random, turns.words, width))

    largest, means = kernels.pool(states, turns.starts, turns.lengths)

    assert largest.shape == means.shape == (count, width)
    for b, own in enumerate(turns.each()):
        assert np.array_equal(largest[b], states[own].max(axis=0))
        expected = states[own].astype(np.float64).mean(axis=0)
        np.testing.assert_allclose(means[b], expected, rtol=0, atol=1e-6)


def test_the_largest_of_negative_numbers_is_negative(kernels: Kernels) -> None:
    states = -1 - normal(np.random.default_rng(1), 12, 37) ** 2

    largest, _ = kernels.pool(states, np.array([0, 3]), np.array([3, 9]))

    assert (largest < 0).all()


@pytest.mark.parametrize("width", [1, 16, 37])
def test_one_word_is_its_own_largest_and_mean(kernels: Kernels, width: int) -> None:
    states = normal(np.random.default_rng(2), 5, width)

    largest, means = kernels.pool(states, np.array([4, 0]), np.array([1, 1]))

    assert np.array_equal(largest, states[[4, 0]])
    assert np.array_equal(means, states[[4, 0]])


def test_a_turn_alone_is_pooled_as_among_others(kernels: Kernels) -> None:
    random = np.random.default_rng(3)
    turns = some_turns(random, 40, longest=31)
    states = normal(random, turns.words, 53)

    largest, means = kernels.pool(states, turns.starts, turns.lengths)

    for b, own in enumerate(turns.each()):
        alone = kernels.pool(states[own], np.array([0]), turns.lengths[b : b + 1])
        assert np.array_equal(alone[0][0], largest[b])
        assert np.array_equal(alone[1][0], means[b])


# Attention


class Asked:
    """Askers of some questions each, as NumPy has them."""

    def __init__(
        self, random: np.random.Generator, *, askers: int, each: int, keys: int, found: int
    ) -> None:
        self.queries = normal(random, askers * each, keys)
        self.base = normal(random, askers, found)
        self.each = each

    def of(self, kernels: Kernels, keys: Floats, values: Sequence[Floats], turns: Turns) -> Floats:
        """What the kernels find: (B, S, X)."""
        questions = kernels.questions(self.queries)
        return kernels.attend(questions, self.base, keys, values, turns.starts, turns.lengths)

    def expected(self, keys: Floats, values: Sequence[Floats]) -> Doubles:
        """What is found in one turn: keys (T, K), values Q of (T, X) → (S, X)."""
        scores = self.queries.astype(np.float64) @ keys.T
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = powers / powers.sum(axis=1, keepdims=True)
        sums: Doubles = self.base.astype(np.float64)
        for question, said in enumerate(values):
            sums += shares[question :: self.each] @ said
        return sums


@LAW
@given(
    askers=st.integers(1, 20),
    each=st.integers(1, 4),
    key_width=st.integers(1, 40),
    found=st.integers(1, 150),
    count=st.integers(0, 6),
    seed=SEEDS,
)
def test_what_askers_find_is_numpys_whatever_the_widths(
    kernels: Kernels, askers: int, each: int, key_width: int, found: int, count: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    turns = some_turns(random, count)
    asked = Asked(random, askers=askers, each=each, keys=key_width, found=found)
    keys = turns.only(normal(random, turns.words, key_width))
    values = [turns.only(normal(random, turns.words, found)) for _ in range(each)]

    out = asked.of(kernels, keys, values, turns)

    assert out.shape == (count, askers, found)
    for b, own in enumerate(turns.each()):
        expected = asked.expected(keys[own], [said[own] for said in values])
        np.testing.assert_allclose(out[b], expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("askers", "each", "found"),
    [
        pytest.param(60, 1, 100, id="many askers of one question"),
        pytest.param(30, 2, 96, id="two questions each, whole vectors"),
        pytest.param(70, 2, 50, id="more questions than two groups of vectors"),
        pytest.param(7, 3, 65, id="one column beyond four vectors of the widest"),
        pytest.param(1, 1, 200, id="one question, as a pooled turn has it"),
    ],
)
def test_many_words_are_attended_to_in_groups_of_every_size(
    kernels: Kernels, askers: int, each: int, found: int
) -> None:
    random = np.random.default_rng(askers)
    turns = Turns(random, [29, 1, 30, 28])
    asked = Asked(random, askers=askers, each=each, keys=48, found=found)
    keys = turns.only(normal(random, turns.words, 48))
    values = [turns.only(normal(random, turns.words, found)) for _ in range(each)]

    out = asked.of(kernels, keys, values, turns)

    for b, own in enumerate(turns.each()):
        expected = asked.expected(keys[own], [said[own] for said in values])
        np.testing.assert_allclose(out[b], expected, rtol=0, atol=1e-4)


def test_in_one_word_everything_is_found(kernels: Kernels) -> None:
    random = np.random.default_rng(4)
    turns = Turns(random, [1, 1])
    asked = Asked(random, askers=9, each=2, keys=5, found=21)
    keys = normal(random, turns.words, 5)
    values = [normal(random, turns.words, 21) for _ in range(2)]

    out = asked.of(kernels, keys, values, turns)

    said = values[0] + values[1]
    expected = asked.base + said[turns.starts][:, None]
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-6)


def test_scores_of_hundreds_do_not_overflow(kernels: Kernels) -> None:
    random = np.random.default_rng(5)
    turns = Turns(random, [2, 7, 29])
    asked = Asked(random, askers=11, each=2, keys=3, found=35)
    # Whole numbers, whose sums are exact: scores between -200 and 200, some of them equal.
    asked.queries = random.choice([-200, -199, -85, 0, 85, 198, 200], (22, 3)).astype(np.float32)
    keys = np.zeros((turns.words, 3), np.float32)
    keys[np.arange(turns.words), random.integers(0, 3, turns.words)] = 1
    keys *= random.choice([-1, 1], (turns.words, 1))
    values = [normal(random, turns.words, 35) for _ in range(2)]

    out = asked.of(kernels, keys, values, turns)

    for b, own in enumerate(turns.each()):
        expected = asked.expected(keys[own], [said[own] for said in values])
        np.testing.assert_allclose(out[b], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("askers", "each", "found"), [(30, 2, 100), (1, 1, 37), (13, 1, 128)])
def test_a_turn_alone_is_attended_to_as_among_others(
    kernels: Kernels, askers: int, each: int, found: int
) -> None:
    random = np.random.default_rng(found)
    turns = some_turns(random, 30, longest=31)
    asked = Asked(random, askers=askers, each=each, keys=19, found=found)
    keys = normal(random, turns.words, 19)
    values = [normal(random, turns.words, found) for _ in range(each)]

    together = asked.of(kernels, keys, values, turns)

    for b, own in enumerate(turns.each()):
        alone = kernels.attend(
            kernels.questions(asked.queries),
            asked.base,
            keys[own],
            [said[own] for said in values],
            np.array([0]),
            turns.lengths[b : b + 1],
        )
        assert np.array_equal(alone[0], together[b])


def test_questions_are_filled_up_to_whole_vectors(kernels: Kernels) -> None:
    queries = normal(np.random.default_rng(6), kernels.lanes + 1, 5)

    questions = kernels.questions(queries)

    assert questions.shape == (5, 2 * kernels.lanes)
    assert np.array_equal(questions[:, : kernels.lanes + 1], queries.T)
    assert not questions[:, kernels.lanes + 1 :].any()


# GELU


def gelu(sums: Floats) -> list[float]:
    return [x * 0.5 * math.erfc(-x / math.sqrt(2)) for x in sums.astype(float).tolist()]


def activated(kernels: Kernels, sums: Floats) -> Floats:
    """GELU of sums (N,), as what a product begins with."""
    nothing = kernels.pack(np.zeros((len(sums), 1), np.float32))
    one = np.ones((1, 1), np.float32)
    found: Floats = kernels.linear(one, nothing, sums[None], activation=GELU)[0]
    return found


def test_gelu_is_within_a_millionth_of_the_error_functions(kernels: Kernels) -> None:
    sums = np.linspace(-10, 10, 20_001, dtype=np.float32)

    np.testing.assert_allclose(activated(kernels, sums), gelu(sums), rtol=0, atol=1e-6)


def test_gelu_holds_whatever_the_sums(kernels: Kernels) -> None:
    sums = np.array([-1e30, -1e4, -40, -13, 0, 1e-30, 13, 40, 1e4, 1e30], np.float32)

    np.testing.assert_allclose(activated(kernels, sums), gelu(sums), rtol=1e-6, atol=1e-12)


def test_gelu_is_that_of_a_products_sums(kernels: Kernels) -> None:
    random = np.random.default_rng(7)
    rows, base = normal(random, 13, 20), normal(random, 1, 37)
    matrix = kernels.pack(normal(random, 37, 20) / np.float32(4))

    found = kernels.linear(rows, matrix, base, activation=GELU)

    sums = kernels.linear(rows, matrix, base)
    expected = np.array([gelu(row) for row in sums])
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)
