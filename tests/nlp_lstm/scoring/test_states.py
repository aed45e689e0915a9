import random

import pytest
from sklearn.metrics import f1_score

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, SlotValue, StateChange, TurnLabels
from nlp_lstm.scoring.states import score_states

SLOTS = ("area", "food", "price")
VALUES = ("", "a", "b")  # an empty one is an empty slot
State = dict[str, str]


def as_state(state: State) -> tuple[SlotValue, ...]:
    return tuple(SlotValue(slot, value) for slot, value in sorted(state.items()) if value)


def corpus(
    states: list[list[State]], requests: list[list[tuple[str, ...]]] | None = None
) -> list[LabelledConversation]:
    """Conversations in which every customer turn follows an agent's, which has no labels."""
    labelled = []
    for number, conversation in enumerate(states):
        turns: list[Turn] = []
        labels: list[TurnLabels] = []
        for place, state in enumerate(conversation):
            asked = requests[number][place] if requests else None
            turns += [Turn("?", role="agent"), Turn("!", role="customer")]
            labels += [TurnLabels(), TurnLabels(state=as_state(state), requests=asked)]
        labelled.append(
            LabelledConversation(Conversation(str(number), tuple(turns)), tuple(labels))
        )
    return labelled


def predictions(conversations: list[LabelledConversation]) -> list[list[TurnLabels]]:
    return [list(labelled.labels) for labelled in conversations]


def drawn(rng: random.Random) -> list[list[State]]:
    return [
        [{slot: rng.choice(VALUES) for slot in SLOTS} for _ in range(rng.randint(1, 14))]
        for _ in range(6)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_a_slow_count(seed: int) -> None:
    rng = random.Random(seed)
    gold = drawn(rng)
    predicted = [
        [{s: v if rng.random() < 0.7 else rng.choice(VALUES) for s, v in t.items()} for t in c]
        for c in gold
    ]

    scores = score_states(corpus(gold), predictions(corpus(predicted)))

    pairs = [
        (right, said)
        for right_turns, said_turns in zip(gold, predicted, strict=True)
        for right, said in zip(right_turns, said_turns, strict=True)
    ]
    joint = sum(all(r[s] == p[s] for s in SLOTS) for r, p in pairs) / len(pairs)
    equal = sum(r[s] == p[s] for r, p in pairs for s in SLOTS) / (len(pairs) * len(SLOTS))
    assert scores.metrics["joint_goal_accuracy"] == pytest.approx(joint)
    assert scores.metrics["slot_accuracy"] == pytest.approx(equal)
    triples = [(i, s, v) for i in range(len(pairs)) for s in SLOTS for v in VALUES if v]
    judge = f1_score(
        [pairs[i][0][s] == v for i, s, v in triples], [pairs[i][1][s] == v for i, s, v in triples]
    )
    assert scores.metrics["slot_f1"] == pytest.approx(judge)
    by_turn = {row[0]: row[1:] for row in scores.tables[0].rows}
    second = [(r[1], p[1]) for r, p in zip(gold, predicted, strict=True) if len(r) > 1]
    right = sum(r == p for r, p in second)
    accuracy, turns = by_turn["2"]
    assert accuracy == pytest.approx(right / len(second))
    assert turns == len(second)


@pytest.mark.parametrize(
    ("gold", "said", "joint"),
    [
        pytest.param({}, {}, 1.0, id="empty and empty"),
        pytest.param({}, {"area": "a"}, 0.0, id="an empty slot that was filled is wrong"),
        pytest.param({"area": "a"}, {}, 0.0, id="a filled slot that was missed is wrong"),
        pytest.param({"area": "a"}, {"area": "A"}, 0.0, id="strings are compared as they are"),
        pytest.param({"area": "dontcare"}, {}, 0.0, id="don't care counts"),
    ],
)
def test_what_counts_as_right(gold: State, said: State, joint: float) -> None:
    scores = score_states(corpus([[gold]]), predictions(corpus([[said]])))

    assert scores.metrics["joint_goal_accuracy"] == joint


def test_every_turn_counts_the_same_however_long_its_conversation() -> None:
    gold: list[list[State]] = [[{"area": "a"}], [{"area": "a"}] * 9]
    said: list[list[State]] = [[{}], [{"area": "a"}] * 9]

    scores = score_states(corpus(gold), predictions(corpus(said)))

    assert scores.metrics["joint_goal_accuracy"] == pytest.approx(0.9)


def test_requests_are_judged_where_they_are_labelled() -> None:
    gold = corpus([[{}, {}, {}]], [[("phone",), (), ("phone", "area")]])
    said = corpus([[{}, {}, {}]], [[("phone",), ("area",), ("area",)]])

    metrics = score_states(gold, predictions(said)).metrics

    assert metrics["request_f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert metrics["request_accuracy"] == pytest.approx(1 / 3)


def test_without_labelled_states_changes_are_counted() -> None:
    turns = tuple(Turn("hm") for _ in range(50))
    gold = [LabelledConversation(Conversation("c", turns), (TurnLabels(),) * 50)]
    change = StateChange("set", "area", "a")
    said = [[TurnLabels(changes=(change,) if i == 3 else ()) for i in range(50)]]

    scores = score_states(gold, said)

    assert dict(scores.metrics) == {"changes_per_100_turns": 2.0}


def test_another_number_of_turns_is_the_callers_mistake() -> None:
    gold = corpus([[{}]])

    with pytest.raises(ValueError, match="1 predictions for 2 turns"):
        score_states(gold, [[TurnLabels()]])
    with pytest.raises(ValueError, match="0 predictions for 1 conversations"):
        score_states(gold, [])


def two_values(*values: str) -> tuple[SlotValue, ...]:
    return tuple(SlotValue("topping", value) for value in values)


@pytest.mark.parametrize(
    ("said", "joint", "f1"),
    [
        pytest.param(("ham", "olives"), 1.0, 1.0, id="both"),
        pytest.param(("olives", "ham"), 1.0, 1.0, id="in any order"),
        pytest.param(("ham",), 0.0, 2 / 3, id="one of two is half right for F1"),
        pytest.param(("ham", "olives", "corn"), 0.0, 4 / 5, id="one too many"),
    ],
)
def test_a_slot_of_several_values_is_a_set(said: tuple[str, ...], joint: float, f1: float) -> None:
    gold = corpus([[{}]])
    gold[0] = LabelledConversation(
        gold[0].conversation, (TurnLabels(), TurnLabels(state=two_values("ham", "olives")))
    )

    scores = score_states(gold, [[TurnLabels(), TurnLabels(state=two_values(*said))]])

    assert scores.metrics["joint_goal_accuracy"] == joint
    assert scores.metrics["slot_f1"] == pytest.approx(f1)


def test_domains_are_judged_where_the_labels_fill_one_of_their_slots() -> None:
    gold: list[list[State]] = [[{"hotel-area": "a"}, {"hotel-area": "a", "taxi-at": "b"}, {}]]
    said: list[list[State]] = [[{"hotel-area": "a"}, {"hotel-area": "b", "taxi-at": "b"}, {}]]

    scores = score_states(corpus(gold), predictions(corpus(said)))

    (table,) = (one for one in scores.tables if one.columns[0] == "domain")
    assert table.rows == (("hotel", 0.5, 2), ("taxi", 1.0, 1))


def test_slots_without_domains_have_no_table_of_them() -> None:
    scores = score_states(corpus([[{"area": "a"}]]), predictions(corpus([[{"area": "a"}]])))

    assert "domain" not in [table.columns[0] for table in scores.tables]
