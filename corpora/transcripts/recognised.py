"""What speech recognisers write, as turns: words with their times, confidences and speakers.

A turn keeps what its recogniser knew of its words, as code points into `Turn.text`:

    meta["words"]       [[start, end, confidence], ...]     where it says how sure it is
    meta["word_times"]  [[start, end, from, to], ...]       in seconds, where it says when
"""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from corpora.conversation import Role, Turn

# Seconds of silence that end a turn where the recogniser names no turns of its own.
PAUSE = 1.5
# How far from where it is expected a word may stand in a text that was written apart from it.
FARTHEST = 40
GLUED = re.compile(r"[.,!?;:…%)\]}»”’。、，！？؟]+")
# Scripts that write no blanks between words.
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word that was heard.

    Attributes:
        form: How it is written in the text.
        start: When it begins, in seconds from the start of the recording.
        end: When it ends.
        confidence: How sure the recogniser is, in [0, 1].
        speaker: Who says it, or "".
        spoken: Another spelling of it, where texts are written with either.
    """

    form: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    speaker: str = ""
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a turn was said: who, from when to when in seconds, and what else is told of it."""

    speaker: str = ""
    role: Role | None = None
    start: float | None = None
    end: float | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


def turn_of(text: str, words: Sequence[Word], stretch: Stretch, line: int) -> Turn:
    """A turn of a text that the recogniser wrote itself, its words found in it again."""
    span = {"start": stretch.start, "end": stretch.end}
    meta: dict[str, Any] = {name: seconds for name, seconds in span.items() if seconds is not None}
    meta |= stretch.meta
    sure, times = [], []
    for word, (start, end) in _places(text, words):
        if word.confidence is not None:
            sure.append([start, end, word.confidence])
        if word.start is not None and word.end is not None:
            times.append([start, end, word.start, word.end])
    if sure:
        meta["words"] = sure
    if times:
        meta["word_times"] = times
    return Turn(text, stretch.speaker, stretch.role, line=line, meta=meta)


def turns_of_words(words: Sequence[Word], line: int) -> Iterator[Turn]:
    """Turns of a recording in one channel: a new one where the speaker changes or pauses."""
    for run in _runs(words, []):
        yield _turn_of_run(run, line)


def turns_of_channels(channels: Sequence[Sequence[Word]], line: int) -> list[Turn]:
    """Turns of a recording with a channel a speaker, in the order in which they begin.

    In its channel a turn ends where somebody else speaks in a gap of it; words that others say
    meanwhile ("mhm") do not cut it.
    """
    runs: list[list[Word]] = []
    for channel in channels:
        others = [word for other in channels if other is not channel for word in other]
        runs += _runs(channel, others)
    runs.sort(key=lambda run: run[0].start if run[0].start is not None else math.inf)
    return [_turn_of_run(run, line) for run in runs]


def write(words: Sequence[Word]) -> str:
    """The text of words, with blanks between them where their script has any."""
    text = ""
    for word in words:
        form = word.form.strip()
        is_close = (
            not text
            or GLUED.fullmatch(form)
            or (UNSPACED.match(text[-1]) and form and UNSPACED.match(form[0]))
        )
        text += form if is_close else f" {form}"
    return text


def number(value: object) -> float | None:
    """A number, or a text that is one; None for all else, NaN and infinity too."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def milliseconds(value: object) -> float | None:
    """Seconds of a number of milliseconds."""
    read = number(value)
    return None if read is None else read / 1000


def probability(value: object) -> float | None:
    """A number in [0, 1]; None for all else."""
    read = number(value)
    return read if read is not None and 0 <= read <= 1 else None


def _runs(words: Sequence[Word], others: Sequence[Word]) -> Iterator[list[Word]]:
    if not words:
        return
    said = sorted(
        (other.start, other.end)
        for other in others
        if other.start is not None and other.end is not None
    )
    run = [words[0]]
    for before, word in pairwise(words):
        if word.speaker != before.speaker or _parts(before, word, said):
            yield run
            run = []
        run.append(word)
    yield run


def _parts(before: Word, word: Word, said: Sequence[tuple[float, float]]) -> bool:
    """Whether a turn ends between two words: after a pause, or where somebody else speaks."""
    if before.end is None or word.start is None:
        return False
    if word.start - before.end > PAUSE:
        return True
    following = bisect_left(said, (before.end, 0.0))
    return following < len(said) and said[following][1] <= word.start


def _turn_of_run(run: Sequence[Word], line: int) -> Turn:
    starts = [word.start for word in run if word.start is not None]
    ends = [word.end for word in run if word.end is not None]
    stretch = Stretch(run[0].speaker, start=min(starts, default=None), end=max(ends, default=None))
    return turn_of(write(run), run, stretch, line)


def _places(text: str, words: Sequence[Word]) -> Iterator[tuple[Word, tuple[int, int]]]:
    """Where each word stands in the text, from front to back; words that it lacks are left out."""
    folded = text.casefold()
    if len(folded) != len(text):  # "ß" folds to two letters
        folded = text
    at = 0
    for word in words:
        for form in (word.form.strip(), word.spoken.strip()):
            start = _find(folded, form if folded is text else form.casefold(), at)
            if start is not None:
                at = start + len(form)
                yield word, (start, at)
                break


def _find(text: str, form: str, at: int) -> int | None:
    """Where `form` stands in `text` as a word, not far behind `at`."""
    if not form:
        return None
    start = text.find(form, at, at + FARTHEST + len(form))
    # "um" is no word of "umbrella"; scripts without blanks have no such bounds.
    while start >= 0 and form.isascii() and _is_inside(text, start, start + len(form)):
        start = text.find(form, start + 1, at + FARTHEST + len(form))
    return start if start >= 0 else None


def _is_inside(text: str, start: int, end: int) -> bool:
    return (text[start].isalnum() and start > 0 and text[start - 1].isalnum()) or (
        text[end - 1].isalnum() and end < len(text) and text[end].isalnum()
    )
