"""Where each speaker's mood is heading: a smoothed line through what the turns sound like.

A turn's valence counts in full and each of the speaker's turns before it `FADING` times the one
after it. `smoothed` is the mean under these weights, `slope` that of the straight line that fits
best under them, per turn of the speaker. Blank turns, notices and tools have no mood.

A turning point is where the smoothed line was highest before it fell by `TURNING` or more, or
lowest before it rose so far, and was still so far away at the speaker's next turn. The speaker's
first turn is none, or every cordial greeting would be.

All of it is carried from turn to turn in a value of bounded size, so a chat read as people type
has the line that the whole has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

from corpora.conversation import Turn

Direction = Literal["up", "down"]

FADING = 0.7
TURNING = 0.3
LASTS = 2  # turns of the speaker
# The latest are kept, of speakers and of turning points.
MOST_SPEAKERS = 16
MOST_TURNINGS = 16


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """Where a line turned.

    Attributes:
        turn: Place in the conversation.
        direction: Where the line went from there.
        smoothed: How high it was.
    """

    turn: int
    direction: Direction
    smoothed: float


@dataclass(frozen=True, slots=True)
class _Extreme:
    turn: int
    smoothed: float


@dataclass(frozen=True, slots=True)
class Mood:
    """One speaker's line after one of the speaker's turns: a value, bounded in size.

    Attributes:
        turns: The speaker's turns so far, blank ones not counted.
        first: Place of the first of them.
        smoothed: The line's height, from -1 to 1.
        turnings: The latest turning points, in order.
        weight: Sum of the turns' weights.
        place: Weighted mean of the turns' numbers.
        spread: Weighted sum of squares of the numbers around `place`.
        together: The same of the products of numbers and valences, each around its mean.
        heading: Where the line goes since its last turning point; None where it is level yet.
        high: Highest since then, or since the beginning.
        low: Lowest.
        away: The furthest point of those that are `TURNING` away from the extreme, in a row.
        lasted: How many these are.
    """

    turns: int
    first: int
    smoothed: float
    turnings: tuple[TurningPoint, ...]
    weight: float
    place: float
    spread: float
    together: float
    heading: Direction | None
    high: _Extreme
    low: _Extreme
    away: _Extreme | None
    lasted: int

    @property
    def slope(self) -> float:
        """Change of valence a turn of the speaker; 0 after only one."""
        return self.together / self.spread if self.spread else 0.0

    def to_facts(self) -> dict[str, Any]:
        """As JSON types; `from_facts` undoes it."""
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Mood":
        """What `to_facts` wrote.

        Raises:
            KeyError, TypeError: It did not write that.
        """
        return cls(
            **{
                **facts,
                "turnings": tuple(TurningPoint(**point) for point in facts["turnings"]),
                "high": _Extreme(**facts["high"]),
                "low": _Extreme(**facts["low"]),
                "away": None if facts["away"] is None else _Extreme(**facts["away"]),
            }
        )


Moods = Mapping[str, Mood]


def speaker_of(turn: Turn) -> str | None:
    """Who has a mood: by name, or by role where there is none; None for notices and tools."""
    return None if turn.role in ("system", "tool") else turn.speaker or turn.role or ""


def followed(moods: Moods, speaker: str, turn: int, valence: float) -> Moods:
    """The lines after one more turn; who has been silent longest is forgotten first.

    Args:
        moods: By speaker, who spoke last in last place.
        speaker: Who speaks.
        turn: Place of the turn in the conversation.
        valence: How it sounds, from -1 to 1.
    """
    others = {name: mood for name, mood in moods.items() if name != speaker}
    while len(others) >= MOST_SPEAKERS:
        del others[next(iter(others))]
    return {**others, speaker: moved(moods.get(speaker), turn, valence)}


def moved(mood: Mood | None, turn: int, valence: float) -> Mood:
    """A speaker's line after one more turn; None where it begins."""
    if mood is None:
        start = _Extreme(turn, valence)
        return Mood(1, turn, valence, (), 1.0, 1.0, 0.0, 0.0, None, start, start, None, 0)
    number = mood.turns + 1
    weight = FADING * mood.weight + 1
    off_place, off_line = number - mood.place, valence - mood.smoothed
    place, smoothed = mood.place + off_place / weight, mood.smoothed + off_line / weight
    turned = _turned(mood, _Extreme(turn, smoothed))
    return Mood(
        turns=number,
        first=mood.first,
        smoothed=smoothed,
        turnings=turned.turnings,
        weight=weight,
        place=place,
        spread=FADING * mood.spread + off_place * (number - place),
        together=FADING * mood.together + off_place * (valence - smoothed),
        heading=turned.heading,
        high=turned.high,
        low=turned.low,
        away=turned.away,
        lasted=turned.lasted,
    )


class _Turned(NamedTuple):
    """What of a `Mood` tells of its extremes and turning points."""

    turnings: tuple[TurningPoint, ...]
    heading: Direction | None
    high: _Extreme
    low: _Extreme
    away: _Extreme | None
    lasted: int


def _turned(mood: Mood, here: _Extreme) -> _Turned:
    """Extremes and turning points, the line having arrived `here` from where `mood` has it."""
    high = here if mood.heading != "down" and here.smoothed >= mood.high.smoothed else mood.high
    low = here if mood.heading != "up" and here.smoothed <= mood.low.smoothed else mood.low
    if mood.heading is None and mood.away is not None:
        # A swing from the level that did not last is forgotten, so coming back is no turn.
        if mood.away == mood.low and high.smoothed - here.smoothed < TURNING:
            low = here
        elif mood.away == mood.high and here.smoothed - low.smoothed < TURNING:
            high = here
    falls = mood.heading != "down" and high.smoothed - here.smoothed >= TURNING
    rises = mood.heading != "up" and here.smoothed - low.smoothed >= TURNING
    if not falls and not rises:
        return _Turned(mood.turnings, mood.heading, high, low, None, 0)
    # Level so far, and far from both: the later extreme is the one it turned at.
    if falls and rises:
        falls = high.turn > low.turn
    sign = -1 if falls else 1
    away = here if mood.away is None else max(mood.away, here, key=lambda e: sign * e.smoothed)
    if mood.lasted + 1 < LASTS:
        return _Turned(mood.turnings, mood.heading, high, low, away, mood.lasted + 1)
    extreme = high if falls else low
    direction: Direction = "down" if falls else "up"
    turnings = mood.turnings
    if extreme.turn != mood.first:
        turnings = (*turnings, TurningPoint(extreme.turn, direction, extreme.smoothed))
    return _Turned(
        turnings[-MOST_TURNINGS:],
        direction,
        away if not falls else high,
        away if falls else low,
        None,
        0,
    )


def moods_to_facts(moods: Moods) -> list[dict[str, Any]]:
    """Lines as JSON types, in their order."""
    return [{"speaker": speaker, "mood": mood.to_facts()} for speaker, mood in moods.items()]


def moods_from_facts(facts: Sequence[Mapping[str, Any]]) -> Moods:
    """What `moods_to_facts` wrote."""
    return {held["speaker"]: Mood.from_facts(held["mood"]) for held in facts}
