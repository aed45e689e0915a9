"""Labels, batches, loss, tracker and artefact together: a few chats learnt by heart."""

import random
from collections import Counter
from pathlib import Path

import pytest
import torch

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.published import read_corpus
from nlp_lstm.artefact import save_artefact
from nlp_lstm.loading import load_component
from nlp_lstm.states.described.building import build_trainee
from nlp_lstm.states.described.component import DescribedTracker
from nlp_lstm.states.described.schema import write_schema
from nlp_lstm.states.described.targets import Noise
from nlp_lstm.states.described.trainee import DescribedTrainee
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.vectors import PretrainedPieces
from nlp_lstm.training.data import LoadedCorpus
from nlp_lstm.training.recipe import CorpusUse, Recipe
from tests.nlp_lstm.states.described.tiny_described import CONFIG, EXAMPLES, SCHEMA
from tests.nlp_lstm.tiny import ROWS, tiny_table, tiny_tokenizer

SAMPLES = Path(__file__).parents[3] / "samples"
WIDE = {
    name: 24 for name in type(CONFIG).model_fields if name.endswith("_width") and name != "rows"
}


def recipe(**examples: float) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "tiny",
            "task": "states",
            "tracker": "described",
            "seed": 1,
            "vectors": True,
            "corpora": [{"name": "sgd", "dev": "train"}],
            "network": {**CONFIG.model_dump(), **WIDE},
            "examples": {**EXAMPLES.model_dump(), **examples},
            "loop": {"epochs": 1, "learning_rate": 0.01},
            "card": {
                "description": "Learnt from the sample.",
                "licence": "cc-by-sa-4.0",
                "data": ["Schema-Guided Dialogue."],
                "architecture": "Tiny.",
                "limits": ["Knows nothing."],
            },
        }
    )


def trainee(**examples: float) -> DescribedTrainee:
    plan = recipe(**examples)
    chats = tuple(read_corpus("sgd", SAMPLES, "train"))
    use = CorpusUse(name="sgd", dev="train")
    corpus = LoadedCorpus(use, SAMPLES, chats, chats, Counter())
    torch.manual_seed(1)
    pieces = PretrainedPieces(
        torch.randn(tiny_table().piece_count, ROWS.piece_width), tiny_tokenizer()
    )
    return build_trainee(plan, [corpus], pieces, None, seed=1)


def overfit(learner: DescribedTrainee, steps: int) -> list[float]:
    learner.network.train()
    optimiser = torch.optim.Adam(learner.network.parameters(), lr=0.02)
    losses = []
    for epoch in range(steps):
        for batch in learner.batches(epoch, random.Random(epoch)):
            loss = learner.loss(batch, epoch)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learner.network.parameters(), 5.0)
            optimiser.step()
            losses.append(float(loss.detach()))
    learner.network.eval()
    return losses


def test_chats_are_learnt_by_heart_and_the_artefact_knows_them(tmp_path: Path) -> None:
    """The sample of Schema-Guided Dialogue; its artefact then reads other schemas as well."""
    learner = trainee()
    overfit(learner, 100)

    assert learner.validate()["sgd_joint_goal_accuracy"] == 1

    parts = learner.describe()
    model = tmp_path / "reader"
    save_artefact(
        model,
        task="states",
        config={**parts.config, "validated_tokens": 10},
        tensors=learner.network.state_dict(),
        tokenizer=parts.tokenizer,
        calibration=learner.calibrate(),
        metrics={},
        card="",
    )
    tracker = load_component(model)
    for gold in read_corpus("sgd", SAMPLES, "train"):
        (predicted,) = tracker.annotate([gold.conversation])
        for right, found in zip(gold.labels, predicted, strict=True):
            if right.state is not None:
                wanted = {one.slot: {one.value, *one.also} for one in right.state}
                held = {one.slot: {one.value, *one.also} for one in found.state or ()}
                assert wanted.keys() == held.keys()
                assert all(wanted[slot] & held[slot] for slot in wanted)
                assert found.requests == right.requests

    (tmp_path / "mine.toml").write_text(write_schema(SCHEMA), encoding="utf-8")
    mine = load_component(f"{model}+{tmp_path / 'mine.toml'}", task="states")
    assert isinstance(mine, DescribedTracker)
    assert mine.schema == SCHEMA
    assert mine.fingerprint != tracker.fingerprint
    assert mine.annotate([Conversation("c", (Turn("the Acorn up north"),))])


def test_noise_and_hidden_words_leave_a_loss_that_falls() -> None:
    noisy = {
        "word_dropout": 0.1,
        "value_dropout": 0.5,
        "forgotten": 0.3,
        "unheard": 0.3,
        "bystanders": 1.0,
        "lower": 0.5,
        "removals": 1.0,
        "plain": 0.5,
        "described_dropout": 0.1,
    }
    losses = overfit(trainee(**noisy), 25)

    assert sum(losses[-5:]) < 0.6 * sum(losses[:5])


def test_plainer_slots_are_read_but_not_saved() -> None:
    learner = trainee(plain=1.0)

    plan = learner._plan
    saved = {slot["name"] for slot in learner.describe().config["schema"]["slots"]}

    followed = {slot for examples in learner._train for slot in examples[0].view}
    assert followed
    assert saved.isdisjoint(plan.slots[slot].slot.name for slot in followed)


def test_words_of_descriptions_are_hidden_in_training_alone() -> None:
    learner = trainee(described_dropout=0.5)
    noise = Noise(0.0, 0.0, random.Random(0))

    read, learnt = (learner.batch(learner._train, some).words for some in (None, noise))

    changed = read.descriptions != learnt.descriptions
    assert 0.3 < float(changed.sum() / (read.descriptions != FormTable.PADDING).sum()) < 0.7
    assert set(learnt.descriptions[changed].tolist()) == {FormTable.UNKNOWN}


def test_a_corpus_that_counts_more_than_another_is_refused() -> None:
    heavy = LoadedCorpus(CorpusUse(name="sgd", weight=2.0), SAMPLES, (), (), Counter())

    with pytest.raises(InputError, match="corpus sgd with a weight of 2, expected none"):
        build_trainee(recipe(), [heavy], None, None, seed=1)


def test_every_parameter_learns_once() -> None:
    learner = trainee()

    grouped = [id(p) for group in learner.parameter_groups() for p in group.parameters]

    assert sorted(grouped) == sorted(id(p) for p in learner.network.parameters())


def test_batches_cover_every_conversation_whatever_the_seed() -> None:
    learner = trainee(conversations=1)

    for seed in range(3):
        batches = list(learner.batches(0, random.Random(seed)))
        assert len(batches) == learner.batch_count() == 2
        assert sorted(int(batch.exists.sum()) for batch in batches) == [5, 6]
