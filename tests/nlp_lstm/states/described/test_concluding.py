"""What is taken of proposals, what is not, and how sure the state is then."""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType

import pytest

from corpora.labels import Evidence, Source
from nlp_lstm.states.described.belief import MOST_HELD, Belief, Held
from nlp_lstm.states.described.concluding import conclude, hear_agent
from nlp_lstm.states.described.cursor import Cursor, Read, Thread
from nlp_lstm.states.described.decode import Proposal, Verdict
from nlp_lstm.states.described.plan import spoken
from nlp_lstm.states.described.reading import StepReader
from nlp_lstm.states.described.tracking import start_carried
from nlp_lstm.states.described.weighing import Named
from tests.nlp_lstm.states.described.tiny_described import (
    PLAN,
    SCHEMA,
    SLOT,
    read_step,
    tiny_network,
)

HERE = Evidence(2, 0, 4)
NETWORK = tiny_network()
EVERY = tuple(range(len(SCHEMA.slots)))


def held(*values: str) -> tuple[Held, ...]:
    return tuple(Held(value, value, None, "said", spoken(value)) for value in values)


def cursor(slot: str, *values: str) -> Cursor:
    """A conversation in which one slot holds something."""
    filled = MappingProxyType({SLOT[slot]: held(*values)} if values else {})
    start = start_carried(NETWORK, len(EVERY))
    return Cursor(StepReader(PLAN), Thread(0, 0, EVERY, (), Belief(held=filled), start), [])


def said(raw: str, probability: float = 0.8, source: Source = "said") -> Proposal:
    return Proposal(raw, raw, spoken(raw), HERE, source, probability)


def concluded(
    now: Cursor, slot: str, *verdicts: Verdict, at: datetime | None = None
) -> tuple[list[str], float]:
    """What the slot holds then, and how sure that is; everything else stays, at 0.9."""
    conclude(PLAN, now, verdicts, [0.9] * len(EVERY), [], at)
    values = [one.value for one in now.belief.held.get(SLOT[slot], ())]
    return values, now.answers[-1].confidence[SLOT[slot]]


def verdict(
    slot: str, *proposals: Proposal, stays: float = 0.1, lost: Sequence[str] = ()
) -> Verdict:
    return Verdict(SLOT[slot], stays, proposals, tuple(lost))


TUESDAY = datetime(2026, 3, 3, 10, 30)


@pytest.mark.parametrize(
    ("slot", "before", "proposal", "after"),
    [
        pytest.param("hotel-name", [], said("Acorn"), ["Acorn"], id="set"),
        pytest.param("hotel-name", ["Ritz"], said("Acorn"), ["Acorn"], id="replaced"),
        pytest.param("taxi-time", [], said("6 pm"), ["18:00"], id="normalised"),
        pytest.param("hotel-people", ["4"], said("lots"), ["4"], id="no number: rejected"),
        pytest.param("taxi-time", ["18:00"], said("25:70"), ["18:00"], id="no time: rejected"),
        pytest.param("meal-code", ["AB1234"], said("tea"), ["AB1234"], id="not of the pattern"),
        pytest.param("meal-code", [], said("ab1234"), ["AB1234"], id="of the pattern"),
        pytest.param(
            "hotel-name",
            ["Ritz"],
            Proposal(None, "", "", None, "implied", 0.8),
            [],
            id="emptied",
        ),
        pytest.param(
            "hotel-name",
            ["Ritz"],
            Proposal("dontcare", "", "dontcare", None, "implied", 0.8),
            ["dontcare"],
            id="any will do",
        ),
        pytest.param(
            "meal-clerk",
            ["Ana"],
            Proposal("dontcare", "", "dontcare", None, "implied", 0.8),
            ["Ana"],
            id="not the customer's to say",
        ),
        pytest.param(
            "meal-clerk", [], said("Ana", source="accepted"), ["Ana"], id="what the agent offered"
        ),
        pytest.param("meal-clerk", [], said("Ana"), [], id="the agent's to name"),
        pytest.param(
            "meal-clerk",
            ["Ana"],
            Proposal(None, "", "", None, "implied", 0.8),
            ["Ana"],
            id="the agent's to empty",
        ),
        pytest.param("meal-wishes", ["no salt"], said("oil"), ["no salt", "oil"], id="one more"),
        pytest.param("meal-wishes", ["no salt"], said("No Salt"), ["no salt"], id="there already"),
        pytest.param("meal-dishes", ["soup"], said("soup"), ["soup"], id="listed there already"),
        pytest.param(
            "meal-wishes",
            [f"w{number}" for number in range(MOST_HELD)],
            said("oil"),
            [f"w{number}" for number in range(MOST_HELD)],
            id="full",
        ),
    ],
)
def test_what_a_slot_holds_after_a_proposal(
    slot: str, before: list[str], proposal: Proposal, after: list[str]
) -> None:
    values, sure = concluded(cursor(slot, *before), slot, verdict(slot, proposal))

    assert values == after
    assert sure == pytest.approx(0.8 if values != before else 0.1)


def test_a_time_is_read_against_the_turns_own() -> None:
    """And what was said again stands where it was first said."""
    now = cursor("taxi-time")
    concluded(now, "taxi-time", verdict("taxi-time", said("5:30 pm")), at=TUESDAY)
    first = now.belief.held[SLOT["taxi-time"]]
    concluded(now, "taxi-time", verdict("taxi-time", said("17:30", 0.7)), at=TUESDAY)

    assert now.belief.held[SLOT["taxi-time"]] == first
    assert (first[0].value, first[0].raw, first[0].evidence) == ("17:30", "5:30 pm", HERE)


def test_confidence_is_chained_while_nothing_changes() -> None:
    now = cursor("hotel-name")
    concluded(now, "hotel-name", verdict("hotel-name", said("Acorn", 0.8)))
    _, kept = concluded(now, "hotel-name")
    _, looked_at = concluded(now, "hotel-name", verdict("hotel-name", stays=0.5))

    assert kept == pytest.approx(0.8 * 0.9)
    assert looked_at == pytest.approx(0.8 * 0.9 * 0.5)
    assert now.belief.step == 3
    assert now.belief.changed == frozenset()


def test_one_of_several_goes_and_another_comes() -> None:
    now = cursor("meal-wishes", "no salt", "oil")

    values, _ = concluded(
        now, "meal-wishes", verdict("meal-wishes", said("ice"), lost=[spoken("no salt")])
    )

    assert values == ["oil", "ice"]
    assert now.belief.changed == {PLAN.groups["meal"]}


def test_the_last_of_several_leaves_an_empty_slot() -> None:
    now = cursor("meal-wishes", "oil")

    values, sure = concluded(now, "meal-wishes", verdict("meal-wishes", lost=["oil"], stays=0.3))

    assert values == []
    assert sure == pytest.approx(0.7)
    assert SLOT["meal-wishes"] not in now.belief.held


@pytest.mark.parametrize(
    ("slot", "text", "value"),
    [
        pytest.param("meal-code", "it is AB1234", "AB1234", id="both may set it"),
        pytest.param("meal-clerk", "I am Ana", "Ana", id="only the agent may"),
        pytest.param("hotel-name", "the Acorn", None, id="only the customer may"),
        pytest.param("meal-code", "it is tea", None, id="not of the pattern"),
    ],
)
def test_an_agents_turn_sets_what_agents_may_set(slot: str, text: str, value: str | None) -> None:
    step, places = read_step("", text)
    now = cursor(slot)
    word = step.user_starts - 1

    hear_agent(
        PLAN, now, Read(step, places, None, "agent"), [Named(0, SLOT[slot], word, word, 0.7)]
    )

    found = now.belief.held.get(SLOT[slot])
    assert (found[0].value if found else None) == value
    assert now.answers[-1].confidence[SLOT[slot]] == (1.0 if value is None else 0.7)
    assert now.belief.step == 0
