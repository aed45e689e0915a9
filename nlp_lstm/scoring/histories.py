"""The same turns with other histories: does what was said before matter, and does its order?"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Task
from nlp_lstm.scoring.observations import FIGURES, observations
from nlp_lstm.scoring.retention import overall
from nlp_lstm.scoring.scores import Table
from nlp_lstm.scoring.stretch import MOST_CONVERSATIONS, Annotate

History = Literal["none", "shuffled", "full"]
HISTORIES: tuple[History, ...] = ("none", "shuffled", "full")


def with_history(
    conversations: Sequence[LabelledConversation], history: History
) -> list[LabelledConversation]:
    """Each labelled turn as the end of a conversation of its own, the only one with labels.

    Args:
        conversations: With labels in some turns.
        history: What stands before the turn: `none` nothing; `shuffled` what did, in an order
            that follows from the conversation's id; `full` what did, as it did.
    """
    return [one for labelled in conversations for one in _ends(labelled, history)]


def measure_histories(
    task: Task,
    gold: Sequence[LabelledConversation],
    histories: Sequence[str],
    annotate: Annotate,
) -> Table:
    """A model's figure over turns with each of some histories.

    Args:
        task: Whose labels they carry.
        gold: Labelled conversations; `MOST_CONVERSATIONS` of them are taken, evenly.
        histories: Which, of `HISTORIES`.
        annotate: What a model says of conversations.
    """
    step = max(1, len(gold) // MOST_CONVERSATIONS)
    chosen = gold[::step][:MOST_CONVERSATIONS]
    rows = []
    for history in (known for known in HISTORIES if known in histories):
        ends = with_history(chosen, history)
        one = overall(observations(task, ends, annotate(ends)))
        rows.append((history, one.value, one.low, one.high, round(one.count)))
    title = f"What was said before, of {len(chosen)} conversations"
    return Table(title, ("history", FIGURES[task], "low", "high", "judged"), tuple(rows))


def _ends(labelled: LabelledConversation, history: History) -> Iterator[LabelledConversation]:
    conversation = labelled.conversation
    for place, labels in enumerate(labelled.labels):
        if labels == TurnLabels():
            continue
        before = list(conversation.turns[:place]) if history != "none" else []
        if history == "shuffled":
            random.Random(f"history {conversation.id} {place}").shuffle(before)
        turns = (*before, conversation.turns[place])
        yield LabelledConversation(
            replace(conversation, id=f"{conversation.id}#{place}", turns=turns),
            (*[TurnLabels()] * len(before), labels),
        )
