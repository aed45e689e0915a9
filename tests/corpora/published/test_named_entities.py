"""RESTAURANTS-8K, WNUT-17, Broad Twitter and CrossNER: counts and what is particular to each."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpora.errors import InputError
from corpora.labels import EntitySpan, LabelledConversation
from corpora.published import Split, read_corpus
from corpora.published.restaurant8k import is_held_out

SAMPLES = Path(__file__).parents[2] / "samples"


def spans(labelled: LabelledConversation) -> tuple[EntitySpan, ...]:
    return tuple(span for labels in labelled.labels for span in labels.entities or ())


def booking(root: Path, *utterances: dict[str, Any], name: str = "train_0") -> Path:
    path = root / "span_extraction" / "restaurant8k" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(utterances), encoding="utf-8")
    return path


def marked(slot: str, end: int, start: int | None = None) -> dict[str, Any]:
    place = {"endIndex": end} if start is None else {"startIndex": start, "endIndex": end}
    return {"slot": slot, "valueSpan": place}


@pytest.mark.parametrize(
    ("name", "split", "conversations", "named"),
    [
        pytest.param(
            "wnut17",
            "train",
            6,
            {"group": 2, "person": 3, "corporation": 1, "location": 1},
            id="wnut17 train",
        ),
        pytest.param("wnut17", "dev", 3, {"creative-work": 1, "person": 2}, id="wnut17 dev"),
        pytest.param("btc", "train", 6, {"ORG": 3, "PER": 3, "LOC": 1}, id="btc train"),
        pytest.param("btc", "dev", 3, {"PER": 4, "ORG": 4, "LOC": 1}, id="btc dev"),
        pytest.param("btc-names", "dev", 3, {"LOC": 1}, id="btc dev without mentions"),
        pytest.param(
            "restaurant8k",
            "train",
            7,
            {"people": 3, "date": 2, "time": 1},
            id="restaurant8k train",
        ),
        pytest.param(
            "restaurant8k",
            "dev",
            3,
            {"time": 2, "people": 1, "date": 1, "first_name": 1, "last_name": 1},
            id="restaurant8k dev",
        ),
    ],
)
def test_counts_of_the_samples(
    name: str, split: Split, conversations: int, named: dict[str, int]
) -> None:
    made = list(read_corpus(name, SAMPLES, split))

    assert len(made) == conversations
    assert Counter(span.label for one in made for span in spans(one)) == named


@pytest.mark.parametrize(
    ("tokens", "labels", "plain", "with_signs"),
    [
        pytest.param("@ ana", "O B-PER", ["ana"], ["@", "ana"], id="a sign that was left out"),
        pytest.param("@ ana", "B-PER B-PER", ["@", "ana"], ["@", "ana"], id="marked already"),
        pytest.param("@ @ ana", "O B-PER B-PER", ["@", "ana"], ["@", "ana"], id="a sign alone"),
        pytest.param("a ana", "O B-PER", ["ana"], ["ana"], id="no sign"),
        pytest.param("@ ana", "O O", [], [], id="nobody"),
    ],
)
def test_signs_of_tweets_are_marked_like_their_names(
    tmp_path: Path, tokens: str, labels: str, plain: list[str], with_signs: list[str]
) -> None:
    path = tmp_path / "train_dev_test_conll" / "btc.dev"
    path.parent.mkdir()
    pairs = zip(tokens.split(), labels.split(), strict=True)
    path.write_text("\n".join(f"{token}\t{label}" for token, label in pairs))

    for name, expected in (("btc", plain), ("btc-signs", with_signs)):
        (made,) = read_corpus(name, tmp_path, "dev")
        text = made.conversation.turns[0].text
        assert [text[span.start : span.end] for span in spans(made)] == expected


def test_a_field_of_crossner_is_a_corpus_of_its_own() -> None:
    fields = ("ai", "literature", "music", "politics", "science")
    alone = [one for field in fields for one in read_corpus(f"crossner-{field}", SAMPLES, "dev")]

    assert list(read_corpus("crossner", SAMPLES, "dev")) == alone
    assert [one.conversation.meta["domain"] for one in alone[::2]] == list(fields)


def test_what_was_asked_for_stands_before_the_utterance() -> None:
    by_text = {
        one.conversation.turns[-1].text: one
        for one in read_corpus("restaurant8k", SAMPLES, "train")
    }
    table = by_text["can the table be in the restaurant?"].conversation
    answered = by_text["in half an hour"]

    assert [(turn.role, turn.text) for turn in table.turns] == [
        ("agent", "people , date , time"),
        ("customer", "can the table be in the restaurant?"),
    ]
    assert table.turns[1].meta == {"requested": ["people", "date", "time"]}
    assert answered.labels[0].entities is None
    assert answered.labels[1].entities == (EntitySpan(0, 15, "time"),)


@pytest.mark.parametrize(
    ("labels", "kept", "lost"),
    [
        pytest.param([marked("time", 2)], [EntitySpan(0, 2, "time")], {}, id="no start is 0"),
        pytest.param(
            [marked("time", 4, 3), marked("date", 8)],
            [EntitySpan(3, 4, "time")],
            {"spans over another span": 1},
            id="of two that overlap, the one that ends first",
        ),
        pytest.param(
            [marked("date", 4), marked("time", 4)],
            [EntitySpan(0, 4, "time")],
            {"spans over another span": 1},
            id="of a date and a time in one place, the time",
        ),
        pytest.param(
            [marked("date", 9, 4)],
            [EntitySpan(5, 8, "date")],
            {"blanks at the ends of spans": 1},
            id="blanks at the ends are no part of it",
        ),
        pytest.param(
            [marked("date", 99), marked("time", 5, 4), marked("people", 3, 7)],
            [],
            {"spans outside their turn": 3},
            id="beyond the end, nothing but blanks, ends before its start",
        ),
    ],
)
def test_where_spans_stand(
    tmp_path: Path, labels: list[dict[str, Any]], kept: list[EntitySpan], lost: dict[str, int]
) -> None:
    booking(tmp_path, {"userInput": {"text": "at 9 now or"}, "labels": labels}, name="test")
    counted: Counter[str] = Counter()
    text = "at 9 now or"
    assert text[4] == " " == text[8]

    (labelled,) = read_corpus("restaurant8k", tmp_path, "test", losses=counted)

    assert list(spans(labelled)) == kept
    assert counted == lost


def test_dev_holds_an_utterance_with_all_its_repetitions(tmp_path: Path) -> None:
    said = [f"a table for {number}" for number in range(60)]
    shouted = [{"userInput": {"text": text.upper() + " "}} for text in said]
    booking(tmp_path, *({"userInput": {"text": text}} for text in said), *shouted)

    splits: tuple[Split, Split] = ("train", "dev")
    train, dev = (
        {
            one.conversation.turns[0].text.strip().lower()
            for one in read_corpus("restaurant8k", tmp_path, split)
        }
        for split in splits
    )

    assert train | dev == set(said)
    assert not train & dev
    assert 0 < len(dev) < 15


def test_small_parts_hold_nothing_of_dev(tmp_path: Path) -> None:
    texts = [f"a table for {number}" for number in range(60)]
    held = next(text for text in texts if is_held_out(text))
    free = next(text for text in texts if not is_held_out(text))
    booking(tmp_path, *({"userInput": {"text": text}} for text in texts))
    booking(tmp_path, *({"userInput": {"text": text}} for text in (held, free)), name="train_5")

    (part,) = read_corpus("restaurant8k-5", tmp_path, "train")

    assert part.conversation.turns[0].text == free
    whole = list(read_corpus("restaurant8k", tmp_path, "dev"))
    assert list(read_corpus("restaurant8k-5", tmp_path, "dev")) == whole


def test_another_shape_is_refused(tmp_path: Path) -> None:
    path = booking(tmp_path, {"userInput": {"text": "hi"}}, {"text": "hi"})

    with pytest.raises(InputError, match=re.escape(f"{path}: found 1 > userInput: ")):
        list(read_corpus("restaurant8k", tmp_path, "train"))


def test_a_line_of_another_shape_is_named(tmp_path: Path) -> None:
    path = tmp_path / "emerging.dev.conll"
    path.write_text("hi\tO\nthere\n", encoding="utf-8")

    with pytest.raises(InputError, match=re.escape(f"{path}:2: found 1 columns, expected 2")):
        list(read_corpus("wnut17", tmp_path, "dev"))
