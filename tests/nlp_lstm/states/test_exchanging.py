import random
from collections import Counter
from pathlib import Path

import pytest

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.states.examples import ExampleReader
from nlp_lstm.states.exchanging import Exchange
from nlp_lstm.states.guide import Guide
from nlp_lstm.states.trainee import StateTrainee, build_trainee
from nlp_lstm.training.data import LoadedCorpus
from tests.nlp_lstm.recipes import recipe_of
from tests.nlp_lstm.states.tiny_states import CONFIG, EXAMPLES, SCHEMA, tiny_network

GUIDE = Guide(dontcare="any")
READ = ExampleReader(SCHEMA, GUIDE)
NAMES = {"acorn guest house", "kings lynn", "the slug and lettuce", "warkworth house"}


def chat(*turns: tuple[str, str, dict[str, str]]) -> LabelledConversation:
    """Turns as (role, text, state); no state for an agent's."""
    labels = tuple(
        TurnLabels(state=tuple(SlotValue(*one) for one in sorted(state.items())))
        if role == "customer"
        else TurnLabels()
        for role, _, state in turns
    )
    said = tuple(Turn(text, role=role) for role, text, _ in turns)  # type: ignore[arg-type]
    return LabelledConversation(Conversation("c", said), labels)


def exchanged(labelled: LabelledConversation, seed: int = 0) -> LabelledConversation:
    return Exchange(SCHEMA, GUIDE)(labelled, READ(labelled), random.Random(seed))


def state(labelled: LabelledConversation, turn: int) -> dict[str, str]:
    return {one.slot: one.value for one in labelled.labels[turn].state or ()}


BOOKING = chat(
    ("agent", "the acorn guest house is in the north", {}),
    ("customer", "a table at 17:30 in the north", {"table-area": "north", "table-time": "17:30"}),
    ("agent", "at the acorn?", {}),
    (
        "customer",
        "yes, the acorn, and at 17:30",
        {"hotel-name": "acorn guest house", "table-area": "north", "table-time": "17:30"},
    ),
)


@pytest.mark.parametrize("seed", range(8))
def test_a_name_and_a_time_are_exchanged_wherever_they_are_said_and_labelled(seed: int) -> None:
    other = exchanged(BOOKING, seed)

    name, time = state(other, 3)["hotel-name"], state(other, 3)["table-time"]
    texts = [turn.text for turn in other.conversation.turns]
    assert name in NAMES
    assert texts == [
        f"the {name} is in the north",
        f"a table at {time} in the north",
        f"at the {name}?",
        f"yes, the {name}, and at {time}",
    ]
    assert state(other, 1) == {"table-area": "north", "table-time": time}


def test_by_chance_every_name_takes_the_place() -> None:
    assert {state(exchanged(BOOKING, seed), 3)["hotel-name"] for seed in range(60)} == NAMES


@pytest.mark.parametrize(
    "labelled",
    [
        pytest.param(
            chat(("customer", "in the north", {"table-area": "north"})),
            id="words with a meaning of their own stay",
        ),
        pytest.param(
            chat(
                ("customer", "book it", {"hotel-name": "kings lynn"}),
                ("customer", "kings lynn i said", {"hotel-name": "kings lynn"}),
            ),
            id="what is labelled before it is said stays",
        ),
        pytest.param(
            chat(("customer", "is there an acorn in the wood", {})),
            id="a part of a name that nobody labels stays",
        ),
        pytest.param(chat(("customer", "hello", {})), id="nothing is said"),
    ],
)
def test_what_is_left_alone(labelled: LabelledConversation) -> None:
    assert exchanged(labelled) is labelled


def test_an_epoch_reads_some_conversations_with_other_values() -> None:
    own, other = READ(BOOKING), READ(exchanged(BOOKING))
    assert own != other
    settings = EXAMPLES.model_copy(update={"exchanged": 0.5})
    learner = StateTrainee(
        tiny_network(), CONFIG, settings, SCHEMA, [own] * 4, [], [], [], exchanged=[[other]] * 4
    )

    read = [
        [batch.gold[:, chat].tolist() for chat in range(4)]
        for epoch in range(20)
        for batch in learner.batches(epoch, random.Random(epoch))
    ]
    golds = [[example.gold for example in examples] for examples in (own, other)]
    chosen = [golds.index(gold) for batch in read for gold in batch]
    assert 20 < sum(chosen) < 60  # of 80


def test_teachers_say_nothing_of_exchanged_values() -> None:
    examples = EXAMPLES.model_copy(
        update={"guide": "woz2", "exchanged": 0.5, "teachers_weight": 0.5}
    )
    recipe = recipe_of(
        "states",
        ["woz2"],
        teachers=["states-woz2"],
        network=CONFIG.model_dump(mode="json"),
        examples=examples.model_dump(mode="json"),
    )
    corpus = LoadedCorpus(recipe.corpora[0], Path(), [BOOKING], [], Counter())

    with pytest.raises(InputError, match="exchanged"):
        build_trainee(recipe, [corpus], None, None, 1)
