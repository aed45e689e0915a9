"""One sample of each format of chats: what must come out of it, turn by turn."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.transcripts import read_transcript

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "transcripts"


def read(name: str) -> list[Conversation]:
    """The conversations of a sample, which has no errors."""
    return list(read_transcript(SAMPLES / name))


def row(turn: Turn) -> str:
    """speaker | role | time | text, as people would write it down."""
    role = "–" if turn.role is None or turn.role_guessed else turn.role
    return f"{turn.speaker} | {role} | {turn.time.isoformat() if turn.time else '–'} | {turn.text}"


EXPECTED: dict[str, dict[str, Sequence[str]]] = {
    "slack-export": {
        "D0AB12CD": ["Ben Osei | – | 2024-03-14T09:53:20.000100+00:00 | hi @ana:wave:"],
        "support": [
            " | system | 2024-03-14T09:00:00.000100+00:00 | @Ben Osei has joined the channel",
            "ana | – | 2024-03-14T09:02:00.000200+00:00 | @Ben Osei see the page & wait <3",
            "Ben Osei | – | 2024-03-14T09:03:00.000300+00:00 |"
            " which order? I look in #support and ask @Deploy Bot",
            "status | – | 2024-03-14T09:03:20.000400+00:00 | order 88213: lost",
            "guest | customer | 2024-03-14T09:05:00.000500+00:00 | ",
            "ana | – | 2024-03-15T09:00:00.000100+00:00 | it is back, thanks",
        ],
    },
    "slack-export/D0AB12CD/2024-03-14.json": {
        "2024-03-14": ["U02 | – | 2024-03-14T09:53:20.000100+00:00 | hi @U01:wave:"]
    },
    "discord.json": {
        "discord": [
            "teo | – | 2024-03-14T09:01:02.500000+02:00 | my save file is gone",
            "Ana | – | 2024-03-14T09:02:03+02:00 | which version?",
            " | system | 2024-03-14T09:03:00+02:00 | Joined the server.",
            "helper | – | 2024-03-14T09:04:00+02:00 | Save files\nkept for 30 days",
        ]
    },
    "discord.txt": {
        "discord": [
            "teo | – | 2024-03-14T09:01:00 | my save file is gone\n\nit was there: yesterday",
            "Ana#1234 | – | 2024-03-14T09:02:00 | which version?",
        ]
    },
    "discord.csv": {
        "discord": [
            'teo | – | 2024-03-14T09:01:02.500000+02:00 | my save, it\nis "gone"',
            "ana.p | – | 2024-03-14T09:02:03+02:00 | which version?",
        ]
    },
    "telegram.json": {
        "telegram": [
            " | system | 2024-03-14T08:00:00+00:00 | ",
            "Dana | – | 2024-03-14T08:01:00+00:00 | order 88213🙂",
            "deleted account 7 | – | 2024-03-14T08:02:00+00:00 | C:\\x41 and a bell\x07",
        ]
    },
    "telegram-account.json": {
        "telegram-account/42": ["Dana | – | 2024-03-14T10:01:00 | hi"],
        "telegram-account/9": [
            " | system | – | ",
            "Mo | – | 2024-03-14T08:01:00+00:00 | ",
        ],
    },
    "chatgpt.json": {
        "65f2-1": [
            "user | customer | 2024-03-14T09:00:01.500000+00:00 | plan a trip",
            "assistant | agent | 2024-03-14T09:00:05+00:00 | print(1)",
            "python | tool | 2024-03-14T09:00:06+00:00 | 1",
            "assistant | agent | 2024-03-14T09:00:09.250000+00:00 | Day 1 : the market",
        ]
    },
    "claude.json": {
        "c1": [
            "human | customer | 2024-03-14T09:00:01.500000+00:00 | plan a trip",
            "assistant | agent | 2024-03-14T09:00:09+00:00 | Day 1: the market",
        ]
    },
    "chatml.txt": {
        "chatml#1": [
            "system | system | – | You book tables.",
            "Dana | customer | – | A table for 4?\n\nBy the window.",
            "assistant | agent | – | For when?",
        ],
        "chatml#2": ["system | system | – | You sell lamps.", "user | customer | – | One lamp."],
    },
    "zendesk.json": {
        "81": [
            "Dana | customer | 2024-03-14T09:00:00+00:00 | my light broke",
            "Mo | agent | 2024-03-14T09:05:00+00:00 | Which\u00a0lamp, please?\nMo",
            "Mo | agent | 2024-03-14T09:06:00+00:00 | known fault",
            " | system | 2024-04-14T09:06:00+00:00 | closed after 28 days",
        ]
    },
    "zendesk.jsonl": {
        "82": [
            "9 | customer | 2024-03-14T09:00:00+00:00 | it never came",
            "4 | agent | 2024-03-14T09:05:00+00:00 | sorry!",
        ],
        "83": ["5 | customer | 2024-03-15T09:00:00+00:00 | hello?"],
    },
    "intercom.json": {
        "1": [
            "Dana | customer | 2024-03-14T09:00:00+00:00 | my light broke\ntwice",
            "Fin | agent | 2024-03-14T09:00:30+00:00 | Have you tried off & on?",
            " | system | 2024-03-14T09:00:40+00:00 | ",
            "Mo | agent | 2024-03-14T09:00:50+00:00 | third this week",
            "Mo | agent | 2024-03-14T09:01:00+00:00 | On its way.",
        ]
    },
    "rasa-tracker.json": {
        "d1": [
            "user | customer | 2024-03-14T09:00:01.250000+00:00 | table in Oulu",
            "bot | agent | 2024-03-14T09:00:01.500000+00:00 | For how many?",
            'user | customer | 2024-03-14T09:00:05+00:00 | /inform{"people": 2}',
            "bot | agent | – | ",
        ]
    },
    "rasa-project": {
        "data/stories/book a table": [
            "user | customer | – | a table for two in Oulu",
            "bot | agent | – | For when?",
            "user | customer | – | now",
        ]
    },
    "twcs.csv": {
        "7": [
            "115712 | customer | 2017-10-31T21:10:00+00:00 | @firm help,\nplease",
            "firm | agent | 2017-10-31T21:45:10+00:00 | @115712 DM us &amp; wait",
            "115712 | customer | 2017-10-31T22:10:47+00:00 | @firm done",
        ],
        "20": ["115713 | customer | 2017-11-01T08:00:00+00:00 | @firm hello?"],
    },
    "convokit": {
        "u0": [
            "dana | – | 2024-03-14T09:00:00+00:00 | Is it open?",
            "clerk | agent | 2024-03-14T09:02:00+00:00 | Until six.",
        ],
        "v0": ["mo | – | 2024-03-14T09:00:01+00:00 | Anybody?"],
    },
    "convokit-old.json": {"a0": ["ana | – | – | open?", "ben | – | – | yes"]},
    "mailbox.mbox": {
        "mailbox/m1@example.net": [
            "Dana Levi | – | 2024-03-14T10:00:00+02:00 |"
            " my light broke\nFrom the start it flickered",
            "Mo, Lamps | – | 2024-03-14T09:00:00+00:00 | Which one? Grüße\n> my light broke",
        ],
        "mailbox#2": ["ana@example.net | – | 2024-03-15T09:00:00 | when do you open?"],
    },
    "mail.eml": {
        "mail/m1@example.net": ["Dana Levi | – | 2024-03-14T10:00:00+02:00 | my light broke"]
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_comes_out_of_a_sample(name: str) -> None:
    found = {talk.id: [row(turn) for turn in talk.turns] for talk in read(name)}

    assert found == EXPECTED[name]


def facts(name: str, key: str) -> list[object]:
    """What the turns of a sample's conversations say beyond their text, where they say it."""
    turns = [turn for talk in read(name) for turn in talk.turns]
    return [turn.meta[key] for turn in turns if key in turn.meta]


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("slack-export", "reply_to", ["1710406920.000200"] * 2),
        ("slack-export", "edited", ["2024-03-14T09:03:10+00:00"]),
        ("slack-export", "files", [["photo.png"]]),
        ("discord.json", "reply_to", ["201"]),
        ("discord.json", "bot", [True]),
        ("discord.txt", "files", [["shot.png"]]),
        ("discord.csv", "files", [["shot.png", "log.txt"]]),
        ("telegram.json", "action", ["phone_call"]),
        ("telegram.json", "reply_to", ["2"]),
        ("chatgpt.json", "kind", ["tool_call"]),
        ("chatgpt.json", "parts", [["image_asset_pointer"]]),
        ("claude.json", "files", [["map.txt"]]),
        ("zendesk.json", "kind", ["note"]),
        ("intercom.json", "kind", ["system", "note"]),
        ("rasa-tracker.json", "slots", [{"city": "Oulu"}]),
        ("rasa-tracker.json", "taken_back", [True]),
        ("rasa-tracker.json", "session", [1]),
        ("convokit", "stars", [2]),
        ("mailbox.mbox", "reply_to", ["m1@example.net"]),
    ],
)
def test_what_a_source_says_beyond_the_text(name: str, key: str, expected: list[object]) -> None:
    assert facts(name, key) == expected


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("chatgpt.json", "1 messages of other branches left out"),
        ("intercom.json", "1 parts are not in the export"),
    ],
)
def test_what_is_not_in_the_turns_is_said(name: str, note: str) -> None:
    [conversation] = read(name)

    assert note in conversation.meta["notes"][0]


def test_no_link_that_opens_a_file_is_kept() -> None:
    for name in EXPECTED:
        for conversation in read(name):
            kept = repr((conversation.meta, [turn.meta for turn in conversation.turns]))
            assert "token" not in kept
            assert "xoxe" not in kept
            assert "cdn.example" not in kept


@pytest.mark.parametrize("name", [name for name in EXPECTED if (SAMPLES / name).is_file()])
def test_line_ends_and_a_byte_order_mark_change_nothing(name: str, tmp_path: Path) -> None:
    content = (SAMPLES / name).read_bytes()
    if b"\r\n" not in content:
        content = content.replace(b"\n", b"\r\n")
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + content)

    errors: list[InputError] = []
    talks = list(read_transcript(tmp_path / name, on_error=errors.append))

    assert errors == []
    assert {talk.id: [row(turn) for turn in talk.turns] for talk in talks} == EXPECTED[name]
