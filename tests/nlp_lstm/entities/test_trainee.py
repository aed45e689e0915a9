"""A tagger in training: what it learns from, and that it learns."""

import random

import pytest
import torch

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from nlp_lstm.entities.examples import ExamplesConfig
from nlp_lstm.entities.sources import Source
from nlp_lstm.entities.trainee import EntityTrainee, build_trainee
from nlp_lstm.entities.turns import similar_length_batches
from tests.nlp_lstm.entities.tiny_entities import CONFIG, tiny_network
from tests.nlp_lstm.recipes import recipe_of

NAME = EntitySpan(0, 7, "name")
# The same number is a number after a name, and a city's after a table: only the memory can tell.
CHATS = [
    (("ana lee", (NAME,)), ("no 44", (EntitySpan(3, 5, "number"),)), ("", ())),
    (("the table", ()), ("no 44", (EntitySpan(3, 5, "city"),))),
    (("four", ()), ("book north table four", (EntitySpan(5, 16, "city"),))),
]


def labelled() -> list[LabelledConversation]:
    return [
        LabelledConversation(
            Conversation(str(number), tuple(Turn(text, role="customer") for text, _ in turns)),
            tuple(TurnLabels(entities=spans) for _, spans in turns),
        )
        for number, turns in enumerate(CHATS)
    ]


def trainee(word_dropout: float = 0.0) -> EntityTrainee:
    config = CONFIG.model_copy(update={"dropout": 0.0, "hidden_width": 12, "tagger_width": 16})
    torch.manual_seed(1)
    network = type(tiny_network())(config, tiny_network().rows.table)
    examples = ExamplesConfig(conversations=2, word_dropout=word_dropout, role_dropout=word_dropout)
    source = Source("chats", labelled(), labelled(), frozenset(config.labels))
    return EntityTrainee(config, examples, network, [source])


def test_a_few_chats_are_learnt_by_heart() -> None:
    learner = trainee()
    optimiser = torch.optim.Adam(learner.network.parameters(), lr=0.02)
    learner.network.train()
    for epoch in range(60):
        for batch in learner.batches(epoch, random.Random(epoch)):
            loss = learner.loss(batch, epoch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    learner.network.eval()

    assert learner.validate()["span_f1"] == 1
    assert learner.calibrate()["least"] == pytest.approx(0.5)


def test_every_parameter_learns_in_just_one_group() -> None:
    learner = trainee()
    grouped = [id(p) for group in learner.parameter_groups() for p in group.parameters]

    assert sorted(grouped) == sorted(id(p) for p in learner.network.parameters())
    batch = next(iter(learner.batches(0, random.Random(1))))
    learner.network.train()
    learner.loss(batch, 0).backward()
    assert all(p.grad is not None for p in learner.network.parameters())


def test_an_epoch_visits_every_turn_once() -> None:
    learner = trainee()
    batches = list(learner.batches(0, random.Random(1)))

    assert len(batches) == learner.batch_count() == 2
    assert sum(len(turns.lengths) for batch in batches for turns in batch.turns) == 7


def test_dropout_of_words_leaves_padding_and_tags_alone() -> None:
    (kept, dropped) = (next(iter(trainee(p).batches(0, random.Random(1)))) for p in (0.0, 1.0))

    for before, after in zip(kept.turns, dropped.turns, strict=True):
        assert torch.equal(before.ids == 0, after.ids == 0)
        assert (after.ids <= 1).all()
        assert not after.roles.any()
    assert all(torch.equal(*tags) for tags in zip(kept.chosen, dropped.chosen, strict=True))


def test_batches_of_similar_length_pad_little_and_keep_blank_turns_apart() -> None:
    lengths = [3, 0, 1, 9, 2, 0, 40, 4, 5]
    groups = [sorted(lengths[i] for i in group) for group in similar_length_batches(lengths)]

    assert groups == [[0, 0], [1, 2], [3, 4, 5], [9], [40]]


def test_a_recipe_without_word_pieces_is_refused() -> None:
    recipe = recipe_of("entities", ["multidogo"])
    with pytest.raises(InputError, match="neither vectors nor a model"):
        build_trainee(recipe, [], None, None, 1)
