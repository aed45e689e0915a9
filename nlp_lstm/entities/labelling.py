"""From spans of words to what is said of a turn."""

from corpora.conversation import Turn
from corpora.labels import EntitySpan, TurnLabels
from nlp_lstm.entities.checking import checked
from nlp_lstm.entities.config import EntitiesConfig
from nlp_lstm.entities.reading import TurnRead
from nlp_lstm.text.words import Words


def turn_labels(turn: Turn, words: Words, read: TurnRead, config: EntitiesConfig) -> TurnLabels:
    """The entities of a turn, those that can be checked checked.

    Args:
        turn: What was said.
        words: Its words.
        read: What was found among them.
        config: Says what is checked, and what is found by its form alone.
    """
    if not read.spans and not config.found_by_form:
        return TurnLabels(entities=(), entities_confidence=read.confidence)
    found = [
        EntitySpan(words.starts[s.first], words.ends[s.last], s.label, s.confidence)
        for s in read.spans
    ]
    return TurnLabels(
        entities=checked(turn.text, found, config.checks, turn.time, config.found_by_form),
        entities_confidence=read.confidence,
    )
