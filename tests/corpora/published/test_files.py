"""What every published corpus is checked for: its files, their encoding and their columns."""

import re
from pathlib import Path

import pytest

from corpora.errors import InputError
from corpora.published.files import read_lines, read_table, required


def test_a_missing_file_is_named_in_full(tmp_path: Path) -> None:
    path = tmp_path / "star" / "train.tsv"

    with pytest.raises(InputError, match=re.escape(f"{path}: found no such file")):
        required(path)


def test_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes("one\u2028still\x0cone\r\n\ntwo".encode())

    assert list(read_lines(path)) == [(1, "one\u2028still\x0cone"), (2, ""), (3, "two")]


def test_a_row_says_where_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b'text,kind\r\n"two\nlines",a\r\n"say ""hi""",b\r\n')

    rows = [(row.line, row.fields["text"]) for row in read_table(path, ("text", "kind"))]

    assert rows == [(2, "two\nlines"), (4, 'say "hi"')]


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        pytest.param(b"", 1, "no column 'text', 'kind'", id="nothing"),
        pytest.param(b"text,sort\nhi,a\n", 1, "no column 'kind'", id="another header"),
        pytest.param(b"text,kind\nhi,a\nhi\n", 3, "1 columns", id="a row too short"),
        pytest.param(b"text,kind\nhi,a,b\n", 2, "3 columns", id="a row too long"),
        pytest.param(b"text,kind\n\nhi,a\n", 2, "0 columns", id="an empty row"),
        pytest.param(b'text,kind\nhi,"a\n', 2, "broken quoting", id="a quote never closed"),
        pytest.param(b'text,kind\n"h"i,a\n', 2, "broken quoting", id="text after a quote"),
        pytest.param(b"text,kind\n\xff,a\n", None, "bytes that are no UTF-8", id="no UTF-8"),
    ],
)
def test_a_table_of_another_shape_is_refused(
    tmp_path: Path, content: bytes, line: int | None, found: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)

    with pytest.raises(InputError, match=re.escape(found)) as caught:
        list(read_table(path, ("text", "kind")))

    assert line is None or caught.value.line == line
