"""Chats to measure on: real ones where a folder of corpora is given, else the shipped samples."""

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from corpora.conversation import Conversation
from corpora.published import read_corpus
from corpora.transcripts import read_transcript

SAMPLES = Path(__file__).parents[2] / "pipelines" / "samples"


def chats(data: Path | None) -> list[Conversation]:
    """Conversations of people with agents and with each other, as they were typed.

    Args:
        data: Folder with `multiwoz2.1` and `meld`; None takes the shipped samples.
    """
    if data is None:
        return list(read_transcript(SAMPLES))
    return [
        labelled.conversation
        for name in ("multiwoz21-raw", "meld")
        for labelled in read_corpus(name, data, "dev")
    ]


def endless(conversations: list[Conversation]) -> Iterator[Conversation]:
    """The conversations over and over, each time under new ids."""
    for lap in count():
        for conversation in conversations:
            yield Conversation(f"{lap}/{conversation.id}", conversation.turns)


def one_long_chat(conversations: list[Conversation], turns: int) -> Conversation:
    """One conversation of so many turns, strung together from many."""
    strung = (turn for conversation in endless(conversations) for turn in conversation.turns)
    return Conversation("long", tuple(islice(strung, turns)))
