"""What a check counts is what stands in the publishers' files, counted without our readers."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpora.checking import Counts, check_corpus, count_into, leaks, mark
from corpora.conll import read_conll
from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, TurnLabels
from corpora.published import Split

SAMPLES = Path(__file__).parents[2] / "samples"


def counted(name: str) -> dict[Split, Counts]:
    return dict(check_corpus(name, SAMPLES).splits)


def loaded(*path: str) -> Any:
    return json.loads(SAMPLES.joinpath(*path).read_text("utf-8"))


def columns(path: Path) -> tuple[int, int, Counter[str]]:
    """Sentences, tokens and entities of a column file: an entity for each label that opens one."""
    sentences = tokens = 0
    named: Counter[str] = Counter()
    is_open = False
    for line in path.read_text("utf-8").split("\n"):
        if not line.strip():
            is_open = False
            continue
        sentences += not is_open
        is_open = True
        tokens += 1
        label = line.rstrip("\r").split("\t")[-1]
        if label.startswith("B-"):
            named[label[2:]] += 1
    return sentences, tokens, named


@pytest.mark.parametrize(
    ("name", "split", "file"),
    [
        ("wnut17", "train", "wnut17/wnut17train.conll"),
        ("wnut17", "dev", "wnut17/emerging.dev.conll"),
        ("btc", "train", "btc/train_dev_test_conll/btc.train"),
        ("btc", "dev", "btc/train_dev_test_conll/btc.dev"),
        *(
            (f"crossner-{field}", split, f"crossner/ner_data/{field}/{split}.txt")
            for field in ("ai", "literature", "music", "politics", "science")
            for split in ("train", "dev")
        ),
    ],
)
def test_sentences_tokens_and_entities(name: str, split: Split, file: str) -> None:
    counts = counted(name)[split]

    assert (counts.conversations, counts.tokens, counts.entities) == columns(SAMPLES / file)
    assert (counts.turns, counts.losses, counts.misplaced) == (counts.conversations, {}, 0)


def test_sgd_dialogues_turns_of_both_and_spans() -> None:
    dialogues = [
        dialogue
        for path in sorted((SAMPLES / "sgd" / "train").glob("dialogues_*.json"))
        for dialogue in json.loads(path.read_text("utf-8"))
    ]
    turns = [turn for dialogue in dialogues for turn in dialogue["turns"]]
    spans = sum(len(frame["slots"]) for turn in turns for frame in turn["frames"])

    counts = counted("sgd")["train"]

    assert (counts.conversations, counts.turns) == (len(dialogues), len(turns))
    assert sum(counts.entities.values()) + sum(counts.losses.values()) == spans > 0
    assert counts.states == counts.by_role["customer"] == len(turns) / 2


@pytest.mark.parametrize(
    ("name", "split", "file"), [("sim-m", "train", "sim-M"), ("sim-r", "dev", "sim-R")]
)
def test_sim_dialogues_customers_turns_and_their_spans(name: str, split: Split, file: str) -> None:
    dialogues = loaded("sim", file, f"{split}.json")
    turns = [turn for dialogue in dialogues for turn in dialogue["turns"]]

    counts = counted(name)[split]

    assert (counts.conversations, counts.by_role["customer"]) == (len(dialogues), len(turns))
    spans = sum(len(turn["user_utterance"]["slots"]) for turn in turns)
    assert counts.spans_by_role["customer"] == spans > 0
    assert counts.states == len(turns)


def test_restaurant8k_utterances_and_spans_of_both_splits_made_of_its_only_one() -> None:
    utterances = loaded("restaurant8k", "span_extraction", "restaurant8k", "train_0.json")
    named = Counter(label["slot"] for one in utterances for label in one.get("labels", ()))
    asked = sum("requestedSlots" in one.get("context", {}) for one in utterances)

    train, dev = counted("restaurant8k").values()

    assert train.by_role["customer"] + dev.by_role["customer"] == len(utterances)
    assert train.by_role["agent"] + dev.by_role["agent"] == asked > 0
    lost = train.losses + dev.losses
    del lost["blanks at the ends of spans"]  # these are kept, without their blanks
    assert sum((train.entities + dev.entities + lost).values()) == sum(named.values())


def test_uss_sessions_and_lines() -> None:
    lines = sessions = rated = 0
    for path in (SAMPLES / "uss" / "dataset").glob("*.txt"):
        filled = [line.split("\t") for line in path.read_text("utf-8").split("\n") if line.strip()]
        lines += len(filled)
        sessions += sum(fields[1] == "OVERALL" for fields in filled)
        rated += sum(bool(fields[3]) for fields in filled)

    counts = counted("uss")["all"]

    assert counts.conversations == sessions
    assert counts.turns + sessions == lines  # the line that rates the whole is no turn
    assert counts.ratings + sessions == rated


def test_uss_folds_are_not_compared_with_the_whole() -> None:
    check = check_corpus("uss", SAMPLES)

    assert check.leaks
    for leak in check.leaks:
        assert leak.first.partition("-")[0] == leak.second.partition("-")[0] != "all"
        assert leak.conversations == 0


def test_dailydialog_dialogues_turns_and_emotions() -> None:
    dialogues = loaded("dailydialog", "data", "dialogues.json")
    splits = counted("dailydialog")
    names: dict[Split, str] = {"train": "train", "dev": "validation"}
    for split, theirs in names.items():
        held = [dialogue for dialogue in dialogues if dialogue["data_split"] == theirs]
        turns = [turn for dialogue in held for turn in dialogue["turns"]]
        felt = Counter(turn["emotion"] for turn in turns)

        counts = splits[split]

        twins = counts.losses["dialogues that stand in validation too"]
        assert counts.conversations + twins == len(held)
        if not twins:
            assert (counts.turns, counts.emotions) == (len(turns), felt)
    assert splits["train"].losses


def test_column_files_of_anybody(tmp_path: Path) -> None:
    path = tmp_path / "mine.conll"
    path.write_text(
        "-DOCSTART- O\n\nAna B-PER\nlives O\n\nin O\nNew B-LOC\nYork I-LOC\n\n"
        "-DOCSTART- O\n\nBen B-PER\n\n",
        encoding="utf-8",
    )
    counts = Counts()

    count_into(counts, read_conll(path))

    assert (counts.conversations, counts.turns, counts.tokens) == (2, 3, 6)
    assert counts.entities == {"PER": 2, "LOC": 1}


def talk(*texts: str) -> LabelledConversation:
    turns = tuple(map(Turn, texts))
    return LabelledConversation(Conversation("c", turns), tuple(TurnLabels() for _ in turns))


def test_what_stands_in_two_splits_is_found_whatever_its_case_and_marks() -> None:
    counts = [Counts(), Counts()]
    train, dev = (
        count_into(one, talks)
        for one, talks in zip(
            counts,
            (
                [talk("Hi there!", "Yes"), talk("hi there", "yes."), talk("no")],
                [talk("HI, there", "yes"), talk("hi", "there yes"), talk("Yes", "hi there")],
            ),
            strict=True,
        )
    )

    [leak] = leaks({"train": train, "dev": dev})

    assert counts[0].repeated == 1
    assert (leak.conversations, leak.in_second) == (1, 1)


def marked() -> Iterator[bytes]:
    for text in ("?!", "...", "", "ana", "ana ana"):
        yield mark(talk(text).conversation)


def test_what_is_nothing_but_marks_is_told_apart() -> None:
    assert len(set(marked())) == 5
