"""Whether what a customer wants still stands after long talk about something else.

    I need a hotel in the east  →  200 turns about Linux  →  book it for two, please

Published dialogues are short. Here unrelated turns stand between a dialogue's own, which alone are
judged, by how long ago each value was set.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from corpora.conversation import Role, Turn
from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.scoring.judged_states import State, held, judged_turns, paired
from nlp_lstm.scoring.scores import Table

# Turns since a value was set, counted together up to and including each.
DISTANCES = (0, 2, 5, 10, 50, 100, 200)
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
    """Put other talk between two turns: after a customer's, past the first third.

    Where, and what, follows from the conversation's id alone: more talk begins as less does.

    Args:
        labelled: A conversation with labelled states.
        length: How many turns to put in.
        talk: What is said in them, at least one.
    """
    rng = random.Random(f"stretch {labelled.conversation.id}")
    turns = labelled.conversation.turns
    places = [
        number + 1
        for number, (turn, labels) in enumerate(zip(turns, labelled.labels, strict=True))
        if labels.state is not None and 3 * (number + 1) >= len(turns) > number + 1
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
    gold: Sequence[LabelledConversation],
    lengths: Sequence[int],
    talk: Sequence[str],
    annotate: Annotate,
    *,
    source: str = "unrelated talk",
) -> tuple[Table, Table]:
    """Joint goal and recall in dialogues that were stretched.

    Args:
        gold: Conversations with labelled states; `MOST_CONVERSATIONS` of them are taken, evenly.
        lengths: How many turns to put in, each in a measurement of its own.
        talk: What is said in them.
        annotate: What a model says of conversations.
        source: Where the talk comes from.

    Returns:
        By length; and recall of the labelled values by how many turns ago they were set.
    """
    step = max(1, len(gold) // MOST_CONVERSATIONS)
    chosen = gold[::step][:MOST_CONVERSATIONS]
    rows: list[tuple[str | int | float, ...]] = []
    recalls: list[tuple[Counter[int], Counter[int]]] = []
    for length in lengths:
        corpus = [stretched(labelled, length, talk) for labelled in chosen]
        predicted = annotate([one.labelled for one in corpus])
        rows.append((length, *_by_length(corpus, predicted)))
        recalls.append(_by_distance(corpus, predicted))
    columns = (
        "turns between",
        "joint_goal_accuracy",
        "after them",
        "recall",
        "slots filled",
        "drifted",
    )
    titled = (
        f"{len(chosen)} dialogues stretched by {source} (drifted: slots that changed meanwhile)"
    )
    return Table(titled, columns, tuple(rows)), _distance_table(lengths, recalls)


def _by_length(
    corpus: Sequence[Stretched], predicted: Sequence[Sequence[TurnLabels]]
) -> tuple[float, float, float, int, int]:
    """Joint goal accuracy, that after the talk, recall, slots filled before the talk, drifted."""
    judged = judged_turns(paired([one.labelled for one in corpus], predicted))
    after = [turn for turn in judged if turn.turn >= corpus[turn.conversation].place]
    values = sum(len(turn.gold) for turn in judged)
    right = sum(len(turn.gold.keys() - set(turn.wrong)) for turn in judged)
    filled = drifted = 0
    for one, labels in zip(corpus, predicted, strict=True):
        before = held(labels[one.place - 1].state)
        then = held(labels[one.place + one.length - 1].state)
        filled += len(before)
        drifted += sum(before.get(slot) != then.get(slot) for slot in before.keys() | then.keys())
    return (
        sum(not turn.wrong for turn in judged) / len(judged) if judged else 1.0,
        sum(not turn.wrong for turn in after) / len(after) if after else 1.0,
        right / values if values else 1.0,
        filled,
        drifted,
    )


def _by_distance(
    corpus: Sequence[Stretched], predicted: Sequence[Sequence[TurnLabels]]
) -> tuple[Counter[int], Counter[int]]:
    """Labelled values that are right, and all, by how many turns ago they were set."""
    right: Counter[int] = Counter()
    values: Counter[int] = Counter()
    since: dict[tuple[int, str], tuple[frozenset[str], int]] = {}
    for turn in judged_turns(paired([one.labelled for one in corpus], predicted)):
        for slot, value in turn.gold.items():
            key = (turn.conversation, slot)
            if since.get(key, (frozenset(), 0))[0] != value:
                since[key] = (value, turn.turn)
            bucket = _bucket(turn.turn - since[key][1])
            values[bucket] += 1
            right[bucket] += slot not in turn.wrong
    return right, values


def _bucket(distance: int) -> int:
    return next((i for i, most in enumerate(DISTANCES) if distance <= most), len(DISTANCES))


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
            rows.append((_distance(bucket), *figures, counted))
    columns = ("turns since it was set", *(f"{length} between" for length in lengths), "values")
    return Table("Recall by how long ago a value was set", columns, tuple(rows))


def _distance(bucket: int) -> str:
    if bucket == len(DISTANCES):
        return f"> {DISTANCES[-1]}"
    most = DISTANCES[bucket]
    least = DISTANCES[bucket - 1] + 1 if bucket else 0
    return str(most) if least == most else f"{least}-{most}"
