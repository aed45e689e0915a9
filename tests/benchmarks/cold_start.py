"""Seconds from typing a command to its answer, in fresh processes.

python -m tests.benchmarks.cold_start [--rounds 5]
"""

import argparse
import statistics
import subprocess
import sys
import time

from tests.benchmarks.chats import SAMPLES

PROGRAM = [sys.executable, "-c", "from pipelines.cli.app import main; main()"]
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import torch'": [sys.executable, "-c", "import torch"],
    "nlp-lstm --help": [*PROGRAM, "--help"],
    "nlp-lstm analyze booking.txt": [*PROGRAM, "analyze", str(SAMPLES / "booking.txt")],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    took: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            took[name].append(time.perf_counter() - started)
    for name, seconds in took.items():
        print(f"{statistics.median(seconds):6.2f} s  {name}")


if __name__ == "__main__":
    main()
