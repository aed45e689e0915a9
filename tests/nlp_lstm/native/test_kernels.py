"""The compiled kernels against NumPy and PyTorch, each version that this processor runs."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nlp_lstm.layers import bioes
from nlp_lstm.layers.bioes import TRANSITIONS, BioesDecoder, TaggedSpans
from nlp_lstm.native import kernels as finding
from nlp_lstm.native.kernels import (
    NOTHING,
    RELU,
    TANH,
    Doubles,
    Floats,
    Kernels,
    Numbers,
    Packed,
    find_kernels,
)
from nlp_lstm.native.precision import set_precision
from tests.nlp_lstm.native.versions import VERSIONS, as_read, version_here

SEEDS = st.integers(0, 2**32 - 1)
LAW = settings(max_examples=60)


@pytest.fixture(scope="module", params=VERSIONS)
def kernels(request: pytest.FixtureRequest) -> Kernels:
    return version_here(request.param)


@pytest.fixture
def _found_anew() -> Iterator[None]:
    _forget()
    yield
    _forget()


def _forget() -> None:
    finding._library.cache_clear()
    finding._kernels.cache_clear()


def normal(random: np.random.Generator, *shape: int) -> Floats:
    return random.standard_normal(shape, np.float32)


def activated(sums: Doubles, activation: int) -> Doubles:
    positive: Doubles = np.maximum(sums, 0)
    return {NOTHING: sums, RELU: positive, TANH: np.tanh(sums)}[activation]


# Products


@LAW
@given(
    rows=st.integers(0, 110),
    inputs=st.integers(1, 70),
    outputs=st.integers(1, 150),
    activation=st.sampled_from([NOTHING, RELU, TANH]),
    has_places=st.booleans(),
    seed=SEEDS,
)
def test_a_product_is_numpys(
    kernels: Kernels,
    rows: int,
    inputs: int,
    outputs: int,
    activation: int,
    has_places: bool,
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    given, matrix = normal(random, rows, inputs), normal(random, outputs, inputs) / inputs**0.5
    base = normal(random, 5 if has_places else 1, outputs)
    places = random.integers(0, 5, rows) if has_places else None

    found = kernels.linear(given, kernels.pack(matrix), base, places, activation)

    sums = as_read(kernels, given).astype(np.float64) @ as_read(kernels, matrix).T
    sums += base[0] if places is None else base[places]
    np.testing.assert_allclose(found, activated(sums, activation), rtol=0, atol=1e-5)


@pytest.mark.parametrize("outputs", [1, 37, 64, 130])
def test_a_row_alone_has_the_numbers_that_it_has_among_others(
    kernels: Kernels, outputs: int
) -> None:
    random = np.random.default_rng(outputs)
    rows, base = normal(random, 101, 45), normal(random, 101, outputs)
    matrix = kernels.pack(normal(random, outputs, 45))
    places = np.arange(101)

    for count in (2, 3, 5, 7, 48, 53, 101):
        together = kernels.linear(rows[:count], matrix, base, places[:count], TANH)
        for n in range(count):
            alone = kernels.linear(rows[n : n + 1], matrix, base, places[n : n + 1], TANH)
            assert np.array_equal(together[n], alone[0]), (count, n)


def test_activations_hold_whatever_the_sums(kernels: Kernels) -> None:
    sums = np.array([[-1e30, -1e4, -20, -1e-3, 0, 1e-3, 20, 1e4, 1e30]], np.float32)
    nothing = kernels.pack(np.zeros((sums.shape[1], 1), np.float32))
    one = np.ones((1, 1), np.float32)

    for activation in (NOTHING, RELU, TANH):
        found = kernels.linear(one, nothing, sums, activation=activation)
        expected = activated(sums.astype(np.float64), activation)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=2e-7)


def test_numbers_of_another_type_are_turned_into_what_is_read(kernels: Kernels) -> None:
    random = np.random.default_rng(1)
    rows, matrix, base = normal(random, 8, 6), normal(random, 10, 6), normal(random, 3, 10)
    places = np.array([0, 2, 1, 0, 2, 2, 1, 0])

    expected = kernels.linear(rows, kernels.pack(matrix), base, places)
    found = kernels.linear(
        rows.astype(np.float64),
        kernels.pack(np.asfortranarray(matrix)),
        np.repeat(base, 2, axis=0)[::2],
        places.astype(np.int32),
    )

    assert np.array_equal(found, expected)


def test_widths_that_do_not_belong_together_are_refused(kernels: Kernels) -> None:
    matrix = kernels.pack(np.zeros((4, 3), np.float32))

    with pytest.raises(ValueError, match=r"\(2, 5\) and \(1, 4\) for \(4, 3\)"):
        kernels.linear(np.zeros((2, 5), np.float32), matrix, np.zeros((1, 4), np.float32))


# LSTMs


class Judged:
    """An LSTM of PyTorch's, and the same as the kernels have it."""

    def __init__(self, kernels: Kernels, inputs: int, width: int) -> None:
        torch.manual_seed(width)
        self.torch = nn.LSTM(inputs, width, batch_first=True)
        self.kernels = kernels
        self.width = width
        order = kernels.gate_order(width)
        weights = {name: value.detach().numpy() for name, value in self.torch.named_parameters()}
        self._inputs = weights["weight_ih_l0"][order]
        self._bias = (weights["bias_ih_l0"] + weights["bias_hh_l0"])[order][None]
        self.recurrent: Packed = kernels.pack(weights["weight_hh_l0"][order])

    def table(self, rows: Floats, columns: slice) -> Floats:
        """What some columns of rows give to the gates; the first ones bring the bias."""
        matrix = self.kernels.pack(self._inputs[:, columns])
        bias = np.zeros_like(self._bias) if columns.start else self._bias
        return self.kernels.linear(rows[:, columns], matrix, bias)

    def read(
        self,
        parts: Sequence[tuple[Floats, Numbers]],
        starts: Numbers,
        lengths: Numbers,
        *,
        backwards: bool,
    ) -> Floats:
        out = np.zeros((len(parts[0][1]), self.width), np.float32)
        self.kernels.lstm(self.recurrent, parts, starts, lengths, out, backwards=backwards)
        return out

    @torch.inference_mode()
    def expected(self, turn: Floats, *, backwards: bool) -> Floats:
        given = torch.from_numpy((turn[::-1] if backwards else turn).copy())
        states: Floats = self.torch(given[None])[0][0].numpy()
        return states[::-1] if backwards else states


def some_turns(random: np.random.Generator, count: int) -> tuple[Numbers, Numbers, int]:
    """Ragged turns in any order with tokens of no turn between them: starts, lengths, tokens."""
    lengths = random.integers(1, 9, count)
    lengths[::7] = 1
    gaps = random.integers(0, 3, count)
    ends = (lengths + gaps).cumsum()
    shuffled = random.permutation(count)
    return (ends - lengths)[shuffled], lengths[shuffled], int(ends[-1])


def close(kernels: Kernels) -> float:
    """How far states may be from PyTorch's."""
    return 0.02 if kernels.version == "half" else 1e-5


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("count", [1, 2, 5, 40, 131])
def test_states_are_those_of_torchs_lstm(kernels: Kernels, count: int, backwards: bool) -> None:
    random = np.random.default_rng(count)
    lstm = Judged(kernels, inputs=11, width=3 * kernels.lanes)
    starts, lengths, tokens = some_turns(random, count)
    rows = normal(random, 20, 11)
    places = random.integers(0, 20, tokens)

    states = lstm.read(
        [(lstm.table(rows, slice(0, None)), places)], starts, lengths, backwards=backwards
    )

    written = np.zeros(tokens, bool)
    for start, length in zip(starts, lengths, strict=True):
        own = slice(start, start + length)
        expected = lstm.expected(rows[places[own]], backwards=backwards)
        np.testing.assert_allclose(states[own], expected, rtol=0, atol=close(kernels))
        written[own] = True
    assert not states[~written].any()


@pytest.mark.parametrize("backwards", [False, True])
def test_a_turn_alone_has_the_states_that_it_has_among_others(
    kernels: Kernels, backwards: bool
) -> None:
    random = np.random.default_rng(3)
    lstm = Judged(kernels, inputs=11, width=2 * kernels.lanes)
    starts, lengths, tokens = some_turns(random, 131)
    rows = normal(random, 20, 11)
    places = random.integers(0, 20, tokens)
    tables = lstm.table(rows, slice(0, None))

    together = lstm.read([(tables, places)], starts, lengths, backwards=backwards)

    for start, length in zip(starts, lengths, strict=True):
        own = slice(start, start + length)
        alone = lstm.read(
            [(lstm.table(rows[places[own]], slice(0, None)), np.arange(length))],
            np.array([0]),
            np.array([length]),
            backwards=backwards,
        )
        assert np.array_equal(together[own], alone)


def test_what_parts_of_tokens_give_is_summed(kernels: Kernels) -> None:
    random = np.random.default_rng(4)
    lstm = Judged(kernels, inputs=11, width=kernels.lanes)
    starts, lengths, tokens = some_turns(random, 13)
    words, roles, kinds = normal(random, 20, 11), normal(random, 3, 11), normal(random, 2, 11)
    of_words, of_roles, of_kinds = (random.integers(0, n, tokens) for n in (20, 3, 2))
    first, second, third = slice(0, 5), slice(5, 8), slice(8, 11)
    whole = np.concatenate(
        [words[of_words, first], roles[of_roles, second], kinds[of_kinds, third]], axis=1
    )

    states = lstm.read(
        [
            (lstm.table(words, first), of_words),
            (lstm.table(roles, second), of_roles),
            (lstm.table(kinds, third), of_kinds),
        ],
        starts,
        lengths,
        backwards=False,
    )

    for start, length in zip(starts, lengths, strict=True):
        own = slice(start, start + length)
        expected = lstm.expected(whole[own], backwards=False)
        np.testing.assert_allclose(states[own], expected, rtol=0, atol=close(kernels))


@pytest.mark.parametrize("backwards", [False, True])
def test_reading_goes_on_from_a_state(kernels: Kernels, backwards: bool) -> None:
    random = np.random.default_rng(5)
    H = 2 * kernels.lanes
    lstm = Judged(kernels, inputs=11, width=H)
    turns = [normal(random, length, 11) for length in (6, 2, 9)]
    lengths = np.array([len(turn) for turn in turns])
    tables = lstm.table(np.concatenate(turns), slice(0, None))
    starts, places = lengths.cumsum() - lengths, np.arange(lengths.sum())
    cut = np.array([4, 1, 8])

    def read(starts: Numbers, lengths: Numbers, state: Floats | None = None) -> Floats:
        out = np.zeros((len(places), H), np.float32)
        return kernels.lstm(
            *(lstm.recurrent, [(tables, places)], starts, lengths, out),
            state=state,
            backwards=backwards,
        )

    at_once = read(starts, lengths)
    if backwards:
        in_two = read(starts, cut, read(starts + cut, lengths - cut))
    else:
        in_two = read(starts + cut, lengths - cut, read(starts, cut))

    assert np.array_equal(in_two, at_once)
    for n, turn in enumerate(turns):
        given = torch.from_numpy((turn[::-1] if backwards else turn).copy())[None]
        with torch.inference_mode():
            hidden, cell = lstm.torch(given)[1]
        np.testing.assert_allclose(at_once[0, n], hidden[0, 0], rtol=0, atol=close(kernels))
        np.testing.assert_allclose(at_once[1, n], cell[0, 0], rtol=0, atol=2 * close(kernels))


def test_states_are_written_into_their_part_of_a_row_alone(kernels: Kernels) -> None:
    H = kernels.lanes
    lstm = Judged(kernels, inputs=4, width=H)
    rows = normal(np.random.default_rng(6), 5, 4)
    tables = lstm.table(rows, slice(0, None))
    wide = np.full((5, 3 * H), 7, np.float32)

    kernels.lstm(
        *(lstm.recurrent, [(tables, np.arange(5))], np.array([1]), np.array([3]), wide), column=H
    )

    assert (wide[:, :H] == 7).all()
    assert (wide[:, 2 * H :] == 7).all()
    assert (wide[[0, 4]] == 7).all()
    expected = lstm.expected(rows[1:4], backwards=False)
    np.testing.assert_allclose(wide[1:4, H : 2 * H], expected, rtol=0, atol=close(kernels))


def test_gates_beyond_all_measure_give_states_between_minus_one_and_one(kernels: Kernels) -> None:
    H = kernels.lanes
    recurrent = kernels.pack(np.zeros((4 * H, H), np.float32))
    corners = np.array(np.meshgrid(*[[-1e30, -100, 100, 1e30]] * 4)).reshape(4, -1).T
    tables = np.repeat(corners, H, axis=1).astype(np.float32)  # a row a corner: (256, 4H)
    out = np.empty((len(tables) * 3, H), np.float32)
    places = np.repeat(np.arange(len(tables)), 3)

    kernels.lstm(
        recurrent, [(tables, places)], 3 * np.arange(len(tables)), np.full(len(tables), 3), out
    )

    given, kept, new, shown = (corners > 0).T
    cell = np.zeros(len(corners))
    for t in range(3):
        cell = kept * cell + given * np.where(new, 1, -1)
        expected = shown * np.tanh(cell)
        np.testing.assert_allclose(out[t::3, 0], expected, rtol=0, atol=1e-5)


def test_no_turn_is_no_work(kernels: Kernels) -> None:
    lstm = Judged(kernels, inputs=4, width=kernels.lanes)
    none = np.zeros(0, np.int64)
    tables = lstm.table(np.zeros((1, 4), np.float32), slice(0, None))

    assert lstm.read([(tables, none)], none, none, backwards=False).shape == (0, lstm.width)


# Spans


def some_transitions(random: np.random.Generator, labels: int) -> dict[str, Floats]:
    L = labels
    shapes = ((2, 2, L), (1,), (2 * L,), (2 * L,), (2 * L,), (2 * L,), (2 * L + 1,), (2 * L + 1,))
    return {name: normal(random, *shape) for name, shape in zip(TRANSITIONS, shapes, strict=True)}


def decoded(
    decoder: BioesDecoder, scores: Floats, lengths: Numbers, kernels: Kernels | None
) -> TaggedSpans:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bioes, "find_kernels", lambda *, exact: kernels)
        return decoder.spans(scores, lengths)


def named(spans: TaggedSpans) -> list[tuple[int, ...]]:
    columns = (spans.turns, spans.firsts, spans.lasts, spans.labels)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def assert_same_spans(found: TaggedSpans, expected: TaggedSpans) -> None:
    assert named(found) == named(expected)
    np.testing.assert_allclose(found.log_marginals, expected.log_marginals, rtol=0, atol=1e-4)
    np.testing.assert_allclose(found.log_taggings, expected.log_taggings, rtol=0, atol=1e-4)


@pytest.mark.parametrize("labels", [1, 3, 17, 62])
@pytest.mark.parametrize("scale", [0.1, 1, 5, 30, 100])
def test_spans_are_those_of_numpy(kernels: Kernels, labels: int, scale: float) -> None:
    random = np.random.default_rng(labels)
    decoder = BioesDecoder(some_transitions(random, labels))
    scores = normal(random, 40, 15, 4 * labels + 1) * np.float32(scale)
    lengths = random.integers(1, 16, 40)
    lengths[:3] = 1, 2, 15
    after = np.arange(15) >= lengths[:, None]
    junk = scores.copy()
    junk[after] = np.nan

    found = decoded(decoder, junk, lengths, kernels)

    assert len(found.turns) > 10
    assert (found.log_taggings <= 0).all()
    assert_same_spans(found, decoded(decoder, scores, lengths, None))


@LAW
@given(
    labels=st.integers(1, 6),
    longest=st.integers(1, 7),
    turns=st.integers(1, 5),
    seed=SEEDS,
)
def test_of_taggings_that_are_equally_likely_both_take_the_same(
    kernels: Kernels, labels: int, longest: int, turns: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    whole = {name: np.rint(part) for name, part in some_transitions(random, labels).items()}
    decoder = BioesDecoder(whole)
    scores = random.integers(-3, 4, (turns, longest, 4 * labels + 1)).astype(np.float32)
    lengths = random.integers(1, longest + 1, turns)

    assert_same_spans(
        decoded(decoder, scores, lengths, kernels), decoded(decoder, scores, lengths, None)
    )


def test_a_span_may_win_whose_beginning_was_hopeless(kernels: Kernels) -> None:
    transitions = some_transitions(np.random.default_rng(7), 2)
    decoder = BioesDecoder({name: 0 * part for name, part in transitions.items()})
    layout = decoder.layout
    scores = np.full((1, 8, layout.count), -500, np.float32)
    path = [layout.begin(1), *[layout.inside(1)] * 6, layout.end(1)]
    for t, tag in enumerate(path):  # after four words the span is e^-480 of what is outside
        scores[0, t, tag] = -60 if t < 4 else 60.1
        scores[0, t, layout.outside] = 60 if t < 4 else -60

    found = decoded(decoder, scores, np.array([8]), kernels)

    assert named(found) == [(0, 0, 7, 1)]
    assert_same_spans(found, decoded(decoder, scores, np.array([8]), None))


def test_scores_beyond_all_measure_still_give_numbers(kernels: Kernels) -> None:
    random = np.random.default_rng(8)
    decoder = BioesDecoder(some_transitions(random, 3))

    found = decoded(decoder, normal(random, 50, 9, 13) * 1e4, np.full(50, 9), kernels)

    assert np.isfinite(found.log_marginals).all()
    assert np.isfinite(found.log_taggings).all()


def test_a_blank_turn_has_no_spans_and_one_tagging(kernels: Kernels) -> None:
    random = np.random.default_rng(9)
    transitions = list(some_transitions(random, 3).values())
    scores = normal(random, 30, 13)
    starts, lengths = np.array([0, 7, 7, 20, 30]), np.array([7, 0, 13, 10, 0])
    spoken = lengths > 0

    *found, marginals, taggings = kernels.spans(scores, starts, lengths, transitions)
    *expected, of_spoken, taggings_of_spoken = kernels.spans(
        scores, starts[spoken], lengths[spoken], transitions
    )

    assert found[0].tolist() == np.flatnonzero(spoken)[expected[0]].tolist()
    for one, other in zip(found[1:], expected[1:], strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(marginals, of_spoken)
    assert np.array_equal(taggings[spoken], taggings_of_spoken)
    assert not taggings[~spoken].any()


def test_no_turns_have_no_spans(kernels: Kernels) -> None:
    none = np.zeros(0, np.int64)
    transitions = list(some_transitions(np.random.default_rng(10), 3).values())

    found = kernels.spans(np.zeros((0, 13), np.float32), none, none, transitions)

    assert [len(column) for column in found] == [0] * 6


# Which version


def test_full_precision_is_to_be_had_where_halves_are_faster() -> None:
    try:
        fastest, exact = find_kernels(), find_kernels(exact=True)
        set_precision("float32")
        full = find_kernels()
    finally:
        set_precision("auto")

    assert (fastest is None) == (exact is None)
    assert full is exact
    assert exact is None or exact.version != "half"


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ValueError, match="precision 'half' is neither 'auto' nor 'float32'"):
        set_precision("half")


@pytest.mark.usefixtures("_found_anew")
@pytest.mark.parametrize(
    ("flags", "version"),
    [
        pytest.param(set(), "base", id="nothing known: what every processor runs"),
        pytest.param({"avx2", "fma"}, "avx2", id="eight floats"),
        pytest.param({"avx2"}, "base", id="half of what a version needs is not enough"),
    ],
)
def test_the_best_version_that_the_processor_runs_is_taken(
    flags: set[str], version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_here(version)
    monkeypatch.setattr(finding, "_flags", lambda: flags)

    found = find_kernels()

    assert found is not None
    assert found.version == version


@pytest.mark.usefixtures("_found_anew")
def test_without_a_library_there_are_no_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "LIBRARY", "libnone.so")

    assert find_kernels() is None
