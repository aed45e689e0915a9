"""The three components in a spaCy pipeline.

    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_entities")    # doc.ents, doc.spans["lstm_entities"].attrs["scores"]
    nlp.add_pipe("lstm_states")      # doc._.states: one object a turn
    nlp.add_pipe("lstm_sentiment")   # doc._.sentiment: one object a turn, and on each turn's span
    doc = nlp(conversation_doc(nlp, conversation))

They read the turns in `doc.spans["turns"]`, or the whole Doc as one turn. What they set is plain
data, so a Doc survives `to_bytes` and worker processes.
"""

from collections.abc import Iterable

import numpy
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from corpora.labels import TurnLabels
from pipelines.records import change_parts, sentiment_part, state_parts
from pipelines.spacy_turn_component import TurnComponent
from pipelines.spacy_turns import TURNS, SpokenDoc, conversation_doc, extend

__all__ = ["conversation_doc", "make_entities", "make_sentiment", "make_states"]

extend(Doc, "states", "sentiment")
extend(Span, "sentiment")


class EntityComponent(TurnComponent):
    """Entities as `doc.ents` and, with their scores, as a span group."""

    task = "entities"

    def __init__(self, name: str, *, spans_key: str, overwrite_ents: bool, **shared: str) -> None:
        super().__init__(name, **shared)
        self.spans_key = spans_key
        self.overwrite_ents = overwrite_ents

    def write(self, read: SpokenDoc, labels: list[TurnLabels]) -> None:
        """Set spans that cover every token an entity touches."""
        doc = read.doc
        spans: list[Span] = []
        scores: list[float] = []
        for start, turn in zip(read.starts, labels, strict=True):
            for entity in turn.entities or ():
                span = doc.char_span(
                    start + entity.start,
                    start + entity.end,
                    label=entity.label,
                    alignment_mode="expand",
                )
                if span is not None:
                    spans.append(span)
                    scores.append(entity.confidence)
        attributes = {"scores": numpy.asarray(scores, dtype="float32")}
        doc.spans[self.spans_key] = SpanGroup(
            doc, name=self.spans_key, spans=spans, attrs=attributes
        )
        first, second = (spans, doc.ents) if self.overwrite_ents else (doc.ents, spans)
        doc.ents = _apart([*filter_spans(first), *filter_spans(second)])


def _apart(spans: Iterable[Span]) -> list[Span]:
    """The spans that overlap none before them: `doc.ents` allows no overlap."""
    taken: set[int] = set()
    kept = []
    for span in spans:
        places = range(span.start, span.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(span)
    return kept


class StateComponent(TurnComponent):
    """Belief states: an object a turn in a list on the Doc."""

    task = "states"

    def __init__(self, name: str, *, attribute: str, **shared: str) -> None:
        super().__init__(name, **shared)
        self.attribute = attribute
        extend(Doc, attribute)

    def write(self, read: SpokenDoc, labels: list[TurnLabels]) -> None:
        """Set state, changes, requests and confidence of each turn."""
        states = [
            {
                "state": state_parts(turn.state or ()),
                "changes": change_parts(turn.changes or ()),
                "requests": list(turn.requests or ()),
                # Rounded as in records: a batch's size moves the eighth digit.
                "confidence": None
                if turn.state_confidence is None
                else round(turn.state_confidence, 4),
            }
            for turn in labels
        ]
        read.doc._.set(self.attribute, states)


class SentimentComponent(TurnComponent):
    """Sentiment: an object a turn, in a list on the Doc and on each turn's span."""

    task = "sentiment"

    def __init__(self, name: str, *, attribute: str, **shared: str) -> None:
        super().__init__(name, **shared)
        self.attribute = attribute
        extend(Doc, attribute)
        extend(Span, attribute)

    def write(self, read: SpokenDoc, labels: list[TurnLabels]) -> None:
        """Set label, valence, confidence and emotions of each turn."""
        moods = [
            None if turn.sentiment is None else sentiment_part(turn.sentiment) for turn in labels
        ]
        read.doc._.set(self.attribute, moods)
        if self.turns_key in read.doc.spans:
            for span, mood in zip(read.doc.spans[self.turns_key], moods, strict=True):
                span._.set(self.attribute, mood)


@Language.factory(
    "lstm_entities",
    default_config={
        "model": "entities-chat",
        "spans_key": "lstm_entities",
        "overwrite_ents": False,
        "turns_key": TURNS,
    },
    assigns=["doc.ents", "doc.spans"],
)
def make_entities(
    nlp: Language,  # noqa: ARG001  spaCy passes it by this name
    name: str,
    model: str,
    spans_key: str,
    overwrite_ents: bool,
    turns_key: str,
) -> EntityComponent:
    """Entities of each turn.

    Args:
        nlp: The pipeline.
        name: Of the component in it.
        model: A shipped model's name, or a directory.
        spans_key: Span group that holds all entities, `attrs["scores"]` their confidences.
        overwrite_ents: Whether ours replace entities that they overlap; else those stay.
        turns_key: Span group that holds the turns.
    """
    return EntityComponent(
        name,
        model=model,
        spans_key=spans_key,
        overwrite_ents=overwrite_ents,
        turns_key=turns_key,
    )


@Language.factory(
    "lstm_states",
    default_config={"model": "states-multiwoz", "attribute": "states", "turns_key": TURNS},
    assigns=["doc._.states"],
)
def make_states(
    nlp: Language,  # noqa: ARG001  spaCy passes it by this name
    name: str,
    model: str,
    attribute: str,
    turns_key: str,
) -> StateComponent:
    """Belief state after each turn.

    Args:
        nlp: The pipeline.
        name: Of the component in it.
        model: A shipped model's name, or a directory.
        attribute: Of `doc._` that holds the states.
        turns_key: Span group that holds the turns.
    """
    return StateComponent(name, model=model, attribute=attribute, turns_key=turns_key)


@Language.factory(
    "lstm_sentiment",
    default_config={"model": "sentiment-chat", "attribute": "sentiment", "turns_key": TURNS},
    assigns=["doc._.sentiment", "span._.sentiment"],
)
def make_sentiment(
    nlp: Language,  # noqa: ARG001  spaCy passes it by this name
    name: str,
    model: str,
    attribute: str,
    turns_key: str,
) -> SentimentComponent:
    """Sentiment of each turn.

    Args:
        nlp: The pipeline.
        name: Of the component in it.
        model: A shipped model's name, or a directory.
        attribute: Of `doc._`, and of `span._` for turns, that holds it.
        turns_key: Span group that holds the turns.
    """
    return SentimentComponent(name, model=model, attribute=attribute, turns_key=turns_key)
