"""Which documents are taken for which format, and which are refused."""

import io

import pytest

from corpora.errors import InputError
from corpora.transcripts import FORMATS, read_transcript
from corpora.transcripts.detect import detect_format
from corpora.transcripts.text import Text
from tests.corpora.transcripts.reading_here import read_one


def detected(content: str, name: str = "document", columns: dict[str, str] | None = None) -> str:
    text = Text(io.BytesIO(content.encode()), name, name)
    found = detect_format(text, columns or {})
    return found.name if found else "nothing"


@pytest.mark.parametrize(
    ("content", "format"),
    [
        pytest.param("Ana: hi\nBen: hello\nAna: bye\n", "plain", id="two people take turns"),
        pytest.param("Ana: hi\nBen: hello\n", "plain", id="a greeting and an answer"),
        pytest.param("Customer: it broke\nAgent: oh no\n", "plain", id="roles for names"),
        pytest.param("[10:00] Ana: a\n[10:01] Ben: b\n[10:02] Ana: c\n", "plain", id="clocks"),
        pytest.param("WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n", "webvtt", id="WebVTT"),
        pytest.param("WEBVTT - a: b\n\n00:01.000 --> 00:02.000\nhi\n", "webvtt", id="titled"),
        pytest.param("1\n00:00:01,000 --> 00:00:02,000\nAna: hi\n", "srt", id="SRT"),
        pytest.param("0:00:01.000,0:00:02.000\nAna: hi\n", "sbv", id="SBV"),
        pytest.param("15.03.24, 14:03 - Jörg: hallo\n", "whatsapp", id="WhatsApp, one line"),
        pytest.param("[3/13/24, 12:16:00\u202fAM] Teo: hi\n", "whatsapp", id="WhatsApp iOS"),
        pytest.param('{"messages":[{"role":"user","content":"a"}]}', "openai", id="OpenAI"),
        pytest.param('[{"role":"user","content":"a"}]', "openai", id="a bare array of messages"),
        pytest.param('{"body":{"messages":[{"role":"user","content":"a"}]}}', "openai", id="batch"),
        pytest.param('[{"conversations":[{"from":"human","value":"a"}]}]', "sharegpt", id="array"),
        pytest.param('{"id":"a","turns":[]}', "jsonl", id="a conversation a line"),
        pytest.param('{"conversation":"a","text":"b"}\n', "jsonl", id="a turn a line"),
        pytest.param('oops\n{"id":"a","turns":[]}\n{"id":"b","turns":[]}\n', "jsonl", id="damaged"),
        pytest.param(
            '{"segments": [\n{"start": 0, "end": 1, "text": "a"}\n], "language": "en"}\n',
            "whisper",
            id="an object of several lines, one of which is an object too",
        ),
        pytest.param("speaker,text\nAna,hi\n", "csv", id="CSV"),
        pytest.param("Speaker;Message\nAna;hi\n", "csv", id="CSV of a comma-decimal country"),
        pytest.param("speaker\ttext\nAna\thi\n", "tsv", id="TSV"),
        pytest.param("\n \r\n", "nothing", id="blank"),
    ],
)
def test_what_a_document_is_taken_for(content: str, format: str) -> None:
    assert detected(content) == format


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("Flour: 200 g\nSugar: 100 g\nEggs: 2\n", id="a recipe"),
        pytest.param("host: db\nport: 80\nuser: root\n", id="settings"),
        pytest.param("10:00:01 INFO: up\n10:00:02 WARN: slow\n10:00:03 INFO: ok\n", id="a log"),
        pytest.param("From: a@example.net\nTo: b@example.net\nSubject: hi\n\nhi\n", id="e-mail"),
        pytest.param("Dear all,\nnobody speaks in this letter.\n", id="prose"),
        pytest.param("see http://a.example\nsee http://b.example\n", id="links"),
        pytest.param("Ana: I am alone\nAna: and talk to myself\n", id="one speaker"),
    ],
)
def test_what_is_refused_with_the_way_out(content: str) -> None:
    with pytest.raises(InputError, match="--format plain") as caught:
        detected(content)

    assert caught.value.line == 1


def test_a_forced_format_asks_for_no_proof() -> None:
    content = b"Ana: I am alone\nAna: and talk to myself\n"

    [conversation] = read_transcript(io.BytesIO(content), format="plain")

    assert [turn.speaker for turn in conversation.turns] == ["Ana", "Ana"]


def test_the_callers_columns_prove_a_table() -> None:
    content = "Wer;Nachricht\nAna;hi\n"

    assert detected(content, columns={"text": "Nachricht", "speaker": "Wer"}) == "csv"


def test_an_unknown_format_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match=r"'docx' is none of auto, .*csv, .*jsonl"):
        read_transcript(io.BytesIO(b""), format="docx")

    assert "plain" in FORMATS


def test_an_unknown_column_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="'txt' is none of"):
        read_transcript(io.BytesIO(b""), columns={"txt": "Nachricht"})


def test_a_very_long_first_turn_hides_no_talk() -> None:
    conversation = read_one(f"Ana: {'late ' * 20_000}\nBen: hm\nAna: well?\n")

    assert [turn.speaker for turn in conversation.turns] == ["Ana", "Ben", "Ana"]
    assert len(conversation.turns[0].text) == 100_000
