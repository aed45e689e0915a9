"""A row of numbers as a row of bars: ▁▂▃▅▇."""

from collections.abc import Sequence
from itertools import pairwise

BARS = "▁▂▃▄▅▆▇"
ASCII_BARS = "_.-=^"


def sparkline(values: Sequence[float], *, longest: int = 24, ascii_only: bool = False) -> str:
    """Draw numbers in [-1, 1] as bars on that fixed scale, so that two lines can be compared.

    Args:
        values: In order of time.
        longest: More values than this are drawn as the means of so many equal stretches.
        ascii_only: Draw with characters that every terminal has.
    """
    bars = ASCII_BARS if ascii_only else BARS
    if len(values) > longest:
        edges = [index * len(values) // longest for index in range(longest + 1)]
        values = [sum(values[start:end]) / (end - start) for start, end in pairwise(edges)]
    return "".join(
        bars[min(len(bars) - 1, int((max(-1.0, min(1.0, value)) + 1) / 2 * len(bars)))]
        for value in values
    )
