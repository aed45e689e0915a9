"""Whisper, WhisperX and what answers like them: segments with seconds.

    {"segments": [{"start": 0.1, "end": 0.9, "text": " Hi there.", "speaker": "SPEAKER_00",
                   "words": [{"word": "Hi", "start": 0.1, "end": 0.2, "score": 0.9}]}],
     "language": "en"}

A segment is a turn. whisper.cpp calls them `transcription` and counts milliseconds.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options
from corpora.transcripts.recognised import (
    Stretch,
    Word,
    milliseconds,
    number,
    probability,
    turn_of,
    turns_of_words,
)
from corpora.transcripts.recordings import (
    Place,
    Recording,
    name_of,
    object_of,
    objects,
    read_recordings,
    told,
)
from corpora.transcripts.text import Text

# Signs of what was made up in silence.
DOUBTS = {
    "avg_logprob": "avg_logprob",
    "no_speech_prob": "no_speech_prob",
    "compression_ratio": "compression_ratio",
}


def read_whisper(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the recordings of a document."""
    return read_recordings(text, options, _take)


def _take(value: Mapping[str, Any], place: Place) -> Recording:
    meta = told(value, {"language": "language", "duration": "duration"})
    if isinstance(value.get("transcription"), list):
        meta |= told(object_of(value.get("result")), {"language": "language"})
        return Recording(_cpp_turns(value, place), meta=meta)
    segments = value.get("segments")
    if isinstance(segments, list):
        turns = [_turn(segment, index, place) for index, segment in enumerate(segments)]
    elif isinstance(value.get("words"), list):  # asked for words only
        turns = list(turns_of_words(_words(value), place.line))
    else:
        raise place.wrong("/segments", segments, "a list of segments")
    return Recording(turns, meta=meta)


def _turn(segment: object, index: int, place: Place) -> Turn:
    pointer = f"/segments/{index}"
    if not isinstance(segment, dict):
        raise place.wrong(pointer, segment, "an object")
    words = _words(segment)
    speaker = name_of(segment.get("speaker"))
    if not speaker:
        # Segments that no speaker covers may still hold words that one does.
        speakers = Counter(word.speaker for word in words if word.speaker)
        speaker = max(speakers, key=lambda name: speakers[name], default="")
    doubts = told(segment, DOUBTS)
    stretch = Stretch(
        speaker,
        start=number(segment.get("start")),
        end=number(segment.get("end")),
        meta={name: doubt for name, doubt in doubts.items() if number(doubt) is not None},
    )
    return turn_of(place.text(segment, "text", pointer), words, stretch, place.line)


def _words(holder: Mapping[str, Any]) -> list[Word]:
    return [
        Word(
            str(word.get("word", "")).strip(),
            number(word.get("start")),
            number(word.get("end")),
            probability(word.get("score", word.get("probability"))),
            name_of(word.get("speaker")),
        )
        for word in objects(holder.get("words"))
    ]


def _cpp_turns(value: Mapping[str, Any], place: Place) -> list[Turn]:
    turns = []
    for index, segment in enumerate(objects(value["transcription"])):
        offsets = object_of(segment.get("offsets"))
        stretch = Stretch(
            name_of(segment.get("speaker")),
            start=milliseconds(offsets.get("from")),
            end=milliseconds(offsets.get("to")),
        )
        said = place.text(segment, "text", f"/transcription/{index}")
        turns.append(turn_of(said, [], stretch, place.line))
    return turns


def _tells(head: Head) -> bool:
    return any(map(_is_whisper, head.values))


def _is_whisper(value: Mapping[str, Any]) -> bool:
    if value.keys() >= {"transcription", "result"}:
        return True
    segments = value.get("segments")
    if not isinstance(segments, list):
        return False
    if not segments:
        return "text" in value or "language" in value
    first = object_of(segments[0])
    # Of one that is longer than the head only the beginning is seen.
    return "text" in first or {"id", "seek", "start"} <= first.keys()


WHISPER = Format(
    "whisper",
    read_whisper,
    _tells,
    signs="its JSON has `segments` with `text`, or the `transcription` of whisper.cpp",
)
