"""A ConvoKit corpus: a folder that `Corpus(filename=...)` loads.

    utterances.jsonl  speakers.json  conversations.json  corpus.json  index.json

Each utterance answers the one before it. What utterances have no place for is JSON in their
metadata, under `nlp-lstm`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from corpora.conversation import Conversation, Turn
from corpora.transcripts.convokit import BESIDE
from corpora.transcripts.turn_form import json_line, turn_value

PLAIN = (str, int, float)  # what ConvoKit's metadata is usually made of


def write_convokit(conversations: Iterable[Conversation], folder: Path) -> None:
    """Write the conversations to a folder, which is made.

    Args:
        conversations: What to write; read once.
        folder: Where to; must not exist.

    Raises:
        FileExistsError: There is such a folder.
    """
    folder.mkdir(parents=True)
    speakers: dict[str, dict[str, Any]] = {}
    talks: dict[str, dict[str, Any]] = {}
    keys: dict[str, set[str]] = {}
    with (folder / "utterances.jsonl").open("wb") as stream:
        for conversation in conversations:
            talks[conversation.id] = {"meta": dict(conversation.meta), "vectors": []}
            for index, turn in enumerate(conversation.turns):
                speakers.setdefault(turn.speaker, {"meta": {}, "vectors": []})
                utterance = _utterance(conversation, index, turn)
                for key, value in utterance["meta"].items():
                    keys.setdefault(key, set()).add(str(type(value)))
                stream.write(json_line(utterance))
    for name, value in (
        ("speakers", speakers),
        ("conversations", talks),
        ("corpus", {}),
        ("index", _index(keys)),
    ):
        (folder / f"{name}.json").write_bytes(json_line(value))


def _utterance(conversation: Conversation, index: int, turn: Turn) -> dict[str, Any]:
    exact: dict[str, Any] = {"turn": {"meta": {}, **turn_value(turn)}, "index": index}
    if index == 0 and conversation.meta:
        exact["meta"] = dict(conversation.meta)
    meta = {key: value for key, value in turn.meta.items() if isinstance(value, PLAIN)}
    if turn.role is not None:
        meta["role"] = turn.role
    has_zone = turn.time is not None and turn.time.tzinfo is not None
    return {
        "id": _name(conversation, index),
        "conversation_id": conversation.id,
        "text": turn.text,
        "speaker": turn.speaker,
        "meta": {**meta, BESIDE: json_line(exact).decode().rstrip("\n")},
        "reply-to": _name(conversation, index - 1) if index else None,
        "timestamp": turn.time.timestamp() if turn.time is not None and has_zone else None,
        "vectors": [],
    }


def _name(conversation: Conversation, index: int) -> str:
    # The first utterance is called like its conversation: that is how ConvoKit knows which it is.
    return f"{conversation.id}#{index}" if index else conversation.id


def _index(keys: dict[str, set[str]]) -> dict[str, Any]:
    return {
        "utterances-index": {key: sorted(kinds) for key, kinds in sorted(keys.items())},
        "speakers-index": {},
        "conversations-index": {},
        "overall-index": {},
        "version": 1,
        "vectors": [],
    }
