"""Whether answers are as good after long talk about something else.

    I need a hotel in the east  →  200 turns about Linux  →  book it for two, please

Published conversations are short. Here unrelated turns stand between a conversation's own, which
alone are judged.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from corpora.conversation import Role, Turn
from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Task
from nlp_lstm.scoring.ages import DISTANCES, aged_values, distance_bucket, distance_name
from nlp_lstm.scoring.bootstrap import Interval
from nlp_lstm.scoring.judged_states import State, held
from nlp_lstm.scoring.observations import FIGURES, observations
from nlp_lstm.scoring.retention import overall
from nlp_lstm.scoring.scores import Table

ROLES: tuple[Role, Role] = ("agent", "customer")
# Stretching a whole corpus by 200 turns would take a quarter of an hour.
MOST_CONVERSATIONS = 100

Annotate = Callable[[Sequence[LabelledConversation]], list[list[TurnLabels]]]


@dataclass(frozen=True, slots=True)
class Stretched:
    """A conversation with other talk in it.

    Attributes:
        labelled: The other talk has no labels.
        place: Index of its first turn.
        length: How many turns of it there are.
    """

    labelled: LabelledConversation
    place: int
    length: int


def quiet_turns(corpus: Iterable[LabelledConversation]) -> list[str]:
    """What is said in a corpus where no labelled state changes: talk that sets no slot."""
    texts: list[str] = []
    for labelled in corpus:
        before: State = {}
        for turn, labels in zip(labelled.conversation.turns, labelled.labels, strict=True):
            state = held(labels.state)
            if labels.state is not None and state == before and turn.text.strip():
                texts.append(turn.text)
            before = state if labels.state is not None else before
    return texts


def spoken_turns(corpus: Iterable[LabelledConversation]) -> list[str]:
    """What is said in a corpus, turn by turn."""
    return [turn.text for one in corpus for turn in one.conversation.turns if turn.text.strip()]


def stretched(labelled: LabelledConversation, length: int, talk: Sequence[str]) -> Stretched:
    """Put other talk between two turns: after one with labels, past the first third.

    Where, and what, follows from the conversation's id alone: more talk begins as less does.

    Args:
        labelled: A conversation with labels.
        length: How many turns to put in.
        talk: What is said in them, at least one.
    """
    rng = random.Random(f"stretch {labelled.conversation.id}")
    turns = labelled.conversation.turns
    places = [
        number + 1
        for number, labels in enumerate(labelled.labels)
        if labels != TurnLabels() and 3 * (number + 1) >= len(turns) > number + 1
    ]
    place = rng.choice(places) if places else len(turns)
    start = rng.randrange(len(talk))
    other = tuple(
        Turn(talk[(start + step) % len(talk)], role=ROLES[step % 2]) for step in range(length)
    )
    conversation = replace(labelled.conversation, turns=(*turns[:place], *other, *turns[place:]))
    labels = (*labelled.labels[:place], *[TurnLabels()] * length, *labelled.labels[place:])
    return Stretched(LabelledConversation(conversation, labels), place, length)


def measure_stretched(
    task: Task,
    gold: Sequence[LabelledConversation],
    lengths: Sequence[int],
    talk: Sequence[str],
    annotate: Annotate,
    *,
    source: str = "unrelated talk",
) -> tuple[Table, ...]:
    """A model's figure in conversations that were stretched, over their own turns alone.

    Args:
        task: Whose labels they carry.
        gold: Labelled conversations; `MOST_CONVERSATIONS` of them are taken, evenly.
        lengths: How many turns to put in, each in a measurement of its own.
        talk: What is said in them.
        annotate: What a model says of conversations.
        source: Where the talk comes from.

    Returns:
        By length: the figure over all turns, and over those after the talk with its interval; of
        states also how many slots were filled before the talk and changed during it. Of states
        then the recall of labelled values by how many turns ago they were set.
    """
    step = max(1, len(gold) // MOST_CONVERSATIONS)
    chosen = gold[::step][:MOST_CONVERSATIONS]
    rows: list[tuple[str | int | float, ...]] = []
    recalls: list[tuple[Counter[int], Counter[int]]] = []
    for length in lengths:
        corpus = [stretched(labelled, length, talk) for labelled in chosen]
        predicted = annotate([one.labelled for one in corpus])
        rows.append((length, *_quality(task, corpus, predicted)))
        if task == "states":
            rows[-1] += _drifted(corpus, predicted)
            recalls.append(_by_distance(corpus, predicted))
    columns: tuple[str, ...] = ("turns between", FIGURES[task], "after them", "low", "high")
    title = f"{len(chosen)} conversations stretched by {source}"
    if task != "states":
        return (Table(title, columns, tuple(rows)),)
    columns = (*columns, "slots filled", "drifted")
    title += " (drifted: slots that changed meanwhile)"
    return Table(title, columns, tuple(rows)), _distance_table(lengths, recalls)


def _quality(
    task: Task, corpus: Sequence[Stretched], predicted: Sequence[Sequence[TurnLabels]]
) -> tuple[float, float, float, float]:
    """The figure over all turns, over those after the talk, and where that one's interval lies."""
    observed = observations(task, [one.labelled for one in corpus], predicted)
    after = [one for one in observed if one.turn >= corpus[one.conversation].place]
    later = overall(after) if after else Interval(1.0, 1.0, 1.0, 0)
    return overall(observed).value, later.value, later.low, later.high


def _drifted(
    corpus: Sequence[Stretched], predicted: Sequence[Sequence[TurnLabels]]
) -> tuple[int, int]:
    """Slots filled before the talk, and those that are others after it."""
    filled = drifted = 0
    for one, labels in zip(corpus, predicted, strict=True):
        before = held(labels[one.place - 1].state)
        then = held(labels[one.place + one.length - 1].state)
        filled += len(before)
        drifted += sum(before.get(slot) != then.get(slot) for slot in before.keys() | then.keys())
    return filled, drifted


def _by_distance(
    corpus: Sequence[Stretched], predicted: Sequence[Sequence[TurnLabels]]
) -> tuple[Counter[int], Counter[int]]:
    """Labelled values that are right, and all, by how many turns ago they were set."""
    right: Counter[int] = Counter()
    values: Counter[int] = Counter()
    for one in aged_values([stretched.labelled for stretched in corpus], predicted):
        bucket = distance_bucket(one.age)
        values[bucket] += 1
        right[bucket] += one.right
    return right, values


def _distance_table(
    lengths: Sequence[int], recalls: Sequence[tuple[Counter[int], Counter[int]]]
) -> Table:
    rows: list[tuple[str | int | float, ...]] = []
    for bucket in range(len(DISTANCES) + 1):
        if any(values[bucket] for _, values in recalls):
            figures = [
                right[bucket] / values[bucket] if values[bucket] else ""
                for right, values in recalls
            ]
            counted = sum(values[bucket] for _, values in recalls)
            rows.append((distance_name(bucket), *figures, counted))
    columns = ("turns since it was set", *(f"{length} between" for length in lengths), "values")
    return Table("Recall by how long ago a value was set", columns, tuple(rows))
