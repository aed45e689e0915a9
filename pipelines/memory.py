"""What a pipeline remembers of a conversation, and its form as bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Memory, Task
from pipelines.composing import Course
from pipelines.tracking import moods_from_facts, moods_to_facts


@dataclass(frozen=True, slots=True, eq=False)
class PipelineMemory:
    """What a pipeline remembers of one conversation: a value, bounded in size.

    Attributes:
        memories: Of each component.
        course: How far the conversation has come.
    """

    memories: Mapping[Task, Memory]
    course: Course = field(default_factory=Course)

    def to_bytes(self) -> bytes:
        """The memory as a safetensors file that holds the components' as bytes."""
        stored = {
            str(task): np.frombuffer(memory.to_bytes(), dtype=np.uint8)
            for task, memory in self.memories.items()
        }
        facts = {
            "turns": self.course.turns,
            "context_tokens": self.course.context_tokens,
            "moods": moods_to_facts(self.course.moods),
            "english": self.course.english,
        }
        return save_arrays(stored, metadata={"pipeline": json.dumps(facts)})

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            ArtefactError: `stored` is no memory of a pipeline.
        """
        try:
            arrays = load_arrays(stored)
            header = json.loads(stored[8 : 8 + int.from_bytes(stored[:8], "little")])
            facts = json.loads(header["__metadata__"]["pipeline"])
            turns, tokens = int(facts["turns"]), int(facts["context_tokens"])
            moods, english = moods_from_facts(facts["moods"]), float(facts["english"])
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise ArtefactError(
                "memory",
                found=f"{len(stored)} bytes that are no memory of a pipeline ({error})",
                expected="what PipelineMemory.to_bytes wrote",
                remedy="start the conversation anew",
            ) from error
        memories = {task: Memory.from_bytes(array.tobytes()) for task, array in arrays.items()}
        return cls(memories, Course(turns, tokens, moods, english))  # type: ignore[arg-type]  # step() checks
