"""Every fuzz target, one after the other; stops at the end, and says what was found.

python -m tests.fuzz.all_targets --seconds 600 --out FOLDER [FORMAT ...]
"""

import argparse
import subprocess
import sys
from pathlib import Path

from corpora.transcripts import FORMATS
from tests.fuzz.target import EXTRA


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--out", type=Path, required=True, help="for logs and findings")
    options = parser.parse_args()
    for name in options.targets or (*FORMATS, *EXTRA):
        folder = options.out / name
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "tests.fuzz.target", name]
        limits = [f"-max_total_time={options.seconds}", f"-artifact_prefix={folder}/"]
        with (folder / "log").open("w") as log:
            status = subprocess.run([*command, *limits], stderr=log, check=False).returncode
        lines = (folder / "log").read_text(errors="replace").splitlines()
        done = next((line for line in reversed(lines) if line.startswith("Done")), "stopped")
        print(f"{name}: {'clean' if status == 0 else 'FOUND SOMETHING'}, {done}", flush=True)


if __name__ == "__main__":
    main()
