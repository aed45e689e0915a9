"""What fuzzing starts from: the samples, each in its own format, and packed."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator
from pathlib import Path

import zstandard

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (ROOT / "tests" / "samples" / "transcripts", ROOT / "pipelines" / "samples")
CASES = Path(__file__).parent / "cases"


def seeds(target: str) -> Iterator[bytes]:
    """Documents for a target: a format's, all for `auto`, packed ones for the others."""
    files = [path for folder in FOLDERS for path in sorted(folder.rglob("*")) if path.is_file()]
    if target == "archive":
        yield _zip([path for path in files if "slack" in str(path)], FOLDERS[0] / "slack-export")
        yield _zip([FOLDERS[1] / "whatsapp.txt", FOLDERS[1] / "booking.txt"], FOLDERS[1])
        yield _zip([path for path in files if "convokit" in str(path)], FOLDERS[0])
        return
    for path in files:
        content = path.read_bytes()
        if target == "packed":
            if len(content) < 1500:
                yield from (gzip.compress(content), bz2.compress(content), lzma.compress(content))
                yield zstandard.ZstdCompressor().compress(content)
        elif target == "auto" or format_of(path) == target:
            yield content
    yield from (path.read_bytes() for path in sorted((CASES / target).glob("*")))


def format_of(path: Path) -> str | None:
    """The format that a sample is in."""
    from corpora.errors import InputError
    from corpora.transcripts.detect import detect_format
    from corpora.transcripts.text import Text

    with path.open("rb") as stream:
        try:
            found = detect_format(Text(stream, path.name, path.name), {})
        except InputError:
            return None
    return found.name if found is not None else None


def _zip(files: list[Path], root: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.writestr(path.relative_to(root).as_posix(), path.read_bytes())
    return packed.getvalue()
