"""Encoders and memories of the cell that a config names."""

from nlp_lstm.layers.attention import AttentionEncoder
from nlp_lstm.layers.attention_memory import AttentionMemory
from nlp_lstm.layers.cells import Cell
from nlp_lstm.layers.memory import CausalMemory
from nlp_lstm.layers.turn_encoder import TurnEncoder, TurnEncoderConfig
from nlp_lstm.layers.turn_reader import TurnReader

Encoder = TurnEncoder | AttentionEncoder
TurnMemory = CausalMemory | AttentionMemory


def turn_encoder(config: TurnEncoderConfig) -> Encoder:
    """What reads the words of a turn."""
    if config.cell == "transformer":
        return AttentionEncoder(
            config.token_width, 2 * config.hidden_width, config.layers, config.dropout
        )
    return TurnEncoder(config)


def reader_of(encoder: Encoder) -> TurnReader | None:
    """What reads turns by distinct rows, where that is an LSTM, nothing learns and it can."""
    return encoder.reader() if isinstance(encoder, TurnEncoder) else None


def turn_memory(cell: Cell, turn_width: int, memory_width: int) -> TurnMemory:
    """What reads the turns of a conversation."""
    if cell == "transformer":
        return AttentionMemory(turn_width, memory_width)
    return CausalMemory(turn_width, memory_width, cell)
