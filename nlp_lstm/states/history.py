"""What was said before, in a table of bounded size, and the candidates it gives a turn.

One function of (history, mentions) builds both; training and inference use the same one, and
it looks only backwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from corpora.labels import Evidence
from nlp_lstm.states.mentions import Mention
from nlp_lstm.states.schema import FIRST_VALUE, Schema

TABLE_ROWS = 24
EARLIER_OFFERED = 10
LONG_AGO = -1000

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Said:
    """A row of the table: a value and when it was last said.

    Attributes:
        value: Its number.
        by_user: Step at which the customer last said it, or `LONG_AGO`.
        by_system: Step at which the other side last said it, or `LONG_AGO`.
        order: Counts the other side's mentions; the largest was its latest.
        evidence: Where it was last said.
    """

    value: int
    by_user: int
    by_system: int
    order: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class History:
    """The values said so far, the most recent first, and the number of the next step."""

    step: int
    said: tuple[Said, ...]


START = History(step=0, said=())


@dataclass(frozen=True, slots=True)
class Offer:
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
        numbers = schema.value_number
        self._offered = [frozenset(numbers[v] for v in slot.offered) for slot in schema.slots]
        self._fixed = [_fixed_features(schema, i) for i in range(len(schema.values))]
        times = len(schema.time_slots)
        self._fixed_time = _BIT["30 times or more"] | _takers_feature(times)

    def update(
        self,
        history: History,
        mentions: Sequence[Mention],
        user_starts: int,
        evidence: Sequence[Evidence],
    ) -> Update:
        """Read the mentions of one step.

        Args:
            history: Before the step.
            mentions: In reading order, the other side's first.
            user_starts: Word at which the customer's side begins.
            evidence: Where each mention stands in the raw text.
        """
        user: dict[int, int] = {}
        system: dict[int, int] = {}
        for index, mention in enumerate(mentions):
            side = user if mention.first >= user_starts else system
            side[mention.value] = index
        rows = {said.value: row for row, said in enumerate(history.said)}
        now = list(dict.fromkeys([*reversed(user), *reversed(system)]))
        earlier = [said.value for said in history.said if said.value not in user]
        earlier = [value for value in earlier if value not in system]
        latest = self._latest_offers(history, system)
        only = self._only(user)
        offers = [
            Offer(slot, value, user.get(value, NOWHERE), _other(value, system, rows), bits)
            for value in [*now, *earlier[:EARLIER_OFFERED]]
            for shared in [self._said(value, user, system, mentions, history, rows)]
            for slot in self._schema.takers(value)
            for bits in [
                shared
                | (_BIT["always offered"] if value in self._offered[slot] else 0)
                | (_BIT["only such value of the customer now"] if only.get(slot) == value else 0)
                | (_BIT["latest such value of the other side"] if latest.get(slot) == value else 0)
            ]
        ]
        offers.sort(key=lambda offer: offer.slot)
        said, sources = _next_table(history, now, earlier, user, system, rows, evidence)
        return Update(offers, History(history.step + 1, said), sources)

    def _said(
        self,
        value: int,
        user: dict[int, int],
        system: dict[int, int],
        mentions: Sequence[Mention],
        history: History,
        rows: dict[int, int],
    ) -> int:
        """The features of a value that are the same for every slot."""
        bits = self._fixed_time
        if value < self._schema.first_time:
            bits = self._fixed[value - FIRST_VALUE]
        if value in user:
            bits |= _BIT["said by the customer now"]
            bits |= 0 if mentions[user[value]].is_exact else _BIT["inexact match"]
        if value in system:
            bits |= _BIT["said by the other side now"]
            bits |= 0 if mentions[system[value]].is_exact else _BIT["inexact match"]
        if value in rows:
            row = history.said[rows[value]]
            for who, when in (("customer", row.by_user), ("other side", row.by_system)):
                if when == history.step - 1:
                    bits |= _BIT[f"said by the {who} one step ago"]
                elif when >= 0:
                    bits |= _BIT[f"said by the {who} earlier"]
        return bits

    def _latest_offers(self, history: History, system: dict[int, int]) -> dict[int, int]:
        """Slot → the value the other side said last among those the slot can take."""
        latest: dict[int, int] = {}
        spoken = sorted(
            (said for said in history.said if said.by_system >= 0), key=lambda said: said.order
        )
        for value in [*(said.value for said in spoken), *sorted(system, key=system.__getitem__)]:
            latest.update(dict.fromkeys(self._schema.takers(value), value))
        return latest

    def _only(self, user: dict[int, int]) -> dict[int, int]:
        """Slot → the one value of this step's customer side that it can take."""
        only: dict[int, int] = {}
        for value in user:
            for slot in self._schema.takers(value):
                only[slot] = NOWHERE if slot in only else value
        return only


def _other(value: int, system: dict[int, int], rows: dict[int, int]) -> int:
    if value in system:
        return system[value]
    return -2 - rows[value] if value in rows else NOWHERE


def _next_table(
    history: History,
    now: list[int],
    earlier: list[int],
    user: dict[int, int],
    system: dict[int, int],
    rows: dict[int, int],
    evidence: Sequence[Evidence],
) -> tuple[tuple[Said, ...], list[int]]:
    counted = max((said.order for said in history.said), default=0)
    said: list[Said] = []
    sources: list[int] = []
    for value in now:
        before = history.said[rows[value]] if value in rows else None
        mention = user[value] if value in user else system[value]
        old_order = before.order if before else 0
        said.append(
            Said(
                value,
                history.step if value in user else before.by_user if before else LONG_AGO,
                history.step if value in system else before.by_system if before else LONG_AGO,
                counted + 1 + system[value] if value in system else old_order,
                evidence[mention],
            )
        )
        sources.append(mention)
    for value in earlier:
        said.append(history.said[rows[value]])
        sources.append(-2 - rows[value])
    return tuple(said[:TABLE_ROWS]), sources[:TABLE_ROWS]


def _fixed_features(schema: Schema, value: int) -> int:
    count = schema.values[value].count
    if count == 0:
        bits = _BIT["never in training labels"]
    elif count < 5:
        bits = _BIT["fewer than 5 times"]
    elif count < 30:
        bits = _BIT["fewer than 30 times"]
    else:
        bits = _BIT["30 times or more"]
    return bits | _takers_feature(len(schema.values[value].slots))


def _takers_feature(slots: int) -> int:
    if slots <= 1:
        return _BIT["one slot can take it"]
    return _BIT["up to 4 slots can take it" if slots <= 4 else "more slots can take it"]
