"""Values that can be told by how they are written: found in a text, and brought to one form."""

from nlp_lstm.values.finding import Found, find_values
from nlp_lstm.values.normalising import normalise

__all__ = ["Found", "find_values", "normalise"]
