"""Labelled conversations that hypothesis makes up: gold ones, and ones as a model predicts them."""

from datetime import timedelta, timezone
from typing import get_args

from hypothesis import strategies as st

from corpora.conversation import ROLES, Conversation, Turn
from corpora.labels import (
    Emotion,
    EntitySpan,
    Evidence,
    LabelledConversation,
    Operation,
    Sentiment,
    SentimentLabel,
    SlotValue,
    Source,
    StateChange,
    TurnLabels,
)
from tests.strategies import texts

SENTIMENTS: tuple[SentimentLabel, ...] = ("negative", "neutral", "positive")

names = st.text(min_size=1, max_size=8)
chances = st.floats(0, 1)
offsets = st.integers(-14 * 60, 14 * 60)
zones = st.none() | offsets.map(lambda minutes: timezone(timedelta(minutes=minutes)))

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=5,
)
metas = st.dictionaries(names, json_values, max_size=2)

turns = st.builds(
    Turn,
    text=texts(),
    speaker=st.text(max_size=8),
    role=st.none() | st.sampled_from(ROLES),
    role_guessed=st.booleans(),
    time=st.none() | st.datetimes(timezones=zones),
    line=st.none() | st.integers(1, 10**9),
    meta=metas,
)
spellings = st.lists(names, min_size=1, max_size=3, unique=True)


def slot_values(slot: str, values: list[str], *, same: bool) -> list[SlotValue]:
    """A slot that holds one value spelt in several ways, or several values."""
    if same:
        return [SlotValue(slot, values[0], tuple(values[1:]))]
    return [SlotValue(slot, value) for value in values]


states = st.dictionaries(names, st.tuples(spellings, st.booleans()), max_size=3).map(
    lambda held: tuple(
        sorted(
            one
            for slot, (values, same) in held.items()
            for one in slot_values(slot, values, same=same)
        )
    )
)
requests = st.sets(names, max_size=3).map(lambda slots: tuple(sorted(slots)))
evidences = st.builds(Evidence, *[st.integers(0, 10**6)] * 3)
changes = st.builds(
    StateChange,
    st.sampled_from(get_args(Operation)),
    names,
    st.none() | names,
    chances,
    st.none() | evidences,
    st.none() | st.sampled_from(get_args(Source)),
    st.none() | names,
)


@st.composite
def entity_spans(
    draw: st.DrawFn, text: str, confidences: st.SearchStrategy[float]
) -> tuple[EntitySpan, ...]:
    """Spans of `text` in reading order, no two overlapping."""
    if not text:
        return ()
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return tuple(
        EntitySpan(start, end, draw(names), draw(confidences), draw(st.none() | names))
        for start, end in pairs
    )


def sentiments(
    confidences: st.SearchStrategy[float], *, gold: bool
) -> st.SearchStrategy[Sentiment]:
    """Sentiments of any label, with emotions; only a model names a probability of frustration."""
    return st.builds(
        Sentiment,
        label=st.none() | st.sampled_from(SENTIMENTS),
        valence=st.none() | st.floats(-1, 1),
        confidence=confidences,
        emotions=st.lists(st.builds(Emotion, names, confidences), max_size=3).map(tuple),
        satisfaction=st.none() | st.floats(1, 5),
        frustration=st.none() if gold else st.none() | chances,
    )


@st.composite
def labels_of(draw: st.DrawFn, turn: Turn, *, gold: bool) -> TurnLabels:
    """Labels of a turn; gold ones are certain and name no changes."""
    confidences = st.just(1.0) if gold else chances
    return TurnLabels(
        entities=draw(st.none() | entity_spans(turn.text, confidences)),
        state=draw(st.none() | states),
        changes=None if gold else draw(st.none() | st.lists(changes, max_size=2).map(tuple)),
        requests=draw(st.none() | requests),
        sentiment=draw(st.none() | sentiments(confidences, gold=gold)),
        state_confidence=None if gold else draw(st.none() | chances),
    )


@st.composite
def labelled_conversations(draw: st.DrawFn, *, gold: bool) -> LabelledConversation:
    """Conversations of up to four turns, labelled."""
    spoken = tuple(draw(st.lists(turns, max_size=4)))
    conversation = Conversation(draw(names), spoken, draw(st.none() | names), draw(metas))
    return LabelledConversation(
        conversation, tuple(draw(labels_of(turn, gold=gold)) for turn in spoken)
    )


def equivalents(labelled: LabelledConversation) -> list[list[tuple[str, ...]]]:
    """The other spellings in each turn's state, which equality does not look at."""
    return [[held.also for held in labels.state or ()] for labels in labelled.labels]
