"""The components over a conversation: whole and batched, or turn by turn, with equal answers."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from corpora.conversation import Conversation, Turn
from corpora.errors import ToolkitError
from corpora.labels import TurnLabels
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import TASKS, Component, Memory, Task
from nlp_lstm.loading import Backend, knows_english, load_component
from nlp_lstm.text.language import START, heard, is_foreign
from nlp_lstm.text.words import count_words
from pipelines.tracking import (
    Mood,
    Moods,
    followed,
    moods_from_facts,
    moods_to_facts,
    speaker_of,
)

# Turns gathered before a batch is cut. Throughput is flat from some hundreds on, memory is not.
BUFFER_TURNS = 2000


@dataclass(frozen=True, slots=True)
class TurnAnnotation:
    """What the pipeline says about one turn.

    Attributes:
        index: Place of the turn in its conversation, from 0.
        labels: What the components found; None where the pipeline has none for the task.
        context_tokens: Words of the conversation read so far, this turn included.
        mood: Where the speaker's mood is heading; None where the turn has none.
        unread: Tasks whose models do not know the language that is spoken by then; what they say
            has confidence 0.
        failed: Tasks whose models raised an error; they have no labels.
    """

    index: int
    labels: TurnLabels
    context_tokens: int
    mood: Mood | None = None
    unread: tuple[Task, ...] = ()
    failed: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A document, or a part of one, that could not be annotated.

    Attributes:
        reason: One line for people.
        source: The file, where there is one.
        line: Line of it, from 1, where that is known.
        conversation: Which conversation, where it could be read at all.
    """

    reason: str
    source: str | None = None
    line: int | None = None
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class AnnotatedConversation:
    """A conversation and one annotation a turn, or none and the failure that prevented them."""

    conversation: Conversation
    turns: tuple[TurnAnnotation, ...]
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PipelineMemory:
    """What a pipeline remembers of one conversation: a value, bounded in size.

    Attributes:
        memories: Of each component.
        turns: Turns read.
        context_tokens: Words read.
        moods: Of the speakers.
        english: How much speaks for English; see `nlp_lstm.text.language`.
    """

    memories: Mapping[Task, Memory]
    turns: int = 0
    context_tokens: int = 0
    moods: Moods = field(default_factory=dict)
    english: float = START

    def to_bytes(self) -> bytes:
        """The memory as a safetensors file that holds the components' as bytes."""
        stored = {
            str(task): np.frombuffer(memory.to_bytes(), dtype=np.uint8)
            for task, memory in self.memories.items()
        }
        facts = {
            "turns": self.turns,
            "context_tokens": self.context_tokens,
            "moods": moods_to_facts(self.moods),
            "english": self.english,
        }
        return save_arrays(stored, metadata={"pipeline": json.dumps(facts)})

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            ArtefactError: `stored` is no memory of a pipeline.
        """
        try:
            arrays = load_arrays(stored)
            header = json.loads(stored[8 : 8 + int.from_bytes(stored[:8], "little")])
            facts = json.loads(header["__metadata__"]["pipeline"])
            turns, tokens = int(facts["turns"]), int(facts["context_tokens"])
            moods, english = moods_from_facts(facts["moods"]), float(facts["english"])
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise ArtefactError(
                "memory",
                found=f"{len(stored)} bytes that are no memory of a pipeline ({error})",
                expected="what PipelineMemory.to_bytes wrote",
                remedy="start the conversation anew",
            ) from error
        memories = {task: Memory.from_bytes(array.tobytes()) for task, array in arrays.items()}
        return cls(memories, turns, tokens, moods, english)  # type: ignore[arg-type]  # step() checks


class ConversationPipeline:
    """Components of different tasks that read the same turns.

    Args:
        components: At most one a task, at least one in all.
        other_languages: Tasks whose models learnt from conversations that were not in English.
    """

    def __init__(
        self, components: Sequence[Component], *, other_languages: Collection[Task] = ()
    ) -> None:
        tasks = [component.task for component in components]
        if not tasks or len(set(tasks)) < len(tasks):
            raise ValueError(f"components of {tasks or 'no tasks'}: need one or more, each once")
        self.components: dict[Task, Component] = {c.task: c for c in components}
        self._english = tuple(task for task in self.components if task not in other_languages)

    @classmethod
    def load(cls, models: Sequence[str | Path], *, backend: Backend = "torch") -> Self:
        """A pipeline of shipped models, by name, or of model directories.

        Args:
            models: At most one a task.
            backend: What computes: `torch` in batches, `onnx` turn by turn and without torch, or
                `auto`, the second where it is installed.

        Raises:
            ArtefactError: A model is missing or damaged, or two are of one task.
        """
        components: dict[Task, Component] = {}
        other_languages: list[Task] = []
        for model in models:
            component = load_component(model, backend=backend)
            if component.task in components:
                raise ArtefactError(
                    str(model),
                    found=f"a second model for {component.task}",
                    expected=f"only {components[component.task].name}",
                    remedy="name one model a task",
                )
            components[component.task] = component
            if not knows_english(model):
                other_languages.append(component.task)
        return cls(list(components.values()), other_languages=other_languages)

    def start(self) -> PipelineMemory:
        """The memory before the first turn."""
        return PipelineMemory({task: c.start() for task, c in self.components.items()})

    def step(self, memory: PipelineMemory, turn: Turn) -> tuple[TurnAnnotation, PipelineMemory]:
        """Annotate the next turn of the conversation that `memory` has read.

        Raises:
            ArtefactError: `memory` was written by another pipeline.
        """
        if memory.memories.keys() != self.components.keys():
            raise ArtefactError(
                "memory",
                found=f"one of tasks {', '.join(memory.memories)}",
                expected=f"one of tasks {', '.join(self.components)}",
                remedy="load the models that wrote it, or start the conversation anew",
            )
        parts: dict[Task, TurnLabels] = {}
        memories: dict[Task, Memory] = {}
        failed: list[Task] = []
        for task, component in self.components.items():
            try:
                parts[task], memories[task] = component.step(memory.memories[task], turn)
            except ToolkitError:
                raise  # another model's memory is the caller's mistake
            except Exception:  # whatever a model may raise, the others still answer
                if len(failed) + 1 == len(self.components):
                    raise
                failed.append(task)
                memories[task] = memory.memories[task]
        tokens = memory.context_tokens + count_words(turn.text)
        labels = _merge(*(parts.get(task, _NOTHING) for task in TASKS))
        english = heard(memory.english, turn.text)
        unread = self._english if is_foreign(english) else ()
        labels = doubted(labels, unread)
        moods, mood = _heard(memory.moods, memory.turns, turn, labels)
        annotation = TurnAnnotation(memory.turns, labels, tokens, mood, unread, tuple(failed))
        return annotation, PipelineMemory(memories, memory.turns + 1, tokens, moods, english)

    def annotate(
        self, conversations: Iterable[Conversation], *, buffer_turns: int = BUFFER_TURNS
    ) -> Iterator[AnnotatedConversation]:
        """Annotate conversations, in their order, reading some ahead to fill batches.

        A conversation at which a component fails comes out with its failure; the others are
        annotated. When `conversations` itself raises, what it gave before comes out first.

        Args:
            conversations: Read once, at most `buffer_turns` turns and one conversation ahead.
            buffer_turns: Turns to gather, across conversations, before they are annotated.
        """
        for gathered in _gather(conversations, buffer_turns):
            yield from self._annotate_gathered(gathered)

    def _annotate_gathered(self, gathered: list[Conversation]) -> Iterator[AnnotatedConversation]:
        try:
            parts = {task: c.annotate(gathered) for task, c in self.components.items()}
            annotated = [
                _compose(
                    conversation, {task: found[i] for task, found in parts.items()}, self._english
                )
                for i, conversation in enumerate(gathered)
            ]
        except Exception as error:  # whatever a model may raise, the neighbours must not suffer
            if len(gathered) == 1:
                yield self._annotate_alone(gathered[0], error)
                return
            for conversation in gathered:
                yield from self._annotate_gathered([conversation])
        else:
            yield from annotated

    def _annotate_alone(
        self, conversation: Conversation, error: Exception
    ) -> AnnotatedConversation:
        """A conversation at which a component failed: what the others say, or the failure."""
        parts: dict[Task, list[TurnLabels]] = {}
        notes = list(conversation.meta.get("notes", ()))
        for task, component in self.components.items():
            try:
                [parts[task]] = component.annotate([conversation])
            except Exception as failed:
                # Its message may quote what somebody said, and notes are written.
                notes.append(f"{task} could not be told: {type(failed).__name__}")
        if not parts or len(parts) == len(self.components):
            failure = failure_of(conversation, reason_of(error))
            return AnnotatedConversation(conversation, (), failure)
        told = replace(conversation, meta={**conversation.meta, "notes": notes})
        lacking = tuple(task for task in self.components if task not in parts)
        annotated = _compose(told, parts, self._english)
        turns = tuple(replace(turn, failed=lacking) for turn in annotated.turns)
        return AnnotatedConversation(told, turns)


def reason_of(error: Exception) -> str:
    """An exception as one line for people."""
    text = str(error) if isinstance(error, ToolkitError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def failure_of(conversation: Conversation, reason: str) -> Failure:
    """The failure to annotate a conversation that could be read."""
    line = conversation.turns[0].line if conversation.turns else None
    return Failure(reason, conversation.source, line, conversation.id)


def _gather(conversations: Iterable[Conversation], turns: int) -> Iterator[list[Conversation]]:
    gathered: list[Conversation] = []
    count = 0
    try:
        for conversation in conversations:
            gathered.append(conversation)
            count += len(conversation.turns)
            if count >= turns:
                yield gathered
                gathered, count = [], 0
    except Exception:
        if gathered:
            yield gathered
        raise
    if gathered:
        yield gathered


def _compose(
    conversation: Conversation,
    parts: Mapping[Task, list[TurnLabels]],
    english_tasks: tuple[Task, ...],
) -> AnnotatedConversation:
    none = [_NOTHING] * len(conversation.turns)
    rows = zip(conversation.turns, *(parts.get(task, none) for task in TASKS), strict=True)
    annotations: list[TurnAnnotation] = []
    tokens, english = 0, START
    moods: Moods = {}
    for index, (turn, states, entities, sentiment) in enumerate(rows):
        tokens += count_words(turn.text)
        english = heard(english, turn.text)
        unread = english_tasks if is_foreign(english) else ()
        labels = doubted(_merge(states, entities, sentiment), unread)
        moods, mood = _heard(moods, index, turn, labels)
        annotations.append(TurnAnnotation(index, labels, tokens, mood, unread))
    return AnnotatedConversation(conversation, tuple(annotations))


def doubted(labels: TurnLabels, tasks: Collection[Task]) -> TurnLabels:
    """Labels of which what the models of some tasks said has confidence 0.

    Moods are then unknown: an alarm must not sound because nobody understood.
    """
    changed: dict[str, Any] = {}
    if "states" in tasks and labels.changes is not None:
        changed["changes"] = tuple(replace(change, confidence=0.0) for change in labels.changes)
    if "states" in tasks and labels.state is not None:
        changed["state_confidence"] = 0.0
    if "entities" in tasks and labels.entities is not None:
        changed["entities"] = tuple(replace(span, confidence=0.0) for span in labels.entities)
        changed["entities_confidence"] = 0.0
    if "sentiment" in tasks and labels.sentiment is not None:
        changed["sentiment"] = replace(
            labels.sentiment,
            valence=None,
            confidence=0.0,
            emotions=tuple(replace(felt, confidence=0.0) for felt in labels.sentiment.emotions),
            satisfaction=None,
            frustration=None,
        )
    return replace(labels, **changed) if changed else labels


def _heard(moods: Moods, index: int, turn: Turn, labels: TurnLabels) -> tuple[Moods, Mood | None]:
    """The speakers' moods after a turn, and its speaker's, where the turn has one."""
    speaker, sentiment = speaker_of(turn), labels.sentiment
    if speaker is None or sentiment is None or sentiment.valence is None:
        return moods, None
    if not count_words(turn.text):
        return moods, None
    moods = followed(moods, speaker, index, sentiment.valence)
    return moods, moods[speaker]


_NOTHING = TurnLabels()


def _merge(states: TurnLabels, entities: TurnLabels, sentiment: TurnLabels) -> TurnLabels:
    return TurnLabels(
        entities.entities,
        states.state,
        states.changes,
        states.requests,
        sentiment.sentiment,
        states.state_confidence,
        entities.entities_confidence,
    )
