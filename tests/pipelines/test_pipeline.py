"""Whole or turn by turn, alone or in company, a conversation gets the same answers."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import TurnLabels
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Task
from nlp_lstm.text.words import count_words, split_words
from pipelines.annotation import TurnAnnotation
from pipelines.memory import PipelineMemory
from pipelines.pipeline import ConversationPipeline
from tests.pipelines.fakes import FakeComponent, conversation, fake_components, fake_pipeline

WORDS = ["no", "table", "for", "4", "people", "area=north", "area=south", "😀", "", "e-mail"]


def long_chat(turns: int, seed: int = 7) -> Conversation:
    draw = random.Random(seed)
    return conversation(
        *(" ".join(draw.choices(WORDS, k=draw.randrange(12))) for _ in range(turns))
    )


def stepped(pipeline: ConversationPipeline, chat: Conversation) -> list[TurnAnnotation]:
    memory = pipeline.start()
    annotations = []
    for turn in chat.turns:
        annotation, memory = pipeline.step(memory, turn)
        annotations.append(annotation)
        memory = PipelineMemory.from_bytes(memory.to_bytes())
    return annotations


def test_a_long_chat_gets_the_same_answers_whole_and_turn_by_turn() -> None:
    pipeline = fake_pipeline()
    chat = long_chat(300)

    [whole] = pipeline.annotate([chat])

    assert list(whole.turns) == stepped(pipeline, chat)


def numbers(labels: TurnLabels) -> list[float]:
    """Everything in labels that is not exact."""
    mood = labels.sentiment
    found = [span.confidence for span in labels.entities or ()]
    found += [change.confidence for change in labels.changes or ()]
    found += [] if labels.state_confidence is None else [labels.state_confidence]
    if mood is not None:
        found += [mood.confidence, *(emotion.confidence for emotion in mood.emotions)]
        found += [] if mood.valence is None else [mood.valence]
    return found


def words_of(labels: TurnLabels) -> list[object]:
    """Everything in labels that is exact."""
    mood = labels.sentiment
    return [
        [(span.start, span.end, span.label) for span in labels.entities or ()],
        labels.state,
        [(c.operation, c.slot, c.value, c.evidence) for c in labels.changes or ()],
        labels.requests,
        mood and (mood.label, [emotion.label for emotion in mood.emotions]),
    ]


def test_networks_say_the_same_whole_and_turn_by_turn(tiny_models: dict[Task, Path]) -> None:
    pipeline = ConversationPipeline.load(list(tiny_models.values()))
    chats = [long_chat(300), long_chat(7, seed=1), long_chat(40, seed=2)]

    whole = list(pipeline.annotate(chats))

    changes = 0
    for annotated in whole:
        for at_once, step in zip(
            annotated.turns, stepped(pipeline, annotated.conversation), strict=True
        ):
            changes += len(at_once.labels.changes or ())
            assert (at_once.index, at_once.context_tokens) == (step.index, step.context_tokens)
            assert words_of(at_once.labels) == words_of(step.labels)
            assert numbers(at_once.labels) == pytest.approx(numbers(step.labels), abs=1e-5)
    assert changes


def test_models_of_one_task_are_refused(tiny_models: dict[Task, Path]) -> None:
    with pytest.raises(ArtefactError, match="a second model for states"):
        ConversationPipeline.load([tiny_models["states"], tiny_models["states"]])


def test_context_tokens_count_this_turn_and_all_before() -> None:
    [annotated] = fake_pipeline().annotate([conversation("one two", "", "three, four")])

    assert [(turn.index, turn.context_tokens) for turn in annotated.turns] == [
        (0, 2),
        (1, 2),
        (2, 5),
    ]


@pytest.mark.parametrize("text", ["", " ", "a@b.de says: 'no!' 😀", "don't", "x" * 300])
def test_counting_words_is_splitting_them(text: str) -> None:
    assert count_words(text) == len(split_words(text).forms)


@pytest.mark.parametrize("buffer_turns", [1, 3, 1000])
def test_order_is_kept_however_much_is_gathered(buffer_turns: int) -> None:
    chats = [replace(long_chat(i, seed=i), id=str(i)) for i in range(9)]

    annotated = list(fake_pipeline().annotate(chats, buffer_turns=buffer_turns))

    assert [a.conversation.id for a in annotated] == [chat.id for chat in chats]
    assert [len(a.turns) for a in annotated] == list(range(9))


def test_reading_ahead_is_bounded() -> None:
    read = 0

    def endless() -> Iterator[Conversation]:
        nonlocal read
        while True:
            read += 1
            yield conversation("hello", "hi")

    next(fake_pipeline().annotate(endless(), buffer_turns=10))

    assert read == 5


def test_one_bad_conversation_leaves_its_neighbours_alone() -> None:
    chats = [conversation("fine", id="a"), conversation("boom", id="b"), conversation("ok", id="c")]

    first, bad, last = fake_pipeline().annotate(chats)

    assert first.failure is None
    assert len(first.turns) == len(last.turns) == 1
    assert bad.turns == ()
    assert bad.failure is not None
    assert bad.failure.reason == "RuntimeError: the model fell over"
    assert (bad.failure.source, bad.failure.line, bad.failure.conversation) == (
        "chats/1.txt",
        1,
        "b",
    )


def test_a_component_that_forgets_a_turn_is_a_failure() -> None:
    class Short(FakeComponent):
        def annotate(self, conversations):  # type: ignore[no-untyped-def]  # as short as the answer
            return [labels[:-1] for labels in super().annotate(conversations)]

    [annotated] = ConversationPipeline([Short("states")]).annotate([conversation("a", "b")])

    assert annotated.failure is not None


def test_what_was_read_before_the_source_broke_comes_out_first() -> None:
    def broken() -> Iterator[Conversation]:
        yield conversation("fine")
        raise OSError("disk gone")

    annotated = fake_pipeline().annotate(broken())

    assert next(annotated).failure is None
    with pytest.raises(OSError, match="disk gone"):
        next(annotated)


def test_a_task_without_a_component_stays_none() -> None:
    [annotated] = ConversationPipeline([FakeComponent("entities")]).annotate([conversation("4")])
    labels = annotated.turns[0].labels

    assert labels.entities
    assert (labels.state, labels.requests, labels.sentiment) == (None,) * 3


def test_two_components_of_one_task_are_refused() -> None:
    with pytest.raises(ValueError, match="each once"):
        ConversationPipeline([FakeComponent("states"), FakeComponent("states")])


def test_another_pipelines_memory_is_refused() -> None:
    memory = ConversationPipeline(fake_components()[:2]).start()

    with pytest.raises(ArtefactError, match="states, entities, sentiment"):
        fake_pipeline().step(memory, Turn("hello"))


@pytest.mark.parametrize("stored", [b"", b"\x80\x04pickle", b"\x02\0\0\0\0\0\0\0{}"])
def test_bytes_that_are_no_memory_are_refused(stored: bytes) -> None:
    with pytest.raises(ArtefactError, match="no memory of a pipeline"):
        PipelineMemory.from_bytes(stored)


def test_a_language_that_the_models_do_not_know_gets_no_confidence() -> None:
    chat = conversation(
        "hello, I need 4 tables please",
        "Ach so, können wir 4 Tische in area=north auf Deutsch bestellen, das wäre mir lieber",
        "ja gern",
        "Sorry, that was meant for my colleague: we need 4 tables in the north, thank you",
    )
    pipeline = fake_pipeline()

    [whole] = pipeline.annotate([chat])

    assert list(whole.turns) == stepped(pipeline, chat)
    assert [bool(turn.unread) for turn in whole.turns] == [False, True, True, False]
    assert set(whole.turns[1].unread) == set(pipeline.components)
    assert all(number == 0 for number in numbers(whole.turns[1].labels))
    assert whole.turns[1].labels.entities
    assert whole.turns[1].mood is None
    assert max(numbers(whole.turns[3].labels)) > 0


def test_models_that_learnt_another_language_are_believed_in_it() -> None:
    chat = conversation("Ach so, können wir 4 Tische auf Deutsch bestellen, das wäre mir lieber")
    components = [FakeComponent("states"), FakeComponent("entities")]

    [annotated] = ConversationPipeline(components, other_languages=["states"]).annotate([chat])

    assert annotated.turns[0].unread == ("entities",)
    assert annotated.turns[0].labels.state_confidence
    assert [span.confidence for span in annotated.turns[0].labels.entities or ()] == [0]
