"""Folders and archives alike: named files, none opened yet."""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

# What documents are called in folders and archives; others there are not looked at.
SUFFIXES = frozenset({
    ".txt", ".log", ".text", ".md", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".vtt", ".srt",
    ".sbv", ".mbox", ".eml",
})  # fmt: skip
# Settings are YAML too; only Rasa's stories and rules are looked at.
STORIES = re.compile(r"(?:.*[/_-])?(?:test_?)?(?:stories|story|rules)[^/]*\.ya?ml", re.IGNORECASE)
PACKED = frozenset({".gz", ".bz2", ".xz", ".zst"})


@dataclass(frozen=True, slots=True)
class Shelf:
    """The files that make one export, whether in a folder or in an archive.

    Attributes:
        source: What messages call it: the path of the folder or archive.
        name: What comes before the names of its conversations: a folder's path in what the caller
            named, or "".
        files: Paths of its files from here, with '/', in order.
        open: Opens one of them, decompressed; closes it at the end of the `with`.
    """

    source: str
    name: str
    files: Sequence[str]
    open: Callable[[str], AbstractContextManager[BinaryIO]]

    def place(self, file: str) -> str:
        """What messages call a file."""
        return f"{self.source}/{printable(file)}"

    def called(self, name: str) -> str:
        """What a conversation is called that its file calls `name`."""
        return f"{self.name}/{name}" if self.name else name


def stem(file: str) -> str:
    """What a file's only conversation is called: its path without the endings of its name."""
    path = PurePosixPath(file)
    if path.suffix.lower() in PACKED and path.stem:
        path = path.with_suffix("")
    return printable(str(path.with_suffix("")))


def is_document(file: str) -> bool:
    """Whether a file's name is one that transcripts have."""
    path = PurePosixPath(file)
    suffix = path.suffix.lower()
    if suffix in PACKED:
        suffix = PurePosixPath(path.stem).suffix.lower() or ".txt"
    return suffix in SUFFIXES or STORIES.fullmatch(file) is not None


def is_hidden(part: str) -> bool:
    """Whether a file or folder of this name is a system's own."""
    return part.startswith((".", "__MACOSX"))


def printable(name: str) -> str:
    """`name` without what a terminal would obey."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name)
