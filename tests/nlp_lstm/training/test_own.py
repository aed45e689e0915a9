"""Chats of one's own: which file is read, and as what."""

from pathlib import Path

import pytest

from corpora.errors import InputError
from nlp_lstm.training.data import load_corpus, read_split
from nlp_lstm.training.recipe import CorpusUse

COLUMNS = "".join(f"to\tO\nYork{number}\tB-place\n\n" for number in range(20))


def texts(name: str, place: Path) -> list[str]:
    return [one.conversation.turns[0].text for one in read_split(name, place, "train")][:2]


@pytest.mark.parametrize(
    ("name", "file", "named"),
    [
        pytest.param("labelled", "train.conll", "", id="columns in a folder of labelled chats"),
        pytest.param("conll", "train.conll", "", id="columns by their name"),
        pytest.param("labelled", "mine.IOB", "mine.IOB", id="one file of columns"),
        pytest.param("conll", "mine.tsv", "mine.tsv", id="one file, called as it likes"),
    ],
)
def test_columns_are_labelled_chats(tmp_path: Path, name: str, file: str, named: str) -> None:
    (tmp_path / file).write_text(COLUMNS)

    assert texts(name, tmp_path / named) == ["to York0", "to York1"]


def test_one_file_of_columns_is_cut_in_two(tmp_path: Path) -> None:
    path = tmp_path / "mine.conll"
    path.write_text(COLUMNS)

    corpus = load_corpus(CorpusUse(name="labelled"), path)

    assert (len(corpus.train), len(corpus.dev)) == (16, 4)


@pytest.mark.parametrize(("name", "file"), [("labelled", "train.jsonl"), ("conll", "train.conll")])
def test_the_file_that_is_missing_is_named(tmp_path: Path, name: str, file: str) -> None:
    with pytest.raises(InputError, match=f"{file}: found no such file"):
        read_split(name, tmp_path, "train")
