"""Widths of the schema-reading network and how its training examples are made."""

from pydantic import BaseModel, ConfigDict, Field

from nlp_lstm.text.config import WordRowsConfig


class DescribedNetworkConfig(BaseModel):
    """Widths of a `DescribedNetwork`. No defaults: an artefact that lacks one must not load.

    Attributes:
        rows: Word rows.
        tag_width: What a word knows of the kind of value it lies in.
        side_width: What it knows of who says it.
        hidden_width: Of each direction of the turn encoder.
        slot_width: A slot, as its description tells it.
        key_width: Attention and pointer keys.
        queries: Attention queries a slot.
        summary_width: A step as one vector.
        memory_width: Memory across steps.
        mix_width: What a slot finds in a step.
        state_width: A slot's state at a step.
        slot_memory_width: Memory across steps, one a slot.
        value_width: A category's value.
        match_width: The layers that score values and copies.
        dropout: Share of features dropped, one mask a row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: WordRowsConfig
    tag_width: int
    side_width: int
    hidden_width: int
    slot_width: int
    key_width: int
    queries: int
    summary_width: int
    memory_width: int
    mix_width: int
    state_width: int
    slot_memory_width: int
    value_width: int
    match_width: int
    dropout: float


class DescribedExamples(BaseModel):
    """How training batches are made.

    Attributes:
        conversations: In a batch.
        at_least: Conversations in an epoch; a corpus of fewer is read several times over, each
            time altered anew.
        word_dropout: Share of words read as unknown.
        value_dropout: The same inside labelled values, so that the words around them are trusted.
        described_dropout: Share of words of slots' names and descriptions read as unknown.
        tag_noise: Share of labelled values whose words look as if of any kind.
        lower: Share of conversations read in lower case.
        forgotten: Share of filled slots, a step, that are read as if the tracker had missed them
            and goes on without them.
        unheard: Share of offers that are read as if the tracker had missed them.
        removals: Share of conversations in which the customer takes back one of several values, or
            names it again.
        plain: Share of conversations that are read with plainer slots; see `plainer`.
        renamed: Share of conversations in which other words stand for names.
        perturbed: Share of conversations that are read as people type: slips, capitals, fillers,
            second thoughts.
        outside: Conversations without a state for each one with, from corpora that label none.
        bystanders: Share of conversations that are read with the slots of another group as well,
            which stay empty.
        offer_weight: Weight of the loss on what the other side offers.
        end_weight: Weight of the loss on where values end.
        request_weight: Weight of the loss on requests.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversations: int = Field(gt=0)
    at_least: int = Field(default=0, ge=0)
    word_dropout: float = Field(ge=0, lt=1)
    value_dropout: float = Field(ge=0, lt=1)
    described_dropout: float = Field(default=0.0, ge=0, lt=1)
    tag_noise: float = Field(ge=0, le=1)
    lower: float = Field(ge=0, le=1)
    forgotten: float = Field(ge=0, lt=1)
    unheard: float = Field(ge=0, lt=1)
    removals: float = Field(ge=0, le=1)
    plain: float = Field(default=0.0, ge=0, le=1)
    renamed: float = Field(ge=0, le=1)
    perturbed: float = Field(ge=0, le=1)
    outside: float = Field(ge=0)
    bystanders: float = Field(ge=0, le=1)
    offer_weight: float = Field(ge=0)
    end_weight: float = Field(ge=0)
    request_weight: float = Field(ge=0)
