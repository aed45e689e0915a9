from pathlib import Path

import pytest

from corpora.transcripts import read_transcript
from tests.corpora.transcripts.reading_here import read_all, read_one, rows

SAMPLES = Path(__file__).parents[2] / "samples" / "transcripts"
TEAMS = """\
WEBVTT

NOTE Kind: a note
that goes on

9a1c3e52-7f10-4c55-9a57-2d5e1c0b7a11/12-0
00:00:03.200 --> 00:00:06.400
<v Levi, Dana>Hi there,
all good &amp; <i>well</i>?</v>

00:07.000 --> 00:09.000 align:start
<v Levi, Dana>One.</v><v.loud Mo>Two &lt;3
"""


def vtt(*cues: str) -> str:
    blocks = (f"00:00:0{i}.000 --> 00:00:0{i}.500\n{cue}\n" for i, cue in enumerate(cues))
    return "WEBVTT\n\n" + "\n".join(blocks)


def test_voice_tags() -> None:
    conversation = read_one(TEAMS)

    assert rows(conversation) == [
        ("Levi, Dana", "Hi there, all good & well?"),
        ("Levi, Dana", "One."),
        ("Mo", "Two <3"),
    ]
    assert [turn.line for turn in conversation.turns] == [7, 11, 11]
    assert conversation.turns[0].meta == {"start": 3.2, "end": 6.4}
    assert conversation.turns[1].meta == {"start": 7.0, "end": 9.0}


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        pytest.param(["Mo: Noted: the 10:30 slot."], [("Mo", "Noted: the 10:30 slot.")], id="Zoom"),
        pytest.param(
            ["ANNA: Where is it?", "MR. LEE: Sent.", "Prof. Ito: Lost."],
            [("ANNA", "Where is it?"), ("MR. LEE", "Sent."), ("Prof. Ito", "Lost.")],
            id="titles, in capitals as captions write them",
        ),
        pytest.param(
            ["Mo: hi", "Careful: hot", "hm", "Mo: ok"],
            [("Mo", "hi"), ("", "Careful: hot"), ("", "hm"), ("Mo", "ok")],
            id="a label seen once is no name",
        ),
        pytest.param(["10:30 works: yes"], [("", "10:30 works: yes")], id="a time is no name"),
        pytest.param(
            ["[SPEAKER_00]: hi", "hm", "[SPEAKER_01]: yo"],
            [("SPEAKER_00", "hi"), ("", "hm"), ("SPEAKER_01", "yo")],
            id="WhisperX",
        ),
        pytest.param(
            ["so<00:00:00.100><c> we</c>", "so we\ngo<00:00:01.100><c> on</c>"],
            [("", "so we"), ("", "go on")],
            id="rolling captions repeat themselves",
        ),
        pytest.param(["AT&notify &copy"], [("", "AT&notify &copy")], id="no entity"),
        pytest.param(["a\0b"], [("", "a\ufffdb")], id="NUL, as the format has it"),
        pytest.param(["", "<i></i>", "x"], [("", "x")], id="empty cues"),
    ],
)
def test_speakers_and_texts_of_cues(cues: list[str], expected: list[tuple[str, str]]) -> None:
    assert rows(read_one(vtt(*cues))) == expected


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("00:00:03.200", 3.2),
        ("00:03.200", 3.2),
        ("01:02:03.004", 3723.004),
        ("0:0:6.90", 6.09),
        ("0:0:6.500", 6.5),
        ("100:00:00.000", 360_000.0),
    ],
)
def test_times(moment: str, seconds: float) -> None:
    [turn] = read_one(f"WEBVTT\n  \n{moment} --> {moment}\nhi\n").turns

    assert turn.meta["start"] == pytest.approx(seconds)


def test_srt_with_numbers_blank_lines_and_styles() -> None:
    content = (
        "1\n00:00:00,000 --> 00:00:02,500 X1:1\n"
        "{\\an8}[SPEAKER_00]: <font color=red>Tern</font>\n\n"
        "Bank.\n\n"
        "7\n00:00:03.000 --> 00:00:04.500\n42\n\n"
        "8\n00:00:05,000 --> 00:00:06,000\nlast"
    )

    assert rows(read_one(content)) == [("SPEAKER_00", "Tern Bank."), ("", "42"), ("", "last")]


def test_sbv_with_a_name_before_a_colon_and_two_lines_in_a_cue() -> None:
    content = (
        "\n0:00:00.599,0:00:04.160\nAna Reis: hello, it is 0:00:01.000\nand goodbye\n\n"
        "0:00:04.160,0:01:06.770\nBo Lind: 1,2\n\n00:01:06.770,00:01:07.000\nAna Reis: bye"
    )
    conversation = read_one(content)

    assert rows(conversation) == [
        ("Ana Reis", "hello, it is 0:00:01.000 and goodbye"),
        ("Bo Lind", "1,2"),
        ("Ana Reis", "bye"),
    ]
    assert conversation.turns[1].meta == {"start": 4.16, "end": 66.77}


def test_captions_that_begin_with_no_timing_are_no_sbv() -> None:
    conversations, [error] = read_all("hello\n0:00:01,0:00:02\nhi\n", format="sbv")

    assert conversations == []
    assert "expected a timing such as '0:00:03.200,0:00:06.400'" in str(error)


@pytest.mark.parametrize("format", ["webvtt", "srt"])
def test_a_damaged_timing_is_named(format: str) -> None:
    head = "WEBVTT\n\n" if format == "webvtt" else "\n\n"

    conversations, [error] = read_all(f"{head}00:00:x --> 00:00:02.000\nhi\n", format=format)

    assert conversations == []
    assert error.line == 3
    assert "found '00:00:x --> 00:00:02.000', expected a timing" in str(error)


def test_a_recording_without_cues_holds_nothing() -> None:
    assert read_all("WEBVTT\n\nNOTE nobody spoke\n") == ([], [])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param(
            "zoom.vtt",
            [
                ("Mo", "Noted: the 10:30 slot."),
                ("Ana Lee (she/her)", "So we ship on Friday?"),
                ("Mo", "Yes."),
                ("", "and the page goes up at 10:30 too"),
                ("Ana Lee (she/her)", "Good."),
                ("1555***1234", "Can you hear me?"),
                ("1555***1234", "Hello?"),
            ],
            id="Zoom: pronouns, a masked number, a cue without a name",
        ),
        pytest.param(
            "teams.vtt",
            [
                ("Levi, Dana", "Hi there, all good & well?"),
                ("Okafor, Sam (Tern Bank)", "My card was charged twice"),
            ],
            id="Teams",
        ),
        pytest.param(
            "teams-graph.vtt",
            [("Dana Levi", "Hi Sam."), ("Sam Okafor", "Hello, is it fixed?")],
            id="Teams, from Microsoft Graph",
        ),
        pytest.param(
            "teams-metadata.vtt",
            [("Dana Levi", "Hi there, all good & well?")],
            id="Teams, metadata of Microsoft Graph",
        ),
    ],
)
def test_meetings(name: str, said: list[tuple[str, str]]) -> None:
    [conversation] = read_transcript(SAMPLES / name)

    assert rows(conversation) == said


def test_metadata_says_when() -> None:
    [conversation] = read_transcript(SAMPLES / "teams-metadata.vtt")

    assert str(conversation.turns[0].time) == "2024-03-14 09:00:03.200000+00:00"


def test_names_above_what_is_said_as_teams_documents_have_them() -> None:
    content = (
        "0:0:3.270 --> 0:0:4.250\nDana Levi\nHi Sam.\n\n"
        "0:0:5.0 --> 0:0:6.0\nSam Okafor\nHello there.\n\n"
        "0:0:7.0 --> 0:0:9.0\nDana Levi\nIs it fixed?\n\n"
        "0:0:9.0 --> 0:0:10.0\nSam Okafor\nYes,\nit is.\n"
    )

    assert rows(read_one(content)) == [
        ("Dana Levi", "Hi Sam."),
        ("Sam Okafor", "Hello there."),
        ("Dana Levi", "Is it fixed?"),
        ("Sam Okafor", "Yes, it is."),
    ]
