"""GoEmotions, MELD, EmoryNLP, DailyDialog: emotions as published, and what they decide."""

import re
from collections import Counter
from pathlib import Path

import pytest

from corpora.errors import InputError
from corpora.labels import LabelledConversation, SentimentLabel
from corpora.published import read_corpus
from corpora.published.goemotions import GROUPS

SAMPLES = Path(__file__).parents[2] / "samples"


def sentiments(labelled: LabelledConversation) -> list[tuple[SentimentLabel | None, list[str]]]:
    given = [labels.sentiment for labels in labelled.labels]
    return [(one.label, [emotion.label for emotion in one.emotions]) for one in given if one]


@pytest.fixture
def comments(tmp_path: Path) -> Path:
    """A corpus of one comment, two files."""
    for folder, names, numbers in (("original", "joy\nneutral", "0"), ("group", "positive", "0")):
        place = tmp_path / "data" / folder
        place.mkdir(parents=True)
        (place / "labels.txt").write_text(names)
        (place / "dev.tsv").write_text(f"Nice\t{numbers}\tabc\n")
    return tmp_path


@pytest.mark.parametrize(
    ("comment", "sentiment", "emotions"),
    [
        pytest.param("eebbqej", "neutral", ["neutral"], id="neutral"),
        pytest.param("ef4qmod", "positive", ["desire", "optimism"], id="two of one group"),
        pytest.param("edqmmr8", "negative", ["sadness"], id="negative"),
        pytest.param("eel6g5h", None, ["confusion"], id="ambiguous decides nothing"),
        pytest.param("ed9bper", None, ["admiration", "surprise"], id="positive and ambiguous"),
        pytest.param("edw07y2", None, ["disappointment", "neutral"], id="negative and neutral"),
    ],
)
def test_goemotions_sentiment_is_the_groups_where_they_agree(
    comment: str, sentiment: SentimentLabel | None, emotions: list[str]
) -> None:
    by_id = {one.conversation.id: one for one in read_corpus("goemotions", SAMPLES, "train")}

    assert sentiments(by_id[comment]) == [(sentiment, emotions)]


def test_goemotions_texts_stay_as_they_stand() -> None:
    texts = {
        one.conversation.id: one.conversation.turns[0].text
        for one in read_corpus("goemotions", SAMPLES, "train")
    }

    assert texts["eetq9g0"] == '"Three words, no subtlety. ""Dude. Stop. Seriously."" "'
    assert texts["edqmmr8"] == "sorry [NAME]! 😘😘😘"
    assert texts["ed7wf2c"].endswith("first search. ")


@pytest.mark.parametrize(
    ("folder", "line", "message"),
    [
        pytest.param("original", "Nice\t7\tabc", "dev.tsv:1: found labels '7'", id="no such label"),
        pytest.param("original", "Nice\t-1\tabc", "found labels '-1'", id="below the first"),
        pytest.param("original", "Nice\tjoy\tabc", "found labels 'joy'", id="no number"),
        pytest.param("original", "Nice\tabc", "dev.tsv:1: found 2 columns", id="a column short"),
        pytest.param("group", "Nice\t0\txyz", "found comment 'xyz', expected 'abc'", id="other id"),
        pytest.param(
            "group", "Nice\t0\tabc\nMore\t0\tx", "original/dev.tsv:2: found no line", id="longer"
        ),
        pytest.param(
            "original", "Nice\t0\tabc\nMore\t0\tx", "group/dev.tsv:2: found no line", id="shorter"
        ),
    ],
)
def test_comments_of_another_shape_are_refused(
    comments: Path, folder: str, line: str, message: str
) -> None:
    (comments / "data" / folder / "dev.tsv").write_text(line + "\n")

    with pytest.raises(InputError, match=re.escape(message)):
        list(read_corpus("goemotions", comments, "dev"))


def test_meld_dialogues() -> None:
    parcel, week = read_corpus("meld", SAMPLES, "train")

    assert [turn.speaker for turn in parcel.conversation.turns] == ["Nina", "The Courier", "Nina"]
    assert sentiments(parcel) == [
        ("positive", ["joy"]),
        ("neutral", ["neutral"]),
        ("negative", ["surprise"]),
    ]
    assert [turn.text for turn in week.conversation.turns] == [
        "So we wait\nanother week.",
        "I could scream.",
    ]
    assert [turn.line for turn in week.conversation.turns] == [5, 7]
    assert week.conversation.turns[0].meta["start"] == "00:10:00,000"


def test_emorynlp_scenes() -> None:
    scenes = list(read_corpus("emorynlp", SAMPLES, "train"))

    assert [scene.conversation.id for scene in scenes] == ["s1e2c1", "s1e2c2", "s1e3c1"]
    assert [one for scene in scenes for one in sentiments(scene)] == [
        ("positive", ["peaceful"]),
        ("positive", ["joyful"]),
        ("positive", ["powerful"]),
        ("negative", ["scared"]),
        ("neutral", ["neutral"]),
        ("negative", ["mad"]),
        ("negative", ["sad"]),
    ]
    hurrah, noise = scenes[0].conversation.turns[1], scenes[1].conversation.turns[0]
    assert (hurrah.speaker, hurrah.meta["speakers"]) == (
        "Nina Hall, Otto Berg",
        ["Nina Hall", "Otto Berg"],
    )
    assert noise.speaker == "Kit O'Dea"


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "found"),
    [
        pytest.param(
            "meld", "data/MELD/train_sent_emo.csv", "joy,", "bliss,", "label 'bliss'", id="emotion"
        ),
        pytest.param(
            "meld", "data/MELD/train_sent_emo.csv", "positive", "glad", "label 'glad'", id="glad"
        ),
        pytest.param(
            "emorynlp",
            "meld-repo-csv/emorynlp_train_final.csv",
            "Peaceful",
            "Calm",
            "label 'Calm'",
            id="emotion of a scene",
        ),
        pytest.param(
            "emorynlp",
            "meld-repo-csv/emorynlp_train_final.csv",
            "['Nina Hall'],Peaceful",
            "Nina Hall,Peaceful",
            "speaker 'Nina Hall'",
            id="speakers that are no list",
        ),
    ],
)
def test_rows_that_say_something_else_are_refused(
    tmp_path: Path, name: str, file: str, old: str, new: str, found: str
) -> None:
    sample = (SAMPLES / name / file).read_text(encoding="utf-8")
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(sample.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(InputError, match=re.escape(f"{path}:2: found {found}")):
        list(read_corpus(name, tmp_path, "train"))


def test_dailydialog_emotions_and_what_they_decide() -> None:
    read = {one.conversation.id: one for one in read_corpus("dailydialog", SAMPLES, "train")}
    dialogue = read["dailydialog-train-1"]

    assert sentiments(dialogue) == [
        ("positive", ["happiness"]),
        (None, ["surprise"]),
        ("positive", ["happiness"]),
    ]
    assert [turn.speaker for turn in dialogue.conversation.turns] == ["user", "system", "user"]
    assert dialogue.conversation.meta["topics"] == ["Relationship"]


def test_what_judges_has_not_taught() -> None:
    losses: Counter[str] = Counter()

    taught = list(read_corpus("dailydialog", SAMPLES, "train", losses=losses))
    judging = list(read_corpus("dailydialog", SAMPLES, "dev"))

    assert [one.conversation.id for one in taught] == ["dailydialog-train-0", "dailydialog-train-1"]
    assert len(judging) == 2
    assert losses == {"dialogues that stand in validation too": 1}


def test_an_emotion_that_dailydialog_does_not_have_is_refused(tmp_path: Path) -> None:
    sample = SAMPLES / "dailydialog" / "data" / "dialogues.json"
    (tmp_path / "data").mkdir()
    changed = sample.read_text(encoding="utf-8").replace("sadness", "gloom", 1)
    (tmp_path / "data" / "dialogues.json").write_text(changed, encoding="utf-8")

    with pytest.raises(InputError, match="gloom"):
        list(read_corpus("dailydialog", tmp_path, "train"))


def test_goemotions_groups_are_those_of_its_files() -> None:
    folder = SAMPLES / "goemotions" / "data"
    names = {
        kind: (folder / kind / "labels.txt").read_text().split() for kind in ("group", "original")
    }
    assert set(GROUPS) == {name.lower() for name in names["original"]}
    lines = zip(
        (folder / "original" / "train.tsv").read_text(encoding="utf-8").splitlines(),
        (folder / "group" / "train.tsv").read_text(encoding="utf-8").splitlines(),
        strict=True,
    )
    for emotions, groups in lines:
        of_emotions = {
            GROUPS[names["original"][int(n)].lower()] for n in emotions.split("\t")[1].split(",")
        }
        assert of_emotions == {
            names["group"][int(n)].lower() for n in groups.split("\t")[1].split(",")
        }
