"""Laws of the one door to all formats."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.conversation import Conversation
from corpora.transcripts import FORMATS, read_transcript
from tests.corpora.transcripts.reading_here import read_all
from tests.strategies import texts

SAMPLES = Path(__file__).resolve().parents[3] / "pipelines" / "samples"
NAMES = {"booking.txt": 18, "support.jsonl": 18, "whatsapp.txt": 16, "call.vtt": 14}

# Pieces that formats are made of, so that nonsense comes close to sense.
PIECES = st.sampled_from(
    ['{"messages":[{"role":"user","content":', '{"id":"a","turns":[{"text":"', '"}]}', "[", "]",
     '{"conversations":[{"from":"human","value":"', "WEBVTT\n\n", "00:01.000 --> 00:02.000\n",
     "1\n00:00:01,000 --> 00:00:02,000\n", "13.03.24, 00:16 - Ana: ", "[3/13/24, 12:16 AM] Bo: ",
     "conversation,speaker,text\n", "1,Ana,", '"', "\n", "\r\n", "\r", "Ana: ", "Ben: ", "<v A>"]
).map(str.encode)  # fmt: skip


@given(
    st.lists(PIECES | texts().map(str.encode) | st.binary(max_size=8), max_size=12).map(b"".join),
    st.sampled_from(["auto", *FORMATS]),
)
def test_no_bytes_end_in_anything_but_conversations_and_errors(content: bytes, format: str) -> None:
    conversations, _ = read_all(content, format=format)

    assert len({c.id for c in conversations}) == len(conversations)
    for turn in (turn for c in conversations for turn in c.turns):
        turn.text.encode()
        turn.speaker.encode()


def without_source(conversations: list[Conversation]) -> list[object]:
    return [(c.id.partition("#")[2], c.turns) for c in conversations]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_samples_read_alike_however_they_were_saved(
    name: str, line_end: str, encoding: str
) -> None:
    text = (SAMPLES / name).read_text(encoding="utf-8")

    saved, errors = read_all(text.replace("\n", line_end).encode(encoding))

    assert errors == []
    assert without_source(saved) == without_source(list(read_transcript(SAMPLES / name)))
    assert sum(len(c.turns) for c in saved) == NAMES[name]


def test_every_sample_knows_its_customer_but_the_chat_among_friends() -> None:
    roles = {c.id: {turn.role for turn in c.turns} for c in read_transcript(SAMPLES)}

    assert roles == {
        "booking": {"customer", "agent"},
        "call": {"customer", "agent"},
        "lamp-40719": {"customer", "agent"},
        "whatsapp": {"system", None},
    }


def test_the_callers_roles_reach_every_conversation() -> None:
    [conversation], _ = read_all("Ana: a\nBen: b?\nAna: c\n", roles={"Ana": "agent"})

    assert [turn.role for turn in conversation.turns if turn.speaker == "Ana"] == ["agent"] * 2


def test_a_wrong_role_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="role 'boss' for 'Ana' is none of customer"):
        read_transcript(SAMPLES, roles={"Ana": "boss"})
