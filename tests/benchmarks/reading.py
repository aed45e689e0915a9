"""Turns a second that reading alone gives, on one core, and the memory it holds meanwhile.

    python -m tests.benchmarks.reading [--turns 400000] [--flat]

`--flat` compares the resident memory after 1,000 and after 200,000 conversations, each size in a
process of its own. The best of three counts: other work on the machine only ever slows.
"""

import argparse
import gzip
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import orjson

from corpora.transcripts import read_transcript

SAYINGS = (
    "my order never came, it was due on Friday",
    "I am sorry to hear that. What is the order number?",
    "88213",
    "Thank you. It left our house on 12 March; where should we send a new one?",
    "to 14 Mill Lane, Cambridge, please – and before 5 pm 🙂",
    "ok",
)
TURNS_A_TALK = 12
RUNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=400_000)
    parser.add_argument("--flat", action="store_true")
    parser.add_argument("--hold", type=int, help="used by --flat: read this many and say how much")
    options = parser.parse_args()
    if options.hold:
        print(_resident(options.hold))
        return
    if options.flat:
        for talks in (1_000, 200_000):
            command = [sys.executable, "-m", "tests.benchmarks.reading", "--hold", str(talks)]
            megabytes = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            print(f"{talks:>9,} conversations: {megabytes.strip()} MB resident at most")
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, write in WRITERS.items():
            path = Path(folder, name)
            write(path, options.turns)
            size = path.stat().st_size / 1e6
            best = max(_speed(path, options.turns) for _ in range(RUNS))
            print(f"{name:<20} {best:>12,.0f} turns a second   {size:.0f} MB")


def _speed(path: Path, turns: int) -> float:
    started = time.process_time()  # on a busy machine the clock measures the others
    read = sum(len(talk.turns) for talk in read_transcript(path))
    assert read == turns, f"{read} turns instead of {turns}"
    return turns / (time.process_time() - started)


def _resident(talks: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "talks.jsonl")
        _write_talks(path, talks * TURNS_A_TALK)
        for _ in read_transcript(path):
            pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _said(turns: int) -> Iterator[tuple[int, str, str]]:
    for number in range(turns):
        # The numbers keep a packed file from being taken for a bomb.
        yield (
            number,
            ("Ana", "Ben")[number % 2],
            f"{SAYINGS[number % len(SAYINGS)]} {number * 7919 % 99991}",
        )


def _write_talks(path: Path, turns: int) -> None:
    with path.open("wb") as out:
        said = _said(turns)
        for number in range(-(-turns // TURNS_A_TALK)):
            talk = [{"speaker": who, "role": ROLES[who], "text": text}
                    for _, who, text in islice(said, TURNS_A_TALK)]  # fmt: skip
            out.write(orjson.dumps({"id": f"c-{number}", "turns": talk}) + b"\n")


def _write_turns(path: Path, turns: int) -> None:
    with path.open("wb") as out:
        for number, who, text in _said(turns):
            talk = f"c-{number // TURNS_A_TALK}"
            line = {"conversation": talk, "speaker": who, "role": ROLES[who], "text": text}
            out.write(orjson.dumps(line) + b"\n")


def _write_packed(path: Path, turns: int) -> None:
    plain = path.with_suffix(".plain")
    _write_talks(plain, turns)
    path.write_bytes(gzip.compress(plain.read_bytes(), 6))


def _write_android(path: Path, turns: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        for number, who, text in _said(turns):
            out.write(f"{_date(number)}, {number % 24:02}:{number % 60:02} - {who}: {text}\n")


def _write_ios(path: Path, turns: int) -> None:
    with path.open("w", encoding="utf-8", newline="\r\n") as out:
        for number, who, text in _said(turns):
            clock = f"{number % 24:02}:{number % 60:02}:{number % 60:02}"
            out.write(f"[{_date(number)}, {clock}] {who}: {text}\n")


def _date(number: int) -> str:
    day = number // 2000  # people write a lot
    return f"{day % 28 + 1:02}.{day // 28 % 12 + 1:02}.24"


def _write_csv(path: Path, turns: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write("conversation,speaker,role,text\n")
        for number, who, text in _said(turns):
            out.write(f'{number // TURNS_A_TALK},{who},{ROLES[who]},"{text}"\n')


ROLES = {"Ana": "customer", "Ben": "agent"}
WRITERS: dict[str, Callable[[Path, int], None]] = {
    "talks.jsonl": _write_talks,
    "turns.jsonl": _write_turns,
    "talks.jsonl.gz": _write_packed,
    "whatsapp-android.txt": _write_android,
    "whatsapp-ios.txt": _write_ios,
    "table.csv": _write_csv,
}


if __name__ == "__main__":
    main()
