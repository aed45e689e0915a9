"""Resident memory over ten thousand conversations, all three components.

python -m tests.benchmarks.resident [--data FOLDER] [--conversations 10000]
"""

import argparse
from itertools import islice
from pathlib import Path

from pipelines.calm import calm_torch
from pipelines.pipeline import ConversationPipeline
from tests.benchmarks.chats import chats, endless
from tests.benchmarks.systems import MODELS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with multiwoz2.1 and meld")
    parser.add_argument("--conversations", type=int, default=10_000)
    options = parser.parse_args()
    calm_torch()
    pipeline = ConversationPipeline.load(list(MODELS.values()))
    stream = islice(endless(chats(options.data)), options.conversations)
    tenth = max(1, options.conversations // 10)
    print(f"before the first: {resident_mib():.0f} MiB")
    for number, _ in enumerate(pipeline.annotate(stream), start=1):
        if number % tenth == 0:
            print(f"after {number:,}: {resident_mib():.0f} MiB")


def resident_mib() -> float:
    """This process's resident memory, now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status names no VmRSS")


if __name__ == "__main__":
    main()
