"""How likely a customer is frustrated or dissatisfied, from what a head says of the turn.

A model that learnt satisfaction from 1 to 5 is asked how likely 1 or 2 is. Any other is asked how
likely one of the emotions is that make people leave: anger, annoyance, disappointment,
disapproval, disgust, as if they came independently of each other. Either is then calibrated on
turns that nothing was learnt from, because the emotions do come together.

The heads have read the conversation so far, and the speaker's own turns: so has the probability.
"""

import math
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from corpora.conversation import Turn
from nlp_lstm.sentiment.config import Scheme

FRUSTRATED = ("anger", "annoyance", "disappointment", "disapproval", "disgust", "mad")
RATINGS = ("1", "2", "3", "4", "5")
DISSATISFIED = ("1", "2")
CERTAIN = 1e-6


class Frustration(BaseModel):
    """What turns a head's probabilities into that of frustration.

    Attributes:
        scheme: Whose head is asked.
        labels: Which of its labels mean frustration.
        slope: Of the calibration, on log-odds.
        offset: Of the calibration.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: str
    labels: tuple[str, ...]
    slope: float
    offset: float

    def probability(self, shares: Sequence[float], scheme: Scheme) -> float:
        """Calibrated probability of frustration.

        Args:
            shares: The head's calibrated probabilities of all its labels.
            scheme: The head's.
        """
        raw = raw_log_odds(shares, scheme, self.labels)
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, self.slope * raw + self.offset))))


def frustrating_labels(scheme: Scheme) -> tuple[str, ...]:
    """Which labels of a scheme mean frustration; none where it knows no such thing."""
    wanted = DISSATISFIED if rates_satisfaction(scheme) else FRUSTRATED
    return tuple(label for label in scheme.labels if label in wanted)


def raw_log_odds(shares: Sequence[float], scheme: Scheme, labels: Sequence[str]) -> float:
    """Log-odds, uncalibrated, that at least one of some labels holds."""
    asked = [share for label, share in zip(scheme.labels, shares, strict=True) if label in labels]
    any_of = 1 - math.prod(1 - share for share in asked) if scheme.several else sum(asked)
    bounded = min(1 - CERTAIN, max(CERTAIN, any_of))
    return math.log(bounded / (1 - bounded))


def rates_satisfaction(scheme: Scheme) -> bool:
    """Whether a scheme's labels are ratings from 1 to 5."""
    return not scheme.several and set(scheme.labels) <= set(RATINGS)


def satisfaction(shares: Sequence[float], scheme: Scheme) -> float:
    """The expected rating, from 1 to 5.

    Args:
        shares: Calibrated probabilities of the ratings.
        scheme: One that `rates_satisfaction`.
    """
    pairs = zip(scheme.labels, shares, strict=True)
    return sum(int(label) * share for label, share in pairs) / sum(shares)


def may_be_customer(turn: Turn) -> bool:
    """Whether somebody said the turn who is not known to be no customer."""
    return turn.role is None or turn.role == "customer"
