"""ChatML: the text that language models are given, each message between two marks.

    <|im_start|>system
    You book tables.<|im_end|>
    <|im_start|>user
    A table for 4?<|im_end|>

A system message behind the messages of others opens the next conversation.
"""

import re
from collections.abc import Iterator

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.roles import role_of_word
from corpora.transcripts.format import Format, Head
from corpora.transcripts.reading import Options, refuse
from corpora.transcripts.text import Text

START, END = "<|im_start|>", "<|im_end|>"
HEADER = re.compile(r"(?P<role>[^\s=<>|]{1,40})(?:[ \t]+name=(?P<name>[^\n]{1,100}))?[ \t]*")


def read_chatml(text: Text, _: Options) -> Iterator[Conversation]:
    """Yield the conversations in a document.

    Raises:
        InputError: Something stands outside the marks, or a message names no role.
    """
    turns: list[Turn] = []
    position = 0
    for turn in _turns(text):
        if turn.role == "system" and any(before.role != "system" for before in turns):
            position += 1
            yield Conversation(f"{text.name}#{position}", tuple(turns), text.source)
            turns = []
        turns.append(turn)
    if turns:
        name = f"{text.name}#{position + 1}" if position else text.name
        yield Conversation(name, tuple(turns), text.source)


def _turns(text: Text) -> Iterator[Turn]:
    opened: tuple[int, str, str] | None = None
    said: list[str] = []
    for number, line in text.lines(refuse):
        rest = line
        while True:
            if opened is None:
                before, start, rest = rest.partition(START)
                if before.strip() or (not start and rest.strip()):
                    raise _outside(text.source, number, line)
                if not start:
                    break
                match = HEADER.fullmatch(rest)
                if match is None:
                    raise _outside(text.source, number, line)
                opened = (number, match["role"], match["name"] or match["role"])
                said = []
                break
            inside, end, rest = rest.partition(END)
            said.append(inside)
            if not end:
                break
            yield _turn(*opened, said)
            opened = None
    if opened is not None:  # the turn that a model is to go on with
        while said and not said[-1].strip():
            said.pop()
        if said:
            yield _turn(*opened, said)


def _turn(number: int, word: str, speaker: str, said: list[str]) -> Turn:
    meta = {"source_role": word}
    return Turn("\n".join(said), speaker.strip(), role_of_word(word), line=number, meta=meta)


def _outside(source: str, number: int, line: str) -> InputError:
    return InputError(
        source,
        number,
        found=quoted(line),
        expected=f"'{START}ROLE', the text, and '{END}'",
        remedy="mend the line, or choose another --format",
    )


def _tells(head: Head) -> bool:
    return head.text.startswith(START)


CHATML = Format("chatml", read_chatml, _tells, signs="it starts with <|im_start|>")
