"""From the bytes of a document to decoded text and bounded, numbered lines.

Lines end with LF or CRLF, or with CR in a document that has no LF at all. Nothing else ends a
line: U+2028, U+0085, VT and FF stand inside JSON strings and messages.
"""

import codecs
from collections.abc import Callable, Iterator
from typing import BinaryIO, TextIO, cast

from corpora.errors import InputError, quoted

HEAD = 64 * 1024  # read before anything else, to tell encodings and formats apart
# A talk may open with a very long turn, and who answers whom takes some lines to tell.
FEWEST_LINES, LONGEST_HEAD = 10, 1024 * 1024
CHUNK = 256 * 1024
LONGEST_LINE = 16 * 1024 * 1024  # characters; a longer line is refused, never held in memory
LONGEST_LINE_NAME = "16 MiB"

# UTF-32 before UTF-16: its little-endian mark starts with the other's.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MAGIC = (
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"OggS", "a sound file"),
    (b"ID3", "a sound file"),
    (b"\xd0\xcf\x11\xe0", "an Office file"),
    (b"\x7fELF", "a program"),
)
# What no text holds; TAB, LF, VT, FF, CR and ESC do occur.
CONTROLS = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27}) + b"\x7f"

Report = Callable[[InputError], None]


class Text:
    """A document that is read once, from front to back.

    Attributes:
        source: What messages call it: usually its path.
        name: What its only conversation is called, where the document itself names none.
        head: Its first characters, about `HEAD` bytes of them; more where
            these are but a few lines.
        notes: What had to be mended to read it, in words; grows while it is read.
        encoding: How its characters are written; lines that are not are among the notes.

    Raises:
        InputError: It is not text.
    """

    def __init__(self, stream: BinaryIO | TextIO, source: str, name: str) -> None:
        self.source = source
        self.name = name
        self._mended: dict[str, int] = {}
        self._stream = stream
        first = stream.read(HEAD)
        self.encoding = _name_of(first) if isinstance(first, bytes) else "decoded by the caller"
        self._rest = self._decode(first) if isinstance(first, bytes) else self._pass(first)
        self.head = self._read_head().removeprefix("\ufeff")
        self._line_end = "\r" if "\r" in self.head and "\n" not in self.head else "\n"

    @property
    def notes(self) -> list[str]:
        """What was mended so far: one sentence a kind."""
        return [f"{self.source}: {kind} ({count})" for kind, count in self._mended.items()]

    @property
    def head_lines(self) -> list[str]:
        """The lines of the head without their ends; the last may be cut off."""
        return [line.removesuffix("\r") for line in self.head.split(self._line_end)]

    def pieces(self) -> Iterator[str]:
        """Everything, in pieces that end anywhere."""
        yield self.head
        yield from self._rest

    def lines(self, report: Report) -> Iterator[tuple[int, str]]:
        """Every line with its number from 1, without its end.

        Args:
            report: Is given the error for each line longer than `LONGEST_LINE`; where it
                returns, the line is left out and reading goes on behind it.
        """
        number, carry, is_skipping = 0, "", False
        for piece in self.pieces():
            parts = piece.split(self._line_end)
            parts[0] = carry + parts[0]
            carry = parts.pop()
            for part in parts:
                number += 1
                if is_skipping:
                    is_skipping = False
                elif len(part) > LONGEST_LINE:
                    report(_overlong(self.source, number))
                else:
                    yield number, part[:-1] if part.endswith("\r") else part
            if is_skipping:
                carry = ""
            elif len(carry) > LONGEST_LINE:
                report(_overlong(self.source, number + 1))
                carry, is_skipping = "", True
        if carry:
            yield number + 1, carry.removesuffix("\r")

    def _read_head(self) -> str:
        head = ""
        for piece in self._rest:
            head += piece
            if len(head.splitlines()) > FEWEST_LINES or len(head) >= LONGEST_HEAD:
                break
        return head

    def _mend(self, kind: str) -> None:
        self._mended[kind] = self._mended.get(kind, 0) + 1

    def _pass(self, first: str) -> Iterator[str]:
        stream = cast(TextIO, self._stream)
        piece = first
        while piece:
            if not piece.isascii():
                whole = without_surrogates(piece)
                if whole != piece:
                    self._mend("a piece held lone surrogates, replaced by U+FFFD")
                piece = whole
            yield piece
            piece = stream.read(CHUNK)

    def _decode(self, first: bytes) -> Iterator[str]:
        encoding = _encoding(first)
        if encoding is None:
            _refuse_binary(first, self.source)
            return self._decode_utf8(first)
        return self._decode_wide(first, encoding)

    def _decode_wide(self, first: bytes, encoding: str) -> Iterator[str]:
        stream = cast(BinaryIO, self._stream)
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        chunk = first
        while chunk:
            yield decoder.decode(chunk)
            chunk = stream.read(CHUNK)
        if decoder.decode(b"", final=True):
            self._mend("the last character was cut in two, replaced by U+FFFD")
            yield "\ufffd"

    def _decode_utf8(self, first: bytes) -> Iterator[str]:
        stream = cast(BinaryIO, self._stream)
        chunk, cut = first, b""
        while chunk:
            chunk = cut + chunk
            end = _end_of_last_character(chunk)
            cut = chunk[end:]
            yield self._decode_lines(chunk[:end])
            chunk = stream.read(CHUNK)
        if cut:
            yield self._decode_lines(cut)

    def _decode_lines(self, chunk: bytes) -> str:
        try:
            return chunk.decode()
        except UnicodeDecodeError:
            return "\n".join(map(self._decode_line, chunk.split(b"\n")))

    def _decode_line(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            pass
        replaced = line.decode(errors="replace")
        if any(character > "\x7f" and character != "\ufffd" for character in replaced):
            self._mend("a line held broken UTF-8, replaced by U+FFFD")
            return replaced
        try:
            self._mend("a line was not UTF-8 and was read as Windows-1252")
            return line.decode("cp1252")
        except UnicodeDecodeError:
            return line.decode("latin-1")  # five bytes of Windows-1252 mean nothing


def without_surrogates(text: str) -> str:
    """`text` with U+FFFD for each lone surrogate, which no UTF-8 output could hold."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _overlong(source: str, number: int) -> InputError:
    return InputError(
        source,
        number,
        found=f"a line longer than {LONGEST_LINE_NAME}",
        expected=f"lines of at most {LONGEST_LINE_NAME} (LONGEST_LINE)",
        remedy="cut the line, or check that the file is a transcript",
    )


def _encoding(first: bytes) -> str | None:
    """The encoding of two or four bytes a character, or None where there is no sign of one."""
    for mark, encoding in MARKS:
        if first.startswith(mark):
            return encoding
    sample = first[:256]
    for even, encoding in ((0, "utf-16-be"), (1, "utf-16-le")):
        empty, full = sample[even::2], sample[1 - even :: 2]
        # Half of an emoji may hold a zero too.
        is_full = full.count(0) < 0.1 * len(full)
        if len(sample) >= 8 and empty.count(0) > 0.9 * len(empty) and is_full:
            return encoding
    return None


def _name_of(first: bytes) -> str:
    """What an encoding is called in messages."""
    wide = _encoding(first)
    if wide is not None:
        return wide.upper()
    if first.startswith(codecs.BOM_UTF8):
        return "UTF-8 with a byte order mark"
    return "ASCII" if first.isascii() and len(first) < HEAD else "UTF-8"


def _refuse_binary(first: bytes, source: str) -> None:
    what = next((name for magic, name in MAGIC if first.startswith(magic)), None)
    controls = len(first) - len(first.translate(None, CONTROLS))
    if what is None and controls:
        try:
            first[: _end_of_last_character(first)].decode()
            is_text = first.count(0) < 0.3 * len(first)
        except UnicodeDecodeError:
            is_text = False
        if not is_text:
            what = f"binary content starting {quoted(first[:16].decode('latin-1'))}"
    if what is not None:
        raise InputError(
            source,
            found=what,
            expected="a transcript in text form",
            remedy="unpack it or export the chat as text",
        )


def _end_of_last_character(chunk: bytes) -> int:
    """Where an unfinished UTF-8 sequence at the end of `chunk` begins, or its length."""
    for back in range(1, min(3, len(chunk)) + 1):
        byte = chunk[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(chunk) - back if needed > back else len(chunk)
    return len(chunk)
