"""Training: corpora become batches, a few turns are learnt by heart, and an artefact comes out."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labels import Emotion, LabelledConversation, Sentiment, SentimentLabel, TurnLabels
from nlp_lstm.artefact import ArtefactError, load_artefact, save_artefact
from nlp_lstm.sentiment.building import build_trainee
from nlp_lstm.sentiment.component import SentimentTagger
from nlp_lstm.sentiment.examples import cut_batches, make_batch, make_example, scheme_of
from nlp_lstm.sentiment.sources import is_held_out
from nlp_lstm.sentiment.trainee import SentimentTrainee
from nlp_lstm.text.vectors import PretrainedPieces
from nlp_lstm.training.data import LoadedCorpus
from nlp_lstm.training.loop import train_network
from nlp_lstm.training.recipe import CorpusUse, Recipe
from tests.nlp_lstm.recipes import recipe_of
from tests.nlp_lstm.sentiment.tiny_sentiment import tiny_config
from tests.nlp_lstm.tiny import ROWS, tiny_table, tiny_tokenizer

SETTINGS: dict[str, Any] = {
    "batch_turns": 4,
    "longest_turn": 8,
    "word_dropout": 0.0,
    "held_out": 0.0,
    "judges": ["comments", "scenes"],
    "losses": {"comments": 1.0, "scenes": 1.0, "sentiment": 1.0},
}


class Silent:
    def noticed(self, what: str) -> None: ...

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None: ...

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None: ...


def said(
    name: str, *turns: tuple[str, str, SentimentLabel | None, list[str]]
) -> LabelledConversation:
    return LabelledConversation(
        Conversation(name, tuple(Turn(text, speaker) for speaker, text, _, _ in turns)),
        tuple(
            TurnLabels(sentiment=Sentiment(label, emotions=tuple(map(Emotion, emotions))))
            for _, _, label, emotions in turns
        ),
    )


COMMENTS = [
    said("1", ("", "cheap table !", "positive", ["joy", "love"])),
    said("2", ("", "no table", "negative", ["anger"])),
    said("3", ("", "book four", "neutral", ["neutral"])),
    said("4", ("", "NO NO", "negative", ["anger", "sadness"])),
    said("5", ("", "the north", None, ["surprise"])),
]
# "no" is mad after "cheap" and sad after "book": only the memory can know.
SCENES = [
    said("s1", ("A", "cheap", "positive", ["joyful"]), ("B", "no", "negative", ["mad"])),
    said("s2", ("A", "book", "neutral", ["neutral"]), ("B", "no", "negative", ["sad"])),
]


def loaded(name: str, conversations: Sequence[LabelledConversation]) -> LoadedCorpus:
    use = CorpusUse(name=name, weight=2.0 if name == "scenes" else 1.0)
    return LoadedCorpus(use, Path(), conversations, conversations, Counter())


def recipe(**examples: Any) -> Recipe:
    network = tiny_config(dropout=0.0).model_dump(exclude={"schemes"})
    return recipe_of(
        "sentiment",
        ["comments", "scenes"],
        name="sentiment-tiny",
        network={
            **network,
            "emotions": "comments",
            "hidden_width": 16,
            "turn_width": 24,
            "memory_width": 16,
        },
        examples={**SETTINGS, **examples},
        loop={"epochs": 30, "learning_rate": 0.04},
    )


def tiny_pieces() -> PretrainedPieces:
    torch.manual_seed(0)
    return PretrainedPieces(
        torch.randn(tiny_table().piece_count, ROWS.piece_width), tiny_tokenizer()
    )


def build(**examples: Any) -> SentimentTrainee:
    corpora = [loaded("comments", COMMENTS), loaded("scenes", SCENES)]
    return build_trainee(recipe(**examples), corpora, tiny_pieces(), None, 1)


def test_a_few_turns_are_learnt_by_heart_and_an_artefact_answers_alike(tmp_path: Path) -> None:
    trainee = build()
    train_network(trainee, recipe().loop, seed=1, watcher=Silent())
    figures = trainee.validate()
    # No threshold was held out for, so 0.5 decides.
    assert figures["comments/macro_f1"] == 1
    assert figures["scenes/weighted_f1"] == 1
    assert figures["judged"] == 1

    parts = trainee.describe()
    calibration = trainee.calibrate()
    save_artefact(
        tmp_path / "tiny",
        task="sentiment",
        config={**parts.config, "validated_tokens": 4},
        tensors=trainee.network.state_dict(),
        tokenizer=parts.tokenizer,
        calibration=calibration,
        metrics={},
        card="",
    )
    artefact = load_artefact(tmp_path / "tiny", task="sentiment")
    tagger = SentimentTagger.load(artefact)
    comments = tagger.annotate([labelled.conversation for labelled in COMMENTS])
    sentiments = [labels[0].sentiment for labels in comments]

    assert (tagger.name, tagger.validated_tokens) == ("tiny", 4)
    assert [s.label for s in sentiments if s][:4] == ["positive", "negative", "neutral", "negative"]
    assert [{e.label for e in s.emotions} for s in sentiments if s] == [
        {"joy", "love"},
        {"anger"},
        {"neutral"},
        {"anger", "sadness"},
        {"surprise"},
    ]


def test_an_artefact_without_a_heads_calibration_is_refused(tmp_path: Path) -> None:
    trainee = build()
    parts = trainee.describe()
    trainee.network.eval()
    calibration = trainee.calibrate()
    del calibration["scenes"]
    save_artefact(
        tmp_path / "tiny",
        task="sentiment",
        config={**parts.config, "validated_tokens": 4},
        tensors=trainee.network.state_dict(),
        tokenizer=parts.tokenizer,
        calibration=calibration,
        metrics={},
        card="",
    )

    with pytest.raises(ArtefactError, match="no 'scenes'"):
        SentimentTagger.load(load_artefact(tmp_path / "tiny"))


def test_an_epoch_visits_each_corpus_as_often_as_its_weight_says() -> None:
    trainee = build()
    batches = list(trainee.batches(0, random.Random(1)))

    assert len(batches) == trainee.batch_count()
    turns = Counter[str]()
    for batch in batches:
        turns[batch.scheme] += len(batch.lengths)
    assert turns == {"comments": 5, "scenes": 8}


def test_what_is_held_out_is_decided_by_id_alone() -> None:
    ids = [f"comment{number}" for number in range(2000)]
    tenth = {name for name in ids if is_held_out(name, 0.1)}

    assert 150 < len(tenth) < 250
    assert tenth < {name for name in ids if is_held_out(name, 0.2)}
    assert not any(is_held_out(name, 0.0) for name in ids)


def test_what_is_held_out_is_not_learnt_from() -> None:
    source = build(held_out=0.5).sources["comments"]
    held_out = {labelled.conversation.id for labelled in source.held_out}

    assert held_out == {c.conversation.id for c in COMMENTS if is_held_out(c.conversation.id, 0.5)}
    assert 0 < len(held_out) < len(COMMENTS)
    assert len(source.examples) == len(COMMENTS) - len(held_out)


def test_a_batch_by_hand() -> None:
    table = tiny_table()
    scheme = scheme_of("scenes", SCENES)
    examples = [
        make_example(labelled, scheme, table, longest_turn=8, most_speakers=3)
        for labelled in SCENES
    ]

    batch = make_batch(examples, scheme)

    cheap, no, book = table.ids(["cheap", "no", "book"])
    assert scheme.labels == ("joyful", "mad", "neutral", "sad")
    assert not scheme.several
    assert batch.ids.tolist() == [[cheap], [no], [book], [no]]
    assert batch.conversations == [range(2), range(2, 4)]
    assert batch.runs == [[0], [1], [2], [3]]
    assert batch.emotions.tolist() == [0, 1, 2, 3]
    assert batch.sentiments.tolist() == [2, 0, 1, 0]


def test_targets_of_several_labels() -> None:
    scheme = scheme_of("comments", COMMENTS)
    example = make_example(COMMENTS[0], scheme, tiny_table(), longest_turn=2, most_speakers=3)

    batch = make_batch([example], scheme)

    assert scheme.several
    assert batch.lengths.tolist() == [2]
    assert batch.emotions.tolist() == [[0, 1, 1, 0, 0, 0]]


def test_every_conversation_is_in_one_batch_and_lengths_are_near() -> None:
    scheme = scheme_of("comments", COMMENTS)
    table = tiny_table()
    examples = [
        make_example(
            said(str(n), ("", "no " * (n % 7), None, ["joy"])),
            scheme,
            table,
            longest_turn=9,
            most_speakers=3,
        )
        for n in range(60)
    ]

    batches = list(cut_batches(examples, range(60), 8, random.Random(0)))

    assert sorted(index for batch in batches for index in batch) == list(range(60))
    for batch in batches:
        lengths = {len(examples[index].turns[0]) for index in batch}
        assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        pytest.param({"batch": 3}, "batch = '3'", id="a misspelt setting"),
        pytest.param({"word_dropout": 1.5}, "word_dropout = '1.5'", id="a share above 1"),
        pytest.param({"judges": ["meld"]}, r"found judges \['meld'\]", id="an unknown judge"),
        pytest.param({"losses": {"scenes": 1.0}}, r"losses of \['scenes'\]", id="a loss missing"),
    ],
)
def test_a_recipe_that_does_not_suit_is_named(examples: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(**examples)


def test_without_a_tokenizer_nothing_starts() -> None:
    with pytest.raises(InputError, match="set vectors = true"):
        build_trainee(recipe(), [loaded("comments", COMMENTS)], None, None, 1)


def test_a_corpus_without_emotions_is_named() -> None:
    plain = [said("1", ("", "no", "negative", []))]

    with pytest.raises(InputError, match="a corpus scenes whose turns carry no emotion"):
        build_trainee(
            recipe(),
            [loaded("comments", COMMENTS), loaded("scenes", plain)],
            tiny_pieces(),
            None,
            1,
        )


def test_some_conversations_are_read_as_somebody_might_have_typed_them() -> None:
    plain, typed = build(), build(typed=1.0)
    long = [
        said(str(number), ("", "cheap table book the north table cheap north", None, ["joy"]))
        for number in range(20)
    ]
    corpora = [loaded("comments", [*COMMENTS, *long]), loaded("scenes", SCENES)]
    trainee = build_trainee(recipe(typed=0.5), corpora, tiny_pieces(), None, 1)
    source = trainee.sources["comments"]

    assert not plain.sources["comments"].typed
    assert len(typed.sources["comments"].typed) == len(COMMENTS)
    assert len(source.typed) == len(source.examples)
    changed = sum(a.turns != b.turns for a, b in zip(source.typed, source.examples, strict=True))
    assert 5 < changed < 25
    assert all(
        (a.emotions, a.sentiments) == (b.emotions, b.sentiments)
        for a, b in zip(source.typed, source.examples, strict=True)
    )
    rows = {
        tuple(row) for batch in trainee.batches(0, random.Random(1)) for row in batch.ids.tolist()
    }
    assert any(tuple(turn) in _unpadded(rows) for example in source.typed for turn in example.turns)


def _unpadded(rows: set[tuple[int, ...]]) -> set[tuple[int, ...]]:
    return {tuple(number for number in row if number) for row in rows}


def saved(trainee: SentimentTrainee, directory: Path) -> Path:
    described = trainee.describe()
    save_artefact(
        directory,
        task="sentiment",
        config={"name": "tiny", "validated_tokens": 50, **described.config},
        tensors=trainee.network.state_dict(),
        tokenizer=described.tokenizer,
        calibration=trainee.calibrate(),
        metrics={},
        card="",
    )
    return directory


def test_a_frozen_encoder_stays_what_it_was_while_the_heads_learn(tmp_path: Path) -> None:
    corpora = [loaded("comments", COMMENTS), loaded("scenes", SCENES)]
    start = load_artefact(
        saved(build_trainee(recipe(), corpora, tiny_pieces(), None, 1), tmp_path / "start")
    )
    trainee = build_trainee(recipe(frozen=True), corpora, None, start, 1)
    before = {name: tensor.clone() for name, tensor in trainee.network.state_dict().items()}

    train_network(trainee, recipe().loop.model_copy(update={"epochs": 3}), seed=1, watcher=Silent())

    moved = {
        name.partition(".")[0]
        for name, tensor in trainee.network.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    assert moved == {"conversation", "speaker", "heads"}


def test_a_frozen_encoder_must_be_there(tmp_path: Path) -> None:
    corpora = [loaded("comments", COMMENTS), loaded("scenes", SCENES)]
    start = load_artefact(
        saved(build_trainee(recipe(), corpora, tiny_pieces(), None, 1), tmp_path / "start")
    )
    plan = recipe(frozen=True)
    wider = plan.model_copy(update={"network": {**plan.network, "hidden_width": 24}})

    with pytest.raises(InputError, match="a frozen encoder whose"):
        build_trainee(plan, corpora, tiny_pieces(), None, 1)
    with pytest.raises(InputError, match="a frozen encoder whose"):
        build_trainee(wider, corpora, None, start, 1)


def test_ratings_give_satisfaction_and_a_shift_towards_rare_ones(tmp_path: Path) -> None:
    rated = [
        said(str(n), ("A", "cheap table", None, ["3"]), ("A", "no no", None, ["24"[n % 2]]))
        for n in range(6)
    ]
    plan = recipe(judges=["rated"], losses={"rated": 1.0, "sentiment": 0.0}, class_power=0.5)
    plan = plan.model_copy(update={"network": {**plan.network, "emotions": "rated"}})
    trainee = build_trainee(plan, [loaded("rated", rated)], tiny_pieces(), None, 1)

    assert "rated/macro_f1" in trainee.validate()
    tagger = SentimentTagger.load(load_artefact(saved(trainee, tmp_path / "rated")))

    assert len(tagger.calibration["rated"].shift) == 3
    [[labels, agent]] = tagger.annotate(
        [Conversation("c", (Turn("no no", "A"), Turn("no", "B", "agent")))]
    )
    assert labels.sentiment is not None
    assert labels.sentiment.satisfaction is not None
    assert 2 <= labels.sentiment.satisfaction <= 4
    assert labels.sentiment.frustration is not None
    assert agent.sentiment is not None
    assert (agent.sentiment.satisfaction, agent.sentiment.frustration) == (None, None)
