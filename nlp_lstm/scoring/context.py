"""How far a context may reach before answers get worse.

Published conversations are short. Each is judged again after others were said before it, so that
the same turns are answered with ever more words in memory.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpora.conversation import Conversation
from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.scoring.scores import Table
from nlp_lstm.text.words import count_words

# How many conversations stand before the judged one.
BEFORE = (0, 1, 3, 7, 15)
# A figure may fall so far below the one without anything before, and still counts as the same.
TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class MeasuredContext:
    """The longest context that answers were found to be as good in as in a short one.

    Attributes:
        tokens: In words: half of the judged conversations ended beyond it.
        method: In words, how it was measured.
        table: The figure at each length.
    """

    tokens: int
    method: str
    table: Table


def after_others(
    conversations: Sequence[LabelledConversation], before: int
) -> list[LabelledConversation]:
    """Each conversation with those that stand before it in the corpus, the last before the first.

    Only the conversation itself keeps its labels, so only its turns are judged.

    Args:
        conversations: Of one corpus.
        before: How many are said first.
    """
    chained = []
    for index, last in enumerate(conversations):
        earlier = [conversations[index - step] for step in range(before, 0, -1)]
        turns = tuple(turn for other in earlier for turn in other.conversation.turns)
        conversation = Conversation(last.conversation.id, turns + last.conversation.turns)
        labels = tuple(TurnLabels() for _ in turns) + last.labels
        chained.append(LabelledConversation(conversation, labels))
    return chained


def measure_context(
    judged: str,
    conversations: Sequence[LabelledConversation],
    metric: str,
    judge: Callable[[Sequence[LabelledConversation]], float],
) -> MeasuredContext:
    """Lengthen the context until the figure falls, or nothing longer is tried.

    Args:
        judged: What the conversations are called: "the conversations of meld dev".
        conversations: At least one, of one corpus.
        metric: What `judge` gives.
        judge: The figure of a model over labelled conversations; higher is better.
    """
    rows: list[tuple[int, int, float]] = []
    validated = 0
    falling = False
    for before in (count for count in BEFORE if count < len(conversations)):
        chained = after_others(conversations, before)
        lengths = sorted(map(words_said, chained))
        typical = lengths[len(lengths) // 2]
        rows.append((before, typical, judge(chained)))
        falling = falling or rows[-1][2] < rows[0][2] - TOLERANCE
        validated = validated if falling else typical
    method = (
        f"each of {judged} was judged after others had been said before it, in one memory; up to "
        f"this median length {metric} stayed within {TOLERANCE} of the figure without"
    )
    columns = ("conversations before", "words, median", metric)
    return MeasuredContext(validated, method, Table("by context", columns, tuple(rows)))


def words_said(labelled: LabelledConversation) -> int:
    """How many words a conversation has."""
    return sum(count_words(turn.text) for turn in labelled.conversation.turns)
