"""From spans of words to what is said of a turn."""

from collections.abc import Sequence

from corpora.conversation import Turn
from corpora.labels import EntitySpan, TurnLabels
from nlp_lstm.entities.checking import checked
from nlp_lstm.entities.config import EntitiesConfig
from nlp_lstm.entities.reading import WordSpan
from nlp_lstm.text.words import Words

NOTHING = TurnLabels(entities=())


def turn_labels(
    turn: Turn, words: Words, spans: Sequence[WordSpan], config: EntitiesConfig
) -> TurnLabels:
    """The entities of a turn, those that can be checked checked.

    Args:
        turn: What was said.
        words: Its words.
        spans: What was found among them, in reading order.
        config: Says what is checked, and what is found by its form alone.
    """
    if not spans and not config.found_by_form:
        return NOTHING
    found = [
        EntitySpan(words.starts[s.first], words.ends[s.last], s.label, s.confidence) for s in spans
    ]
    return TurnLabels(
        entities=checked(turn.text, found, config.checks, turn.time, config.found_by_form)
    )
