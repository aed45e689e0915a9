"""Every fuzz target, some at once, and what was found.

python -m tests.fuzz.all_targets --seconds 600 --out FOLDER [--at-once 2] [TARGET ...]
"""

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from corpora.transcripts import FORMATS
from tests.fuzz.target import EXTRA


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="all, where none is named")
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--at-once", type=int, default=1, help="targets that run side by side")
    parser.add_argument("--out", type=Path, required=True, help="for logs and findings")
    options = parser.parse_args()
    names = options.targets or (*FORMATS, *EXTRA)
    with ThreadPoolExecutor(options.at_once) as pool:
        runs = [pool.submit(_fuzz, name, options.out / name, options.seconds) for name in names]
        for run in as_completed(runs):
            print(run.result(), flush=True)


def _fuzz(name: str, folder: Path, seconds: int) -> str:
    """Run a target; its log and what it finds go to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.target", name]
    limits = [f"-max_total_time={seconds}", f"-artifact_prefix={folder}/"]
    with (folder / "log").open("w") as log:
        run = subprocess.run(
            [*command, *limits], stdout=subprocess.DEVNULL, stderr=log, check=False
        )
    lines = (folder / "log").read_text(errors="replace").splitlines()
    done = next((line for line in reversed(lines) if line.startswith("Done")), "stopped")
    return f"{name}: {'clean' if run.returncode == 0 else 'FOUND SOMETHING'}, {done}"


if __name__ == "__main__":
    main()
