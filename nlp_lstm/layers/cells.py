"""What an encoder and a memory may be made of, so that the choice can be measured.

Shipped models are LSTMs, and only those are read by the fast ways (bfloat16, NumPy, ONNX). The
others answer what `nlp-lstm compare` asks: would another cell have been better?
"""

from typing import Literal, get_args

Cell = Literal["lstm", "gru", "rnn", "transformer"]
CELLS: tuple[Cell, ...] = get_args(Cell)
