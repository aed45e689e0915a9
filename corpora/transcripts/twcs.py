"""Customer support on Twitter, as twcs.csv: a tweet a row, in no order.

    tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id
    8,firm,False,Tue Oct 31 21:45:10 +0000 2017,@115712 DM us,,7
    7,115712,True,Tue Oct 31 21:10:00 +0000 2017,@firm help,8,

A tweet with all its answers and theirs is one conversation, in the order of time.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from corpora.conversation import Conversation, Role, Turn
from corpora.errors import InputError
from corpora.transcripts.format import Format, Head
from corpora.transcripts.moments import english_time
from corpora.transcripts.reading import Options, read_time
from corpora.transcripts.table import read_rows, split_cells
from corpora.transcripts.text import Text
from corpora.transcripts.threads import Message, Threads

NEEDED = ("tweet_id", "author_id", "inbound", "created_at", "text", "in_response_to_tweet_id")
SIGNS = {"tweet_id", "inbound", "in_response_to_tweet_id"}
ROLES: Mapping[str, Role] = {"true": "customer", "false": "agent"}


def read_twcs(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the conversations of a table of tweets.

    Raises:
        InputError: The header lacks a column.
    """
    rows = read_rows(text, options, ",")
    header = next((row for _, row in rows if row is not None), None)
    if header is None:
        return
    places = {name.strip(): place for place, name in enumerate(header)}
    missing = [name for name in NEEDED if name not in places]
    if missing:
        raise InputError(
            text.source,
            1,
            found=f"no column {', '.join(missing)}",
            expected=f"the columns {', '.join(NEEDED)}",
            remedy="choose --format csv with --map for another table of tweets",
        )
    with closing(Threads()) as threads:
        for line, row in rows:
            if row is None:
                continue
            try:
                if len(row) != len(header):
                    found, expected = f"{len(row)} cells", f"{len(header)} cells"
                    raise _wrong(text.source, line, found, expected)
                threads.add(_message(row, places, line, text.source))
            except InputError as error:
                options.report(error)
        for identifier, tweet in threads.repeated():
            found, line = f"tweet {identifier} again", tweet[-1]
            options.report(_wrong(text.source, line, found, "each tweet once"))
        for identifier, tweets in threads.conversations():
            yield Conversation(identifier, tuple(map(_turn, tweets)), text.source)


def _message(row: Sequence[str], places: Mapping[str, int], line: int, source: str) -> Message:
    cells = {name: row[places[name]] for name in NEEDED}
    identifier = _identifier(cells["tweet_id"])
    if identifier is None:
        raise _wrong(source, line, f"the tweet_id {cells['tweet_id'][:40]!r}", "a number")
    created = cells["created_at"]
    time = english_time(created) or read_time(created)
    order = time.timestamp() if time is not None and time.tzinfo is not None else 0.0
    parent = _identifier(cells["in_response_to_tweet_id"])
    moment = time.isoformat() if time is not None else None
    content = [
        identifier,
        cells["author_id"],
        cells["inbound"],
        moment,
        cells["text"],
        parent,
        line,
    ]
    return Message(identifier, parent, None, order, content)


def _identifier(cell: str) -> str | None:
    """A tweet's number; pandas makes `8.0` of 8."""
    digits = cell.strip().removesuffix(".0")
    return str(int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 25 else None


def _turn(content: Sequence[Any]) -> Turn:
    identifier, author, inbound, moment, said, parent, line = content
    meta: dict[str, Any] = {"id": identifier}
    if parent is not None:
        meta["reply_to"] = parent
    time = datetime.fromisoformat(moment) if moment is not None else None
    role = ROLES.get(inbound.strip().lower())
    return Turn(said, author, role, time=time, line=line, meta=meta)


def _wrong(source: str, line: int, found: str, expected: str) -> InputError:
    return InputError(source, line, found=found, expected=expected, remedy="mend or remove the row")


def _tells(head: Head) -> bool:
    line = next((line for line in head.lines if line.strip()), "")
    return {cell.strip() for cell in split_cells(line, ",")} >= SIGNS


TWCS = Format(
    "twcs",
    read_twcs,
    _tells,
    signs="its header names tweet_id, inbound and in_response_to_tweet_id",
)
