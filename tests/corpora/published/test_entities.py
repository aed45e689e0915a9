"""MultiDoGO: words between single blanks, a label each, neighbours with one label one span."""

import re
from collections import Counter
from pathlib import Path

import pytest

from corpora.errors import InputError
from corpora.labels import EntitySpan, LabelledConversation
from corpora.published import read_corpus
from corpora.published.multidogo import DOMAINS

SAMPLES = Path(__file__).parents[2] / "samples"
HEADER = "conversationId\tturnNumber\tsentenceNumber\tutteranceId\tutterance\tslot-labels\tintent"


def corpus_of(root: Path, *rows: str) -> Path:
    """A corpus with `rows` in its first domain and nothing in the others."""
    folder = root / "data" / "paper_splits" / "splits_annotated_at_sentence_level"
    for domain in DOMAINS:
        path = folder / domain / "dev.tsv"
        path.parent.mkdir(parents=True)
        lines = [HEADER, *rows] if domain == DOMAINS[0] else [HEADER]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / DOMAINS[0] / "dev.tsv"


def said(labelled: LabelledConversation) -> list[tuple[str, str]]:
    pairs = zip(labelled.conversation.turns, labelled.labels, strict=True)
    return [
        (span.label, turn.text[span.start : span.end])
        for turn, labels in pairs
        for span in labels.entities or ()
    ]


def test_neighbours_with_one_label_are_one_span() -> None:
    boarding, flight, *_ = read_corpus("multidogo", SAMPLES, "train")

    assert said(boarding) == [
        ("name", "mohan"),
        ("booking_confirmation_number", "moh 523"),
        ("email_address", "mohan 283 gmailcom"),
    ]
    assert said(flight)[0] == ("arrival_city", "perth")
    assert flight.conversation.turns[2].text == "hamburg ny \n to perth amboy nj"


def test_all_domains_are_read_and_said() -> None:
    conversations = [one.conversation for one in read_corpus("multidogo", SAMPLES, "train")]

    assert list(dict.fromkeys(one.meta["domain"] for one in conversations)) == list(DOMAINS)
    assert all(one.id.startswith(f"{one.meta['domain']}/") for one in conversations)
    assert {turn.role for one in conversations for turn in one.turns} == {"customer"}


def test_intents_are_split() -> None:
    conversations = [one.conversation for one in read_corpus("multidogo-turn", SAMPLES, "train")]

    seat = conversations[2].turns[1]
    assert seat.meta == {"turn": 2, "intents": ["getseatinfo", "changeseatassignment"]}


def test_one_file_numbers_its_turns_with_decimals() -> None:
    conversations = [one.conversation for one in read_corpus("multidogo-turn", SAMPLES, "train")]
    (finance,) = [one for one in conversations if one.meta["domain"] == "finance"]

    assert [turn.meta["turn"] for turn in finance.turns] == [3, 5, 7, 9, 11]


@pytest.mark.parametrize(
    ("utterance", "labels", "spans", "losses"),
    [
        pytest.param("to  york", "O O city", (EntitySpan(4, 8, "city"),), 0, id="two blanks"),
        pytest.param("a b", "x y", (EntitySpan(0, 1, "x"), EntitySpan(2, 3, "y")), 0, id="labels"),
        pytest.param("a  b", "O x O", (), 1, id="a label of nothing is counted"),
        pytest.param("ok", "O", (), 0, id="nothing named"),
    ],
)
def test_where_spans_stand(
    tmp_path: Path, utterance: str, labels: str, spans: tuple[EntitySpan, ...], losses: int
) -> None:
    corpus_of(tmp_path, f"c\t0\t0\tu\t{utterance}\t{labels}\tgreeting")
    counted: Counter[str] = Counter()

    (labelled,) = read_corpus("multidogo", tmp_path, "dev", losses=counted)

    assert labelled.labels[0].entities == spans
    assert counted.total() == losses


@pytest.mark.parametrize(
    ("row", "found"),
    [
        pytest.param("c\t0\t0\tu\tone two\tO\tx", "1 slot labels, expected 2", id="a label short"),
        pytest.param("c\tone\t0\tu\tone\tO\tx", "turn number 'one'", id="no number"),
        pytest.param("c\t0\t0\tu\tone", "5 columns, expected 7", id="columns missing"),
    ],
)
def test_rows_of_another_shape_are_refused(tmp_path: Path, row: str, found: str) -> None:
    path = corpus_of(tmp_path, "c\t0\t0\tu\thi\tO\tx", row)

    with pytest.raises(InputError, match=re.escape(f"{path}:3: found {found}")):
        list(read_corpus("multidogo", tmp_path, "dev"))
