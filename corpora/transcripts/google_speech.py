"""Google Speech-to-Text, both versions: results with alternatives, times as `1.400s`.

    {"results": [{"alternatives": [{"transcript": "hi there", "words": [
        {"startTime": "0.100s", "endTime": "0.900s", "word": "hi", "speakerTag": 1}]}]}]}

Where speakers are told apart the first version repeats all words, with their speakers, in the last
result: only that one is read. A confidence of 0 says that there is none.
"""

from collections.abc import Iterator, Mapping, Sequence
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


def read_google_speech(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the recordings of a document."""
    return read_recordings(text, options, _take)


def _take(value: Mapping[str, Any], place: Place) -> Recording:
    given = _results(value)
    if given is None:
        raise place.wrong("/results", value.get("results"), "a list of results")
    results = [(result, _best(result)) for result in objects(given)]
    heard = [_words(best) for _, best in results]
    if heard and any(word.speaker for word in heard[-1]) and _repeats(heard):
        turns = list(turns_of_words(heard[-1], place.line))
    elif any(word.speaker for words in heard for word in words):
        turns = [turn for words in heard for turn in turns_of_words(words, place.line)]
    else:
        turns = [
            _turn(result, best, words, place)
            for (result, best), words in zip(results, heard, strict=True)
            if best.get("transcript")
        ]
    language = next((told(one, {"languageCode": "language"}) for one, _ in results), {})
    return Recording(turns, meta=language)


def _results(value: Mapping[str, Any]) -> list[Any] | None:
    """The results of a file, of an answer that was waited for, or of one file of a batch."""
    for holder in (value, object_of(value.get("response"))):
        results = holder.get("results")
        if isinstance(results, list):
            return results
        for one in object_of(results).values():
            inner = object_of(object_of(one).get("transcript")).get("results")
            if isinstance(inner, list):
                return inner
    return None


def _turn(
    result: Mapping[str, Any], best: Mapping[str, Any], words: Sequence[Word], place: Place
) -> Turn:
    sure = probability(best.get("confidence"))
    starts = [word.start for word in words if word.start is not None]
    ends = [word.end for word in words if word.end is not None]
    stretch = Stretch(
        name_of(_either(result, "channelTag", "channel_tag")),
        start=min(starts, default=None),
        end=max(ends, default=_seconds(_either(result, "resultEndTime", "resultEndOffset"))),
        meta={"confidence": sure} if sure else {},
    )
    return turn_of(place.text(best, "transcript", "/results"), words, stretch, place.line)


def _repeats(heard: Sequence[Sequence[Word]]) -> bool:
    """Whether the last result holds the words of all others again."""
    before = sum(map(len, heard[:-1]))
    return before == 0 or len(heard[-1]) >= before


def _best(result: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(iter(objects(result.get("alternatives"))), {})


def _words(best: Mapping[str, Any]) -> list[Word]:
    return [
        Word(
            str(word.get("word", "")),
            _seconds(_either(word, "startTime", "start_time", "startOffset", "start_offset")),
            _seconds(_either(word, "endTime", "end_time", "endOffset", "end_offset")),
            probability(word.get("confidence")) or None,
            _speaker(word),
        )
        for word in objects(best.get("words"))
    ]


def _speaker(word: Mapping[str, Any]) -> str:
    label = name_of(_either(word, "speakerLabel", "speaker_label"))
    tag = name_of(_either(word, "speakerTag", "speaker_tag"))
    return label or ("" if tag == "0" else tag)


def _either(holder: Mapping[str, Any], *names: str) -> object:
    return next((holder[name] for name in names if name in holder), None)


def _seconds(value: object) -> float | None:
    """Seconds of `1.400s`, of `{"seconds": 1, "nanos": 400000000}`, or of a number."""
    if isinstance(value, dict):
        return (number(value.get("seconds")) or 0) + (number(value.get("nanos")) or 0) / 1e9
    return number(value.removesuffix("s")) if isinstance(value, str) else number(value)


def _tells(head: Head) -> bool:
    return any(map(_is_answer, head.values))


def _is_answer(value: Mapping[str, Any]) -> bool:
    results = _results(value)
    if results is None:
        return False
    return not results or any(
        {"alternatives", "resultEndTime", "resultEndOffset"} & result.keys()
        for result in objects(results)
    )


GOOGLE_SPEECH = Format(
    "google-speech",
    read_google_speech,
    _tells,
    signs="its JSON has a list `results` of `alternatives`",
)
