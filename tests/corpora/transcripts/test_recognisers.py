"""What recognisers write: who speaks, when, in which words, and how sure of them they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpora.conversation import Conversation, Turn
from corpora.transcripts import read_transcript
from corpora.transcripts.recognised import Word, write
from tests.corpora.transcripts.reading_here import read_all, read_one, rows

SAMPLES = Path(__file__).parents[2] / "samples" / "transcripts"


def sample(name: str) -> Conversation:
    [conversation] = read_transcript(SAMPLES / name)
    return conversation


def heard(turn: Turn) -> list[tuple[str, float]]:
    """The words of a turn that its recogniser says how sure it is of."""
    return [(turn.text[start:end], sure) for start, end, sure in turn.meta.get("words", ())]


@pytest.mark.parametrize(
    ("name", "identifier", "said", "words"),
    [
        pytest.param(
            "whisper.json",
            "whisper",
            [("", "Hello, Tern Bank."), ("", "My card is gone.")],
            [("Hello,", 0.91), ("Tern", 0.42), ("Bank.", 0.97)],
            id="Whisper",
        ),
        pytest.param(
            "whisperx.json",
            "whisperx",
            [("SPEAKER_00", "Hi there, order 4711."), ("SPEAKER_01", "It broke.")],
            [("Hi", 0.9), ("there,", 0.83), ("order", 0.61)],
            id="WhisperX: a word of digits has no score, a segment no speaker but its words'",
        ),
        pytest.param(
            "whisper-verbose.json",
            "whisper-verbose",
            [("A", "Hi there."), ("B", "It broke.")],
            [],
            id="an answer of the transcription service, diarised",
        ),
        pytest.param("whisper-cpp.json", "whisper-cpp", [("", "Hi there.")], [], id="whisper.cpp"),
        pytest.param(
            "transcribe.json",
            "call-17",
            [("spk_0", "On hold."), ("spk_1", "My card, please.")],
            [("On", 0.9), ("hold", 0.95)],
            id="Transcribe: speakers only in the labels",
        ),
        pytest.param(
            "transcribe-channels.json",
            "call-18",
            [
                ("ch_0", "Your name?"),
                ("ch_1", "Ana."),
                ("ch_0", "And the number?"),
                ("ch_1", "mhm"),
            ],
            [("Your", 0.9), ("name", 0.9)],
            id="Transcribe: an answer parts what was said before and after it, a mhm does not",
        ),
        pytest.param(
            "transcribe-segments.json",
            "call-19",
            [("spk_0", "On hold.")],
            [("On", 0.9), ("hold", 0.8)],
            id="Transcribe: segments with their own text",
        ),
        pytest.param(
            "call-analytics.json",
            "job-7",
            [
                ("AGENT", "Good morning, Tern Bank."),
                ("CUSTOMER", "My card [PII] was charged twice."),
            ],
            [("Good", 0.9975), ("morning", 0.91), ("Tern", 0.55), ("Bank", 1.0)],
            id="Call Analytics: confidences as texts and numbers",
        ),
        pytest.param(
            "contact-lens-voice.json",
            "c-1",
            [("AGENT", "Tern Bank, hello."), ("CUSTOMER", "This is [NAME], I was charged twice.")],
            [],
            id="Contact Lens, a call: a role that only the list of participants tells",
        ),
        pytest.param(
            "contact-lens-live.json",
            "c-3",
            [("CUSTOMER", "My card is gone.")],
            [],
            id="Contact Lens while it runs: drafts are left out",
        ),
        pytest.param(
            "deepgram.json",
            "r-1",
            [("0", "Hi there."), ("1", "My card was charged twice.")],
            [("Hi", 0.98), ("there.", 0.6)],
            id="Deepgram: speaker 0 is somebody",
        ),
        pytest.param(
            "deepgram-words.json",
            "r-2",
            [("0.0", "hi"), ("1.0", "yes"), ("0.0", "sam"), ("0.1", "there")],
            [("hi", 0.98)],
            id="Deepgram: words in two channels, each counting its speakers",
        ),
        pytest.param(
            "assemblyai.json",
            "t-1",
            [("A", "Hi there."), ("B", "It broke.")],
            [("Hi", 0.98), ("there.", 0.71)],
            id="AssemblyAI",
        ),
        pytest.param(
            "assemblyai-words.json",
            "t-2",
            [("", "Hi there."), ("", "It broke.")],
            [("Hi", 0.98), ("there.", 0.7)],
            id="AssemblyAI: nobody told apart, so a pause parts the turns",
        ),
        pytest.param(
            "google-speech.json",
            "google-speech",
            [("1", "hi there"), ("2", "it broke")],
            [("hi", 0.9)],
            id="Google: the last result repeats all words, a confidence of 0 is none",
        ),
        pytest.param(
            "google-speech-v2.json",
            "google-speech-v2",
            [("1", "Hi there."), ("2", "Yes.")],
            [],
            id="Google, version 2",
        ),
        pytest.param(
            "google-speech-python.json",
            "google-speech-python",
            [("1", "hi there")],
            [],
            id="Google, as its Python client writes it, a channel a speaker",
        ),
    ],
)
def test_what_was_heard(
    name: str, identifier: str, said: list[tuple[str, str]], words: list[tuple[str, float]]
) -> None:
    conversation = sample(name)

    assert conversation.id == identifier
    assert rows(conversation) == said
    assert heard(conversation.turns[0]) == words


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("whisper.json", [(0.0, 1.9), (2.2, 3.8)]),
        ("whisper-cpp.json", [(0.0, 2.4)]),
        ("transcribe.json", [(0.1, 0.6), (0.9, 1.8)]),
        ("call-analytics.json", [(0.44, 2.56), (3.0, 5.1)]),
        ("contact-lens-voice.json", [(0.0, 3.2), (3.1, 6.0)]),
        ("deepgram.json", [(0.1, 0.9), (1.2, 4.0)]),
        ("assemblyai.json", [(0.1, 0.9), (1.0, 2.0)]),
        ("google-speech.json", [(0.1, 0.9), (1.2, 2.0)]),
    ],
)
def test_all_times_are_seconds(name: str, seconds: list[tuple[float, float]]) -> None:
    turns = sample(name).turns

    assert [(turn.meta["start"], turn.meta["end"]) for turn in turns] == seconds


def test_words_keep_their_times() -> None:
    first, _ = sample("whisperx.json").turns

    assert first.meta["word_times"] == [[0, 2, 0.1, 0.2], [3, 9, 0.25, 0.5], [10, 15, 0.6, 1.0]]


def test_what_whisper_doubts_is_kept_and_nan_is_not() -> None:
    first, second = sample("whisper.json").turns

    assert first.meta["avg_logprob"] == -0.21
    assert "avg_logprob" not in second.meta
    assert second.meta["no_speech_prob"] == 0.0


def test_a_chat_of_contact_lens() -> None:
    joined, bot, customer, file, agent = sample("contact-lens-chat.json").turns

    assert [turn.role for turn in (joined, bot, customer, file, agent)] == [
        "system", "agent", "customer", "customer", "agent",
    ]  # fmt: skip
    assert joined.meta["kind"] == "event"
    assert (joined.text, joined.meta["participant"]) == ("", "Dana")
    assert bot.text == "What is it about?\nTap one\nCard\nAccount"
    assert bot.meta["source_role"] == "CUSTOM_BOT"
    assert (customer.speaker, customer.text) == ("Dana", "my card was charged twice")
    assert str(customer.time) == "2024-03-14 09:00:09.500000+00:00"
    assert file.meta["attachments"][0]["AttachmentName"] == "bill.pdf"


def test_what_a_call_says_of_a_turn_is_kept() -> None:
    agent, customer = sample("contact-lens-voice.json").turns

    assert (agent.role, agent.role_guessed) == ("agent", False)
    assert agent.meta["loudness"] == [60.2, None]
    assert customer.meta["sentiment"] == "NEGATIVE"
    assert customer.meta["redaction"]["RedactedTimestamps"]


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        pytest.param("an umbrella, um, yes", ["um", "yes"], ["um", "yes"], id="um in umbrella"),
        pytest.param("Hi there", ["hi", "uh", "there"], ["Hi", "there"], id="a word left out"),
        pytest.param("it cost $5", ["it", "cost", "five dollars"], ["it", "cost"], id="rewritten"),
        pytest.param("no no no", ["no", "no"], ["no", "no"], id="the same word again"),
        pytest.param("STRASSE Straße", ["strasse", "Straße"], ["Straße"], id="letters that fold"),
        pytest.param(
            "こんにちは元気", ["こんにちは", "元気"], ["こんにちは", "元気"], id="no blanks"
        ),
    ],
)
def test_words_are_found_in_a_text_of_its_own(
    text: str, words: list[str], found: list[str]
) -> None:
    heard_words = [{"word": word, "start": 0, "end": 1, "score": 0.5} for word in words]
    segment = {"start": 0, "end": 1, "text": text, "words": heard_words}

    [turn] = read_one(json.dumps({"segments": [segment]})).turns

    assert [word for word, _ in heard(turn)] == found


@pytest.mark.parametrize(
    ("forms", "text"),
    [
        (["On", "hold", "."], "On hold."),
        (["元気", "です", "か", "。"], "元気ですか。"),
        (["ok", "元気"], "ok 元気"),
        ([], ""),
    ],
)
def test_how_words_are_written(forms: list[str], text: str) -> None:
    assert write([Word(form) for form in forms]) == text


@pytest.mark.parametrize(
    ("document", "found"),
    [
        pytest.param(
            {"segments": [{"start": 0, "end": 1, "text": None}], "language": "en"},
            "found nothing at /segments/0/text, expected a text",
            id="Whisper",
        ),
        pytest.param(
            {"jobName": "j", "results": {"items": None}},
            "found nothing at /results/items, expected a list of words",
            id="Transcribe",
        ),
        pytest.param(
            {"Transcript": [{"ParticipantRole": "AGENT", "Content": 7}]},
            "found int '7' at /Transcript/0/Content, expected a text",
            id="Contact Lens",
        ),
        pytest.param(
            {"metadata": {"request_id": "r"}, "results": {}},
            "found nothing at /results, expected utterances or channels",
            id="Deepgram",
        ),
        pytest.param(
            {"id": "t", "status": "error", "audio_url": "u", "error": "no speech\x1b[2J"},
            r"found a transcript with status 'error' ('no speech\x1b[2J')",
            id="AssemblyAI",
        ),
        pytest.param(
            {"results": [{"alternatives": [{"transcript": 5}]}]},
            "found int '5' at /results/transcript, expected a text",
            id="Google",
        ),
    ],
)
def test_what_is_damaged_is_named_and_the_next_recording_read(
    document: dict[str, Any], found: str
) -> None:
    whole = json.dumps({**document, "segments": [], "language": "en"})
    if "segments" in document or "jobName" in document or "Transcript" in document:
        whole = json.dumps(document)
    conversations, errors = read_all(json.dumps(document) + "\n" + whole)

    assert conversations == [] or len(conversations) == 1
    assert errors[0].line == 1
    assert found in str(errors[0])


@pytest.mark.parametrize(
    ("document", "format"),
    [
        ({"segments": [], "language": "en"}, "whisper"),
        ({"metadata": {"request_id": "r"}, "results": {"channels": [{}]}}, "deepgram"),
        ({"results": []}, "google-speech"),
        ({"id": "t", "status": "completed", "audio_url": "u", "text": ""}, "assemblyai"),
    ],
)
def test_a_recording_in_which_nobody_speaks_is_a_talk_of_no_turns(
    document: dict[str, Any], format: str
) -> None:
    assert read_one(json.dumps(document)).turns == ()
    assert read_one(json.dumps(document), format).turns == ()


def test_several_recordings_in_a_file_have_names_of_their_own() -> None:
    one = {"segments": [{"start": 0, "end": 1, "text": "hi"}], "language": "en"}

    conversations, errors = read_all(json.dumps([one, one]))

    assert errors == []
    assert [conversation.id for conversation in conversations] == ["stream", "stream#2"]


def test_a_long_text_before_what_tells_a_format_does_not_hide_it() -> None:
    words = [{"word": "so", "start": 0, "end": 1, "probability": 0.5}]
    segment = {"id": 0, "start": 0, "end": 1, "text": " so " * 30_000, "words": words}
    document = {"text": "so " * 100_000, "segments": [segment], "language": "en"}

    [turn] = read_one(json.dumps(document, indent=1)).turns

    assert turn.text.startswith("so")
    assert turn.meta["words"] == [[0, 2, 0.5]]
