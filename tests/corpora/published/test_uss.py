"""User Satisfaction Simulation: sessions, scores, and folds that keep sessions apart."""

from pathlib import Path

import pytest

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.published import CORPORA, read_corpus
from corpora.published.files import Split
from corpora.published.uss import FOLDS, SPLITS, is_in_split, majority

SAMPLES = Path(__file__).parents[2] / "samples"
USES: tuple[str, ...] = ("train", "dev", "test")


def written(folder: Path, text: str) -> Path:
    (folder / "dataset").mkdir()
    (folder / "dataset" / "MWOZ.txt").write_text(text)
    return folder


def test_a_session_has_roles_scores_and_a_rating_of_the_whole() -> None:
    first, second = read_corpus("uss-mwoz", SAMPLES, "all")

    assert [turn.role for turn in first.conversation.turns] == [
        *("customer", "agent", "customer", "agent", "customer")
    ]
    assert first.conversation.turns[2].text == "No, I asked for one near the station."
    assert first.conversation.turns[2].meta == {"action": "", "scores": [2, 2, 3]}
    given = [labels.sentiment for labels in first.labels]
    assert [one and [e.label for e in one.emotions] for one in given] == [
        *(["3"], None, ["2"], None, ["4"])
    ]
    assert given[2] is not None
    assert given[2].satisfaction == pytest.approx(7 / 3)
    assert second.conversation.meta == {
        "scores": [2, 2, 2, 3],
        "satisfaction": 2.25,
        "majority": 2,
    }
    assert second.conversation.id == "mwoz-2"


def test_all_four_files_together_are_the_four_alone() -> None:
    parts = [
        one
        for name in ("uss-mwoz", "uss-sgd", "uss-redial", "uss-ccpe")
        for one in read_corpus(name, SAMPLES, "all")
    ]

    assert list(read_corpus("uss", SAMPLES, "all")) == parts
    assert len(parts) == 5


@pytest.mark.parametrize(
    ("scores", "expected"),
    [([3, 3, 2], 3), ([2, 3, 2, 3], 2), ([1, 5, 3], 1), ([4], 4), ([3, 4, 4, 5, 5], 4)],
)
def test_of_two_scores_equally_often_given_the_lower_is_the_label(
    scores: list[int], expected: int
) -> None:
    assert majority(scores) == expected


def chats(count: int) -> list[Conversation]:
    return [Conversation("same id", (Turn(f"chat {number}"),)) for number in range(count)]


def test_every_fold_cuts_all_sessions_into_three() -> None:
    for fold in range(1, FOLDS + 1):
        splits = [split for split in SPLITS if split.startswith(f"fold{fold}-")]
        for chat in chats(200):
            assert sum(is_in_split(chat, split) for split in splits) == 1


def test_every_session_judges_in_exactly_one_fold() -> None:
    judging: list[Split] = [split for split in SPLITS if split.endswith("-test")]

    for chat in chats(200):
        assert sum(is_in_split(chat, split) for split in judging) == 1
    sizes = [sum(is_in_split(chat, split) for chat in chats(1000)) for split in judging]
    assert all(150 < size < 250 for size in sizes)


def test_the_same_texts_are_in_the_same_split_under_any_id() -> None:
    turns = (Turn("Hello"), Turn("Hi"))

    for split in SPLITS:
        one, other = Conversation("a", turns), Conversation("b", turns, source="elsewhere")
        assert is_in_split(one, split) == is_in_split(other, split)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("USER\tHi\t3,3\n", "MWOZ.txt:1: found 3 columns", id="a column short"),
        pytest.param("USER\tHi\t\t3\n", "MWOZ.txt:1: found a session that ends", id="no overall"),
        pytest.param("BOT\tHi\t\t\n", "MWOZ.txt:1: found label 'BOT'", id="role"),
        pytest.param(
            "USER\tHi\t\t3,6\nUSER\tOVERALL\t\t3\n", "MWOZ.txt:1: found label '6'", id="score"
        ),
        pytest.param("USER\tHi\t\t3\nUSER\tOVERALL\t\t\n", "MWOZ.txt:2: found label ''", id="none"),
    ],
)
def test_sessions_of_another_shape_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        list(read_corpus("uss-mwoz", written(tmp_path, text), "all"))

    assert message in str(caught.value)


def test_turns_nobody_rated_and_several_blank_lines_are_read(tmp_path: Path) -> None:
    text = "USER\tHi\t\t\nUSER\tOVERALL\t\t3\n\n\nUSER\tBye\t\t4\nUSER\tOVERALL\t\t4"

    one, other = read_corpus("uss-mwoz", written(tmp_path, text), "all")

    assert one.labels[0].sentiment is None
    assert other.conversation.id == "mwoz-2"
    assert other.labels[0].sentiment is not None


def test_uss_has_folds_and_no_split_of_its_publisher() -> None:
    with pytest.raises(ValueError, match="no split 'dev' of uss; there are all, fold1-train, "):
        read_corpus("uss", SAMPLES, "dev")
    assert CORPORA["woz2"].splits == ("train", "dev", "test")
