"""Components that read every conversation turn by turn."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from corpora.conversation import Conversation, Turn
from corpora.labels import TurnLabels
from nlp_lstm.component import Identified, Memory, Task


class Stepper(Identified, ABC):
    """A component whose `annotate` steps: it starts at once, and needs no batches.

    Keeps `nlp_lstm.component.Component`.
    """

    task: Task

    @abstractmethod
    def start(self) -> Memory:
        """The memory before the first turn."""

    @abstractmethod
    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        """Annotate the next turn of the conversation that `memory` has read.

        Raises:
            ArtefactError: `memory` is another model's.
        """

    def annotate(self, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
        """Annotate whole conversations: one list a conversation, one `TurnLabels` a turn."""
        annotated: list[list[TurnLabels]] = []
        for conversation in conversations:
            memory = self.start()
            labels: list[TurnLabels] = []
            for turn in conversation.turns:
                found, memory = self.step(memory, turn)
                labels.append(found)
            annotated.append(labels)
        return annotated
