"""AssemblyAI: utterances of speakers `A`, `B`, or words; whole milliseconds.

{"id": "t", "status": "completed", "text": "Hi there.", "utterances": [
{"start": 100, "end": 900, "speaker": "A", "text": "Hi there.", "confidence": 0.97,
"words": [{"text": "Hi", "start": 100, "end": 300, "confidence": 0.98}]}]}
"""

from collections.abc import Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options
from corpora.transcripts.recognised import (
    Stretch,
    Word,
    milliseconds,
    probability,
    turn_of,
    turns_of_words,
)
from corpora.transcripts.recordings import (
    Place,
    Recording,
    name_of,
    objects,
    read_recordings,
    told,
)
from corpora.transcripts.text import Text

# Keys that stand before the text, which may be longer than what formats are told by.
JOB = frozenset({"audio_url", "acoustic_model", "language_model", "speech_model", "speech_models"})


def read_assemblyai(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the recordings of a document."""
    return read_recordings(text, options, _take)


def _take(value: Mapping[str, Any], place: Place) -> Recording:
    status = value.get("status", "completed")
    if status != "completed":
        why = value.get("error") or status
        raise InputError(
            place.source,
            place.line,
            found=f"a transcript with status {quoted(str(status))} ({quoted(str(why))})",
            expected="one that is completed",
            remedy="fetch it again when it is done",
        )
    utterances, words = value.get("utterances"), value.get("words")
    if isinstance(utterances, list):
        turns = [_turn(one, f"/utterances/{at}", place) for at, one in enumerate(utterances)]
    elif isinstance(words, list) and words:
        turns = list(turns_of_words(_words(value), place.line))
    else:
        said = place.text(value, "text", "")
        turns = [turn_of(said, [], Stretch(), place.line)] if said else []
    meta = told(value, {"language_code": "language", "audio_duration": "duration"})
    return Recording(turns, name_of(value.get("id")) or None, meta)


def _turn(utterance: object, pointer: str, place: Place) -> Turn:
    if not isinstance(utterance, dict):
        raise place.wrong(pointer, utterance, "an object")
    sure = probability(utterance.get("confidence"))
    stretch = Stretch(
        name_of(utterance.get("speaker")) or name_of(utterance.get("channel")),
        start=milliseconds(utterance.get("start")),
        end=milliseconds(utterance.get("end")),
        meta={} if sure is None else {"confidence": sure},
    )
    said = place.text(utterance, "text", pointer)
    return turn_of(said, _words(utterance), stretch, place.line)


def _words(holder: Mapping[str, Any]) -> list[Word]:
    return [
        Word(
            name_of(word.get("text")),
            milliseconds(word.get("start")),
            milliseconds(word.get("end")),
            probability(word.get("confidence")),
            name_of(word.get("speaker")),
        )
        for word in objects(holder.get("words"))
    ]


def _tells(head: Head) -> bool:
    return any(map(_is_job, head.values))


def _is_job(value: Mapping[str, Any]) -> bool:
    if "status" in value and JOB & value.keys():
        return True
    for key in ("utterances", "words"):
        first = next(iter(objects(value.get(key))), {})
        if {"text", "start"} <= first.keys() and isinstance(first["start"], int):
            return True
    return {"utterances", "words", "audio_duration"} <= value.keys()


ASSEMBLYAI = Format(
    "assemblyai",
    read_assemblyai,
    _tells,
    signs="its JSON has utterances or words with whole milliseconds, or the status of a job",
)
