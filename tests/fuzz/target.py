"""A fuzz target for each reader: any bytes give conversations and errors, and nothing else.

    pip install 'nlp-lstm[fuzz]'
    python -m tests.fuzz.target slack -max_total_time=600
    python -m tests.fuzz.target --list

What is behind the name of the target goes to libFuzzer. It starts from the samples of the format,
and leaves what it finds as crash-* in the current folder: mend the reader, then keep the file in
`tests/fuzz/cases/FORMAT/`, where a test reads it for ever.
"""

import io
import sys
import tempfile
from pathlib import Path

from tests.fuzz.seeds import seeds

EXTRA = ("auto", "archive", "packed")


def main() -> None:
    import atheris

    with atheris.instrument_imports(include=["corpora"]):
        from corpora.transcripts import FORMATS
        from tests.fuzz.reading import read_archive, read_bytes

    names = (*FORMATS, *EXTRA)
    if sys.argv[1:] in ([], ["--list"]):
        print("\n".join(names))
        return
    name, *others = sys.argv[1:]
    if name not in names:
        sys.exit(f"{name!r} is none of {', '.join(names)}")

    def test(content: bytes) -> None:
        if name == "archive":
            read_archive(content)
        else:
            read_bytes(io.BytesIO(content), "auto" if name in EXTRA else name)

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(name)):
            Path(corpus, f"seed-{number}").write_bytes(seed)
        atheris.Setup([sys.argv[0], corpus, "-max_len=4096", "-timeout=20", *others], test)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
