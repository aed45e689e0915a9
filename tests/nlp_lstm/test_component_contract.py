"""What every component promises, asked of all of them: `nlp_lstm.component.Component`."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.conversation import ROLES, Conversation, Turn
from corpora.labels import Emotion, EntitySpan, StateChange, TurnLabels
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import TASKS, Component, Memory, Task
from nlp_lstm.loading import load_component
from nlp_lstm.native.kernels import find_kernels

CLOSE = 1e-5
# Which parts of `TurnLabels` a task fills.
PARTS: dict[Task, set[str]] = {
    "states": {"state", "changes", "requests", "state_confidence"},
    "entities": {"entities", "entities_confidence"},
    "sentiment": {"sentiment"},
}
WORDS = (
    "book",
    "the",
    "cheap",
    "table",
    "north",
    "south",
    "no",
    "4",
    "ana@b.co",
    "😀",
    "!",
    "שלום",
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=12)
TURNS = st.builds(
    Turn, TEXTS, speaker=st.sampled_from(["", "Ana", "Ben"]), role=st.sampled_from([None, *ROLES])
)
CHATS = st.lists(st.lists(TURNS, max_size=6).map(tuple), max_size=4)
# The component is loaded once for all examples.
LAW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


BY_OTHERS = [f"{task} by {backend}" for task in TASKS for backend in ("native", "onnx")]


@pytest.fixture(scope="module", params=[*TASKS, "reader", *BY_OTHERS])
def component(
    request: pytest.FixtureRequest, tiny_models: Mapping[Task, Path], tiny_reader: Path
) -> Component:
    if request.param == "reader":
        return load_component(tiny_reader, task="states")
    task, _, backend = request.param.partition(" by ")
    if backend == "native" and find_kernels() is None:
        pytest.skip("no compiled kernels")
    if backend:
        return load_component(tiny_models[task], backend=backend)
    return load_component(tiny_models[request.param], task=request.param)


def conversations(chats: list[tuple[Turn, ...]]) -> list[Conversation]:
    return [Conversation(str(number), turns) for number, turns in enumerate(chats)]


def stepped(component: Component, turns: tuple[Turn, ...]) -> tuple[list[TurnLabels], Memory]:
    memory = component.start()
    answers = []
    for turn in turns:
        labels, memory = component.step(memory, turn)
        answers.append(labels)
    return answers, memory


def assert_close(
    found: Sequence[EntitySpan | StateChange | Emotion] | None,
    expected: Sequence[EntitySpan | StateChange | Emotion] | None,
) -> None:
    assert (found is None) == (expected is None)
    for mine, theirs in zip(found or (), expected or (), strict=True):
        assert mine.confidence == pytest.approx(theirs.confidence, abs=CLOSE)
        assert replace(mine, confidence=0.0) == replace(theirs, confidence=0.0)


def assert_same(found: TurnLabels, expected: TurnLabels) -> None:
    """Equal labels, confidences within `CLOSE`."""
    assert found.state == expected.state
    assert found.requests == expected.requests
    assert found.state_confidence == pytest.approx(expected.state_confidence, abs=CLOSE)
    assert found.entities_confidence == pytest.approx(expected.entities_confidence, abs=CLOSE)
    assert_close(found.entities, expected.entities)
    assert_close(found.changes, expected.changes)
    if found.sentiment is not None and expected.sentiment is not None:
        assert found.sentiment.label == expected.sentiment.label
        assert found.sentiment.confidence == pytest.approx(expected.sentiment.confidence, abs=CLOSE)
        assert_close(found.sentiment.emotions, expected.sentiment.emotions)
        assert found.sentiment.valence == pytest.approx(expected.sentiment.valence, abs=CLOSE)


def test_it_says_what_it_is(component: Component) -> None:
    assert component.name in {f"tiny-{component.task}", "tiny-reader"}
    assert component.fingerprint
    assert component.validated_tokens == 50


@LAW
@given(chats=CHATS)
def test_annotating_gives_what_stepping_gives(
    component: Component, chats: list[tuple[Turn, ...]]
) -> None:
    whole = component.annotate(conversations(chats))

    assert len(whole) == len(chats)
    for turns, annotated in zip(chats, whole, strict=True):
        for found, expected in zip(annotated, stepped(component, turns)[0], strict=True):
            assert_same(found, expected)


@LAW
@given(chats=CHATS)
def test_who_is_annotated_beside_it_changes_nothing(
    component: Component, chats: list[tuple[Turn, ...]]
) -> None:
    given_order = conversations(chats)
    backwards = component.annotate(given_order[::-1])[::-1]

    for found, expected in zip(component.annotate(given_order), backwards, strict=True):
        for mine, theirs in zip(found, expected, strict=True):
            assert_same(mine, theirs)


@LAW
@given(turns=st.lists(TURNS, min_size=1, max_size=6).map(tuple), cut=st.integers(0, 5))
def test_what_is_said_later_changes_nothing(
    component: Component, turns: tuple[Turn, ...], cut: int
) -> None:
    (whole,) = component.annotate([Conversation("whole", turns)])
    (start,) = component.annotate([Conversation("start", turns[:cut])])

    for found, expected in zip(start, whole, strict=False):
        assert_same(found, expected)


@LAW
@given(turn=TURNS)
def test_it_fills_its_own_part_and_no_other(component: Component, turn: Turn) -> None:
    labels, _ = component.step(component.start(), turn)

    filled = {field.name for field in fields(labels) if getattr(labels, field.name) is not None}
    assert filled == PARTS[component.task]
    for span in labels.entities or ():
        assert 0 <= span.start < span.end <= len(turn.text)


@LAW
@given(turns=st.lists(TURNS, max_size=5).map(tuple), turn=TURNS)
def test_a_memory_is_a_value_that_survives_storage(
    component: Component, turns: tuple[Turn, ...], turn: Turn
) -> None:
    _, memory = stepped(component, turns)
    stored = memory.to_bytes()
    expected, _ = component.step(memory, turn)

    again, after = component.step(Memory.from_bytes(stored), turn)

    assert memory.to_bytes() == stored
    assert_same(again, expected)
    assert (memory.turns, after.turns) == (len(turns), len(turns) + 1)


def test_a_memory_stops_growing(component: Component) -> None:
    turns = tuple(
        Turn(f"book table {number} in the north or south, no 4", speaker=f"speaker {number}")
        for number in range(60)
    )
    _, half = stepped(component, turns[:30])
    _, full = stepped(component, turns)

    assert len(full.to_bytes()) < 1.05 * len(half.to_bytes())


def test_another_models_memory_is_refused(component: Component) -> None:
    foreign = replace(component.start(), fingerprint="another")

    with pytest.raises(ArtefactError, match="a memory of model another, expected one of model"):
        component.step(foreign, Turn("hello"))


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud83d", "a" * 5000, "?!" * 2000])
def test_any_text_gets_an_answer(component: Component, text: str) -> None:
    (answers,) = component.annotate([Conversation("odd", (Turn(text), Turn("book")))])

    assert len(answers) == 2


def test_nothing_gives_nothing(component: Component) -> None:
    assert component.annotate([]) == []
    assert component.annotate([Conversation("empty", ())]) == [[]]
