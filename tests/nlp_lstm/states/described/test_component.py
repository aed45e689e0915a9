"""The tracker that reads schemas, on random networks: laws that no weights can break."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.changes import apply, replay
from corpora.conversation import Conversation, Role, Turn
from corpora.labels import SlotValue, StateChange, TurnLabels
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Memory
from nlp_lstm.loading import load_component
from nlp_lstm.states.described import component
from nlp_lstm.states.described.component import DescribedTracker
from nlp_lstm.states.described.saving import save_for_schema
from nlp_lstm.states.described.schema import DescribedSchema, DescribedSlot, write_schema
from nlp_lstm.states.reading import MOST_PENDING, is_customer
from tests.nlp_lstm.states.described.tiny_described import SCHEMA, tiny_tracker

WORDS = (
    *("i", "want", "the", "Acorn", "House", "up", "north", "south", "salad", "soup", "fries", "no"),
    *("at", "5", "pm", "17:30", "six", "of", "us", "AB1234", "Ana", "yes", "?", ",", "any", "taxi"),
)
ROLES: Sequence[Role | None] = ("customer", "agent", "system", "tool", None)
VIEWS = (None, ["hotel"], ["meal", "taxi"], ["taxi"], ["plane"])
TRACKERS = [tiny_tracker(seed) for seed in range(5)]
TRACKER = TRACKERS[1]
LAW = settings(max_examples=20, deadline=None)


def spoken() -> st.SearchStrategy[Turn]:
    # Each word once: of the same words again and again none is likelier but for rounding.
    text = st.lists(st.sampled_from(WORDS), max_size=12, unique=True).map(" ".join)
    return st.builds(Turn, text=text, role=st.sampled_from(ROLES))


def chats(most: int = 12) -> st.SearchStrategy[Conversation]:
    return st.builds(
        lambda turns, view: Conversation("c", turns, meta={"services": view} if view else {}),
        st.lists(spoken(), max_size=most).map(tuple),
        st.sampled_from(VIEWS),
    )


def stepped(tracker: DescribedTracker, conversation: Conversation) -> list[TurnLabels]:
    """Turn by turn, the memory stored and read again between turns."""
    memory = tracker.start(conversation.meta.get("services"))
    labels = []
    for turn in conversation.turns:
        label, memory = tracker.step(Memory.from_bytes(memory.to_bytes()), turn)
        labels.append(label)
    return labels


def bare(labels: TurnLabels) -> object:
    changes = [replace(change, confidence=0) for change in labels.changes or ()]
    return labels.state, [one.also for one in labels.state or ()], changes, labels.requests


def sure(labels: TurnLabels) -> list[float]:
    assert labels.state_confidence is not None
    return [labels.state_confidence, *(change.confidence for change in labels.changes or ())]


def long_chat(view: list[str] | None = None, turns: int = 40) -> Conversation:
    """Turns of every length, of all roles."""
    said = tuple(
        Turn(" ".join(WORDS[number % 26 :] + WORDS[: number % 7]), role=ROLES[number % 5])
        for number in range(turns)
    )
    return Conversation("long", said, meta={"services": view} if view else {})


@LAW
@given(st.lists(chats(), min_size=1, max_size=4), st.sampled_from([1, 2, 16]), st.integers(0, 4))
def test_annotating_at_once_gives_what_stepping_gives(
    conversations: list[Conversation], window: int, seed: int
) -> None:
    """Long and short ones together, of several services each, in windows or turn by turn."""
    tracker = TRACKERS[seed]
    with patch.object(component, "WINDOW", window):
        at_once = tracker.annotate([*conversations, long_chat(["taxi"], turns=9)])

    for conversation, labels in zip(conversations, at_once, strict=False):
        one_by_one = stepped(tracker, conversation)
        assert list(map(bare, labels)) == list(map(bare, one_by_one))
        for left, right in zip(labels, one_by_one, strict=True):
            assert sure(left) == pytest.approx(sure(right), abs=1e-5)


def changes_of(seed: int, conversation: Conversation) -> Iterator[tuple[int, StateChange]]:
    for turn, labels in enumerate(TRACKERS[seed].annotate([conversation])[0]):
        for change in labels.changes or ():
            yield turn, change


@LAW
@given(chats(most=30), st.integers(0, 4))
def test_every_state_follows_from_the_changes_before_it(
    conversation: Conversation, seed: int
) -> None:
    (labels,) = TRACKERS[seed].annotate([conversation])

    assert list(replay(one.changes for one in labels)) == [one.state for one in labels]


@LAW
@given(chats(most=30), st.integers(0, 4))
def test_every_change_says_where_and_why(conversation: Conversation, seed: int) -> None:
    turns = conversation.turns
    for turn, change in changes_of(seed, conversation):
        assert 0 <= change.confidence <= 1
        where = change.evidence
        if where is None:
            assert change.source in ("implied", None, "copied")
            assert change.raw is None
            continue
        said = turns[where.turn].text[where.start : where.end]
        assert where.turn <= turn
        assert said
        assert change.raw in (None, said)
        if change.source == "said":
            slot = SCHEMA.slots[SCHEMA.slot_index[change.slot]]
            speaker = "customer" if is_customer(turns[where.turn]) else "agent"
            assert speaker in slot.set_by
        if change.source == "accepted":
            assert not is_customer(turns[where.turn])


@LAW
@given(chats(most=30), st.integers(0, 4))
def test_whose_turns_change_what(conversation: Conversation, seed: int) -> None:
    """Agents set what agents may set and nothing else; nobody else but customers sets anything."""
    for turn, change in changes_of(seed, conversation):
        speaker = conversation.turns[turn]
        slot = SCHEMA.slots[SCHEMA.slot_index[change.slot]]
        if is_customer(speaker):
            assert change.source != "said" or "customer" in slot.set_by
        else:
            assert speaker.role == "agent"
            assert "agent" in slot.set_by
            assert change.source == "said"


def test_the_tiny_trackers_do_change_their_minds() -> None:
    """Or the laws above would say nothing."""
    told = [change for seed in range(5) for _, change in changes_of(seed, long_chat())]

    operations = {change.operation for change in told}
    assert operations == {"set", "replace", "delete", "dontcare", "append", "remove"}
    assert {change.source for change in told} >= {"said", "accepted", "copied", "implied"}
    assert {change.slot for change in told} == set(SCHEMA.slot_index)
    kinds = {
        SCHEMA.slots[SCHEMA.slot_index[change.slot]].kind
        for seed in range(5)
        for turn, change in changes_of(seed, long_chat())
        if not is_customer(long_chat().turns[turn])
    }
    assert kinds == {"identifier", "person"}


@LAW
@given(chats(most=20), st.integers(0, 4))
def test_a_view_holds_its_own_slots_alone(conversation: Conversation, seed: int) -> None:
    view = conversation.meta.get("services")
    groups = {slot.group for slot in SCHEMA.slots}
    followed = groups & set(view or groups) or groups

    for labels in TRACKERS[seed].annotate([conversation])[0]:
        for held in labels.state or ():
            slot = SCHEMA.slots[SCHEMA.slot_index[held.slot]]
            assert slot.group in followed
            assert slot.several or sum(one.slot == held.slot for one in labels.state or ()) == 1
            if slot.kind == "category":
                assert held.value in {"dontcare", *(value.name for value in slot.values)}
            if slot.kind == "boolean":
                assert held.value in ("true", "false", "dontcare")


def test_a_memory_stops_growing_after_300_turns() -> None:
    memory = TRACKER.start()
    sizes = []
    for number in range(300):
        text = f"{' '.join(WORDS[number % 5 :])} wish {number} Acorn{number:09d}"
        memory = TRACKER.step(memory, Turn(text, role=ROLES[number % 2]))[1]
        sizes.append(len(memory.to_bytes()))

    assert memory.turns == 300
    assert max(sizes[250:]) < 1.1 * max(sizes[50:100])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("north " * 16_667, id="words"),
        pytest.param("x" * 100_000, id="one word"),
        pytest.param("5 pm, six of us, AB1234, " * 4_000, id="values"),
        pytest.param("\u200b\ud83d" + " " * 99_990 + "\x00", id="no words"),
    ],
)
@pytest.mark.parametrize("role", ["customer", "agent"])
def test_a_hundred_thousand_characters_are_a_turn(text: str, role: Role | None) -> None:
    _, memory = TRACKER.step(TRACKER.start(), Turn(text, role=role))
    _, memory = TRACKER.step(memory, Turn("no", role="customer"))

    assert memory.turns == 2
    assert sum(len(said) for _, _, said in memory.facts["pending"]) <= MOST_PENDING
    assert len(memory.to_bytes()) < 60_000


def test_a_turn_of_a_speaker_nobody_knows_is_a_customers() -> None:
    texts = ["the Acorn up north", "soup, taxi at 5 pm", "no"]

    (unknown, known) = TRACKER.annotate(
        [
            Conversation("c", tuple(Turn(text, role=role) for text in texts))
            for role in (None, "customer")
        ]
    )

    assert list(map(bare, unknown)) == list(map(bare, known))


def test_empty_turns_are_turns() -> None:
    labels = stepped(TRACKER, Conversation("c", tuple(Turn("", role=role) for role in ROLES)))

    assert len(labels) == len(ROLES)


def test_a_memory_of_another_schema_is_refused_in_one_line() -> None:
    fewer = DescribedSchema(name="fewer", slots=SCHEMA.slots[:3])
    other = TRACKER.for_schema(fewer)

    with pytest.raises(ArtefactError) as caught:
        other.step(TRACKER.start(), Turn("hello"))

    assert "found a memory of model tiny-1, expected one of model" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert other.fingerprint != TRACKER.fingerprint
    assert other.fingerprint == TRACKER.for_schema(fewer.model_copy()).fingerprint


@pytest.mark.parametrize(
    ("arrays", "facts"),
    [
        pytest.param({"hidden": np.zeros(1)}, {}, id="another component's"),
        pytest.param(None, {"held": [[0, "Acorn"]]}, id="cut short"),
        pytest.param(
            None, {"held": [[1, "Acorn", "Acorn", "acorn", "guessed", None]]}, id="no such source"
        ),
    ],
)
def test_a_damaged_memory_is_refused(
    arrays: dict[str, npt.NDArray[np.float64]] | None, facts: dict[str, object]
) -> None:
    whole = TRACKER.start()
    damaged = replace(
        whole, arrays=whole.arrays if arrays is None else arrays, facts={**whole.facts, **facts}
    )

    with pytest.raises(ArtefactError, match="expected what a tracker of described slots remembers"):
        TRACKER.step(damaged, Turn("hello"))


def test_a_memory_carries_everything_that_is_believed() -> None:
    """What is read back from bytes answers as what was never stored."""
    for tracker in TRACKERS:
        memory = tracker.start(["hotel", "meal"])
        for turn in long_chat(turns=12).turns:
            again, _ = tracker.step(Memory.from_bytes(memory.to_bytes()), turn)
            labels, memory = tracker.step(memory, turn)
            assert (bare(again), sure(again)) == (bare(labels), sure(labels))


def test_the_order_of_a_schemas_slots_changes_no_answer() -> None:
    turned = DescribedSchema(name="turned", slots=SCHEMA.slots[::-1])
    chat = long_chat(["hotel", "taxi"], turns=20)

    for tracker in TRACKERS:
        (straight,) = tracker.annotate([chat])
        (backwards,) = tracker.for_schema(turned).annotate([chat])
        assert list(map(bare, straight)) == list(map(bare, backwards))


def test_values_are_normalised_and_keep_how_they_were_said() -> None:
    """Across all random trackers: whatever they take is held in its normal form."""
    turn = Turn("5 pm or six", role="customer")
    forms = {
        (held.slot, held.value, *held.also)
        for tracker in [*TRACKERS, *(tiny_tracker(seed) for seed in range(5, 25))]
        for labels in tracker.annotate([Conversation("c", (turn,))])[0]
        for held in labels.state or ()
        if held.slot in ("taxi-time", "hotel-people") and held.value != "dontcare"
    }

    assert ("taxi-time", "17:00", "5 pm or") in forms
    assert ("hotel-people", "6", "six") in forms
    assert {value for slot, value, *_ in forms if slot == "hotel-people"} <= {"5", "6"}


def test_changes_apply_to_the_state_before() -> None:
    """A tracker that goes on from a memory says what changed since, not since the beginning."""
    memory = TRACKER.start()
    state: tuple[SlotValue, ...] = ()
    for turn in long_chat().turns:
        labels, memory = TRACKER.step(memory, turn)
        state = apply(state, labels.changes or ())
        assert state == labels.state


def test_slots_are_new_where_their_names_or_descriptions_are() -> None:
    tracker = tiny_tracker()
    slots = tuple(
        slot.model_copy(update={"description": "car park"})
        if slot.name == "hotel-parking"
        else slot
        for slot in SCHEMA.slots
    )
    other = tracker.for_schema(DescribedSchema(name="other", slots=tuple(slots)))

    assert tracker.trained_services == {"hotel", "taxi", "meal"}
    assert other.trained_services == {"taxi", "meal"}
    assert other.for_schema(SCHEMA).trained_services == {"hotel", "taxi", "meal"}


def test_a_schema_of_the_same_slots_is_no_other() -> None:
    tracker = tiny_tracker()

    assert tracker.for_schema(DescribedSchema(name="again", slots=SCHEMA.slots)) is tracker


def test_a_model_over_ones_own_schema_knows_that_its_slots_are_new(
    tmp_path: Path, tiny_reader: Path
) -> None:
    known, new = SCHEMA.slots[0], DescribedSlot(name="stars", description="how good", kind="number")
    schema = DescribedSchema(name="mine", slots=(known, new))
    (tmp_path / "mine.toml").write_text(write_schema(schema), encoding="utf-8")
    save_for_schema(tiny_reader, tmp_path / "mine.toml", tmp_path / "mine")

    tracker = load_component(tmp_path / "mine")

    assert isinstance(tracker, DescribedTracker)
    assert tracker.schema == schema
    assert schema.wordings - tracker.trained == {("stars", "how good")}
    said = "four stars up north"
    over = load_component(f"{tiny_reader}+{tmp_path / 'mine.toml'}")
    chat = Conversation("c", (Turn(said),))
    assert tracker.annotate([chat]) == over.annotate([chat])


def test_a_schema_may_lie_in_a_folder_with_a_plus_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "q3+q4"
    folder.mkdir()
    (folder / "mine.toml").write_text(write_schema(SCHEMA), encoding="utf-8")

    tracker = load_component(folder / "mine.toml")

    assert isinstance(tracker, DescribedTracker)
    assert tracker.schema == SCHEMA
