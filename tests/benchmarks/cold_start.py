"""Seconds from typing a command to its answer, in fresh processes: of a clock, and of the CPU.

On a busy machine the CPU says more than the clock; on an idle one both come near each other.

python -m tests.benchmarks.cold_start [--rounds 5]
"""

import argparse
import resource
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
    **{
        f"nlp-lstm {command} --backend {backend}": [*PROGRAM, *words, "--backend", backend]
        for backend in ("torch", "native", "onnx")
        for command, words in {
            "analyze booking.txt": ["analyze", str(SAMPLES / "booking.txt")],
            "stream, one turn": ["stream"],
        }.items()
    },
}
TURN = b'{"role": "customer", "text": "a cheap table in the north for four, please"}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            started, computed = time.perf_counter(), _of_children()
            subprocess.run(command, check=True, capture_output=True, input=TURN)
            took[name].append((time.perf_counter() - started, _of_children() - computed))
    print(" clock    CPU")
    for name, pairs in took.items():
        clock, cpu = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
        print(f"{clock:6.2f} {cpu:6.2f} s  {name}")


def _of_children() -> float:
    """Processor seconds of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
