"""Slack exports: a folder or zip of channels with a file a day, or one such file.

    users.json
    channels.json
    support/2024-03-14.json    [{"type": "message", "user": "U01", "ts": "1710406920.000200", …}]

A channel is one conversation, its messages in the order of their times: day files keep none.
Links to files carry keys that open them, so only the names of files are kept.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from corpora.conversation import Conversation, Role, Turn
from corpora.errors import InputError
from corpora.transcripts.format import Export, Format, Head
from corpora.transcripts.moments import epoch_time
from corpora.transcripts.reading import Options, named, surrogates_note, unexpected, with_notes
from corpora.transcripts.records import Record, read_records
from corpora.transcripts.shelves import Shelf
from corpora.transcripts.slack_text import decode_slack, text_of
from corpora.transcripts.speakers import clean_name
from corpora.transcripts.text import Text

STAMP = re.compile(r"\d{9,10}\.\d{6}")
DAY_FILE = re.compile(r"(?P<channel>.+)/\d{4}-\d{2}-\d{2}\.json")
PEOPLE = ("users.json", "org_users.json")
CHANNELS = ("channels.json", "groups.json", "dms.json", "mpims.json")
OTHERS = (*PEOPLE, *CHANNELS, "integration_logs.json", "canvases.json", "huddle_transcripts.json")
NOTICES = re.compile(
    r"(?:channel|group)_(?:join|leave|topic|purpose|name|archive|unarchive|convert.*|posting.*)"
    r"|(?:un)?pinned_item|bot_(?:add|remove|enable|disable)|reminder_add|huddle_thread|tombstone"
    r"|sh_room_.*|channel_canvas_updated|app_conversation_.*"
)


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the files at the top of an export tell of ids."""

    names: dict[str, str] = field(default_factory=dict)
    bots: set[str] = field(default_factory=set)
    channels: dict[str, str] = field(default_factory=dict)


def read_slack(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield the channel's day in one file of an export."""
    channel = _Channel()
    channel.read(text, options)
    yield from channel.close(text.name, text.source, Workspace())


def read_export(shelf: Shelf, options: Options) -> Iterator[Conversation]:
    """Yield the conversation of each channel of an export."""
    workspace = _workspace(shelf, options)
    channels: dict[str, list[str]] = {}
    for file in shelf.files:
        if (match := DAY_FILE.fullmatch(file)) is not None:
            channels.setdefault(match["channel"], []).append(file)
    for name, files in channels.items():
        channel = _Channel()
        for file in sorted(files):
            if not _try(shelf, file, options, channel.read):
                channel.is_damaged = True
        # Direct messages lie in folders that are called by their ids.
        called = workspace.channels.get(name, name)
        yield from channel.close(shelf.called(called), shelf.place(name), workspace)


class _Channel:
    """The messages of one channel, gathered file by file.

    Attributes:
        is_damaged: Whether some of them could not be read.
    """

    def __init__(self) -> None:
        self._messages: dict[str, tuple[Record, str]] = {}
        self._notes: list[str] = []
        self.is_damaged = False

    def read(self, text: Text, options: Options) -> None:
        """Take the messages of a day."""

        def report(error: InputError) -> None:
            self.is_damaged = True
            options.report(error)

        for record in read_records(text, report):
            stamp = record.value.get("ts")
            if not isinstance(stamp, str) or STAMP.fullmatch(stamp) is None:
                report(unexpected(text.source, record.line, stamp, "'ts' with six decimals"))
                continue
            # A message that a thread sends to the channel as well stands in the file twice.
            self._messages.setdefault(stamp, (record, text.source))
        self._notes += text.notes

    def close(self, name: str, source: str, workspace: Workspace) -> Iterator[Conversation]:
        """The conversation, in the order of its times."""
        turns = []
        for stamp in sorted(self._messages, key=lambda stamp: (len(stamp), stamp)):
            record, place = self._messages[stamp]
            self._notes += surrogates_note(place, record.line, record.mended)
            turns.append(_turn(record, workspace))
        if self.is_damaged:
            self._notes.append(f"{source}: some of its messages could not be read")
        if turns:
            yield Conversation(name, tuple(turns), source, with_notes({}, *self._notes))


def _turn(record: Record, workspace: Workspace) -> Turn:
    message = record.value
    stamp, subtype = message["ts"], message.get("subtype")
    meta: dict[str, Any] = {"id": stamp}
    parent = message.get("thread_ts")
    if isinstance(parent, str):
        meta["thread"] = parent
        if parent != stamp:
            meta["reply_to"] = parent
    edited = message.get("edited")
    if isinstance(edited, dict) and (when := epoch_time(edited.get("ts"))) is not None:
        meta["edited"] = when.astimezone(UTC).isoformat()
    if files := _file_names(message):
        meta["files"] = files
    speaker, is_bot = _speaker(message, workspace)
    role: Role | None = None
    if isinstance(subtype, str) and NOTICES.fullmatch(subtype):
        role, meta["kind"], meta["by"] = "system", "system", speaker
        speaker = ""
    elif is_bot:
        meta["bot"] = True
    said = decode_slack(text_of(message, workspace.names), workspace.names, workspace.channels)
    time: datetime | None = epoch_time(stamp)
    return Turn(said, clean_name(speaker), role, time=time, line=record.line, meta=meta)


def _speaker(message: Mapping[str, Any], workspace: Workspace) -> tuple[str, bool]:
    """The name shown beside a message, and whether a program wrote it."""
    user = message.get("user")
    is_bot = "bot_id" in message or message.get("subtype") == "bot_message"
    if isinstance(user, str):
        name = workspace.names.get(user) or _name(message.get("user_profile")) or user
        return name, is_bot or user in workspace.bots
    profile = message.get("bot_profile")
    for called in (
        message.get("username"),
        profile.get("name") if isinstance(profile, dict) else None,
        message.get("bot_id"),
    ):
        if isinstance(called, str) and called:
            return called, True
    return "", is_bot


def _name(profile: object) -> str | None:
    if isinstance(profile, dict):
        for key in ("display_name", "real_name", "name"):
            if isinstance(name := profile.get(key), str) and name:
                return name
    return None


def _file_names(message: Mapping[str, Any]) -> list[str]:
    return named(message.get("files"), "name")


def _workspace(shelf: Shelf, options: Options) -> Workspace:
    workspace = Workspace()

    def people(text: Text, options: Options) -> None:
        for record in read_records(text, options.report):
            user = record.value
            if isinstance(identifier := user.get("id"), str):
                name = _name(user.get("profile")) or _name(user)
                if name:
                    workspace.names[identifier] = name
                if user.get("is_bot") is True:
                    workspace.bots.add(identifier)

    def rooms(text: Text, options: Options) -> None:
        for record in read_records(text, options.report):
            identifier, name = record.value.get("id"), record.value.get("name")
            if isinstance(identifier, str) and isinstance(name, str) and name:
                workspace.channels[identifier] = name

    for file in shelf.files:
        if file in PEOPLE:
            _try(shelf, file, options, people)
        elif file in CHANNELS:
            _try(shelf, file, options, rooms)
    return workspace


def _try(shelf: Shelf, file: str, options: Options, read: Callable[[Text, Options], None]) -> bool:
    """Whether one file of an export could be read; what is wrong with it costs no other."""
    try:
        with shelf.open(file) as stream:
            read(Text(stream, shelf.place(file), file), options)
    except InputError as error:
        options.report(error)
        return False
    except OSError as error:
        options.report(
            InputError(
                shelf.place(file),
                found=f"a file that cannot be read ({error.strerror or error})",
                expected="a file of a Slack export",
                remedy="check its permissions",
            )
        )
        return False
    return True


def _part(file: str) -> bool | None:
    if DAY_FILE.fullmatch(file):
        return True
    return False if file in OTHERS else None


def _tells_folder(names: Collection[str]) -> bool:
    return any(name in names for name in PEOPLE) and any(name in names for name in CHANNELS)


def _tells(head: Head) -> bool:
    return any(
        value.get("type") == "message"
        and isinstance(stamp := value.get("ts"), str)
        and STAMP.fullmatch(stamp) is not None
        for value in head.values
    )


SLACK = Format(
    "slack",
    read_slack,
    _tells,
    export=Export(_tells_folder, _part, read_export),
    signs="its messages are stamped with seconds and six decimals, as Slack does",
)
