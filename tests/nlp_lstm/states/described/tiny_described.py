"""A schema of every sort of slot, and schema-reading networks small enough to see through."""

from collections.abc import Sequence

import torch

from nlp_lstm.states.calibration import UNCALIBRATED
from nlp_lstm.states.described.component import DescribedTracker
from nlp_lstm.states.described.config import DescribedExamples, DescribedNetworkConfig
from nlp_lstm.states.described.network import DescribedNetwork
from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.reading import Places, Step, StepReader
from nlp_lstm.states.described.schema import CategoryValue, DescribedSchema, DescribedSlot
from nlp_lstm.states.reading import Pending
from tests.nlp_lstm.tiny import ROWS, tiny_table

AREAS = (CategoryValue(name="north", aliases=("northern", "up north")), CategoryValue(name="south"))
DISHES = (
    CategoryValue(name="green salad", aliases=("salad",)),
    CategoryValue(name="soup"),
    CategoryValue(name="large fries", aliases=("fries",)),
)

SCHEMA = DescribedSchema(
    name="tiny",
    slots=(
        DescribedSlot(
            name="hotel-area",
            description="part of town",
            kind="category",
            values=AREAS,
            group="hotel",
        ),
        DescribedSlot(
            name="hotel-name", description="name of the hotel", kind="span", group="hotel"
        ),
        DescribedSlot(
            name="hotel-people", description="how many guests", kind="number", group="hotel"
        ),
        DescribedSlot(
            name="hotel-parking", description="whether to park", kind="boolean", group="hotel"
        ),
        DescribedSlot(
            name="taxi-area",
            description="where to go to",
            kind="category",
            values=AREAS,
            group="taxi",
        ),
        DescribedSlot(
            name="taxi-from", description="where the taxi starts", kind="span", group="taxi"
        ),
        DescribedSlot(name="taxi-time", description="time to leave", kind="time", group="taxi"),
        DescribedSlot(
            name="meal-dishes",
            description="what to eat",
            kind="category",
            values=DISHES,
            several=True,
            group="meal",
        ),
        DescribedSlot(
            name="meal-wishes",
            description="anything else",
            kind="span",
            several=True,
            group="meal",
        ),
        DescribedSlot(
            name="meal-code",
            description="code of the order",
            kind="identifier",
            pattern=r"[A-Z]{2}\d{4}",
            set_by=("customer", "agent"),
            group="meal",
        ),
        DescribedSlot(
            name="meal-clerk",
            description="who takes the order",
            kind="person",
            set_by=("agent",),
            group="meal",
        ),
    ),
)
PLAN = SchemaPlan(SCHEMA)
SLOT = SCHEMA.slot_index

CONFIG = DescribedNetworkConfig(
    rows=ROWS,
    tag_width=4,
    side_width=2,
    hidden_width=8,
    slot_width=10,
    key_width=6,
    queries=2,
    summary_width=6,
    memory_width=5,
    mix_width=12,
    state_width=9,
    slot_memory_width=4,
    value_width=5,
    match_width=7,
    dropout=0.0,
)

EXAMPLES = DescribedExamples(
    conversations=4,
    word_dropout=0.0,
    value_dropout=0.0,
    lower=0.0,
    forgotten=0.0,
    unheard=0.0,
    removals=0.0,
    bystanders=0.0,
    stale_weight=0.0,
    offer_weight=1.0,
    end_weight=1.0,
    request_weight=1.0,
)


def tiny_network(seed: int = 1) -> DescribedNetwork:
    """Random weights, large enough that states do change."""
    torch.manual_seed(seed)
    network = DescribedNetwork(CONFIG, tiny_table())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2).add_(torch.randn_like(parameter) * 0.5)
    return network.eval()


def tiny_tracker(seed: int = 1, schema: DescribedSchema = SCHEMA) -> DescribedTracker:
    """A tracker that is wrong, but in a fixed way."""
    return DescribedTracker(
        schema,
        tiny_network(seed),
        UNCALIBRATED,
        name="tiny",
        fingerprint=f"tiny-{seed}",
        validated_tokens=100,
    )


def read_step(
    customer: str, *agent: str, turn: int = 0, plan: SchemaPlan = PLAN
) -> tuple[Step, Places]:
    """The one step of a customer's turn after what the other side said."""
    pending = [Pending(index, 0, text) for index, text in enumerate(agent, start=turn)]
    (read,) = StepReader(plan).steps(pending, turn + len(agent), customer)
    return read


def words_of(step: Step, first: int, last: int) -> str:
    """Some words of a step, to compare by eye."""
    return " ".join(step.forms[first : last + 1])


def names(places: Sequence[int]) -> list[str]:
    """The slots of some numbers."""
    return [SCHEMA.slots[place].name for place in places]
