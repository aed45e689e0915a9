"""Amazon Transcribe: words with a speaker's label or in a channel a speaker; numbers are texts.

    {"jobName": "j", "results": {"transcripts": [{"transcript": "On hold."}], "items": [
        {"type": "pronunciation", "start_time": "0.1", "end_time": "0.3", "speaker_label": "spk_0",
         "alternatives": [{"confidence": "0.9", "content": "On"}]},
        {"type": "punctuation", "alternatives": [{"confidence": "0.0", "content": "."}]}]}}

What Call Analytics adds reads as in Contact Lens: see `contact_lens.py`.
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
    told,
)
from corpora.transcripts.text import Text

Item = Mapping[str, Any]


def read_transcribe(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the recordings of a document."""
    return read_recordings(text, options, _take)


def _take(value: Mapping[str, Any], place: Place) -> Recording:
    results = object_of(value.get("results"))
    items = objects(results.get("items"))
    channels = objects(object_of(results.get("channel_labels")).get("channels"))
    segments = objects(results.get("audio_segments"))
    if segments:
        turns = _of_segments(segments, items, place)
    elif channels:
        heard = [
            _words(objects(channel.get("items")), {}, name_of(channel.get("channel_label")))
            for channel in channels
        ]
        turns = turns_of_channels(heard, place.line)
    elif isinstance(results.get("items"), list):
        turns = list(turns_of_words(_words(items, _labels(results)), place.line))
    else:
        raise place.wrong("/results/items", results.get("items"), "a list of words")
    meta = told(results, {"language_code": "language"})
    return Recording(turns, name_of(value.get("jobName")) or None, meta)


def _of_segments(segments: Sequence[Item], items: Sequence[Item], place: Place) -> list[Turn]:
    """Turns of the stretches that newer files name, each with its text."""
    by_id = {item["id"]: item for item in items if isinstance(item.get("id"), int)}
    turns = []
    for index, segment in enumerate(segments):
        listed = segment.get("items")
        numbers = listed if isinstance(listed, list) else []
        held = [by_id[one] for one in numbers if isinstance(one, int) and one in by_id]
        stretch = Stretch(
            name_of(segment.get("speaker_label")) or name_of(segment.get("channel_label")),
            start=number(segment.get("start_time")),
            end=number(segment.get("end_time")),
        )
        said = place.text(segment, "transcript", f"/results/audio_segments/{index}")
        turns.append(turn_of(said, _words(held, {}), stretch, place.line))
    return turns


def _labels(results: Mapping[str, Any]) -> dict[str, str]:
    """Speakers by the time at which a word starts, for files whose words do not name theirs."""
    labels = object_of(results.get("speaker_labels"))
    return {
        str(item.get("start_time")): name_of(item.get("speaker_label"))
        for segment in objects(labels.get("segments"))
        for item in objects(segment.get("items"))
    }


def _words(items: Sequence[Item], labels: Mapping[str, str], channel: str = "") -> list[Word]:
    words: list[Word] = []
    for item in items:
        best = next(iter(objects(item.get("alternatives"))), {})
        form = str(best.get("content", ""))
        if item.get("type") == "punctuation":
            # It has no time and often no speaker: it belongs to the word before.
            speaker = words[-1].speaker if words else channel
            end = words[-1].end if words else None
            words.append(Word(form, None, end, None, speaker))
            continue
        label = name_of(item.get("speaker_label")) or labels.get(str(item.get("start_time")), "")
        speaker = channel or label
        start, end = number(item.get("start_time")), number(item.get("end_time"))
        words.append(Word(form, start, end, probability(best.get("confidence")), speaker))
    return words


def _tells(head: Head) -> bool:
    return any(
        ("jobName" in value and isinstance(value.get("results", {}), dict))
        or object_of(value.get("results")).keys() >= {"transcripts", "items"}
        for value in head.values
    )


TRANSCRIBE = Format(
    "transcribe",
    read_transcribe,
    _tells,
    signs="its JSON has `jobName`, or `results` with `transcripts` and `items`",
)
