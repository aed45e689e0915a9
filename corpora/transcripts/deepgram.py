"""Deepgram: utterances, or words in channels; speakers are numbers from 0.

    {"metadata": {"request_id": "r"}, "results": {"channels": [], "utterances": [
        {"start": 0.1, "end": 0.9, "speaker": 0, "channel": 0, "transcript": "Hi there.",
         "words": [{"word": "hi", "punctuated_word": "Hi", "start": 0.1, "end": 0.3,
                    "confidence": 0.98}]}]}}

Recordings of several channels number the speakers of each anew, so who speaks is channel and
number: `1.0`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options
from corpora.transcripts.recognised import (
    Stretch,
    Word,
    number,
    probability,
    turn_of,
    turns_of_channels,
    turns_of_words,
)
from corpora.transcripts.recordings import (
    Place,
    Recording,
    name_of,
    object_of,
    objects,
    read_recordings,
)
from corpora.transcripts.text import Text


def read_deepgram(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the recordings of a document."""
    return read_recordings(text, options, _take)


def _take(value: Mapping[str, Any], place: Place) -> Recording:
    results = object_of(value.get("results"))
    utterances = objects(results.get("utterances"))
    channels = objects(results.get("channels"))
    if utterances:
        several = len({name_of(one.get("channel")) for one in utterances}) > 1
        turns = [
            _turn(utterance, index, place, several=several)
            for index, utterance in enumerate(utterances)
        ]
    elif channels:
        turns = _of_channels([_best(channel) for channel in channels], place)
    else:
        raise place.wrong("/results", results or None, "utterances or channels")
    metadata = object_of(value.get("metadata"))
    meta = {"duration": seconds} if (seconds := number(metadata.get("duration"))) else {}
    return Recording(turns, name_of(metadata.get("request_id")) or None, meta)


def _turn(utterance: Mapping[str, Any], index: int, place: Place, *, several: bool) -> Turn:
    prefix = name_of(utterance.get("channel")) if several else ""
    sure = probability(utterance.get("confidence"))
    stretch = Stretch(
        _speaker(prefix, utterance),
        start=number(utterance.get("start")),
        end=number(utterance.get("end")),
        meta={} if sure is None else {"confidence": sure},
    )
    said = place.text(utterance, "transcript", f"/results/utterances/{index}")
    return turn_of(said, _words(utterance, prefix), stretch, place.line)


def _of_channels(best: list[Mapping[str, Any]], place: Place) -> list[Turn]:
    """Turns where no utterances were asked for: of words, else of paragraphs, else of all."""
    several = len(best) > 1
    heard = [_words(one, str(at) if several else "") for at, one in enumerate(best)]
    if any(heard):
        if several:
            return turns_of_channels(heard, place.line)
        return list(turns_of_words(heard[0], place.line))
    turns: list[Turn] = []
    for at, one in enumerate(best):
        prefix = str(at) if several else ""
        paragraphs = objects(object_of(one.get("paragraphs")).get("paragraphs"))
        for paragraph in paragraphs:
            said = [str(line.get("text", "")) for line in objects(paragraph.get("sentences"))]
            stretch = Stretch(
                _speaker(prefix, paragraph),
                start=number(paragraph.get("start")),
                end=number(paragraph.get("end")),
            )
            turns.append(turn_of(" ".join(said), [], stretch, place.line))
        if not paragraphs and isinstance(one.get("transcript"), str) and one["transcript"].strip():
            turns.append(turn_of(one["transcript"].strip(), [], Stretch(prefix), place.line))
    return turns


def _best(channel: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(iter(objects(channel.get("alternatives"))), {})


def _words(holder: Mapping[str, Any], prefix: str) -> list[Word]:
    return [
        Word(
            name_of(word.get("punctuated_word")) or name_of(word.get("word")),
            number(word.get("start")),
            number(word.get("end")),
            probability(word.get("confidence")),
            _speaker(prefix, word),
            spoken=name_of(word.get("word")),
        )
        for word in objects(holder.get("words"))
    ]


def _speaker(prefix: str, holder: Mapping[str, Any]) -> str:
    return ".".join(filter(None, (prefix, name_of(holder.get("speaker")))))


def _tells(head: Head) -> bool:
    return any(
        (
            "request_id" in object_of(value.get("metadata"))
            and ("results" not in value or isinstance(value["results"], dict))
        )
        or object_of(value.get("results")).keys() >= {"channels", "utterances"}
        for value in head.values
    )


DEEPGRAM = Format(
    "deepgram", read_deepgram, _tells, signs="its JSON has `metadata.request_id` and `results`"
)
