"""The components over a conversation: whole and batched, or turn by turn, with equal answers."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from corpora.conversation import Conversation, Turn
from corpora.errors import ToolkitError
from corpora.labels import TurnLabels
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Component, Memory, Task
from nlp_lstm.loading import Backend, knows_english, load_component
from pipelines.annotation import AnnotatedConversation, TurnAnnotation, failure_of, reason_of
from pipelines.composing import Course, compose
from pipelines.memory import PipelineMemory

# Turns gathered before a batch is cut. Throughput is flat from some hundreds on, memory is not.
BUFFER_TURNS = 2000


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
            backend: What computes: `torch` in batches, `native` or `onnx` turn by turn and without
                torch, or `auto`, the first of these two that is there, else torch.

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
        annotation, course = compose(memory.course, turn, parts, self._english, tuple(failed))
        return annotation, PipelineMemory(memories, course)

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
                self._composed(conversation, {task: found[i] for task, found in parts.items()})
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
        return self._composed(told, parts, lacking)

    def _composed(
        self,
        conversation: Conversation,
        parts: Mapping[Task, Sequence[TurnLabels]],
        failed: tuple[Task, ...] = (),
    ) -> AnnotatedConversation:
        for task, found in parts.items():
            if len(found) != len(conversation.turns):
                raise ValueError(f"{task}: {len(found)} turns of {len(conversation.turns)}")
        annotations: list[TurnAnnotation] = []
        course = Course()
        for index, turn in enumerate(conversation.turns):
            said = {task: found[index] for task, found in parts.items()}
            annotation, course = compose(course, turn, said, self._english, failed)
            annotations.append(annotation)
        return AnnotatedConversation(conversation, tuple(annotations))


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
