from nlp_lstm.states.history import (
    EARLIER_OFFERED,
    FEATURES,
    NOWHERE,
    START,
    TABLE_ROWS,
    Historian,
    History,
    Update,
)
from nlp_lstm.states.mentions import Mention, Quote
from tests.nlp_lstm.states.tiny_states import SCHEMA

HISTORIAN = Historian(SCHEMA)
NORTH, ACORN = SCHEMA.value_number["north"], SCHEMA.value_number["acorn guest house"]
NOON = SCHEMA.value_number["12:00"]
USER_STARTS = 10


def said(history: History, *mentions: tuple[int, str]) -> Update:
    """A step at which values are mentioned by `user` or `system`."""
    placed = [
        Mention(value, place + (USER_STARTS if who == "user" else 0), place + USER_STARTS, True)
        for place, (value, who) in enumerate(sorted(mentions, key=lambda mention: mention[1]))
    ]
    quotes = [Quote(history.step, place, place + 1, None) for place in range(len(placed))]
    return HISTORIAN.update(history, placed, USER_STARTS, quotes)


def features(update: Update, value: int, slot: int = 0) -> set[str]:
    offer = next(o for o in update.offers if (o.value, o.slot) == (value, slot))
    return {name for bit, name in enumerate(FEATURES) if offer.features >> bit & 1}


def test_a_mention_is_offered_to_every_slot_that_can_take_it() -> None:
    update = said(START, (NORTH, "user"), (NOON, "user"))

    assert [(o.slot, o.value) for o in update.offers] == [(0, NORTH), (2, NORTH), (3, NOON)]
    assert all(o.other == NOWHERE for o in update.offers)


def test_features_tell_who_said_it_and_when() -> None:
    first = said(START, (NORTH, "system"))
    second = said(first.history, (ACORN, "user"))
    third = said(second.history, (NORTH, "user"))

    assert features(first, NORTH) == {
        "always offered",
        "said by the other side now",
        "30 times or more",
        "up to 4 slots can take it",
        "latest such value of the other side",
    }
    assert "said by the other side one step ago" in features(second, NORTH)
    assert {
        "said by the customer now",
        "only such value of the customer now",
        "said by the other side earlier",
    } <= features(third, NORTH)


def test_an_earlier_value_refers_to_its_row_of_the_table() -> None:
    first = said(START, (NORTH, "user"), (ACORN, "system"))
    second = said(first.history, (NOON, "user"))

    rows = {o.value: o.other for o in second.offers}
    table = [row.value for row in first.history.said]
    assert rows[ACORN] == -2 - table.index(ACORN)
    assert rows[NOON] == NOWHERE
    assert [row.value for row in second.history.said] == [NOON, *table]
    assert second.sources == [0, -2, -3]


def test_the_table_is_bounded_and_keeps_the_most_recent() -> None:
    history = START
    for minute in range(TABLE_ROWS + 5):
        update = said(history, (NOON + minute, "user"))
        history = update.history

    assert len(history.said) == TABLE_ROWS
    assert history.said[0].value == NOON + TABLE_ROWS + 4
    assert len({o.value for o in update.offers}) == 1 + EARLIER_OFFERED
    assert len(update.sources) == TABLE_ROWS


def test_a_row_tells_where_each_side_last_said_a_value() -> None:
    history = START
    for who in ("user", "system", "user", "system"):
        history = said(history, (NORTH, who)).history
    both = said(history, (NORTH, "user"), (NORTH, "system"), (ACORN, "system")).history
    places = {row.value: (row.user, row.system) for row in both.said}

    assert [(row.user, row.system) for row in history.said] == [
        (Quote(2, 0, 1, None), Quote(3, 0, 1, None))
    ]
    # In one step the other side's mentions come first.
    assert places == {
        NORTH: (Quote(4, 2, 3, None), Quote(4, 0, 1, None)),
        ACORN: (None, Quote(4, 1, 2, None)),
    }
    assert said(both, (NOON, "user")).history.said[1:] == both.said  # kept as it was
