"""What a fitted policy promises, and what it was fitted on.

[[states.bands]]
up_to = 64
least_confidence = 0.93

[provenance.states]
model = "states-multiwoz"
fingerprint = "3f9c…"
risk = 0.1
confidence = 0.9
"""

from math import inf
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FORM: Literal["nlp-lstm-policy/1"] = "nlp-lstm-policy/1"
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class Band(BaseModel):
    """A stretch of context lengths with a least confidence of its own.

    Attributes:
        up_to: Words of conversation at which it ends, inclusive; left out in the last, which has
            no end.
        least_confidence: Answers with less are routed; `inf` routes all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    up_to: Annotated[int, Field(ge=1)] | None = None
    least_confidence: Annotated[float, Field(ge=0)]

    @model_validator(mode="after")
    def _is_a_confidence(self) -> Self:
        if 1 < self.least_confidence < inf:
            raise ValueError(f"{self.least_confidence} is no confidence from 0 to 1, nor inf")
        return self


def check_bands(bands: tuple[Band, ...]) -> None:
    """Refuse bands that do not follow each other, or leave contexts out.

    Raises:
        ValueError: Says which.
    """
    ends = [band.up_to for band in bands]
    if not bands:
        return
    if ends[-1] is not None:
        raise ValueError(f"the last band ends at {ends[-1]}: leave its up_to out")
    closed = [end for end in ends[:-1] if end is not None]
    if len(closed) < len(ends) - 1:
        raise ValueError("a band before the last has no up_to")
    if closed != sorted(set(closed)):
        raise ValueError(f"bands end at {', '.join(map(str, closed))}: let each end later")


class Curve(BaseModel):
    """The grid of thresholds in one band, strictest first, on what it was tested on.

    Attributes:
        answers: How many there were.
        least_confidence: The thresholds.
        coverage: Share of answers that each accepts.
        error: Share of wrong ones among those.
        p: Probability, at most, of such evidence if the promise were broken; -1 where a threshold
            was not tested.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: Count
    least_confidence: tuple[Share, ...] = ()
    coverage: tuple[Share, ...] = ()
    error: tuple[Share, ...] = ()
    p: tuple[float, ...] = ()


class Fit(BaseModel):
    """What the thresholds of one task were fitted to, and what they promise.

    Attributes:
        model: Name of the model.
        fingerprint: Of the model, and of the schema that it followed, if that was none of its own:
            thresholds mean nothing for another.
        schema_name: What that schema is called; empty where the model followed its own.
        calibration: Hash of its calibration: nor for other confidences.
        corpus: Which conversations.
        split: Which part of the corpus.
        data: Hash of all of these conversations, with their labels.
        choosing: How many chose where testing begins.
        tested: How many others were tested on.
        risk: Share of wrong answers among the accepted ones, at most.
        confidence: With which probability that holds.
        longest_context: Words of the longest context among them: beyond, nothing was tested.
        curves: One a band.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    fingerprint: str
    schema_name: str = ""
    calibration: str
    corpus: str
    split: str
    data: str
    choosing: Count
    tested: Count
    risk: Share
    confidence: Share
    longest_context: Count
    curves: tuple[Curve, ...] = ()


class Provenance(BaseModel):
    """What the thresholds of each task were fitted to; None of a task was set by hand.

    Attributes:
        form: Of the file: another release may write another one.
        release: Of this toolkit.
        states: Of belief states.
        entities: Of entities.
        sentiment: Of sentiment.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Literal["nlp-lstm-policy/1"] = FORM
    release: str
    states: Fit | None = None
    entities: Fit | None = None
    sentiment: Fit | None = None
