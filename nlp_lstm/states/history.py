"""What was said before, in a table of bounded size, and the candidates it gives a turn.

One function of (history, mentions) builds both; training and inference use the same one, and
it looks only backwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from nlp_lstm.states.mentions import Mention, Quote
from nlp_lstm.states.schema import FIRST_VALUE, Schema

TABLE_ROWS = 24
EARLIER_OFFERED = 10
LONG_AGO = -1000

NOWHERE = -1


class Said(NamedTuple):
    """A row of the table: a value and when it was last said.

    Attributes:
        value: Its number.
        by_user: Step at which the customer last said it, or `LONG_AGO`.
        by_system: Step at which the other side last said it, or `LONG_AGO`.
        order: Counts the other side's mentions; the largest was its latest.
        user: Where the customer last said it; None where never.
        system: Where the other side last said it.
    """

    value: int
    by_user: int
    by_system: int
    order: int
    user: Quote | None
    system: Quote | None


@dataclass(frozen=True, slots=True)
class History:
    """The values said so far, the most recent first, and the number of the next step."""

    step: int
    said: tuple[Said, ...]


START = History(step=0, said=())


class Offer(NamedTuple):
    """A value that one slot may take at this step because somebody said it.

    Attributes:
        slot: Index of the slot.
        value: Number of the value.
        user: Which mention of this step said it for the customer, or `NOWHERE`.
        other: Which mention of this step said it for the other side; failing that, the table's
            row as `-2 - row`; `NOWHERE` where only the customer said it, and only now.
        features: Bits, as `FEATURES` names them.
    """

    slot: int
    value: int
    user: int
    other: int
    features: int


FEATURES = (
    "always offered",
    "said by the customer now",
    "said by the other side now",
    "said by the customer one step ago",
    "said by the other side one step ago",
    "said by the customer earlier",
    "said by the other side earlier",
    "inexact match",
    "only such value of the customer now",
    "never in training labels",
    "fewer than 5 times",
    "fewer than 30 times",
    "30 times or more",
    "one slot can take it",
    "up to 4 slots can take it",
    "more slots can take it",
    "latest such value of the other side",
)
_BIT = {name: 1 << index for index, name in enumerate(FEATURES)}
_USER_NOW = _BIT["said by the customer now"]
_OTHER_NOW = _BIT["said by the other side now"]
_USER_PAST = (_BIT["said by the customer one step ago"], _BIT["said by the customer earlier"])
_OTHER_PAST = (_BIT["said by the other side one step ago"], _BIT["said by the other side earlier"])
_INEXACT = _BIT["inexact match"]
_ONLY = _BIT["only such value of the customer now"]
_LATEST = _BIT["latest such value of the other side"]


@dataclass(frozen=True, slots=True)
class Update:
    """What a step makes of a history.

    Attributes:
        offers: Sorted by slot.
        history: The history after the step.
        sources: Where each row of its table comes from: a mention of this step, or the row
            `-2 - row` of the table before.
    """

    offers: list[Offer]
    history: History
    sources: list[int]


class Historian:
    """Builds the candidates of a step from a history and the step's mentions."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._takers = [schema.takers(value) for value in range(len(schema.value_names))]
        # Value number → each slot that can take it, with the features that nothing said changes.
        self._fixed = _fixed_features(schema, self._takers)

    def update(
        self,
        history: History,
        mentions: Sequence[Mention],
        user_starts: int,
        quotes: Sequence[Quote],
    ) -> Update:
        """Read the mentions of one step.

        Args:
            history: Before the step.
            mentions: In reading order, the other side's first.
            user_starts: Word at which the customer's side begins.
            quotes: Where each mention stands in the raw text.
        """
        heard = _heard(history, mentions, user_starts)
        latest = self._latest_offers(heard)
        only = self._only(heard.user)
        offers: list[Offer] = []
        for value in [*heard.now, *heard.earlier[:EARLIER_OFFERED]]:
            said_so = _said_features(value, heard)
            user, other = heard.user.get(value, NOWHERE), _other(value, heard)
            for slot, fixed in self._fixed[value]:
                bits = fixed | said_so
                if only.get(slot) == value:
                    bits |= _ONLY
                if latest.get(slot) == value:
                    bits |= _LATEST
                offers.append(Offer(slot, value, user, other, bits))
        offers.sort(key=attrgetter("slot"))
        said, sources = _next_table(heard, quotes)
        return Update(offers, History(history.step + 1, said), sources)

    def _latest_offers(self, heard: "_Heard") -> dict[int, int]:
        """Slot → the value the other side said last among those the slot can take."""
        latest: dict[int, int] = {}
        spoken = [said for said in heard.history.said if said.by_system >= 0]
        before = [said.value for said in sorted(spoken, key=attrgetter("order"))]
        for value in [*before, *sorted(heard.system, key=heard.system.__getitem__)]:
            for slot in self._takers[value]:
                latest[slot] = value
        return latest

    def _only(self, user: dict[int, int]) -> dict[int, int]:
        """Slot → the one value of this step's customer side that it can take."""
        only: dict[int, int] = {}
        for value in user:
            for slot in self._takers[value]:
                only[slot] = NOWHERE if slot in only else value
        return only


@dataclass(frozen=True, slots=True)
class _Heard:
    """The mentions of a step against the history before it.

    Attributes:
        mentions: Of the step.
        user: Value → the last mention in which the customer says it.
        system: The same for the other side.
        history: Before the step.
        rows: Value → its row in the history's table.
        now: The values of the step, the most recent first.
        earlier: The table's other values, in its order.
    """

    mentions: Sequence[Mention]
    user: dict[int, int]
    system: dict[int, int]
    history: History
    rows: dict[int, int]
    now: list[int]
    earlier: list[int]


def _heard(history: History, mentions: Sequence[Mention], user_starts: int) -> _Heard:
    user: dict[int, int] = {}
    system: dict[int, int] = {}
    for index, mention in enumerate(mentions):
        side = user if mention.first >= user_starts else system
        side[mention.value] = index
    return _Heard(
        mentions=mentions,
        user=user,
        system=system,
        history=history,
        rows={said.value: row for row, said in enumerate(history.said)},
        now=list(dict.fromkeys([*reversed(user), *reversed(system)])),
        earlier=[s.value for s in history.said if s.value not in user and s.value not in system],
    )


def _said_features(value: int, heard: _Heard) -> int:
    """What of a value's features tells who said it and when: the same for every slot."""
    bits = 0
    for side, now in ((heard.user, _USER_NOW), (heard.system, _OTHER_NOW)):
        if value in side:
            bits |= now
            bits |= 0 if heard.mentions[side[value]].is_exact else _INEXACT
    if value in heard.rows:
        row = heard.history.said[heard.rows[value]]
        for when, (one_step_ago, earlier) in (
            (row.by_user, _USER_PAST),
            (row.by_system, _OTHER_PAST),
        ):
            if when == heard.history.step - 1:
                bits |= one_step_ago
            elif when >= 0:
                bits |= earlier
    return bits


def _other(value: int, heard: _Heard) -> int:
    if value in heard.system:
        return heard.system[value]
    return -2 - heard.rows[value] if value in heard.rows else NOWHERE


def _next_table(heard: _Heard, quotes: Sequence[Quote]) -> tuple[tuple[Said, ...], list[int]]:
    """The table after a step and where each of its rows comes from."""
    history, user, system = heard.history, heard.user, heard.system
    counted = max((said.order for said in history.said), default=0)
    said: list[Said] = []
    sources: list[int] = []
    for value in heard.now:
        by_user, by_system, order = LONG_AGO, LONG_AGO, 0
        of_user: Quote | None = None
        of_system: Quote | None = None
        if value in heard.rows:
            _, by_user, by_system, order, of_user, of_system = history.said[heard.rows[value]]
        if value in user:
            by_user, of_user = history.step, quotes[user[value]]
        if value in system:
            by_system, of_system = history.step, quotes[system[value]]
            order = counted + 1 + system[value]
        said.append(Said(value, by_user, by_system, order, of_user, of_system))
        sources.append(user[value] if value in user else system[value])
    for value in heard.earlier:
        said.append(history.said[heard.rows[value]])
        sources.append(-2 - heard.rows[value])
    return tuple(said[:TABLE_ROWS]), sources[:TABLE_ROWS]


def _fixed_features(
    schema: Schema, takers: Sequence[tuple[int, ...]]
) -> list[list[tuple[int, int]]]:
    numbers = schema.value_number
    offered = [frozenset(numbers[value] for value in slot.offered) for slot in schema.slots]
    fixed: list[list[tuple[int, int]]] = []
    for value, slots in enumerate(takers):
        shared = _count_feature(schema, value) | _takers_feature(len(slots)) if slots else 0
        always = _BIT["always offered"]
        fixed.append([(s, shared | (always if value in offered[s] else 0)) for s in slots])
    return fixed


def _count_feature(schema: Schema, value: int) -> int:
    if value >= schema.first_time:
        return _BIT["30 times or more"]  # any minute of the day, listed or not, is a time
    count = schema.values[value - FIRST_VALUE].count
    if count == 0:
        return _BIT["never in training labels"]
    if count < 5:
        return _BIT["fewer than 5 times"]
    return _BIT["fewer than 30 times" if count < 30 else "30 times or more"]


def _takers_feature(slots: int) -> int:
    if slots <= 1:
        return _BIT["one slot can take it"]
    return _BIT["up to 4 slots can take it" if slots <= 4 else "more slots can take it"]
