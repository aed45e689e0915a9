"""Small components whose answers can be worked out by hand, and that keep the whole protocol."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpora.conversation import Conversation, Turn
from corpora.labels import (
    Emotion,
    EntitySpan,
    Evidence,
    Sentiment,
    SlotValue,
    StateChange,
    TurnLabels,
)
from nlp_lstm.component import Component, Memory, Task, check_memory
from nlp_lstm.layers.single import sigmoid
from nlp_lstm.text.words import split_words
from pipelines.pipeline import ConversationPipeline


@dataclass(frozen=True)
class FakeComponent:
    """Numbers are entities, `slot=value` fills a slot, the recurrent sum of words is the mood.

    A turn that says "boom" makes it raise; one that says "die" ends the process.
    """

    task: Task
    name: str = "fake"
    fingerprint: str = "f00d"
    validated_tokens: int = 50

    def start(self) -> Memory:
        return Memory(self.fingerprint, 0, 0, {"sum": np.zeros(1)}, {"state": {}})

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        check_memory(memory, self.fingerprint)
        words = split_words(turn.text)
        if "boom" in words.forms:
            raise RuntimeError("the model\nfell over")
        if "die" in words.forms:
            import os

            os._exit(9)
        total = memory.arrays["sum"] * 0.9 + len(words.forms) / 10
        state = dict(memory.facts["state"])
        changes: list[StateChange] = []
        for part in turn.text.split():
            slot, equals, value = part.partition("=")
            if equals and slot and value:
                start = turn.text.index(part)
                changes.append(
                    StateChange(
                        "replace" if slot in state else "set",
                        slot,
                        value,
                        0.912345,
                        Evidence(memory.turns, start, start + len(part)),
                        "said",
                        part,
                    )
                )
                state[slot] = value
        after = Memory(
            self.fingerprint,
            memory.turns + 1,
            memory.tokens + len(words.forms),
            {"sum": total},
            {"state": state},
        )
        sure = float(sigmoid(3 - total)[0])
        if self.task == "entities":
            spans = tuple(
                EntitySpan(start, end, "number", sure)
                for form, start, end in zip(words.forms, words.starts, words.ends, strict=True)
                if form.isdigit()
            )
            return TurnLabels(entities=spans), after
        if self.task == "states":
            held = tuple(SlotValue(slot, state[slot]) for slot in sorted(state))
            return TurnLabels(
                state=held, changes=tuple(changes), requests=(), state_confidence=sure
            ), after
        mood = Sentiment("neutral", 2 * sure - 1, sure, (Emotion("calm", sure),))
        return TurnLabels(sentiment=mood), after

    def annotate(self, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
        found = []
        for conversation in conversations:
            memory = self.start()
            labels = []
            for turn in conversation.turns:
                label, memory = self.step(memory, turn)
                labels.append(label)
            found.append(labels)
        return found


TASKS: tuple[Task, ...] = ("states", "entities", "sentiment")


def fake_components() -> list[Component]:
    return [FakeComponent(task, name=f"fake-{task}") for task in TASKS]


def fake_pipeline() -> ConversationPipeline:
    return ConversationPipeline(fake_components())


def conversation(*texts: str, id: str = "c-1", source: str | None = "chats/1.txt") -> Conversation:
    """A customer and an agent in turn."""
    sides = (("Ana", "customer"), ("Ben", "agent"))
    return Conversation(
        id,
        tuple(
            Turn(text, sides[i % 2][0], sides[i % 2][1], line=i + 1)  # type: ignore[arg-type]  # roles
            for i, text in enumerate(texts)
        ),
        source,
    )
