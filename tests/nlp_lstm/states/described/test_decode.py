"""From probabilities, written down by hand, to what becomes of a slot, why, and how sure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pytest
import torch

from corpora.labels import Evidence, Source
from nlp_lstm.states.described.batches import SituationBatch, lay_views
from nlp_lstm.states.described.belief import Belief, Held, Mention, Offer
from nlp_lstm.states.described.decode import Judge, Proposal, Verdict
from nlp_lstm.states.described.network import LONGEST_SPAN
from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.readings import Candidates
from nlp_lstm.states.described.schema import CategoryValue, DescribedSchema, DescribedSlot
from nlp_lstm.states.described.situation import situate
from nlp_lstm.states.described.weighing import BOLDER, Named, offered, weigh
from tests.nlp_lstm.states.described.tiny_described import PLAN, SCHEMA, read_step, reading

NEVER = -math.inf
ACORN = Held("Acorn", "Acorn", Evidence(0, 4, 9), "said", "acorn")
SALAD = Held("green salad", "salad", Evidence(0, 0, 5), "said", "green salad")
SOUP = Held("soup", "soup", Evidence(0, 10, 14), "said", "soup")


@dataclass(frozen=True)
class Moment:
    """A customer's turn after an agent's, and what is believed then."""

    customer: str
    agent: str = ""
    held: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    mentioned: Mapping[str, Mention] = field(default_factory=dict)
    turn: int = 6
    plan: SchemaPlan = PLAN

    def verdict(
        self, slot: str, probabilities: Mapping[str, float], *, taken_back: float = 0.0
    ) -> Verdict | None:
        """What becomes of a slot; None where it stays without a closer look.

        Args:
            slot: Its name.
            probabilities: Of `nothing`, `any`, `keep`, `offer`, `value NAME`, `copy SLOT`, and
                `words N M`, the customer's from the N-th to the M-th.
            taken_back: That named values are.
        """
        index = self.plan.schema.slot_index
        step, places = read_step(self.customer, self.agent, turn=self.turn, plan=self.plan)
        belief = Belief(
            held=MappingProxyType({index[name]: held for name, held in self.held.items()}),
            offers=MappingProxyType({index[name]: one for name, one in self.offers.items()}),
            mentioned=MappingProxyType({index[name]: one for name, one in self.mentioned.items()}),
        )
        S, A, L = len(index), max(len(own.values) for own in self.plan.slots), len(step.forms)
        own = index[slot]
        logits = torch.full((1, S, 4 + A + S + L), NEVER)
        exists = torch.zeros(1, S, dtype=torch.bool)
        exists[0, own] = True
        ends = torch.full((1, S, L), NEVER)
        for entry, probability in probabilities.items():
            kind, _, rest = entry.partition(" ")
            if kind == "words":
                first, last = (step.user_starts + int(word) for word in rest.split())
                at = 4 + A + S + first
                ends[0, own, first : last + 1] = torch.arange(last + 1.0 - first)
            elif kind == "copy":
                at = 4 + A + index[rest]
            elif kind == "value":
                at = 4 + self.plan.slots[own].values.index(rest)
            else:
                at = ["nothing", "any", "keep", "offer"].index(kind)
            logits[0, own, at] = math.log(probability)
        view = range(S)
        situation = situate(self.plan, view, step, belief)
        removal = torch.full((1, S), NEVER)
        removal[0, own] = math.log(taken_back / (1 - taken_back)) if taken_back else NEVER
        none = torch.zeros(0)
        weighed = weigh(
            Candidates(logits, removal, listed=A),
            reading(ends=ends),
            SituationBatch(torch.tensor([situation.slots]), none, none),
            replace(lay_views(self.plan, [view], view), exists=exists),
            slice(0, 1),
        )
        if not weighed.moving[0]:
            return None
        return Judge(self.plan, view, step, places, belief).verdict(weighed, 0, own)


def proposed(verdict: Verdict | None) -> Proposal:
    assert verdict is not None
    (proposal,) = verdict.proposals
    return proposal


OFFER = {"hotel-name": Offer("Acorn", Evidence(6, 4, 9), 0, "acorn")}


def test_entries_of_one_value_add_up() -> None:
    """Accepted or said, it is one hotel, and its evidence that of the likelier."""
    moment = Moment("fine, Acorn or Ritz", "the Acorn?", offers=OFFER)

    verdict = moment.verdict(
        "hotel-name", {"nothing": 0.4, "offer": 0.2, "words 3 3": 0.25, "words 5 5": 0.15}
    )

    assert verdict is not None
    assert verdict.stays == pytest.approx(0.4)
    proposal = proposed(verdict)
    assert proposal.probability == pytest.approx(0.45)
    assert (proposal.raw, proposal.source) == ("Acorn", "said")
    assert proposal.evidence == Evidence(7, 6, 11)


def test_a_slot_that_training_never_saw_changes_sooner() -> None:
    """The same network believes less of what is new to it."""
    new = SchemaPlan(SCHEMA, ["hotel-name"])
    believed = {"nothing": 0.7, "words 1 1": 0.3}

    assert Moment("Ritz please").verdict("hotel-name", believed) is None
    verdict = Moment("Ritz please", plan=new).verdict("hotel-name", believed)
    assert verdict is not None
    assert verdict.stays == pytest.approx(0.7 / (0.7 + 0.3 * math.exp(BOLDER)))
    assert proposed(verdict).value == "Ritz"


def test_a_value_said_again_is_kept() -> None:
    """Together, both are likelier than anything else, and nothing changes."""
    moment = Moment("ACORN not Ritz", held={"hotel-name": (ACORN,)})

    verdict = moment.verdict("hotel-name", {"keep": 0.2, "words 1 1": 0.38, "words 3 3": 0.42})

    assert verdict is not None
    assert verdict.stays == pytest.approx(0.58)
    assert verdict.proposals == ()


def test_a_slot_that_surely_stays_is_not_looked_at() -> None:
    held = Moment("Ritz", held={"hotel-name": (ACORN,)})

    assert held.verdict("hotel-name", {"keep": 0.65, "words 1 1": 0.35}) is None
    assert Moment("Ritz").verdict("hotel-name", {"nothing": 0.65, "words 1 1": 0.35}) is None


def test_a_value_is_replaced_by_what_is_likelier() -> None:
    moment = Moment("no, the Ritz Hotel", held={"hotel-name": (ACORN,)})

    verdict = moment.verdict("hotel-name", {"keep": 0.25, "words 4 5": 0.7, "nothing": 0.05})

    assert verdict is not None
    assert verdict.stays == pytest.approx(0.25)
    assert proposed(verdict).raw == "Ritz Hotel"


@pytest.mark.parametrize(
    ("moment", "slot", "entry", "expected"),
    [
        pytest.param(
            Moment("the Acorn House"),
            "hotel-name",
            "words 2 3",
            ("Acorn House", "Acorn House", Evidence(7, 4, 15), "said"),
            id="words of the customer",
        ),
        pytest.param(
            Moment("yes", "the Acorn?", offers=OFFER),
            "hotel-name",
            "offer",
            ("Acorn", "Acorn", Evidence(6, 4, 9), "accepted"),
            id="the other side's offer",
        ),
        pytest.param(
            Moment("from there", held={"hotel-name": (ACORN,)}),
            "taxi-from",
            "copy hotel-name",
            ("Acorn", "Acorn", Evidence(0, 4, 9), "copied"),
            id="another slot's",
        ),
        pytest.param(
            Moment("the Northern part"),
            "hotel-area",
            "value north",
            ("north", "Northern", Evidence(7, 4, 12), "said"),
            id="a listed value by its alias",
        ),
        pytest.param(
            Moment("south?", "north or south?"),
            "hotel-area",
            "value north",
            ("north", "north", Evidence(6, 0, 5), "accepted"),
            id="a listed value that the other side says",
        ),
        pytest.param(
            Moment("south", "south?"),
            "hotel-area",
            "value south",
            ("south", "south", Evidence(7, 0, 5), "said"),
            id="a listed value that both say",
        ),
        pytest.param(
            Moment("ok", mentioned={"hotel-area": Mention(0, "North", Evidence(2, 3, 8))}),
            "hotel-area",
            "value north",
            ("north", "North", Evidence(2, 3, 8), "accepted"),
            id="a listed value that the other side said before",
        ),
        pytest.param(
            Moment("ok", mentioned={"hotel-area": Mention(1, "South", Evidence(2, 3, 8))}),
            "hotel-area",
            "value north",
            ("north", "", None, "implied"),
            id="a listed value that nobody said",
        ),
        pytest.param(
            Moment("sure"), "hotel-parking", "value true", ("true", "", None, "implied"), id="yes"
        ),
        pytest.param(
            Moment("any"), "hotel-name", "any", ("dontcare", "", None, "implied"), id="any"
        ),
        pytest.param(
            Moment("none", held={"hotel-name": (ACORN,)}),
            "hotel-name",
            "nothing",
            (None, "", None, "implied"),
            id="emptied",
        ),
    ],
)
def test_each_way_to_a_value_has_its_evidence_and_its_reason(
    moment: Moment,
    slot: str,
    entry: str,
    expected: tuple[str | None, str, Evidence | None, Source],
) -> None:
    other = "keep" if moment.held.get(slot) else "nothing"

    proposal = proposed(moment.verdict(slot, {entry: 0.9, other: 0.1}))

    assert (proposal.value, proposal.raw, proposal.evidence, proposal.source) == expected
    assert proposal.probability == pytest.approx(0.9)


def test_a_flat_distribution_is_a_verdict_like_any_other() -> None:
    """Of 500 listed values, none of which is likely, the likeliest still says what it says."""
    values = tuple(CategoryValue(name=f"value {number}") for number in range(500))
    slot = DescribedSlot(name="s", description="d", kind="category", values=values)
    plan = SchemaPlan(DescribedSchema(name="wide", slots=(slot,)))
    flat = {f"value value {number}": 0.0019 for number in range(500)}

    verdict = Moment("hm", plan=plan).verdict("s", {**flat, "value value 7": 0.0021, "any": 0.001})

    assert proposed(verdict).value == "value 7"


def test_of_several_values_any_number_can_be_added() -> None:
    moment = Moment("soup and fries", held={"meal-dishes": (SALAD,)})

    verdict = moment.verdict(
        "meal-dishes",
        {
            "keep": 1.0,
            "value soup": 0.8 / 0.2,
            "value large fries": 0.6 / 0.4,
            "value green salad": 0.3 / 0.7,
        },
    )

    assert verdict is not None
    assert [(one.value, one.raw) for one in verdict.proposals] == [
        ("soup", "soup"),
        ("large fries", "fries"),
    ]
    assert [one.probability for one in verdict.proposals] == pytest.approx([0.8, 0.6])
    assert verdict.stays == pytest.approx(0.2)


@pytest.mark.parametrize("entry", ["nothing", "any"])
def test_adding_to_several_values_never_takes_the_others_away(entry: str) -> None:
    """What is learnt of such a slot is what is added: its other entries mean nothing."""
    moment = Moment("and soup", held={"meal-dishes": (SALAD,)})

    verdict = moment.verdict("meal-dishes", {"keep": 1.0, entry: 9.0, "value soup": 4.0})

    assert proposed(verdict).value == "soup"


def test_of_overlapping_words_the_likelier_are_added() -> None:
    moment = Moment("no salt please and more oil")

    verdict = moment.verdict(
        "meal-wishes", {"nothing": 1.0, "words 2 3": 3.0, "words 1 2": 9.0, "words 5 6": 2.0}
    )

    assert verdict is not None
    assert [one.raw for one in verdict.proposals] == ["no salt", "more oil"]


@pytest.mark.parametrize(
    ("customer", "taken_back"),
    [
        pytest.param("no soup", ("soup",), id="by its name"),
        pytest.param("no salad please", ("green salad",), id="by an alias"),
        pytest.param("neither soup nor green salads", ("green salad", "soup"), id="both"),
    ],
)
def test_what_is_named_is_taken_back(customer: str, taken_back: tuple[str, ...]) -> None:
    moment = Moment(customer, held={"meal-dishes": (SALAD, SOUP)})

    verdict = moment.verdict("meal-dishes", {"keep": 1.0, "value soup": 2.0}, taken_back=0.8)

    assert verdict is not None
    assert verdict.taken_back == taken_back
    assert [one.value for one in verdict.proposals if one.words in taken_back] == []
    assert verdict.stays == pytest.approx(0.2)


def test_what_is_not_named_or_not_taken_back_stays() -> None:
    held = {"meal-dishes": (SALAD, SOUP)}

    assert Moment("thanks", held=held).verdict("meal-dishes", {"keep": 1.0}, taken_back=0.9) is None
    assert Moment("soup?", held=held).verdict("meal-dishes", {"keep": 1.0}, taken_back=0.4) is None


def naming(scores: Mapping[int, float], customer: str, agent: str) -> list[Named]:
    """What the other side names for one slot, every word an end as likely as the next."""
    step, _ = read_step(customer, agent)
    L = len(step.forms)
    offers, ends = torch.full((1, 1, L), NEVER), torch.arange(float(L)).view(1, 1, L).clone()
    ends[0, 0, [0, step.user_starts]] = NEVER
    for word in range(1, step.user_starts):
        offers[0, 0, word] = scores.get(word, -5.0)
    return offered(reading(ends=ends, offers=offers), torch.ones(1, 1, dtype=torch.bool))


def test_what_the_other_side_names() -> None:
    (one,) = naming({2: 1.0, 4: 0.5}, "yes", "the Acorn or Ritz")

    assert one[:4] == (0, 0, 2, 4)
    assert one.probability == pytest.approx(1 / (1 + math.exp(-1.0)))
    assert naming({2: -0.1}, "yes", "the Acorn or Ritz") == []
    assert naming({}, "yes", "") == []


def test_a_value_ends_within_its_side_and_has_so_many_words() -> None:
    (short,) = naming({2: 1.0}, "yes or no or what", "the Acorn")
    (long,) = naming({2: 1.0}, "yes", "and " * 30)

    assert (short.first, short.last) == (2, 2)
    assert (long.first, long.last) == (2, 1 + LONGEST_SPAN)
