"""Labelled conversations as steps with gold values: what training and validation read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpora.conversation import Turn
from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.states.guide import Guide
from nlp_lstm.states.history import START, Historian, Update
from nlp_lstm.states.lessons import Lesson
from nlp_lstm.states.ontology import state_of
from nlp_lstm.states.reading import Pending, Step, StepReader, is_customer, remember
from nlp_lstm.states.schema import EMPTY, OTHER, Schema


@dataclass(frozen=True, slots=True)
class Example:
    """A step and what is true after it.

    Attributes:
        step: The words.
        update: The candidates.
        gold: Number of the value of each slot; `OTHER` where no table knows it.
        requests: Indices of the slots the customer asks about.
        lesson: What teachers think of it; None without teachers.
    """

    step: Step
    update: Update
    gold: list[int]
    requests: list[int]
    lesson: Lesson | None = None


class ExampleReader:
    """Turns labelled conversations into examples of one schema."""

    def __init__(self, schema: Schema, guide: Guide) -> None:
        self._schema = schema
        self._guide = guide
        self._read = StepReader(schema)
        self._historian = Historian(schema)

    def __call__(self, labelled: LabelledConversation) -> list[Example]:
        """The examples of a conversation; where turns have no state, it stays empty."""
        return list(self._examples(zip(labelled.conversation.turns, labelled.labels, strict=True)))

    def _examples(self, turns: Iterable[tuple[Turn, TurnLabels]]) -> Iterator[Example]:
        pending: Sequence[Pending] = ()
        history = START
        for index, (turn, labels) in enumerate(turns):
            if not is_customer(turn):
                pending = remember(pending, index, turn.text)
                continue
            gold = self._gold(labels)
            asked = [
                place
                for place, slot in enumerate(self._schema.requests)
                if slot in (labels.requests or ())
            ]
            for step in self._read.steps(pending, index, turn.text):
                update = self._historian.update(
                    history, step.mentions, step.user_starts, step.quotes
                )
                history = update.history
                yield Example(step, update, gold, asked)
            pending = ()

    def _gold(self, labels: TurnLabels) -> list[int]:
        state = state_of(((v.slot, v.value) for v in labels.state or ()), self._guide)
        gold = [EMPTY] * len(self._schema.slots)
        for name, value in state.items():
            place = self._schema.slot_index.get(name)
            if place is not None:  # a slot of dev that training never filled cannot be tracked
                gold[place] = self._schema.value_number.get(value, OTHER)
        return gold
