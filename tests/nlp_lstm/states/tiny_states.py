"""A tracker small enough to see through: four slots, six values, random weights."""

import torch

from nlp_lstm.component import Identity
from nlp_lstm.states.calibration import UNCALIBRATED
from nlp_lstm.states.component import StateTracker
from nlp_lstm.states.config import ExampleSettings, StateNetworkConfig
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.schema import Rewrite, Schema, Slot, Value
from nlp_lstm.states.tables import schema_tables
from tests.nlp_lstm.tiny import ROWS, tiny_table

AREAS = ("north", "south")

SCHEMA = Schema(
    slots=(
        Slot(name="hotel-area", kind="closed", offered=AREAS, related=("table-area",)),
        Slot(name="hotel-name", kind="open", offered=(), related=()),
        Slot(name="table-area", kind="closed", offered=AREAS, related=("hotel-area",)),
        Slot(name="table-time", kind="time", offered=(), related=()),
    ),
    values=(
        Value(name="north", slots=(0, 2), count=40, aliases=("northern",)),
        Value(name="south", slots=(0, 2), count=30, aliases=()),
        Value(name="acorn guest house", slots=(1,), count=20, aliases=()),
        Value(name="kings lynn", slots=(1,), count=4, aliases=()),
        Value(name="the slug and lettuce", slots=(1,), count=1, aliases=()),
        Value(name="warkworth house", slots=(1,), count=0, aliases=()),
    ),
    requests=("address", "phone"),
    dontcare="any",
    rewrites=(
        Rewrite(words="guesthouse", read_as="guest house"),
        Rewrite(words="b & b", read_as="bed and breakfast"),
    ),
    dropped=("the", "and", "&", "s", ".", ",", "!", "?", "'"),
    tails=("guest house", "house"),
    common_words=("guest", "house", "north", "south", "the", "a", "in"),
    known_words=("guest", "house", "north", "south", "the", "a", "in", "i", "want", "table"),
)

CONFIG = StateNetworkConfig(
    rows=ROWS,
    tag_width=4,
    side_width=2,
    hidden_width=8,
    key_width=6,
    queries=2,
    summary_width=6,
    memory_width=5,
    slot_width=10,
    mix_width=12,
    slot_memory_width=4,
    value_width=5,
    mention_width=7,
    offer_width=9,
    match_width=4,
    dropout=0.1,
)

EXAMPLES = ExampleSettings(
    guide="",
    conversations=4,
    word_dropout=0.0,
    mention_dropout=0.0,
    own_states_from=0,
    most_own_states=0.5,
    own_states_growth=0.5,
    stale_weight=0.2,
    outside=0.0,
    request_weight=1.0,
)


def tiny_network(seed: int = 1, schema: Schema = SCHEMA) -> StateNetwork:
    """Random weights, large enough that states do change."""
    torch.manual_seed(seed)
    network = StateNetwork(CONFIG, schema_tables(schema), tiny_table())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3).add_(torch.randn_like(parameter) * 0.5)
    return network.eval()


def tiny_tracker(seed: int = 1) -> StateTracker:
    """A tracker that is wrong, but in a fixed way."""
    return StateTracker(
        SCHEMA,
        tiny_network(seed),
        UNCALIBRATED,
        identity=Identity("tiny", f"tiny-{seed}", 100),
    )
