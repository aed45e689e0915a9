"""How likely a customer is frustrated or dissatisfied, from what a head says of the turn.

A model that learnt satisfaction from 1 to 5 is asked how likely 1 or 2 is. Any other is asked how
likely one of the emotions is that make people leave: anger, annoyance, disappointment,
disapproval, disgust, as if they came independently of each other. Either is then calibrated on
turns that nothing was learnt from, because the emotions do come together.

The heads have read the conversation so far, and the speaker's own turns: so has the probability.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from corpora.conversation import Turn
from nlp_lstm.layers.single import sigmoid
from nlp_lstm.sentiment.config import Scheme

FRUSTRATED = ("anger", "annoyance", "disappointment", "disapproval", "disgust", "mad")
RATINGS = ("1", "2", "3", "4", "5")
DISSATISFIED = ("1", "2")
CERTAIN = 1e-6

Scores = npt.NDArray[np.float64]


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

    def probability(self, shares: npt.ArrayLike, scheme: Scheme) -> Scores:
        """Calibrated probability of frustration.

        Args:
            shares: The head's calibrated probabilities of all its labels. (…, L)
            scheme: The head's.

        Returns:
            (…,)
        """
        raw = raw_log_odds(shares, scheme, self.labels)
        return sigmoid(self.slope * raw + self.offset)


def frustrating_labels(scheme: Scheme) -> tuple[str, ...]:
    """Which labels of a scheme mean frustration; none where it knows no such thing."""
    wanted = DISSATISFIED if rates_satisfaction(scheme) else FRUSTRATED
    return tuple(label for label in scheme.labels if label in wanted)


def raw_log_odds(shares: npt.ArrayLike, scheme: Scheme, labels: Sequence[str]) -> Scores:
    """Log-odds, uncalibrated, that at least one of some labels holds: shares (…, L) → (…,)."""
    asked = np.asarray(shares)[..., [label in labels for label in scheme.labels]]
    any_of = 1 - np.prod(1 - asked, axis=-1) if scheme.several else asked.sum(axis=-1)
    bounded = np.minimum(np.maximum(any_of, CERTAIN), 1 - CERTAIN)
    return np.asarray(np.log(bounded / (1 - bounded)))


def rates_satisfaction(scheme: Scheme) -> bool:
    """Whether a scheme's labels are ratings from 1 to 5."""
    return not scheme.several and set(scheme.labels) <= set(RATINGS)


def satisfaction(shares: npt.ArrayLike, scheme: Scheme) -> Scores:
    """The expected rating, from 1 to 5.

    Args:
        shares: Calibrated probabilities of the ratings. (…, L)
        scheme: One that `rates_satisfaction`.

    Returns:
        (…,)
    """
    given = np.asarray(shares)
    ratings = np.array([int(label) for label in scheme.labels])
    return np.asarray(given @ ratings / given.sum(axis=-1))


def may_be_customer(turn: Turn) -> bool:
    """Whether somebody said the turn who is not known to be no customer."""
    return turn.role is None or turn.role == "customer"
