import pytest
import torch
from torch import Tensor

from corpora.labels import Evidence, SlotValue, StateChange
from nlp_lstm.states.decode import (
    Decision,
    belief_state,
    chain,
    decide,
    state_changes,
    whole_state,
)
from nlp_lstm.states.network import Candidates
from nlp_lstm.states.schema import DONTCARE, EMPTY
from tests.nlp_lstm.states.tiny_states import SCHEMA

NORTH, SOUTH = SCHEMA.value_number["north"], SCHEMA.value_number["south"]
NEVER = float("-inf")


def candidates(*entries: tuple[int, float]) -> Candidates:
    """One slot at one step: value numbers and probabilities."""
    values, probabilities = zip(*entries, strict=True)
    return Candidates(
        torch.tensor([[probabilities]]).log(), torch.tensor([[values]], dtype=torch.int64)
    )


@pytest.mark.parametrize(
    ("entries", "previous", "value", "chosen", "stayed"),
    [
        pytest.param([(EMPTY, 0.9), (NORTH, 0.1)], EMPTY, EMPTY, 0.9, 0.9, id="stays empty"),
        pytest.param([(EMPTY, 0.2), (NORTH, 0.8)], EMPTY, NORTH, 0.8, 0.2, id="set"),
        pytest.param(
            [(EMPTY, 0.4), (NORTH, 0.3), (SOUTH, 0.0), (NORTH, 0.3)],
            EMPTY,
            NORTH,
            0.6,
            0.4,
            id="entries of one value add up",
        ),
        pytest.param(
            [(EMPTY, 0.1), (NORTH, 0.3), (SOUTH, 0.6)], NORTH, SOUTH, 0.6, 0.3, id="replaced"
        ),
        pytest.param([(EMPTY, 0.3), (DONTCARE, 0.7)], EMPTY, DONTCARE, 0.7, 0.3, id="any will do"),
    ],
)
def test_what_is_decided(
    entries: list[tuple[int, float]], previous: int, value: int, chosen: float, stayed: float
) -> None:
    decision = decide(candidates(*entries), torch.tensor([[previous]]))

    assert int(decision.values) == value
    assert float(decision.chosen) == pytest.approx(chosen)
    assert float(decision.stayed) == pytest.approx(stayed)


def test_a_value_that_is_no_candidate_is_never_chosen() -> None:
    scores = Candidates(torch.tensor([[[0.0, NEVER]]]), torch.tensor([[[EMPTY, NORTH]]]))

    assert int(decide(scores, torch.tensor([[EMPTY]])).values) == EMPTY


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        pytest.param(0.5, NORTH, 0.5 * 0.9, id="kept: as sure as before, times staying"),
        pytest.param(0.5, SOUTH, 0.8, id="changed: as sure as this step"),
    ],
)
def test_confidence_is_chained(before: float, value: int, after: float) -> None:
    decision = Decision(torch.tensor([[value]]), torch.tensor([[0.8]]), torch.tensor([[0.9]]))

    chained = chain(torch.tensor([[before]]), torch.tensor([[NORTH]]), decision)

    assert float(chained) == pytest.approx(after)


def test_a_whole_state_is_as_sure_as_all_slots_together() -> None:
    confidence: Tensor = torch.tensor([[0.5, 0.5, 1.0]])

    assert float(whole_state(confidence)) == pytest.approx(0.25)


def test_changes_name_the_operation_and_where_the_value_was_said() -> None:
    where = Evidence(3, 10, 15)

    changes = state_changes(
        [EMPTY, NORTH, SOUTH, NORTH],
        [NORTH, EMPTY, NORTH, DONTCARE],
        [0.9, 0.8, 0.7, 0.6],
        {NORTH: where},
        SCHEMA,
    )

    assert changes == (
        StateChange("set", "hotel-area", "north", 0.9, where),
        StateChange("delete", "hotel-name", None, 0.8, None),
        StateChange("replace", "table-area", "north", 0.7, where),
        StateChange("dontcare", "table-time", "any", 0.6, None),
    )


def test_a_belief_state_names_filled_slots_only() -> None:
    state = belief_state([NORTH, EMPTY, DONTCARE, SCHEMA.value_number["17:15"]], SCHEMA)

    assert state == (
        SlotValue("hotel-area", "north"),
        SlotValue("table-area", "any"),
        SlotValue("table-time", "17:15"),
    )
