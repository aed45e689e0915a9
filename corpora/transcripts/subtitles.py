"""Recordings as WebVTT, SRT and SBV: one turn a cue, with where it starts and ends in seconds.

    00:00:03.200 --> 00:00:06.400
    <v Levi, Dana>Hi there,
    all good &amp; well?</v>

    0:00:03.200,0:00:06.400
    Dana Levi: Hi there, all good?

Speakers stand in voice tags (Teams), before a colon (Zoom), in brackets (WhisperX) or on a line of
their own (Teams, copied from a document); Microsoft Graph also writes a cue as an object. The
lines of a cue are one sentence wrapped for a screen, so a blank joins them.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.caption_speakers import Speakers
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options, read_time, refuse
from corpora.transcripts.speakers import clean_name
from corpora.transcripts.text import Text

MOMENT = r"(?:\d{1,3}:)?\d{1,2}:\d{1,2}[.,]\d{1,3}"
TIMING = re.compile(rf"\s*({MOMENT})\s*-->\s*({MOMENT})(?:\s.*)?")
PAIR = re.compile(r"\s*(\d{1,3}:\d\d:\d\d\.\d{3}),(\d{1,3}:\d\d:\d\d\.\d{3})\s*")
VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]+)>")
TAG = re.compile(r"</?(?:c|i|b|u|v|lang|ruby|rt|font)(?:[.\s][^>]*)?>|<(?:\d+:)?\d+:\d+\.\d+>")
WORD_TIME = re.compile(r"<(?:\d+:)?\d+:\d+\.\d+>")
# Only these, each with its semicolon: "AT&notify" is nobody's entity.
ENTITY = re.compile(r"&(?:amp|lt|gt|lrm|rlm|nbsp|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
STYLE = re.compile(r"\{\\[^}]*\}")  # {\an8}: where on the screen


@dataclass(frozen=True, slots=True)
class Style:
    """How a format writes cues.

    Attributes:
        timing: A line that times one.
        sample: Of such a line.
        arrow: What all timings hold, and few other lines; empty where nothing tells a damaged one.
        ends_at_blank: Whether what stands after a blank line is no longer shown.
        is_numbered: Whether a cue's number stands above its timing.
    """

    timing: re.Pattern[str]
    sample: str
    arrow: str = ""
    ends_at_blank: bool = False
    is_numbered: bool = False


ARROWED = "00:00:03.200 --> 00:00:06.400"
OF_WEBVTT = Style(TIMING, ARROWED, "-->", ends_at_blank=True)
OF_SRT = Style(TIMING, ARROWED, "-->", is_numbered=True)
OF_SBV = Style(PAIR, "0:00:03.200,0:00:06.400")


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines shown from `start` to `end`, in seconds; `line` is where their timing stands."""

    line: int
    start: float
    end: float
    lines: Sequence[str]


def read_webvtt(text: Text, _: Options) -> Iterator[Conversation]:
    """Yield the call in a WebVTT file."""
    return _read(text, OF_WEBVTT)


def read_srt(text: Text, _: Options) -> Iterator[Conversation]:
    """Yield the call in an SRT file."""
    return _read(text, OF_SRT)


def read_sbv(text: Text, _: Options) -> Iterator[Conversation]:
    """Yield the call in an SBV file."""
    return _read(text, OF_SBV)


def _read(text: Text, style: Style) -> Iterator[Conversation]:
    cues = list(_cues(text, style))
    speakers = Speakers([[clean(line) for line in cue.lines] for cue in cues])
    turns: list[Turn] = []
    shown = ""  # the last line of the cue before, which rolling captions repeat
    for cue in cues:
        lines = list(cue.lines)
        if any(WORD_TIME.search(line) for line in lines) and len(lines) > 1:
            lines = [line for line in lines if clean(line) != shown]
        turns += _turns(cue, lines, speakers)
        shown = clean(cue.lines[-1]) if cue.lines else shown
    if turns:
        yield Conversation(text.name, tuple(turns), text.source)


def _cues(text: Text, style: Style) -> Iterator[Cue]:
    timing: tuple[int, float, float] | None = None
    body: list[str] = []
    is_over = False
    for number, line in text.lines(refuse):
        match = style.timing.fullmatch(line) if style.arrow in line else None
        if match is None:
            is_damaged = bool(style.arrow) and style.arrow in line
            if is_damaged and (style.ends_at_blank or timing is None):
                raise _bad_timing(text.source, number, line, style)
            is_over = is_over or (style.ends_at_blank and not line.strip())
            if timing is not None and not is_over:
                body.append(line.replace("\0", "\ufffd"))
            continue
        if timing is not None:
            yield Cue(*timing, _shown(body, is_numbered=style.is_numbered))
        timing = (number, _seconds(match[1]), _seconds(match[2]))
        body, is_over = [], False
    if timing is None and text.head.strip() and not text.head.startswith("WEBVTT"):
        first = text.head.strip().split("\n")[0]
        raise _bad_timing(text.source, 1, first, style)
    if timing is not None:
        yield Cue(*timing, _shown(body, is_numbered=False))


def _shown(body: list[str], *, is_numbered: bool) -> list[str]:
    """The lines of a cue without the number of the next one and without blank lines."""
    if is_numbered and body and body[-1].strip().isdigit():
        body = body[:-1]
    return [line for line in body if line.strip()]


def _turns(cue: Cue, lines: Sequence[str], speakers: Speakers) -> Iterator[Turn]:
    meta = {"start": cue.start, "end": cue.end}
    told = _metadata(lines)
    if told is not None:
        yield Turn(
            told["spokenText"].strip(),
            clean_name(str(told.get("speakerName") or "")),
            time=read_time(told.get("startDateTime")),
            line=cue.line,
            meta=meta,
        )
        return
    if speakers.stand_above:
        lines = [f"<v {lines[0]}>", *lines[1:]] if lines else lines
    # Before, between and after voice tags: text, name, text, name, text.
    parts = VOICE.split(" ".join(lines))
    for name, part in zip(["", *parts[1::2]], parts[::2], strict=True):
        spoken, speaker = clean(part), clean_name(_unescape(name))
        if not speaker and spoken:
            speaker, spoken = speakers.split(spoken)
        if spoken:
            yield Turn(spoken, speaker, line=cue.line, meta=meta)


def _metadata(lines: Sequence[str]) -> dict[str, Any] | None:
    """What a cue of Microsoft Graph's metadata says, which is an object instead of text."""
    if not (lines and lines[0].startswith("{")):
        return None
    try:
        told = orjson.loads("".join(lines))
    except orjson.JSONDecodeError:
        return None
    is_told = isinstance(told, dict) and isinstance(told.get("spokenText"), str)
    return told if is_told else None


def clean(line: str) -> str:
    """The line's text: tags first, entities after, so that `&lt;i&gt;` stays what it says."""
    return _unescape(STYLE.sub("", TAG.sub("", VOICE.sub("", line)))).strip()


def _unescape(text: str) -> str:
    return ENTITY.sub(lambda match: html.unescape(match[0]), text)


def _seconds(moment: str) -> float:
    """Seconds from the start of the recording.

    Microsoft Graph pads nothing, and writes after the dot how many milliseconds: `0:0:6.90`
    is 6.090 s.
    """
    whole, fraction = moment.replace(",", ".").split(".")
    fields = [int(field) for field in whole.split(":")]
    hours, minutes, seconds = [0, *fields][-3:]
    is_padded = len(whole.split(":")[-1]) == 2
    milliseconds = int(fraction.ljust(3, "0") if is_padded else fraction)
    return (3_600_000 * hours + 60_000 * minutes + 1000 * seconds + milliseconds) / 1000


def _bad_timing(source: str, number: int, line: str, style: Style) -> InputError:
    return InputError(
        source,
        number,
        found=quoted(line),
        expected=f"a timing such as {quoted(style.sample)}",
        remedy="export the captions again, or choose another --format",
    )


def _tells_webvtt(head: Head) -> bool:
    return head.text.startswith("WEBVTT") and head.text[6:7] in ("", " ", "\t", "\n", "\r")


def _tells_srt(head: Head) -> bool:
    return any("-->" in line and TIMING.fullmatch(line) for line in head.lines)


def _tells_sbv(head: Head) -> bool:
    return any(PAIR.fullmatch(line) for line in head.lines[:1])


WEBVTT = Format("webvtt", read_webvtt, _tells_webvtt, (".vtt",), signs="its first line is WEBVTT")
SRT = Format(
    "srt",
    read_srt,
    _tells_srt,
    (".srt",),
    signs="one of its first lines is a timing, 00:00:01,000 --> 00:00:02,500",
)
SBV = Format(
    "sbv",
    read_sbv,
    _tells_sbv,
    (".sbv",),
    signs="its first line is a timing, 0:00:01.000,0:00:02.500",
)
