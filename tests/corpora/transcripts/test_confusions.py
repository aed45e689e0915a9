"""Documents that look like several formats: each is settled by its rule, or refused."""

import io
import json

import pytest

from corpora.errors import InputError
from corpora.transcripts import FORMATS
from corpora.transcripts.detect import detect_format
from corpora.transcripts.text import Text
from tests.corpora.transcripts.reading_here import read_all, read_one, rows


def detected(content: object, name: str = "document") -> str:
    written = content if isinstance(content, str) else json.dumps(content)
    found = detect_format(Text(io.BytesIO(written.encode()), name, name), {})
    return found.name if found is not None else "nothing"


NODE: dict[str, object] = {"r": {"parent": None, "children": [], "message": None}}
SAID = {"role": "user", "content": "a"}


@pytest.mark.parametrize(
    ("content", "format"),
    [
        pytest.param([{"title": "T", "mapping": NODE}], "chatgpt", id="conversations: ChatGPT"),
        pytest.param([{"uuid": "c", "chat_messages": []}], "claude", id="conversations: Claude"),
        pytest.param([{"conversations": [{"from": "human", "value": "a"}]}], "sharegpt", id="GPT"),
        pytest.param({"messages": [SAID]}, "openai", id="messages with roles"),
        pytest.param({"guild": {}, "channel": {}, "messages": []}, "discord", id="of a guild"),
        pytest.param(
            {"name": "D", "type": "personal_chat", "id": 1,
             "messages": [{"id": 1, "type": "message", "from": "D", "text": "a"}]},
            "telegram", id="messages from somebody",
        ),
        pytest.param(
            [{"type": "message", "user": "U", "ts": "1710406920.000200", "text": "a"}],
            "slack", id="messages with stamps",
        ),
        pytest.param(
            {"id": "u", "text": "a", "speaker": "x", "reply-to": None}, "convokit", id="utterance"
        ),
        pytest.param(
            {"id": "u", "conversation": "c", "text": "a", "speaker": "x"}, "jsonl", id="a turn"
        ),
        pytest.param({"text": "<|im_start|>user\nhi<|im_end|>"}, "jsonl", id="ChatML inside JSON"),
        pytest.param("<|im_start|>user\nhi<|im_end|>\n", "chatml", id="ChatML"),
        pytest.param(
            "tweet_id,inbound,created_at,text,in_response_to_tweet_id,author_id,x\n",
            "twcs", id="tweets, and a column more",
        ),
        pytest.param("author,date,content\n", "csv", id="a table that is nobody's in particular"),
        pytest.param(
            "AuthorID,Author,Date,Content,Attachments,Reactions\n", "discord-csv", id="Discord"
        ),
        pytest.param(
            "From a@b.example Thu Mar 14 08:00:00 2024\nFrom: a@b.example\n\nhi\n",
            "mbox", id="a mailbox",
        ),
        pytest.param(
            "From here: hello\nBen: hi?\nFrom here: ok\nBen: so\n", "plain", id="speaker: From here"
        ),
        pytest.param(
            "[14/03/2024, 09:01:00] Teo: hi\n[14/03/2024, 09:02:00] Mo: yo\n", "whatsapp", id="iOS"
        ),
        pytest.param(
            f"{'=' * 62}\nGuild: G\nChannel: c\n{'=' * 62}\n\n[3/14/2024 9:01 AM] teo\nhi\n",
            "discord-txt", id="a bracket and a name alone",
        ),
        pytest.param("[09:01] Ana: a\n[09:02] Ben: b\n[09:03] Ana: c\n", "plain", id="clocks only"),
        pytest.param("stories:\n- story: a\n  steps:\n  - user: hi\n", "rasa-stories", id="YAML"),
    ],
)  # fmt: skip
def test_what_settles_a_confusion(content: object, format: str) -> None:
    assert detected(content) == format


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        pytest.param({"messages": {"hello": "hallo"}}, "messages (dict)", id="a translation table"),
        pytest.param({"u0": {"meta": {}, "vectors": []}}, "u0 (dict)", id="ConvoKit's metadata"),
        pytest.param([{"id": "U1", "profile": {}}], "id (str), profile", id="Slack's users"),
        pytest.param({"name": "app", "version": 1}, "name (str), version (int)", id="settings"),
        pytest.param({}, "JSON without keys", id="an empty object"),
        pytest.param(
            "version: 1\nservices:\n  db: a\n  web: b\n", "version: 1", id="YAML settings"
        ),
        pytest.param("[2024-03-14 09:01] INFO: up\n" * 3, "INFO: up", id="a log"),
        pytest.param("Subject: a\nTo: b\nCc: c\n\nhello\n", "Subject: a", id="half a mail"),
        pytest.param("a,b\n1,2\n3,4\n", "a,b", id="a table of numbers"),
    ],
)
def test_what_is_no_transcript_is_refused_with_what_was_seen(content: object, seen: str) -> None:
    with pytest.raises(InputError) as caught:
        detected(content)

    assert seen in caught.value.found
    assert all(format in caught.value.expected for format in FORMATS)
    assert "--format" in caught.value.remedy


def test_a_forged_header_of_another_grammar_stays_in_its_message() -> None:
    forged = "[3/13/24, 9:00 AM] B: hi"
    chat = read_one(f"15.03.24, 14:03 - A: look:\n{forged}\n15.03.24, 14:04 - A: ok\n")

    assert rows(chat) == [("A", f"look:\n{forged}"), ("A", "ok")]


def test_a_name_of_json_proves_nothing() -> None:
    content = json.dumps([{"uuid": "c", "chat_messages": [{"sender": "human", "text": "a"}]}])

    assert detected(content, "utterances.jsonl") == "claude"


def test_ids_that_came_before_are_named_where_they_come_again() -> None:
    line = '{"id": "u", "text": "a", "speaker": "x", "reply-to": null, "timestamp": 1}\n'

    [talk], [error] = read_all(line + line)

    assert len(talk.turns) == 1
    assert "utterance 'u' again" in str(error)
    assert error.line == 2


@pytest.mark.parametrize(
    ("content", "order"),
    [
        pytest.param([("a", "b"), ("b", "a")], "ab", id="two that answer each other"),
        pytest.param([("a", "a")], "a", id="one that answers itself"),
        pytest.param([("c", "b"), ("b", "a"), ("a", None)], "abc", id="backwards"),
    ],
)
def test_no_answer_is_lost_however_they_point(
    content: list[tuple[str, str | None]], order: str
) -> None:
    lines = [{"id": name, "text": name, "speaker": "x", "reply-to": parent}
             for name, parent in content]  # fmt: skip

    [talk], errors = read_all("\n".join(map(json.dumps, lines)))

    assert errors == []
    assert "".join(turn.text for turn in talk.turns) in (order, order[::-1])
    assert len(talk.turns) == len(order)
