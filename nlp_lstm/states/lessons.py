"""What teachers make of training steps: shares of values, few of them, kept small.

Nearly all slots of a step hold what they held, and teachers are sure of it: of the hundreds of
candidates of a step some forty are worth keeping.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What teachers think that the slots hold after one step.

    Attributes:
        slots: The slot of each entry, ascending; every slot has at least one. (E,)
        values: Its value number. (E,)
        shares: Its probability; those of a slot add up to 1. (E,)
    """

    slots: npt.NDArray[np.int16]
    values: npt.NDArray[np.int32]
    shares: npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """The lessons of a batch.

    Attributes:
        cells: Row times slots plus slot of each entry, as in `StepBatch`. (E,) int64
        values: Its value number. (E,) int64
        shares: Its probability. (E,)
    """

    cells: Tensor
    values: Tensor
    shares: Tensor


def batch_lessons(group: Sequence[Sequence[Lesson]], slots: int) -> Lessons:
    """Lay out the lessons of whole conversations.

    Args:
        group: Of each step of each conversation.
        slots: How many there are.
    """
    C = len(group)
    rows = [t * C + c for c, lessons in enumerate(group) for t in range(len(lessons))]
    every = [lesson for lessons in group for lesson in lessons]
    firsts = np.repeat(np.array(rows) * slots, [len(lesson.slots) for lesson in every])
    return Lessons(
        cells=torch.from_numpy(firsts + np.concatenate([lesson.slots for lesson in every])),
        values=torch.from_numpy(np.concatenate([lesson.values for lesson in every]).astype(int)),
        shares=torch.from_numpy(
            np.concatenate([lesson.shares for lesson in every]).astype(np.float32)
        ),
    )


def save_lessons(lessons: Sequence[Lesson], path: Path, key: str) -> None:
    """Write lessons under the key of what they were made from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        "counts": np.array([len(lesson.slots) for lesson in lessons], dtype=np.int32),
        "slots": np.concatenate([lesson.slots for lesson in lessons]),
        "values": np.concatenate([lesson.values for lesson in lessons]),
        "shares": np.concatenate([lesson.shares for lesson in lessons]),
    }
    partial = path.with_name(f"{path.name}.partial")
    save_file({name: torch.from_numpy(c) for name, c in columns.items()}, partial, {"key": key})
    partial.replace(path)


def load_lessons(path: Path, key: str) -> list[Lesson] | None:
    """Read lessons; None where there are none, or none that were made from the same."""
    try:
        with safe_open(path, framework="np") as stored:
            if (stored.metadata() or {}).get("key") != key:
                return None
            counts = stored.get_tensor("counts")
            columns = [stored.get_tensor(name) for name in ("slots", "values", "shares")]
    except (SafetensorError, OSError):
        return None
    bounds = np.cumsum(counts)[:-1]
    parts = (np.split(column, bounds) for column in columns)
    return [Lesson(*entries) for entries in zip(*parts, strict=True)]
