"""ConvoKit corpora: a folder or zip with utterances.jsonl, or that file alone.

    {"id": "u0", "conversation_id": "u0", "text": "Is it open?", "speaker": "dana", "meta": {},
     "reply-to": null, "timestamp": 1710406800, "vectors": []}

Utterances may come in any order. Vectors and metadata in files of Python's own (.bin, .pkl)
could run code when read, and are never opened.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.format import Export, Format, Head
from corpora.transcripts.moments import epoch_time
from corpora.transcripts.reading import Options, surrogates_note, unexpected, with_notes
from corpora.transcripts.records import Record, read_records
from corpora.transcripts.text import Text
from corpora.transcripts.threads import Message, Threads
from corpora.transcripts.turn_form import read_meta, restored

# What utterances cannot hold of a talk that was written in them: see corpora/written/convokit.py.
BESIDE = "nlp-lstm"
TALKS = ("utterances.jsonl", "utterances.json")
COMPANIONS = frozenset({
    "speakers.json", "users.json", "conversations.json", "corpus.json", "index.json",
})  # fmt: skip


def read_convokit(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations of a corpus, in the order of their first utterances."""
    with closing(Threads()) as threads:
        for record in read_records(text, options.report):
            try:
                threads.add(_message(record, text.source))
            except InputError as error:
                options.report(error)
        for identifier, content in threads.repeated():
            options.report(
                InputError(
                    text.source,
                    content["line"],
                    found=f"utterance {quoted(identifier)} again",
                    expected="each utterance once",
                    remedy="remove one of the two",
                )
            )
        for name, utterances in threads.conversations():
            notes = [note for content in utterances for note in content["notes"]]
            try:
                turns, meta = _exactly(utterances, text.source)
            except InputError as error:
                options.report(error)
                continue
            yield Conversation(name, turns, text.source, with_notes(meta, *notes))


def _exactly(
    utterances: Sequence[Mapping[str, Any]], source: str
) -> tuple[tuple[Turn, ...], Mapping[str, Any]]:
    """The turns of a conversation, and what is said of it.

    Raises:
        InputError: It was written here, and changed since into what is no longer our form.
    """
    told = [read_meta(content["meta"].get(BESIDE)) or {} for content in utterances]
    places = [place for one in told if isinstance(place := one.get("index"), int)]
    if len(places) != len(told):
        return tuple(map(_turn, _in_reply_order(utterances))), {}
    ordered = sorted(range(len(told)), key=lambda at: places[at])
    turns = (
        restored(_turn(utterances[at]), told[at].get("turn"), utterances[at]["line"], source)
        for at in ordered
    )
    return tuple(turns), read_meta(told[ordered[0]].get("meta")) or {}


def _message(record: Record, source: str) -> Message:
    value = record.value
    identifier, said = _name(value.get("id")), value.get("text")
    if identifier is None:
        raise unexpected(source, record.line, value.get("id"), "an id at /id")
    if said is None:
        said = ""  # corpora keep what was deleted as null
    if not isinstance(said, str):
        raise unexpected(source, record.line, said, "text at /text")
    speaker = value.get("speaker", value.get("user"))
    if isinstance(speaker, dict):
        speaker = speaker.get("id")
    parent = _name(value.get("reply-to", value.get("reply_to")))
    group = _name(value.get("conversation_id", value.get("root")))
    time = epoch_time(value.get("timestamp"))
    about = value.get("meta")
    content = {
        "id": identifier,
        "text": said,
        "speaker": _name(speaker) or "",
        "parent": parent,
        "time": value.get("timestamp") if time is not None else None,
        "line": record.line,
        "meta": {key: held for key, held in about.items() if held is not None and _is_plain(held)}
        if isinstance(about, dict)
        else {},
        "notes": surrogates_note(source, record.line, record.mended),
    }
    return Message(identifier, parent, group, time.timestamp() if time else math.inf, content)


def _name(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def _is_plain(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < 2**63
    return isinstance(value, str | float)


def _in_reply_order(utterances: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Utterances by time; where some have none, each behind what it answers."""
    if all(content["time"] is not None for content in utterances):
        return list(utterances)
    known = {content["id"] for content in utterances}
    answers: dict[str | None, list[Mapping[str, Any]]] = {}
    for content in utterances:
        parent = content["parent"] if content["parent"] in known else None
        answers.setdefault(parent, []).append(content)
    ordered: list[Mapping[str, Any]] = []
    waiting = answers.pop(None, [])[::-1]
    while waiting or answers:
        if not waiting:  # a circle of answers
            waiting = answers.pop(next(iter(answers)))[::-1]
        content = waiting.pop()
        ordered.append(content)
        waiting += answers.pop(content["id"], [])[::-1]
    return ordered


def _turn(content: Mapping[str, Any]) -> Turn:
    meta: dict[str, Any] = {**content["meta"], "id": content["id"]}
    if content["parent"] is not None:
        meta["reply_to"] = content["parent"]
    time = epoch_time(content["time"])
    return Turn(content["text"], content["speaker"], time=time, line=content["line"], meta=meta)


def _tells(head: Head) -> bool:
    return any(
        {"id", "text"} <= set(value)
        and bool({"speaker", "user"} & set(value))
        and bool({"reply-to", "reply_to"} & set(value))
        for value in head.values
    )


def _tells_folder(names: Collection[str]) -> bool:
    return any(name in names for name in TALKS) and bool(COMPANIONS & set(names))


def _part(file: str) -> bool | None:
    if file in TALKS:
        return True
    return False if file in COMPANIONS or file.startswith("info.") else None


CORPUS = Export(_tells_folder, _part)
CONVOKIT = Format(
    "convokit",
    read_convokit,
    _tells,
    export=CORPUS,
    signs="its utterances have a speaker and a reply-to",
)
