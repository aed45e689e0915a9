"""What decides slot by slot, compiled or with NumPy, against what torch does with all scores."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn.functional import linear

from nlp_lstm.layers.single import Floats, Numbers
from nlp_lstm.native.kernels import Kernels
from nlp_lstm.states.batches import StepBatch
from nlp_lstm.states.candidates import Candidates
from nlp_lstm.states.choosing import Chooser, Chosen, Offered
from nlp_lstm.states.deciding import decide
from nlp_lstm.states.hearing import Reading
from nlp_lstm.states.history import FEATURES
from nlp_lstm.states.layout import LEAST_SURE_DELETION, MATCH_SCALE, PLAIN
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.schema import DONTCARE, EMPTY, FIRST_VALUE, OTHER
from nlp_lstm.states.single_choosing import SingleChooser, conclude
from nlp_lstm.states.tables import FIRST_OWN_ROW, RARE_ROW, SchemaTables
from nlp_lstm.tensors import as_arrays
from tests.nlp_lstm.native.versions import VERSIONS, version_here
from tests.nlp_lstm.states.tiny_states import CONFIG
from tests.nlp_lstm.tiny import tiny_table

CLOSE = 1e-5
NORTH, SOUTH = range(FIRST_VALUE, FIRST_VALUE + 2)
VALUES = FIRST_VALUE + 9
VECTORS = 5  # mention vectors, the first of them none

SEVERAL = SchemaTables(
    offered=np.array([[NORTH, SOUTH, 5], [6, 0, 0], [0, 0, 0], [NORTH, SOUTH, 0], [7, 8, 9]]),
    related=np.array([[3, 4, -1], [-1, -1, -1], [1, -1, -1], [0, 1, 4], [2, 3, 0]]),
    value_rows=np.array([0, 1, 2, 5, 6, 7, 8, *[RARE_ROW] * 5]),
    value_row_count=FIRST_OWN_ROW + 4,
    requests=0,
)
LONE = SchemaTables(
    offered=np.array([[0]]),
    related=np.array([[-1]]),
    value_rows=SEVERAL.value_rows,
    value_row_count=SEVERAL.value_row_count,
    requests=0,
)
# Widths of a slot, an offer's hidden layer and a match.
WIDTHS = [
    pytest.param((10, 9, 4), id="less than a register, or no whole number of them"),
    pytest.param((16, 32, 16), id="whole registers"),
    pytest.param((33, 35, 17), id="one more, and three"),
    pytest.param((1, 1, 1), id="one number"),
]
TABLES = [pytest.param(SEVERAL, id="several slots"), pytest.param(LONE, id="one slot")]
LAW = settings(max_examples=25)


class Asked(NamedTuple):
    """What is given to whatever chooses."""

    hidden: Floats
    heads: Floats
    previous: Numbers
    offered: Offered
    mapped: Floats


Choose = Callable[[Asked], Chosen]


@lru_cache
def network_of(widths: tuple[int, int, int], tables: SchemaTables) -> StateNetwork:
    slot, offer, match = widths
    torch.manual_seed(sum(widths))
    config = CONFIG.model_copy(
        update={"slot_width": slot, "offer_width": offer, "match_width": match}
    )
    network = StateNetwork(config, tables, tiny_table())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.4)
    return network.eval()


@pytest.fixture(scope="module", params=WIDTHS)
def widths(request: pytest.FixtureRequest) -> tuple[int, int, int]:
    slot, offer, match = request.param
    return slot, offer, match


@pytest.fixture(scope="module", params=TABLES)
def network(request: pytest.FixtureRequest, widths: tuple[int, int, int]) -> StateNetwork:
    return network_of(widths, request.param)


@pytest.fixture(scope="module", params=VERSIONS)
def kernels(request: pytest.FixtureRequest) -> Kernels:
    return version_here(request.param)


def compiled(kernels: Kernels, network: StateNetwork) -> Choose:
    chooser = Chooser(kernels, as_arrays(network.state_dict()), network._tables)
    return lambda asked: chooser(*asked)


def with_numpy(network: StateNetwork) -> Choose:
    """Row by row: it knows no other way."""
    chooser = SingleChooser(as_arrays(network.state_dict()), network._tables)

    def choose(asked: Asked) -> Chosen:
        rows = [chooser(*row_of(asked, row)) for row in range(len(asked.previous))]
        return Chosen(*map(np.concatenate, zip(*rows, strict=True)))

    return choose


def asked_of(network: StateNetwork, rows: int, most_offers: int, seed: int) -> Asked:
    """A random question.

    What slots hold before is nothing, don't care, what no table knew, or any value; each is
    offered from none to `most_offers`.
    """
    random = np.random.default_rng(seed)
    shape = (rows, network.slots)
    cells = np.arange(rows * network.slots).repeat(
        random.integers(0, most_offers + 1, rows * network.slots)
    )
    E = len(cells)
    kept = network.of_weights()
    hidden = random.standard_normal((*shape, kept.heads.shape[1]), np.float32)
    mapped = random.standard_normal((2 * VECTORS, len(kept.mentions) // 2), np.float32)
    mapped[:2] = 0
    offered = Offered(
        cells,
        random.integers(DONTCARE, VALUES, E),
        random.integers(0, VECTORS, E),
        random.integers(0, VECTORS, E),
        random.integers(0, 1 << len(FEATURES), E),
    )
    heads = linear(torch.from_numpy(hidden), kept.heads, kept.heads_bias).detach().numpy()
    return Asked(hidden, heads, random.integers(EMPTY, VALUES, shape), offered, mapped)


def row_of(asked: Asked, row: int) -> Asked:
    """One row alone."""
    S, only = asked.previous.shape[1], slice(row, row + 1)
    own = asked.offered.cells // S == row
    offered = Offered(*(column[own] for column in asked.offered))
    return Asked(
        asked.hidden[only],
        asked.heads[only],
        asked.previous[only],
        offered._replace(cells=offered.cells - row * S),
        asked.mapped,
    )


def candidates_of(network: StateNetwork, asked: Asked) -> Candidates:
    """As torch scores them while it learns, without any kernel."""
    N, S = asked.previous.shape
    cells, values, users, others, bits = map(torch.from_numpy, asked.offered)
    places = torch.arange(len(cells)) - torch.searchsorted(cells, cells)
    none = torch.zeros(0, dtype=torch.int64)
    batch = StepBatch(
        conversations=N,
        steps=1,
        active=[N],
        words=none,
        tags=none,
        sides=none,
        lengths=none,
        user_starts=none,
        rows=none,
        mention_steps=none,
        mention_firsts=none,
        mention_lasts=none,
        offer_rows=cells // S,
        offer_slots=cells % S,
        offer_places=places,
        offer_values=values,
        offer_users=users,
        offer_others=others,
        offer_bits=bits,
        offer_bounds=[0, len(cells)],
        most_offers=int(places.max()) + 1 if len(places) else 0,
        table_sources=none,
    )
    reading = Reading(none, none, none, torch.from_numpy(asked.mapped), none)
    hidden, previous = torch.from_numpy(asked.hidden), torch.from_numpy(asked.previous)
    with torch.enable_grad():
        scored = network.candidates(hidden, previous, reading, batch, 0)
    return Candidates(scored.logits.detach(), scored.values, scored.copies)


def is_clear(candidates: Candidates, previous: Numbers) -> bool:
    """Whether rounding can decide nothing: no two values as likely, no threshold met exactly."""
    shares, values = candidates.logits.double().softmax(dim=2), candidates.values
    merged = ((values[..., None] == values[..., None, :]) * shares[..., None, :]).sum(dim=3)
    most, place = merged.max(dim=2)
    is_best = values == values.gather(2, place[..., None])
    rival = merged.masked_fill(is_best, -1).amax(dim=2)
    decision = decide(candidates, torch.from_numpy(previous))
    copies = slice(*candidates.copies)
    is_chosen = values[..., copies] == decision.values[..., None]
    copied = (shares[..., copies] * is_chosen).sum(dim=2)
    return bool(
        (most - rival > CLOSE).all()
        and ((most - LEAST_SURE_DELETION).abs() > CLOSE).all()
        and not ((2 * copied - decision.chosen).abs() < CLOSE * decision.chosen).any()
    )


def with_torch(candidates: Candidates, previous: Numbers) -> Chosen:
    decision = decide(candidates, torch.from_numpy(previous))
    return Chosen(
        *(
            part.numpy()
            for part in (decision.values, decision.chosen, decision.stayed, decision.copied)
        )
    )


def assert_same(found: Chosen, expected: Chosen) -> None:
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_allclose(found.chosen, expected.chosen, rtol=0, atol=CLOSE)
    np.testing.assert_allclose(found.stayed, expected.stayed, rtol=0, atol=CLOSE)
    np.testing.assert_array_equal(found.copied, expected.copied)


questions = given(
    rows=st.integers(1, 4), most_offers=st.sampled_from([0, 1, 3, 20]), seed=st.integers(0, 2**32)
)


@LAW
@questions
def test_numpy_chooses_what_torch_does(
    network: StateNetwork, rows: int, most_offers: int, seed: int
) -> None:
    asked = asked_of(network, rows, most_offers, seed)
    candidates = candidates_of(network, asked)
    assume(is_clear(candidates, asked.previous))

    assert_same(with_numpy(network)(asked), with_torch(candidates, asked.previous))


@LAW
@questions
def test_kernels_choose_what_torch_and_numpy_do(
    kernels: Kernels, network: StateNetwork, rows: int, most_offers: int, seed: int
) -> None:
    asked = asked_of(network, rows, most_offers, seed)
    candidates = candidates_of(network, asked)
    assume(is_clear(candidates, asked.previous))

    chosen = compiled(kernels, network)(asked)

    assert_same(chosen, with_torch(candidates, asked.previous))
    assert_same(chosen, with_numpy(network)(asked))


@LAW
@questions
def test_a_row_alone_is_a_row_among_others(
    kernels: Kernels, network: StateNetwork, rows: int, most_offers: int, seed: int
) -> None:
    asked = asked_of(network, rows, most_offers, seed)
    choose = compiled(kernels, network)

    together = choose(asked)

    for row in range(rows):
        alone = choose(row_of(asked, row))
        for one, of_all in zip(alone, together, strict=True):
            assert np.array_equal(one[0], of_all[row])


def test_of_no_rows_nothing_is_chosen(kernels: Kernels, network: StateNetwork) -> None:
    chosen = compiled(kernels, network)(asked_of(network, 0, 0, seed=1))

    assert chosen.values.shape == (0, network.slots)


# What is concluded from scores, whoever concludes.


class Entry(NamedTuple):
    """Something that a slot could hold; entries of one value add up."""

    value: int
    logit: float


# From entries of which the first so many are copies, and the value before.
Conclude = Callable[[Sequence[Entry], int, int], Chosen]
LEAST_COPY = -20.0  # a copy's score is this and something that is never negative


def concluded_by_torch(entries: Sequence[Entry], previous: int, copies: int) -> Chosen:
    values, logits = zip(*entries, strict=True)
    candidates = Candidates(torch.tensor([[logits]]), torch.tensor([[values]]), (0, copies))
    return with_torch(candidates, np.array([[previous]]))


def concluded_by_numpy(entries: Sequence[Entry], previous: int, copies: int) -> Chosen:
    values, logits = zip(*entries, strict=True)
    one = conclude(
        np.array([logits], np.float32),
        np.array([values]),
        np.array([previous]),
        slice(0, copies),
    )
    return Chosen(one.values[None], one.chosen[None], one.stayed[None], one.copied[None])


def concluded_by(kernels: Kernels) -> Conclude:
    """By a tracker that is made to score entries as they are scored.

    Of its slots the first is asked. Copies are what the others hold; all else is mentioned.
    """

    def concluded(entries: Sequence[Entry], previous: int, copies: int) -> Chosen:
        values, logits = (np.array(column) for column in zip(*entries, strict=True))
        S, mentions = 1 + copies, len(entries) - copies
        related = np.full((S, max(copies, 1)), -1)
        related[0, :copies] = np.arange(1, S)
        nothing = np.zeros((S, 1), np.float32)
        weights = {
            "plain_bias": np.full((S, PLAIN), -np.inf),
            "offered_rows": nothing[..., None],
            "offered_bias": nothing,
            "present_bonus": np.zeros(()),
            "copy_to": nothing,
            "copy_from": np.concatenate([[0], logits[:copies] - LEAST_COPY])[:, None],
            "copy_score.weight": np.ones((1, 1)),
            "copy_score.bias": np.array([LEAST_COPY]),
            "values.weight": np.zeros((1, 1)),
            "offer_value.weight": np.zeros((1, 1)),
            "offer_features.weight": np.zeros((1, 1)),
            "offer_slots": nothing,
            "offer_present.weight": np.zeros((1, 2)),
            "offer_score.weight": np.zeros((1, 1)),
            "offer_score.bias": np.zeros(1),
        }
        tables = SchemaTables(
            offered=np.full((S, 1), EMPTY),
            related=related,
            value_rows=np.zeros(VALUES, np.int64),
            value_row_count=1,
            requests=0,
        )
        # Of an offer's hidden layer and of its match, first as the customer's.
        mapped = np.zeros((mentions, 2, 2), np.float32)
        mapped[:, 0, 1] = logits[copies:] / MATCH_SCALE
        chosen = Chooser(kernels, weights, tables)(
            np.zeros((1, S, 1), np.float32),
            np.tile(np.array([*[0] * (PLAIN + 2), 1], np.float32), (1, S, 1)),
            np.array([[previous, *values[:copies]]]),
            Offered(
                np.zeros(mentions, np.int64),
                values[copies:],
                np.arange(mentions),
                np.arange(mentions),
                np.zeros(mentions, np.int64),
            ),
            mapped.reshape(2 * mentions, 2),
        )
        return Chosen(
            chosen.values[:, :1], chosen.chosen[:, :1], chosen.stayed[:, :1], chosen.copied[:, :1]
        )

    return concluded


@pytest.fixture(scope="module", params=["torch", "numpy", *VERSIONS])
def concluded(request: pytest.FixtureRequest) -> Conclude:
    if request.param == "torch":
        return concluded_by_torch
    if request.param == "numpy":
        return concluded_by_numpy
    return concluded_by(version_here(request.param))


@pytest.mark.parametrize(
    ("shares", "previous", "value", "chosen", "stayed"),
    [
        pytest.param([(EMPTY, 9), (NORTH, 1)], EMPTY, EMPTY, 0.9, 0.9, id="stays empty"),
        pytest.param([(EMPTY, 2), (NORTH, 8)], EMPTY, NORTH, 0.8, 0.2, id="set"),
        pytest.param(
            [(EMPTY, 4), (NORTH, 3), (SOUTH, 0), (NORTH, 3)],
            EMPTY,
            NORTH,
            0.6,
            0.4,
            id="entries of one value add up",
        ),
        pytest.param([(EMPTY, 1), (NORTH, 3), (SOUTH, 6)], NORTH, SOUTH, 0.6, 0.3, id="replaced"),
        pytest.param([(EMPTY, 3), (DONTCARE, 7)], EMPTY, DONTCARE, 0.7, 0.3, id="any will do"),
        pytest.param([(EMPTY, 8), (NORTH, 2)], NORTH, EMPTY, 0.8, 0.2, id="deleted"),
        pytest.param(
            [(EMPTY, 1), (NORTH, 1), (EMPTY, 1), (EMPTY, 1)],
            NORTH,
            EMPTY,
            LEAST_SURE_DELETION,
            0.25,
            id="just sure enough to delete it",
        ),
        pytest.param(
            [(EMPTY, 74), (NORTH, 26)], NORTH, NORTH, 0.26, 0.26, id="too unsure to delete it"
        ),
        pytest.param(
            [(EMPTY, 6), (NORTH, 1), (SOUTH, 3)],
            NORTH,
            NORTH,
            0.1,
            0.1,
            id="nor is it replaced by what is less likely than nothing",
        ),
        pytest.param(
            [(EMPTY, 4), (NORTH, 3), (SOUTH, 3)], EMPTY, EMPTY, 0.4, 0.4, id="nothing to delete"
        ),
        pytest.param(
            [(EMPTY, 6), (NORTH, 4)], OTHER, OTHER, 0, 0, id="nothing said of what no table knew"
        ),
        pytest.param([(EMPTY, 3), (NORTH, 7)], OTHER, NORTH, 0.7, 0, id="replaces the unknown"),
        pytest.param([(EMPTY, 1), (NORTH, 0)], EMPTY, EMPTY, 1, 1, id="what cannot be, is not"),
    ],
)
def test_what_is_concluded(
    concluded: Conclude,
    shares: Sequence[tuple[int, float]],
    previous: int,
    value: int,
    chosen: float,
    stayed: float,
) -> None:
    found = concluded(entries_of(shares), previous, 0)

    assert found.values.item() == value
    assert found.chosen.item() == pytest.approx(chosen, abs=CLOSE)
    assert found.stayed.item() == pytest.approx(stayed, abs=CLOSE)
    assert not found.copied.item()


@pytest.mark.parametrize("most", [pytest.param(1e3, id="large"), pytest.param(-1e3, id="small")])
def test_only_how_far_scores_are_apart_matters(concluded: Conclude, most: float) -> None:
    found = concluded([Entry(EMPTY, most - 2), Entry(NORTH, most)], EMPTY, 0)

    assert found.values.item() == NORTH
    assert found.chosen.item() == pytest.approx(1 / (1 + math.exp(-2)), abs=CLOSE)


@pytest.mark.parametrize(
    ("copies", "mention", "is_copied"),
    [
        pytest.param([5], 2, True, id="mostly copied"),
        pytest.param([3], 4, False, id="mostly mentioned"),
        pytest.param([1], 1, False, id="as much one as the other"),
        pytest.param([1, 1], 1, True, id="each less, together more"),
    ],
)
def test_a_value_is_copied_when_copies_give_it_more_than_half(
    concluded: Conclude, copies: Sequence[float], mention: float, is_copied: bool
) -> None:
    shares = [
        *((NORTH, share) for share in copies),
        (SOUTH, 0.1),
        (EMPTY, 0.2),
        (NORTH, mention),
    ]

    found = concluded(entries_of(shares), EMPTY, len(copies) + 1)

    assert found.values.item() == NORTH
    assert found.copied.item() is is_copied


@LAW
@given(
    copies=st.lists(st.sampled_from([DONTCARE, NORTH, SOUTH]), max_size=3),
    others=st.lists(st.sampled_from([EMPTY, DONTCARE, NORTH, SOUTH]), max_size=9),
    previous=st.sampled_from([EMPTY, DONTCARE, OTHER, NORTH]),
    seed=st.integers(0, 2**32),
)
def test_the_likeliest_value_is_that_of_the_largest_sum(
    concluded: Conclude, copies: list[int], others: list[int], previous: int, seed: int
) -> None:
    values = [*copies, *others, EMPTY]
    shares = np.random.default_rng(seed).dirichlet(np.full(len(values), 0.5)).clip(1e-6)
    shares /= shares.sum()
    sums = {value: float(shares[np.equal(values, value)].sum()) for value in {*values, previous}}
    likeliest = max(sums, key=lambda value: sums[value])
    most, stayed = sums[likeliest], sums[previous]
    assume(all(most - sums[value] > CLOSE for value in sums if value != likeliest))
    assume(abs(most - LEAST_SURE_DELETION) > CLOSE)
    is_kept = likeliest == EMPTY != previous and most < LEAST_SURE_DELETION

    found = concluded(entries_of(list(zip(values, shares, strict=True))), previous, len(copies))

    assert found.values.item() == (previous if is_kept else likeliest)
    assert found.chosen.item() == pytest.approx(stayed if is_kept else most, abs=CLOSE)
    assert found.stayed.item() == pytest.approx(stayed, abs=CLOSE)


def entries_of(shares: Sequence[tuple[int, float]]) -> list[Entry]:
    """Values and what shares they have of all together."""
    return [Entry(value, math.log(share) if share else -math.inf) for value, share in shares]
