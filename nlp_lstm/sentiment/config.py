"""Widths, labels and limits of a sentiment model: what its artefact's config.json holds."""

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from nlp_lstm.layers.cells import Cell
from nlp_lstm.text.config import WordRowsConfig

# The three-way head, trained from every corpus that says how a turn sounds.
THREE_WAY = "sentiment"
THREE_WAY_LABELS = ("negative", "neutral", "positive")


class Scheme(BaseModel):
    """One way of naming emotions: a corpus and its labels.

    Attributes:
        name: The corpus that uses it; the head of the network carries the same name.
        labels: In the order of the head's outputs.
        several: Whether a turn may carry more than one of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    labels: tuple[str, ...]
    several: bool


class SentimentConfig(BaseModel):
    """Everything that shapes a `SentimentNetwork`. No defaults: an artefact lacking one fails.

    Attributes:
        rows: Widths of the words' input rows.
        hidden_width: Of each direction of the BiLSTM in a turn.
        layers: Of that BiLSTM.
        input_dropout: On its input rows, in training.
        key_width: Of the attention that pools a turn's words.
        turn_width: Of a turn's vector, as the memories read it.
        memory_width: Of the LSTM across the turns of a conversation.
        speaker_width: Of the LSTM across the turns of one speaker.
        dropout: Before the heads and on the turn vectors, in training.
        most_speakers: How many speakers are remembered; the one silent longest is forgotten.
        longest_stretch: A turn of more words is read in stretches of at most so many.
        emotions: Which scheme names the emotions of a plain answer.
        schemes: All of them, the three-way one not among them.
        cell: What reads the words and remembers; all that ships is LSTMs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: WordRowsConfig
    hidden_width: int
    layers: int
    input_dropout: float
    key_width: int
    turn_width: int
    memory_width: int
    speaker_width: int
    dropout: float
    most_speakers: int
    longest_stretch: int
    emotions: str
    schemes: tuple[Scheme, ...]
    cell: Cell = "lstm"

    @model_validator(mode="after")
    def _emotions_are_a_scheme(self) -> Self:
        names = [scheme.name for scheme in self.schemes]
        if self.emotions not in names:
            raise ValueError(f"emotions {self.emotions!r} is none of the schemes {names}")
        if THREE_WAY in names or len(set(names)) < len(names):
            raise ValueError(f"schemes {names} repeat a name, or use {THREE_WAY!r}")
        return self

    def scheme(self, name: str) -> Scheme:
        """The scheme of that name.

        Raises:
            ValueError: The model has no such scheme.
        """
        for scheme in self.schemes:
            if scheme.name == name:
                return scheme
        names = ", ".join(scheme.name for scheme in self.schemes)
        raise ValueError(f"no emotion scheme {name!r}; this model has {names}")
