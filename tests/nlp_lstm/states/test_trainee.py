import random
from pathlib import Path

import pytest
import torch

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.artefact import Artefact, load_artefact, save_artefact
from nlp_lstm.states.component import StateTracker
from nlp_lstm.states.examples import ExampleReader
from nlp_lstm.states.guide import Guide
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.ontology import build_schema
from nlp_lstm.states.outside import LONGEST, SHORTEST, outside_pieces
from nlp_lstm.states.schema import Schema
from nlp_lstm.states.tables import schema_tables
from nlp_lstm.states.trainee import StateTrainee
from nlp_lstm.states.transfer import start_from, with_start_values
from tests.nlp_lstm.states.tiny_states import CONFIG as DROPPING
from tests.nlp_lstm.states.tiny_states import EXAMPLES
from tests.nlp_lstm.tiny import tiny_table

# Eight units have none to spare.
CONFIG = DROPPING.model_copy(update={"dropout": 0.0})
GUIDE = Guide(dontcare="any")


def labelled(name: str, *said: tuple[str, str, dict[str, str]]) -> LabelledConversation:
    """Pairs of (agent, customer) and the state after them."""
    turns: list[Turn] = []
    labels: list[TurnLabels] = []
    for agent, customer, state in said:
        turns += [Turn(agent, role="agent"), Turn(customer, role="customer")]
        held = tuple(SlotValue(slot, value) for slot, value in sorted(state.items()))
        requests = ("phone",) if "number" in customer else ()
        labels += [TurnLabels(), TurnLabels(state=held, requests=requests)]
    return LabelledConversation(Conversation(name, tuple(turns)), tuple(labels))


FOUR = [
    labelled(
        "a",
        ("hello", "a room in the north", {"area": "north"}),
        ("what time?", "at 5 pm", {"area": "north", "time": "17:00"}),
        ("fine", "what is the number", {"area": "north", "time": "17:00"}),
    ),
    labelled(
        "b",
        ("hello", "anything in the south", {"area": "south"}),
        ("what time?", "any time at all", {"area": "south", "time": "any"}),
    ),
    labelled(
        "c",
        ("hello", "try the golden wok", {"name": "golden wok"}),
        ("north?", "yes", {"name": "golden wok", "area": "north"}),
        ("how about 18:30?", "yes", {"name": "golden wok", "area": "north", "time": "18:30"}),
    ),
    labelled(
        "d",
        ("hello", "the wok please", {"name": "golden wok"}),
        ("sure?", "no, forget it", {}),
        ("and now?", "south then", {"area": "south"}),
    ),
]


def schema_of(conversations: list[LabelledConversation]) -> Schema:
    return build_schema(conversations, GUIDE, Path())


def trainee(schema: Schema, seed: int = 0) -> StateTrainee:
    torch.manual_seed(seed)
    network = StateNetwork(CONFIG, schema_tables(schema), tiny_table())
    read = ExampleReader(schema, GUIDE)
    examples = [read(conversation) for conversation in FOUR]
    return StateTrainee(network, CONFIG, EXAMPLES, schema, examples, examples, [], [])


def overfit(learner: StateTrainee, steps: int) -> None:
    learner.network.train()
    optimiser = torch.optim.Adam(
        [
            {"params": list(group.parameters), "lr": 0.02 * group.rate_scale}
            for group in learner.parameter_groups()
        ]
    )
    for epoch in range(steps):
        for batch in learner.batches(epoch, random.Random(epoch)):
            loss = learner.loss(batch, epoch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    learner.network.eval()


def test_four_conversations_are_learnt_by_heart_and_the_artefact_knows_them(
    tmp_path: Path,
) -> None:
    """Labels, batches, loss, own states, calibration, artefact and component, all at once."""
    learner = trainee(schema_of(FOUR))
    overfit(learner, 110)

    assert learner.validate()["joint_goal_accuracy"] == 1
    assert learner.validate()["request_f1"] == 1

    parts = learner.describe()
    save_artefact(
        tmp_path / "tiny",
        task="states",
        config={**parts.config, "validated_tokens": 10},
        tensors=learner.network.state_dict(),
        tokenizer=parts.tokenizer,
        calibration=learner.calibrate(),
        metrics={},
        card="",
    )
    tracker = StateTracker.load(load_artefact(tmp_path / "tiny"))
    for conversation in FOUR:
        predicted = tracker.annotate([conversation.conversation])[0]
        for gold, found in zip(conversation.labels, predicted, strict=True):
            if gold.state is not None:
                assert found.state == gold.state
                assert found.requests == gold.requests


def test_every_parameter_learns_once() -> None:
    learner = trainee(schema_of(FOUR))

    grouped = [id(p) for group in learner.parameter_groups() for p in group.parameters]

    assert sorted(grouped) == sorted(id(p) for p in learner.network.parameters())


def test_batches_cover_every_conversation_whatever_the_seed() -> None:
    learner = trainee(schema_of(FOUR))

    for seed in range(3):
        batches = list(learner.batches(0, random.Random(seed)))
        assert len(batches) == learner.batch_count()
        assert sum(int(batch.exists.sum()) for batch in batches) == 11


def test_a_schema_comes_from_labels_alone() -> None:
    schema = schema_of(FOUR)

    assert [(slot.name, slot.kind) for slot in schema.slots] == [
        ("area", "closed"),
        ("name", "closed"),
        ("time", "time"),
    ]
    assert {value.name for value in schema.values} == {"north", "south", "golden wok"}
    assert schema.requests == ("phone",)


def test_a_tracker_starts_from_another_schemas(tmp_path: Path) -> None:
    """Slots by the mapping; the same words then lead to the same state under other names."""
    first = trainee(schema_of(FOUR))
    overfit(first, 110)
    renamed = [
        LabelledConversation(
            conversation.conversation,
            tuple(
                TurnLabels(
                    state=None
                    if labels.state is None
                    else tuple(SlotValue(f"x-{held.slot}", held.value) for held in labels.state),
                    requests=labels.requests,
                )
                for labels in conversation.labels
            ),
        )
        for conversation in FOUR
    ]
    names = {"x-area": "area", "x-name": "name", "x-time": "time"}
    schema = with_start_values(schema_of(renamed), first.schema, names)
    second = trainee(first.schema, seed=5)
    network = StateNetwork(CONFIG, schema_tables(schema), second.network.rows.table)

    start_from(network, schema, _artefact(first, tmp_path / "start"), first.schema, names)

    read = ExampleReader(schema, GUIDE)
    examples = [read(conversation) for conversation in renamed]
    moved = StateTrainee(network.eval(), CONFIG, EXAMPLES, schema, [], examples, [], [])
    assert moved.validate()["joint_goal_accuracy"] == pytest.approx(1)


def _artefact(learner: StateTrainee, folder: Path) -> Artefact:
    parts = learner.describe()
    save_artefact(
        folder,
        task="states",
        config={**parts.config, "validated_tokens": 10},
        tensors=learner.network.state_dict(),
        tokenizer=parts.tokenizer,
        calibration={},
        metrics={},
        card="",
    )
    return load_artefact(folder)


def test_pieces_from_outside_set_nothing_and_come_in_both_forms() -> None:
    corpus = [
        LabelledConversation(Conversation(f"c{i}", (Turn(f"message {i}"),)), (TurnLabels(),))
        for i in range(40)
    ]

    pieces = outside_pieces([corpus], 60, random.Random(1))

    assert all(SHORTEST <= len(piece.labels) <= LONGEST for piece in pieces)
    assert all(labels.state == () for piece in pieces for labels in piece.labels)
    sided = {any(turn.role == "agent" for turn in p.conversation.turns) for p in pieces}
    assert sided == {True, False}
