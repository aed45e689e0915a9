"""Numbers and labels that an entity tagger is built from."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from nlp_lstm.layers.cells import Cell
from nlp_lstm.text.config import WordRowsConfig
from nlp_lstm.values.kinds import Check, Formed


class EntitiesConfig(BaseModel):
    """Widths, dropouts and labels. No defaults: an artefact that lacks one must not load.

    Attributes:
        labels: Kinds of entities, without tagging prefixes, in the order of their tags.
        rows: Widths of the words' input rows.
        hidden_width: Each direction of the BiLSTM in a turn.
        turn_width: Vector that a turn leaves to the memory.
        memory_width: Causal LSTM across turns.
        tagger_width: Hidden layer that joins word and memory.
        dropout: Share of features dropped, one mask a turn, in training.
        layers: Of the BiLSTM in a turn; models of before have one.
        checks: What spans of a label are checked as, and brought to one form; models of before
            have none.
        found_by_form: What is found by how it is written wherever the tagger saw nothing, and the
            label it gets.
        hears: Whose turns enter the memory; speakers whose role nobody knows always do.
        gaps: How many distances to the last turn that was heard are told apart, the longest
            included; 0, in models of before, tells none.
        tables: Of each corpus that was learnt under other names, its publisher's labels and what
            they are called here.
        cell: What reads the words and remembers; all that ships is LSTMs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[str, ...]
    rows: WordRowsConfig
    hidden_width: int
    turn_width: int
    memory_width: int
    tagger_width: int
    dropout: float
    layers: int = 1
    checks: Mapping[str, Check] = {}
    found_by_form: Mapping[Formed, str] = {}
    hears: Literal["customers", "everyone"] = "customers"
    gaps: int = 0
    tables: Mapping[str, Mapping[str, str]] = {}
    cell: Cell = "lstm"

    @model_validator(mode="after")
    def _labels_exist(self) -> Self:
        named = {*self.checks, *self.found_by_form.values()}
        unknown = sorted(named - set(self.labels))
        if unknown:
            raise ValueError(f"checks of {', '.join(unknown)}, which is no label of the model")
        return self


class TurnCalibration(BaseModel):
    """What turns the CRF's probability of a turn's tagging into how often such turns are right.

    Attributes:
        slope: Of the log-odds.
        offset: Added to them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slope: float
    offset: float


class SpanCalibration(BaseModel):
    """What turns the CRF's probability of a span into how often such spans are right.

    Attributes:
        slope: Of the log-odds.
        offset: Added to them.
        least: Spans that are less sure than that are left out. A span that is right less often
            than half of F1 costs more by being found wrongly than it gains by being found.
        turn: Of whole turns: right is one whose spans are right and that misses none; None where
            that was never fitted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slope: float
    offset: float
    least: float = 0.0
    turn: TurnCalibration | None = None
