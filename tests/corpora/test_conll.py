"""Column files: what the text is, where spans stand, what is refused and where."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.conll import Columns, read_conll
from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.labels import LabelledConversation

BIO = "in\tO\nNew\tB-place\nYork\tI-place\n\nAna\tB-person\nsaid\tO\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "sentences.conll"
    path.write_bytes(text.encode())
    return path


def said(labelled: LabelledConversation) -> list[tuple[str, str]]:
    pairs = zip(labelled.conversation.turns, labelled.labels, strict=True)
    return [
        (span.label, turn.text[span.start : span.end])
        for turn, labels in pairs
        for span in labels.entities or ()
    ]


def texts(conversation: Conversation) -> list[str]:
    return [turn.text for turn in conversation.turns]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BIO, id="tabs"),
        pytest.param(BIO.replace("\t", " "), id="blanks"),
        pytest.param(BIO.replace("\n\n", "\n\t\n"), id="a blank line that holds a tab"),
        pytest.param(BIO.replace("\n\n", "\n\n \n\n"), id="several blank lines"),
        pytest.param("\n\n" + BIO + "\n\n\n", id="blank lines at both ends"),
        pytest.param(BIO.removesuffix("\n"), id="no line feed at the end"),
        pytest.param(BIO.replace("\n", "\r\n"), id="lines as on Windows"),
        pytest.param("\ufeff" + BIO, id="a byte order mark"),
    ],
)
def test_sentences_are_conversations_however_the_file_is_spaced(tmp_path: Path, text: str) -> None:
    first, second = read_conll(written(tmp_path, text))

    assert texts(first.conversation) == ["in New York"]
    assert texts(second.conversation) == ["Ana said"]
    assert (said(first), said(second)) == ([("place", "New York")], [("person", "Ana")])
    assert (first.conversation.id, second.conversation.id) == ("sentences/0", "sentences/1")


def test_a_document_is_a_conversation_of_its_sentences(tmp_path: Path) -> None:
    document = "-DOCSTART- -X- O\n\nhi UH O\n\nto IN O\nYork NNP B-place\n\n"
    path = written(tmp_path, document + document + "-DOCSTART- -X- O\n\n")

    first, second = (one.conversation for one in read_conll(path))

    assert texts(first) == texts(second) == ["hi", "to York"]
    assert [turn.line for turn in second.turns] == [10, 12]


@pytest.mark.parametrize(
    ("labels", "spans"),
    [
        pytest.param("B-x I-x O B-x", ["a b", "d"], id="BIO"),
        pytest.param("B-x B-x I-x O", ["a", "b c"], id="BIO, neighbours"),
        pytest.param("B-x E-x S-x S-y", ["a b", "c", "d"], id="BIOES"),
        pytest.param("B-x I-x L-x U-x", ["a b c", "d"], id="BILOU"),
        pytest.param("I-x I-x B-x O", ["a b", "c"], id="IOB1: B only between neighbours"),
        pytest.param("I-x I-x I-y O", ["a b", "c"], id="IO"),
        pytest.param("O E-x I-x I-y", ["b", "c", "d"], id="ill-formed: what goes on with nothing"),
        pytest.param("S-x I-x E-y O", ["a", "b", "c"], id="ill-formed: other labels"),
        pytest.param("O O O O", [], id="nothing named"),
    ],
)
def test_every_way_to_write_labels(tmp_path: Path, labels: str, spans: list[str]) -> None:
    lines = [f"{token}\t{label}" for token, label in zip("abcd", labels.split(), strict=True)]

    (labelled,) = read_conll(written(tmp_path, "\n".join(lines)))

    assert [text for _, text in said(labelled)] == spans


def test_columns_may_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, "1|Ana Lee|person|x\n2|York|place|x\n3|Moor|place|x\n4|!|O|x\n")

    (labelled,) = read_conll(path, Columns(token=1, label=2, separator="|", prefixed=False))

    assert texts(labelled.conversation) == ["Ana Lee York Moor !"]
    assert said(labelled) == [("person", "Ana Lee"), ("place", "York Moor")]


def test_a_token_that_cannot_be_seen_shifts_no_span(tmp_path: Path) -> None:
    (labelled,) = read_conll(written(tmp_path, "\tO\n😂 \tO\nYork\tB-place\n"))

    assert texts(labelled.conversation) == [" 😂 York"]
    assert said(labelled) == [("place", "York")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a\tO\nb\n", "sentences.conll:2: found 1 columns, expected 2", id="narrower"),
        pytest.param("a O\nb x O\n", ":2: found 3 columns, expected 2 columns", id="wider"),
        pytest.param("a\n", ":1: found 1 columns, expected at least 2", id="tokens alone"),
        pytest.param("a\tO\n\nb\tplace\n", ":3: found label 'place', expected O, or", id="bare"),
        pytest.param("a\tB-\n", ":1: found label 'B-'", id="a prefix alone"),
        pytest.param("a\tX-place\n", ":1: found label 'X-place'", id="an unknown prefix"),
        pytest.param("a\tO\n\tB-x\n", ":2: found label 'B-x' of no token", id="names nothing"),
        pytest.param("", "found no token, expected at least one", id="an empty file"),
        pytest.param("\n\t\n", "found no token, expected at least one", id="blank lines alone"),
        pytest.param("a\tO\n\x00\udc80\tO\n", ":2: found bytes that are no UTF-8", id="bytes"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "sentences.conll"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(InputError, match=re.escape(message)):
        list(read_conll(path))


LABELS = [*(f"{prefix}-{name}" for prefix in "BIESLU" for name in "xy"), "O"]
ROWS = st.one_of(
    st.tuples(st.text("ab \x85\u2028\u3000😀", min_size=1, max_size=3), st.sampled_from(LABELS))
    .filter(lambda row: bool(row[0].strip()))
    .map("\t".join),
    st.sampled_from(["", "\t", " "]),
)


@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ROWS, max_size=12))
def test_spans_are_visible_and_in_order_whatever_the_labels(
    tmp_path: Path, rows: list[str]
) -> None:
    path = written(tmp_path, "\n".join(["first\tO", *rows]))

    made = list(read_conll(path))

    named = sum("\t" in row and not row.endswith("\tO") and bool(row.strip()) for row in rows)
    assert sum(len(text.split(" ")) for one in made for _, text in said(one)) >= named
    for labelled in made:
        spans = labelled.labels[0].entities or ()
        borders = [place for span in spans for place in (span.start, span.end)]
        assert borders == sorted(borders)
        assert all(text.strip() for _, text in said(labelled))


def test_a_missing_file_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_conll(tmp_path / "none.conll")
