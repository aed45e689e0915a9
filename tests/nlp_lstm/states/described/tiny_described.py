"""A schema of every sort of slot, and schema-reading networks small enough to see through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

import torch
from torch import Tensor

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.component import Identity
from nlp_lstm.states.calibration import UNCALIBRATED
from nlp_lstm.states.described.component import DescribedTracker
from nlp_lstm.states.described.config import DescribedExamples, DescribedNetworkConfig
from nlp_lstm.states.described.examples import ExampleReader
from nlp_lstm.states.described.gold import Entry, Example
from nlp_lstm.states.described.network import DescribedNetwork
from nlp_lstm.states.described.plan import SchemaPlan
from nlp_lstm.states.described.reading import Places, Step, StepReader
from nlp_lstm.states.described.readings import Reading
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

# Nothing left to chance: what is said is what is read.
EXAMPLES = DescribedExamples.model_validate(
    {
        **dict.fromkeys(DescribedExamples.model_fields, 0.0),
        "conversations": 4,
        "offer_weight": 1.0,
        "end_weight": 1.0,
        "request_weight": 1.0,
    }
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
        identity=Identity("tiny", f"tiny-{seed}", 100),
    )


def read_step(
    customer: str, *agent: str, turn: int = 0, plan: SchemaPlan = PLAN
) -> tuple[Step, Places]:
    """The one step of a customer's turn after what the other side said."""
    pending = [Pending(index, 0, text) for index, text in enumerate(agent, start=turn)]
    (read,) = StepReader(plan).steps(pending, turn + len(agent), customer)
    return read


def reading(**parts: Tensor) -> Reading:
    """What a network made of steps, as far as it matters; the rest is empty."""
    empty = {part.name: torch.zeros(0) for part in fields(Reading)}
    return Reading(**{**empty, **parts})


@dataclass(frozen=True, slots=True)
class Said:
    """What an agent and then a customer say, and the labels of both.

    Attributes:
        agent: Nothing where the customer goes on.
        customer: The customer's turn.
        state: Slot → its value or values after it; None where nobody labelled it.
        also: Slot → other spellings of its value.
        marked: Slot → words of the customer that are marked as its value.
        offered: Slot → words of the agent that are.
        requests: Slots that are asked about.
    """

    agent: str
    customer: str
    state: Mapping[str, str | tuple[str, ...]] | None
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marked: Mapping[str, str] = field(default_factory=dict)
    offered: Mapping[str, str] | None = None
    requests: tuple[str, ...] = ()


def labelled(*said: Said, name: str = "chat", meta: object = None) -> LabelledConversation:
    """A labelled conversation of these turns."""
    turns: list[Turn] = []
    labels: list[TurnLabels] = []
    for one in said:
        if one.agent:
            turns.append(Turn(one.agent, role="agent"))
            offered = one.offered
            labels.append(
                TurnLabels(None if offered is None else marks(one.agent, offered.items()))
            )
        turns.append(Turn(one.customer, role="customer"))
        state = None if one.state is None else one.state.items()
        labels.append(
            TurnLabels(
                entities=marks(one.customer, one.marked.items()),
                state=None
                if state is None
                else tuple(
                    sorted(
                        SlotValue(slot, value, one.also.get(slot, ()))
                        for slot, values in state
                        for value in ([values] if isinstance(values, str) else values)
                    )
                ),
                requests=one.requests,
            )
        )
    about = {} if meta is None else {"services": meta}
    return LabelledConversation(Conversation(name, tuple(turns), meta=about), tuple(labels))


def marks(text: str, words: Iterable[tuple[str, str]]) -> tuple[EntitySpan, ...]:
    """The last place at which a text says each slot's words, as labelled spans."""
    starts = ((slot, text.rindex(said), said) for slot, said in words)
    return tuple(sorted(EntitySpan(start, start + len(said), slot) for slot, start, said in starts))


def examples(*said: Said, plan: SchemaPlan = PLAN) -> list[Example]:
    """What training reads of a conversation: one example a customer's turn."""
    return ExampleReader(plan)(labelled(*said))


def entries(example: Example, slot: str, plan: SchemaPlan = PLAN) -> set[str] | None:
    """In words what gives a slot its labelled value; None where it simply stays."""
    place = list(example.view).index(plan.schema.slot_index[slot])
    right = example.right.get(place)
    if right is None:
        return None
    return {_named(example, plan, place, Entry(entry), index) for entry, index in right}


def _named(example: Example, plan: SchemaPlan, place: int, entry: Entry, index: int) -> str:
    match entry:
        case Entry.PLAIN:
            return ("nothing", "any", "keep")[index]
        case Entry.OFFER:
            return "offer"
        case Entry.VALUE:
            return f"value {plan.slots[example.view[place]].values[index]}"
        case Entry.COPY:
            return f"copy {plan.schema.slots[example.view[index]].name}"
        case Entry.START:
            return f"word {index - example.step.user_starts}"
