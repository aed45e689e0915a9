"""When a customer's frustration is a case for somebody: once an episode, and which turns say so.

How frustrated a customer is *about now* counts the turn that is read in full and each of the
customer's turns before it half as much as the one after it:

    strain = 1 - Π (1 - frustration of a turn) ^ (1/2) ^ (how many of the customer's turns ago)

One furious turn is enough, and so are several annoyed ones. The alarm sounds when the strain
reaches a threshold, and is silent until the strain has been below half of it: an episode.
"""

import math
from dataclasses import dataclass, replace

# An episode may last for hundreds of turns; of its evidence the latest turns are kept.
MOST_EVIDENCE = 8
SUREST = 1 - 1e-9
# Not a half: of several turns that are a little annoyed one is easily a mistake.
ALARMING = 0.6


@dataclass(frozen=True, slots=True)
class Escalation:
    """The alarm's event.

    Attributes:
        turn: Place in the conversation of the turn at which it sounded.
        since: Where the episode began.
        evidence: The turns of the episode, up to this one, that are frustrated by themselves:
            at least half the threshold.
        probability: The strain.
    """

    turn: int
    since: int
    evidence: tuple[int, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is known of one customer so far: a value, bounded in size.

    Attributes:
        calm: Logarithm of one minus the strain.
        sounded: Whether the episode has had its event.
        since: Where the episode began; None outside of one.
        evidence: See `Escalation`.
    """

    calm: float = 0.0
    sounded: bool = False
    since: int | None = None
    evidence: tuple[int, ...] = ()

    @property
    def strain(self) -> float:
        """How probable it is that the customer is frustrated about now."""
        return -math.expm1(self.calm)

    def heard(
        self, turn: int, frustration: float, threshold: float
    ) -> tuple["Alarm", Escalation | None]:
        """The alarm after the customer's next turn, and its event where it sounds.

        Args:
            turn: Place of the turn in the conversation.
            frustration: Calibrated probability.
            threshold: Strain from which it sounds, in (0, 1]; at 1 it never does.
        """
        calm = self.calm / 2 + math.log1p(-min(frustration, SUREST))
        after = replace(self, calm=calm)
        if after.strain < threshold / 2:
            return Alarm(calm), None
        if frustration >= threshold / 2:
            since = turn if self.since is None else self.since
            evidence = (*self.evidence, turn)[-MOST_EVIDENCE:]
            after = replace(after, since=since, evidence=evidence)
        if after.sounded or after.strain < threshold or threshold >= 1:
            return after, None
        since = turn if after.since is None else after.since
        return (
            replace(after, sounded=True),
            Escalation(turn, since, after.evidence, after.strain),
        )
