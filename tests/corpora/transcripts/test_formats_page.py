"""docs/formats.md says of every format how it is told."""

import re
from pathlib import Path

from corpora.transcripts import FORMATS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "formats.md"


def test_the_page_has_a_row_for_each_format_and_for_no_other() -> None:
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    firsts = [line.split("|")[1] for line in lines if line.startswith("| `")]
    named = [name for first in firsts for name in re.findall(r"`([^`]+)`", first)]

    assert sorted(set(named) - {"--format"}) == sorted(FORMATS)
