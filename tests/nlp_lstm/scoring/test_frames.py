import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.scoring.frames import has_frames, score_frames
from nlp_lstm.scoring.fuzzy import likeness

CITY = SlotValue("Bus_1-to", "San Jose", also=("SJ",))
DAY = SlotValue("Bus_1-day", "March 5th")
FOOD = SlotValue("Food_2-kind", "Thai")

Held = tuple[SlotValue, ...]


def dialogue(*turns: tuple[Held, list[str]]) -> list[LabelledConversation]:
    """One conversation: what is held after each customer turn, and the services of that turn."""
    said = tuple(Turn("!", role="customer", meta={"services": names}) for _, names in turns)
    labels = tuple(TurnLabels(state=held) for held, _ in turns)
    services = sorted({name for _, names in turns for name in names})
    return [LabelledConversation(Conversation("d", said, meta={"services": services}), labels)]


def answers(*states: Held) -> list[list[TurnLabels]]:
    return [[TurnLabels(state=state) for state in states]]


@pytest.mark.parametrize(
    ("said", "joint", "average"),
    [
        pytest.param((CITY, DAY), 1.0, 1.0, id="all right"),
        pytest.param((CITY,), 0.0, 0.5, id="one of two"),
        pytest.param((SlotValue("Bus_1-to", "sj"), DAY), 1.0, 1.0, id="another spelling, lower"),
        pytest.param((SlotValue("Bus_1-to", "San  jose"), DAY), 1.0, 1.0, id="case and blanks"),
        pytest.param((CITY, DAY, SlotValue("Bus_1-at", "5")), 0.0, 1.0, id="one too many"),
        pytest.param((CITY, DAY, FOOD), 1.0, 1.0, id="another service is not this frame's"),
        pytest.param((), 0.0, 0.0, id="nothing"),
    ],
)
def test_a_frame(said: Held, joint: float, average: float) -> None:
    gold = dialogue(((DAY, CITY), ["Bus_1"]))

    metrics = score_frames(gold, answers(said)).metrics

    assert metrics["joint_goal_accuracy"] == joint
    assert metrics["average_goal_accuracy"] == average


def test_each_service_of_a_turn_is_a_frame() -> None:
    gold = dialogue(((CITY,), ["Bus_1"]), ((CITY, FOOD), ["Bus_1", "Food_2"]), ((FOOD,), []))

    scores = score_frames(gold, answers((CITY,), (FOOD,), ()), trained={"Bus_1"})

    assert scores.counts["frames"] == 3
    assert scores.metrics["joint_goal_accuracy"] == pytest.approx(2 / 3)
    assert scores.metrics["joint_goal_accuracy_seen"] == 0.5
    assert scores.metrics["joint_goal_accuracy_unseen"] == 1.0


def test_a_frame_without_labelled_slots_has_no_average() -> None:
    gold = dialogue(((), ["Bus_1"]), ((CITY,), ["Bus_1"]))

    metrics = score_frames(gold, answers((), ())).metrics

    assert metrics["joint_goal_accuracy"] == 0.5
    assert metrics["average_goal_accuracy"] == 0.0


@pytest.mark.parametrize(
    ("categorical", "joint"),
    [
        pytest.param((), 0.5, id="free values count as far as they are alike"),
        pytest.param(("Bus_1-to",), 0.0, id="listed values are right or wrong"),
    ],
)
def test_fuzzy_figures(categorical: tuple[str, ...], joint: float) -> None:
    gold = dialogue(((CITY,), ["Bus_1"]))

    metrics = score_frames(
        gold, answers((SlotValue("Bus_1-to", "San Marc"),)), categorical=categorical
    ).metrics

    assert metrics["joint_goal_accuracy"] == 0.0
    assert metrics["joint_goal_accuracy_fuzzy"] == joint


def test_fuzzy_scores_of_several_slots_multiply() -> None:
    gold = dialogue(((DAY, CITY), ["Bus_1"]))
    said = (SlotValue("Bus_1-day", "March 6th"), SlotValue("Bus_1-to", "San José"))

    metrics = score_frames(gold, answers(said)).metrics

    day, city = likeness("March 5th", "March 6th"), likeness("San Jose", "San José")
    assert 0 < day < 1
    assert 0 < city < 1
    assert metrics["joint_goal_accuracy_fuzzy"] == pytest.approx(day * city)
    assert metrics["average_goal_accuracy_fuzzy"] == pytest.approx((day + city) / 2)


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        pytest.param("11:30 am", "am 11-30", 1.0, id="order and marks do not count"),
        pytest.param("Sino", "sino", 1.0, id="nor does case"),
        pytest.param("abcd", "abxd", 0.75, id="share of equal characters"),
        pytest.param("", "a", 0.0, id="nothing is like nothing"),
    ],
)
def test_likeness(left: str, right: str, alike: float) -> None:
    assert likeness(left, right) == alike


def test_slots_of_several_values_compare_as_sets() -> None:
    ham, corn = SlotValue("Food_2-on", "ham"), SlotValue("Food_2-on", "corn")
    gold = dialogue(((corn, ham), ["Food_2"]))

    assert score_frames(gold, answers((ham, corn))).metrics["joint_goal_accuracy"] == 1.0
    assert score_frames(gold, answers((ham,))).metrics["joint_goal_accuracy"] == 0.0


def test_which_corpora_have_frames() -> None:
    assert has_frames(dialogue(((CITY,), ["Bus_1"])))
    assert not has_frames(dialogue(((CITY,), [])))
    assert not has_frames(dialogue(((SlotValue("date", "today"),), ["movies"])))
