"""The cells that carry a state of fixed size from step to step."""

from torch import nn

from nlp_lstm.layers.cells import Cell

Recurrence = nn.LSTM | nn.GRU | nn.RNN

# `rnn` is Elman's, with tanh.
RECURRENT: dict[Cell, type[nn.LSTM] | type[nn.GRU] | type[nn.RNN]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn": nn.RNN,
}
