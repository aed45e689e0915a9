import pytest
import torch
from torch import Tensor

from corpora.labels import Evidence, SlotValue, Source, StateChange
from nlp_lstm.states.candidates import Candidates
from nlp_lstm.states.deciding import Decision, chain, decide, whole_state
from nlp_lstm.states.decode import belief_state, state_changes
from nlp_lstm.states.history import LONG_AGO, Said
from nlp_lstm.states.mentions import Quote
from nlp_lstm.states.schema import DONTCARE, EMPTY, OTHER
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
        pytest.param([(EMPTY, 0.8), (NORTH, 0.2)], NORTH, EMPTY, 0.8, 0.2, id="deleted"),
        pytest.param(
            [(EMPTY, 0.6), (NORTH, 0.4)], NORTH, NORTH, 0.4, 0.4, id="too unsure to delete it"
        ),
        pytest.param(
            [(EMPTY, 0.6), (NORTH, 0.1), (SOUTH, 0.3)],
            NORTH,
            NORTH,
            0.1,
            0.1,
            id="nor is it replaced by what is less likely than nothing",
        ),
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
    ("copy", "mention", "copied"),
    [
        pytest.param(0.5, 0.2, True, id="mostly copied"),
        pytest.param(0.3, 0.4, False, id="mostly mentioned"),
        pytest.param(0.35, 0.35, False, id="as much one as the other"),
    ],
)
def test_a_value_is_copied_when_copies_give_it_more_than_half(
    copy: float, mention: float, copied: bool
) -> None:
    scored = candidates((EMPTY, 0.2), (NORTH, copy), (SOUTH, 0.1), (NORTH, mention))

    decision = decide(
        Candidates(scored.logits, scored.values, copies=(1, 3)), torch.tensor([[EMPTY]])
    )

    assert int(decision.values) == NORTH
    assert bool(decision.copied) is copied


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        pytest.param(0.5, NORTH, 0.5 * 0.9, id="kept: as sure as before, times staying"),
        pytest.param(0.5, SOUTH, 0.8, id="changed: as sure as this step"),
    ],
)
def test_confidence_is_chained(before: float, value: int, after: float) -> None:
    decision = Decision(
        torch.tensor([[value]]),
        torch.tensor([[0.8]]),
        torch.tensor([[0.9]]),
        torch.tensor([[False]]),
    )

    chained = chain(torch.tensor([[before]]), torch.tensor([[NORTH]]), decision)

    assert float(chained) == pytest.approx(after)


def test_a_whole_state_is_as_sure_as_all_slots_together() -> None:
    confidence: Tensor = torch.tensor([[0.5, 0.5, 1.0]])

    assert float(whole_state(confidence)) == pytest.approx(0.25)


def row(value: int, *, user: Quote | None = None, system: Quote | None = None) -> Said:
    return Said(
        value, LONG_AGO if user is None else 0, LONG_AGO if system is None else 0, 0, user, system
    )


def test_changes_name_the_operation_and_where_the_value_was_said() -> None:
    changes = state_changes(
        [EMPTY, NORTH, SOUTH, NORTH],
        [NORTH, EMPTY, NORTH, DONTCARE],
        [0.9, 0.8, 0.7, 0.6],
        {2},
        [row(NORTH, user=Quote(3, 10, 15, "up north"))],
        SCHEMA,
    )

    where = Evidence(3, 10, 15)
    assert changes == (
        StateChange("set", "hotel-area", "north", 0.9, where, "said", "up north"),
        StateChange("delete", "hotel-name", None, 0.8, None, "implied"),
        StateChange("replace", "table-area", "north", 0.7, where, "copied", "up north"),
        StateChange("dontcare", "table-time", "any", 0.6, None, "implied"),
    )


CUSTOMERS, OTHERS = Quote(4, 0, 5, None), Quote(5, 7, 12, None)


@pytest.mark.parametrize(
    ("said", "is_copied", "source", "evidence"),
    [
        pytest.param([row(NORTH, user=CUSTOMERS)], False, "said", 4, id="the customer said it"),
        pytest.param(
            [row(NORTH, user=CUSTOMERS, system=OTHERS)], False, "said", 4, id="both, it later"
        ),
        pytest.param([row(NORTH, system=OTHERS)], False, "accepted", 5, id="only the other side"),
        pytest.param([row(SOUTH, user=CUSTOMERS)], False, "implied", None, id="nobody"),
        pytest.param([row(NORTH, system=OTHERS)], True, "copied", 5, id="a copy of an offer"),
        pytest.param(
            [row(NORTH, user=CUSTOMERS, system=OTHERS)], True, "copied", 4, id="a copy, both said"
        ),
        pytest.param([], True, "copied", None, id="a copy of what was long ago"),
    ],
)
def test_why_a_slot_holds_a_value(
    said: list[Said], is_copied: bool, source: Source, evidence: int | None
) -> None:
    before, after = [EMPTY] * 4, [NORTH, EMPTY, EMPTY, EMPTY]

    [change] = state_changes(before, after, [1.0] * 4, {0} if is_copied else (), said, SCHEMA)

    assert change.source == source
    assert (change.evidence and change.evidence.turn) == evidence


def test_what_no_table_knew_is_set_not_replaced() -> None:
    """The state before did not name it, so replaying the changes must fill an empty slot."""
    [change] = state_changes([OTHER], [NORTH], [1.0], (), (), SCHEMA)

    assert change.operation == "set"


def test_a_belief_state_names_filled_slots_only() -> None:
    state = belief_state([NORTH, EMPTY, DONTCARE, SCHEMA.value_number["17:15"]], SCHEMA)

    assert state == (
        SlotValue("hotel-area", "north"),
        SlotValue("table-area", "any"),
        SlotValue("table-time", "17:15"),
    )
