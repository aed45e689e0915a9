"""Values exchanged for others of the same slots, in what is said and in what is labelled.

A customer who wants the gonville hotel for two nights may as well want the avalon. A tracker that
reads a dialogue with other names and other times every now and then learns where a value stands,
and not which ones the corpus happens to have.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.scoring.perturb.edits import Edit, rewrite
from nlp_lstm.states.examples import Example
from nlp_lstm.states.guide import Guide
from nlp_lstm.states.ontology import state_of
from nlp_lstm.states.schema import Schema, Value, is_time, times_of_day

FEWEST = 4  # values of the same slots, so that there is something to exchange one for
STEP_OF_TIMES = 5  # minutes

# Where a value is said: turn, first code point, one past the last.
Place = tuple[int, int, int]


class Exchange:
    """Reads labelled conversations with other values than they have."""

    def __init__(self, schema: Schema, guide: Guide) -> None:
        self._schema = schema
        self._guide = guide
        self._common = frozenset(schema.common_words)
        groups: dict[tuple[int, ...], list[str]] = {}
        for value in schema.values:
            if self._is_free(value):
                groups.setdefault(value.slots, []).append(value.name)
        self._others: dict[tuple[int, ...], Sequence[str]] = {
            slots: names for slots, names in groups.items() if len(names) >= FEWEST
        }
        if schema.time_slots:
            self._others[schema.time_slots] = times_of_day()[::STEP_OF_TIMES]

    def __call__(
        self, labelled: LabelledConversation, examples: Sequence[Example], rng: random.Random
    ) -> LabelledConversation:
        """A conversation with other values; itself where none can be exchanged.

        A value stays where the same words say another one too, where a label has it before anybody
        has said it, so that nothing could be read from the new words, and where nobody has said
        all of its words or labelled it: perhaps they mean something else.

        Args:
            labelled: The conversation.
            examples: It, as the schema's tracker reads it.
            rng: Decides which values take the place of which.
        """
        said = _said(examples)
        states = [set(self._values(own).values()) for own in labelled.labels]
        held = set[str]().union(*states)
        kept = self._unsaid(states, said)
        kept |= {self._schema.value_names[number] for number in _doubtful(examples, said)} - held
        kept |= {self._schema.value_names[number] for number in _overlapping(said)}
        new: dict[str, str] = {}
        edits: list[list[Edit]] = [[] for _ in labelled.labels]
        for number, places in sorted(said.items()):
            name = self._schema.value_names[number]
            others = self._others.get(self._schema.takers(number), ())
            if name in kept or (name not in others and not is_time(name)):
                continue
            new[name] = rng.choice(others)
            for turn, start, end in places:
                edits[turn].append(Edit(start, end, new[name]))
        if not new:
            return labelled
        exchanged = rewrite(labelled, edits)
        labels = tuple(self._relabelled(own, new) for own in exchanged.labels)
        return replace(exchanged, labels=labels)

    def _is_free(self, value: Value) -> bool:
        """Whether a value is a name, and not words that mean something without it."""
        words = value.name.split()
        is_open = all(self._schema.slots[slot].kind == "open" for slot in value.slots)
        return is_open and not self._common.issuperset(words)

    def _unsaid(self, states: Sequence[set[str]], said: Mapping[int, set[Place]]) -> set[str]:
        """Values that a turn's state has although nobody has said them by then."""
        first = {
            self._schema.value_names[number]: min(places)[0] for number, places in said.items()
        }
        return {
            value
            for turn, held in enumerate(states)
            for value in held
            if first.get(value, turn + 1) > turn
        }

    def _values(self, labels: TurnLabels) -> dict[str, str]:
        return state_of(((one.slot, one.value) for one in labels.state or ()), self._guide)

    def _relabelled(self, labels: TurnLabels, new: Mapping[str, str]) -> TurnLabels:
        if labels.state is None:
            return labels
        values = self._values(labels).items()
        state = tuple(SlotValue(slot, new.get(value, value)) for slot, value in values)
        return replace(labels, state=tuple(sorted(state)))


def _said(examples: Sequence[Example]) -> dict[int, set[Place]]:
    """Where each value is said."""
    said: dict[int, set[Place]] = {}
    for example in examples:
        for mention, quote in zip(example.step.mentions, example.step.quotes, strict=True):
            place = quote.turn, quote.start, quote.end
            said.setdefault(mention.value, set()).add(place)
    return said


def _doubtful(examples: Sequence[Example], said: Mapping[int, set[Place]]) -> set[int]:
    """Values of which only parts or other names are said."""
    mentions = (mention for example in examples for mention in example.step.mentions)
    return said.keys() - {mention.value for mention in mentions if mention.is_exact}


def _overlapping(said: Mapping[int, set[Place]]) -> set[int]:
    """Values that stand in the same words as others."""
    every = sorted((*place, number) for number, places in said.items() for place in places)
    found: set[int] = set()
    for (turn, _, end, number), (next_turn, start, _, following) in pairwise(every):
        if turn == next_turn and start < end and number != following:
            found |= {number, following}
    return found
