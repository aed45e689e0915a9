"""One of our systems under a bench that drives workers over lines of JSON.

    python -m tests.benchmarks.worker entities|states|sentiment|all TURNS.jsonl

Asked on stdin `{"op": "bench", "limit": N}` it annotates the first N turns at once, whole
conversations together; `{"op": "single", "limit": N}` steps through them one at a time; `stop`
ends it. It answers one line each, after a first line that says how it loaded.
"""

import argparse
import gc
import json
import re
import sys
import time
from itertools import groupby
from pathlib import Path
from typing import Any

import torch

from corpora.conversation import Conversation, Turn
from corpora.roles import assign_roles
from nlp_lstm.artefact import find_artefact
from nlp_lstm.loading import load_component
from pipelines.pipeline import ConversationPipeline
from tests.benchmarks.resident import resident_mib
from tests.benchmarks.systems import MODELS

# What the bench counts as a word, for every system alike.
WORD = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", choices=[*MODELS, "all"])
    parser.add_argument("turns", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    before, started = resident_mib(), time.perf_counter()
    names = list(MODELS.values()) if options.system == "all" else [MODELS[options.system]]
    pipeline = ConversationPipeline([load_component(name) for name in names])
    _answer(
        ready=options.system,
        load_s=time.perf_counter() - started,
        rss_mib=resident_mib() - before,
        disk_mib=sum(_disk_mib(find_artefact(name)) for name in names),
    )
    with options.turns.open(encoding="utf-8") as lines:
        turns = [json.loads(line) for line in lines]
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "stop":
            return
        chosen = turns[: request["limit"]]
        _answer(**(_bench if request["op"] == "bench" else _single)(pipeline, chosen))


def _bench(pipeline: ConversationPipeline, turns: list[dict[str, Any]]) -> dict[str, Any]:
    conversations = _conversations(turns)
    cpu, wall = time.process_time(), time.perf_counter()
    found = sum(len(annotated.turns) for annotated in pipeline.annotate(conversations))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "wall": wall,
        "cpu": cpu,
        "words": sum(len(WORD.findall(turn["text"])) for turn in turns),
        "turns": len(turns),
        "found": found,
        "gflops": None,
        "peak_mib": resident_mib(),
    }


def _single(pipeline: ConversationPipeline, turns: list[dict[str, Any]]) -> dict[str, Any]:
    times = []
    for conversation in _conversations(turns):
        memory = pipeline.start()
        for turn in conversation.turns:
            started = time.perf_counter()
            _, memory = pipeline.step(memory, turn)
            times.append(time.perf_counter() - started)
    return {"times": times, "peak_mib": resident_mib()}


def _conversations(turns: list[dict[str, Any]]) -> list[Conversation]:
    grouped = groupby(turns, key=lambda turn: turn["conversation"])
    spoken = [
        Conversation(str(name), tuple(Turn(turn["text"], str(turn["speaker"])) for turn in held))
        for name, held in grouped
    ]
    # As every transcript reader does: who is told apart as customer and agent decides the steps.
    return [assign_roles(conversation) for conversation in spoken]


def _disk_mib(directory: Path) -> float:
    return sum(path.stat().st_size for path in directory.iterdir()) / 2**20


def _answer(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    main()
