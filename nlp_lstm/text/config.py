"""Widths of the words' input rows, apart from what computes them."""

from pydantic import BaseModel, ConfigDict


class WordRowsConfig(BaseModel):
    """Widths of `WordRows`. No defaults: an artefact that lacks one must not load."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    piece_width: int
    gram_width: int
    gram_buckets: int
