"""Widths of the state network and how its training examples are made."""

from pydantic import BaseModel, ConfigDict, Field

from nlp_lstm.layers.cells import Cell
from nlp_lstm.text.config import WordRowsConfig


class StateNetworkConfig(BaseModel):
    """Widths of a `StateNetwork`. No defaults: an artefact that lacks one must not load.

    Attributes:
        rows: Word rows.
        tag_width: What a word knows of the mention it lies in.
        side_width: What it knows of who says it.
        hidden_width: Of each direction of the turn encoder.
        key_width: Attention keys.
        queries: Attention queries a slot.
        summary_width: A step as one vector.
        memory_width: Memory across steps.
        slot_width: A slot's state at a step.
        mix_width: The layer before it.
        slot_memory_width: Memory across steps, one a slot.
        value_width: A value.
        mention_width: A mention, as the table keeps it.
        offer_width: The layer that scores a mentioned value.
        match_width: The bilinear part of that score.
        dropout: Share of features dropped, one mask a row.
        cell: What reads the words and remembers; all that ships is LSTMs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: WordRowsConfig
    tag_width: int
    side_width: int
    hidden_width: int
    key_width: int
    queries: int
    summary_width: int
    memory_width: int
    slot_width: int
    mix_width: int
    slot_memory_width: int
    value_width: int
    mention_width: int
    offer_width: int
    match_width: int
    dropout: float
    cell: Cell = "lstm"


class ExampleSettings(BaseModel):
    """How training batches are made.

    Attributes:
        guide: The schema guide: a shipped name or a path.
        conversations: In a batch.
        word_dropout: Share of words read as unknown.
        mention_dropout: The same inside mentions, so that tags are trusted.
        own_states_from: First epoch, from 0, in which some conversations go on from the
            tracker's own state instead of the labelled one.
        most_own_states: The share of conversations that this grows to.
        own_states_growth: By how much it grows an epoch.
        stale_weight: Weight of a slot that was wrong already and does not change.
        focus: How far the loss is about whole states instead of each slot; see `state_loss`.
        exchanged: Share of conversations that are read with other values; see `exchanging`.
        outside: Conversations without a state for each one with, 0 for none.
        request_weight: Weight of the loss on requests.
        teachers_weight: Share of the loss on states that is against what the recipe's teachers
            think; the rest is against the labels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    guide: str
    conversations: int = Field(gt=0)
    word_dropout: float = Field(ge=0, lt=1)
    mention_dropout: float = Field(ge=0, lt=1)
    own_states_from: int = Field(ge=0)
    most_own_states: float = Field(ge=0, le=1)
    own_states_growth: float = Field(gt=0, le=1)
    stale_weight: float = Field(ge=0, le=1)
    focus: float = Field(default=0.0, ge=0, le=1)
    exchanged: float = Field(default=0.0, ge=0, le=1)
    outside: float = Field(ge=0)
    request_weight: float = Field(ge=0)
    teachers_weight: float = Field(default=0.0, ge=0, le=1)
