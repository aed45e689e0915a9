"""The publishers' files: found or missed by name, decoded strictly, read row by row."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, get_args

from pydantic import TypeAdapter

from corpora import checked
from corpora.errors import InputError, quoted
from corpora.labels import LabelledConversation

# Those of most publishers, and those of a corpus that is cross-validated.
Split = Literal[
    "train",
    "dev",
    "test",
    "all",
    "fold1-train",
    "fold1-dev",
    "fold1-test",
    "fold2-train",
    "fold2-dev",
    "fold2-test",
    "fold3-train",
    "fold3-dev",
    "fold3-test",
    "fold4-train",
    "fold4-dev",
    "fold4-test",
    "fold5-train",
    "fold5-dev",
    "fold5-test",
]
FOLD_SPLITS: tuple[Split, ...] = tuple(one for one in get_args(Split) if one.startswith("fold"))
PUBLISHED_SPLITS: tuple[Split, ...] = ("train", "dev", "test")
Kind = TypeVar("Kind")
# What reads a corpus: from its root folder, one split, counting what had to be left out.
Reader = Callable[[Path, Split, Counter[str]], Iterator[LabelledConversation]]

AS_PUBLISHED = "take the file from its publisher again, unchanged"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes:
        line: Where it starts, from 1; a quoted field may run over several lines.
        fields: Column name to text, every expected column present.
    """

    line: int
    fields: Mapping[str, str]


def required(path: Path) -> Path:
    """`path` itself, which must be a file.

    Raises:
        InputError: No file stands there.
    """
    if not path.is_file():
        raise InputError(
            str(path),
            found="no such file",
            expected="a file of the corpus in its publisher's layout",
            remedy="name the folder that the corpus was unpacked into",
        )
    return path


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a published file, numbered from 1; see `corpora.checked.read_lines`."""
    return checked.read_lines(path, remedy=AS_PUBLISHED)


def read_table(path: Path, columns: Sequence[str], *, delimiter: str = ",") -> Iterator[Row]:
    r"""Yield the rows of a table with a header line and fields that may be quoted with `"`.

    Args:
        path: A UTF-8 file.
        columns: The columns that must be there; others are left out of the rows.
        delimiter: What stands between two fields.

    Raises:
        InputError: Bad encoding or quoting, a column missing, a row of another width.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            header = next(reader, [])
            places = _places(header, columns, path)
            starts = reader.line_num + 1
            for fields in reader:
                if len(fields) != len(header):
                    raise wrong_width(path, starts, len(fields), len(header))
                yield Row(starts, {name: fields[place] for name, place in places.items()})
                starts = reader.line_num + 1
        except csv.Error as error:
            raise InputError(
                str(path),
                reader.line_num,
                found=f"broken quoting ({error})",
                expected='fields quoted with "',
                remedy=AS_PUBLISHED,
            ) from None
        except UnicodeDecodeError as error:
            raise checked.not_utf8(path, reader.line_num + 1, error, remedy=AS_PUBLISHED) from None


def read_json(path: Path, kind: TypeAdapter[Kind]) -> Kind:
    """The content of a JSON file, of the declared kind.

    Raises:
        InputError: It is not JSON, or not of that kind.
    """
    return checked.parse_json(path.read_bytes(), kind, str(path), remedy=AS_PUBLISHED)


def wrong_width(path: Path, line: int, found: int, expected: int) -> InputError:
    """The error for a row with too many or too few columns."""
    return InputError(
        str(path),
        line,
        found=f"{found} columns",
        expected=f"{expected} columns",
        remedy=AS_PUBLISHED,
    )


def unknown_label(path: Path, line: int, found: str, expected: Sequence[str]) -> InputError:
    """The error for a label that the publisher does not list."""
    return InputError(
        str(path),
        line,
        found=f"label {quoted(found)}",
        expected=f"one of {', '.join(expected)}",
        remedy=AS_PUBLISHED,
    )


def _places(header: Sequence[str], columns: Sequence[str], path: Path) -> dict[str, int]:
    missing = [column for column in columns if column not in header]
    if missing:
        raise InputError(
            str(path),
            1,
            found=f"no column {', '.join(map(quoted, missing))}",
            expected=f"a header line with {', '.join(columns)}",
            remedy=AS_PUBLISHED,
        )
    return {column: header.index(column) for column in columns}
