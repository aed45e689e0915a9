"""Column files: a token a line with its label, a blank line between sentences.

    -DOCSTART- -X- O O
    I          PRP O O
    hate       VBP O O
    New        NNP B B-place
    York       NNP I I-place

Which columns hold token and label is said by `Columns`; the labels may be BIO, BIOES, BILOU or the
older forms in which only `I-` is written. Between `-DOCSTART-` lines stands a conversation, whose
turns are its sentences; where there are no such lines, each sentence is a conversation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.checked import read_lines
from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels

DOCUMENT = "-DOCSTART-"
OUTSIDE = "O"
OPENING = frozenset("BSU")  # these always start a span
CLOSING = frozenset("ESLU")  # after these the span has ended
PREFIXES = OPENING | CLOSING | {"I"}
REMEDY = "correct the line, or name the columns and the separator that the file has"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a column file keeps what, and how its labels are written.

    Attributes:
        token: Which column holds the token, from 0; from the last where negative.
        label: Which holds the label.
        separator: What stands between columns; None takes tabs where the file's first token has
            any, else runs of blanks.
        prefixed: Whether labels carry a prefix, `B-place`. Without, neighbours with one label
            are one span.
    """

    token: int = 0
    label: int = -1
    separator: str | None = None
    prefixed: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """One line: what stands in the text, and the label's prefix and name, both "" outside."""

    form: str
    prefix: str
    name: str


def read_conll(
    path: Path, columns: Columns | None = None, *, remedy: str = REMEDY
) -> Iterator[LabelledConversation]:
    """Yield the sentences of a column file as labelled conversations, in file order.

    A turn's text is its tokens between single blanks; what cannot be seen (an emoji that somebody's
    encoding lost) is an empty token and leaves two. A label that goes on with a span that is not
    open starts one, as in the scorer of CoNLL-2003.

    Args:
        path: A UTF-8 file. Lines of nothing but white space end a sentence, tabs included.
        columns: Where it keeps what; None takes the first and the last column.
        remedy: What an error message advises.

    Raises:
        InputError: The file is missing or holds no token, a line has more or fewer columns than
            the first, or a label is none.
    """
    if not path.is_file():
        raise InputError(
            str(path), found="no such file", expected="a file of tokens and labels", remedy=remedy
        )
    return _read(path, _Lines(path, columns or Columns(), remedy))


@dataclass(slots=True)
class _Lines:
    """Reads lines of one file, which must all have the columns of its first."""

    path: Path
    columns: Columns
    remedy: str
    separator: str | None = None
    width: int = 0

    def token(self, line: str, number: int) -> Token:
        if not self.width:
            self.separator = self.columns.separator or ("\t" if "\t" in line else None)
        fields = line.rstrip("\r\n").split(self.separator)
        self.width = self.width or self._checked_width(fields, number)
        if len(fields) != self.width:
            raise self._fault(number, f"{len(fields)} columns", f"{self.width} columns")
        form, label = fields[self.columns.token].strip(), fields[self.columns.label]
        if not form and label != OUTSIDE:
            raise self._fault(number, f"label {quoted(label)} of no token", "a token")
        return Token(form, *self._parts(label, number))

    def nothing(self) -> InputError:
        return self._fault(None, "no token", "at least one")

    def _checked_width(self, fields: Sequence[str], number: int) -> int:
        needed = max(
            2, *(c + 1 if c >= 0 else -c for c in (self.columns.token, self.columns.label))
        )
        if len(fields) < needed:
            raise self._fault(number, f"{len(fields)} columns", f"at least {needed}")
        return len(fields)

    def _parts(self, label: str, number: int) -> tuple[str, str]:
        if label == OUTSIDE:
            return "", ""
        if not self.columns.prefixed and label.strip():
            return "I", label
        prefix, _, name = label.partition("-")
        if prefix not in PREFIXES or not name:
            expected = f"{OUTSIDE}, or a prefix and a name as in 'B-place'"
            raise self._fault(number, f"label {quoted(label)}", expected)
        return prefix, name

    def _fault(self, number: int | None, found: str, expected: str) -> InputError:
        return InputError(
            str(self.path), number, found=found, expected=expected, remedy=self.remedy
        )


def _read(path: Path, lines: _Lines) -> Iterator[LabelledConversation]:
    documents = False
    sentences: list[tuple[int, list[Token]]] = []  # the line of each sentence's first token
    sentence: list[Token] = []
    count = 0
    for number, line in read_lines(path, remedy=lines.remedy):
        if line.split(maxsplit=1)[:1] == [DOCUMENT]:
            documents, sentence = True, []
        elif not line.strip():
            sentence = []
        else:
            if not sentence:
                sentences.append((number, sentence))
            sentence.append(lines.token(line, number))
            continue
        # A sentence has ended, and with it, where nothing binds sentences together, a conversation.
        if sentences and (not documents or line.strip()):
            yield _conversation(path, count, sentences)
            count += 1
            sentences = []
    if sentences:
        yield _conversation(path, count, sentences)
    elif not count:
        raise lines.nothing()


def _conversation(
    path: Path, index: int, sentences: Sequence[tuple[int, Sequence[Token]]]
) -> LabelledConversation:
    turns = tuple(Turn(" ".join(t.form for t in tokens), line=line) for line, tokens in sentences)
    labels = tuple(TurnLabels(entities=tuple(_spans(tokens))) for _, tokens in sentences)
    conversation = Conversation(f"{path.stem}/{index}", turns, source=str(path))
    return LabelledConversation(conversation, labels)


def _spans(tokens: Sequence[Token]) -> Iterator[EntitySpan]:
    opened: tuple[int, int, str] | None = None  # start, end so far and name
    place = 0
    for token in tokens:
        end = place + len(token.form)
        goes_on = opened is not None and opened[2] == token.name and token.prefix not in OPENING
        if opened is not None and not goes_on:
            yield EntitySpan(*opened)
        opened = (
            (opened[0] if opened and goes_on else place, end, token.name) if token.name else None
        )
        if opened is not None and token.prefix in CLOSING:
            yield EntitySpan(*opened)
            opened = None
        place = end + 1  # the blank before the next token
    if opened is not None:
        yield EntitySpan(*opened)
