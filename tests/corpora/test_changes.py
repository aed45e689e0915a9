"""Changes lead from state to state: what is written down about each turn gives all states again."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.changes import apply, changes_between, operations, replay
from corpora.labels import Operation, SlotValue, StateChange
from corpora.published import read_corpus

SAMPLES = Path(__file__).parent.parent / "samples"
SLOTS = ("area", "drinks", "food")
VALUES = ("dontcare", "north", "south", "tea", "")


def states(most: int = 3) -> st.SearchStrategy[tuple[SlotValue, ...]]:
    """States of a few slots; `dontcare` stands alone."""
    alone = st.just({"dontcare"})
    values = alone | st.sets(st.sampled_from(VALUES[1:]), min_size=1, max_size=most)
    return st.dictionaries(st.sampled_from(SLOTS), values).map(
        lambda held: tuple(sorted(SlotValue(slot, v) for slot, vs in held.items() for v in vs))
    )


@pytest.mark.parametrize(
    ("before", "after", "several", "done"),
    [
        pytest.param([], ["a"], False, [("set", "a")], id="set"),
        pytest.param(["a"], ["b"], False, [("replace", "b")], id="replaced"),
        pytest.param(["a"], [], False, [("delete", None)], id="deleted"),
        pytest.param(["a"], ["dontcare"], False, [("dontcare", "dontcare")], id="any will do"),
        pytest.param([], ["dontcare"], True, [("dontcare", "dontcare")], id="any of several"),
        pytest.param(["dontcare"], ["a"], False, [("replace", "a")], id="any, then one"),
        pytest.param(["a"], ["a"], True, [], id="nothing"),
        pytest.param([], ["a"], True, [("append", "a")], id="the first of several"),
        pytest.param(["a"], ["a", "b"], True, [("append", "b")], id="one more"),
        pytest.param(["a", "b"], ["b"], False, [("remove", "a")], id="one less: several anyway"),
        pytest.param(
            ["a", "b"], ["b", "c"], True, [("remove", "a"), ("append", "c")], id="one for another"
        ),
        pytest.param(["b", "a"], ["a", "b"], True, [], id="order is no change"),
        pytest.param(["a", "b"], [], True, [("delete", None)], id="all at once"),
        pytest.param(
            ["a", "b"], ["dontcare"], True, [("dontcare", "dontcare")], id="all are as good"
        ),
        pytest.param(
            ["dontcare"],
            ["a", "b"],
            True,
            [("replace", "a"), ("append", "b")],
            id="any is no value among others",
        ),
    ],
)
def test_what_was_done_to_a_slot(
    before: list[str], after: list[str], several: bool, done: list[tuple[Operation, str | None]]
) -> None:
    assert operations(before, after, several=several) == done


@given(st.lists(states(), max_size=6), st.sets(st.sampled_from(SLOTS)))
def test_replaying_changes_gives_every_state(
    after_turns: list[tuple[SlotValue, ...]], several: set[str]
) -> None:
    changes = [
        changes_between(before, after, several=several)
        for before, after in pairwise([(), *after_turns])
    ]

    assert list(replay(changes)) == after_turns


@given(states(most=1), states(most=1))
def test_a_slot_of_one_value_changes_by_one_operation(
    before: tuple[SlotValue, ...], after: tuple[SlotValue, ...]
) -> None:
    changes = changes_between(before, after)

    slots = [change.slot for change in changes]
    assert slots == sorted(set(slots))
    assert {change.operation for change in changes} <= {"set", "replace", "delete", "dontcare"}
    unchanged = {held.slot for held in set(before) & set(after)}
    assert unchanged.isdisjoint(slots)


def test_a_corpus_own_word_for_any_value_is_asked_for() -> None:
    [change] = changes_between((), [SlotValue("area", "any")], dontcare="any")

    assert change == StateChange("dontcare", "area", "any")


@pytest.mark.parametrize(
    ("held", "change"),
    [
        pytest.param(["a"], StateChange("set", "s", "b"), id="set what is filled"),
        pytest.param([], StateChange("replace", "s", "b"), id="replace nothing"),
        pytest.param([], StateChange("delete", "s", None), id="delete nothing"),
        pytest.param(["a"], StateChange("delete", "s", "a"), id="delete one value"),
        pytest.param(["a"], StateChange("append", "s", "a"), id="append what is there"),
        pytest.param(["a"], StateChange("remove", "s", "b"), id="remove what is not there"),
        pytest.param([], StateChange("set", "s", None), id="set to nothing"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(held: list[str], change: StateChange) -> None:
    with pytest.raises(ValueError, match=f"^{change.operation} of .* does not fit 's'"):
        apply([SlotValue("s", value) for value in held], [change])


def test_turns_that_nobody_looked_at_change_nothing() -> None:
    changes = [None, (StateChange("set", "s", "a"),), None, ()]

    assert list(replay(changes)) == [(), *[(SlotValue("s", "a"),)] * 3]


@pytest.mark.parametrize(("corpus", "folder"), [("multiwoz21", "multiwoz2.1"), ("woz2", "woz2.0")])
def test_published_states_follow_from_their_changes(corpus: str, folder: str) -> None:
    seen = 0
    for labelled in read_corpus(corpus, SAMPLES / folder, "train"):
        gold = [labels.state for labels in labelled.labels if labels.state is not None]
        changes = [changes_between(*pair) for pair in pairwise([(), *gold])]

        assert list(replay(changes)) == gold
        seen += sum(map(len, changes))
    assert seen > 3
