"""What all three components promise, and the memory that they carry from turn to turn."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, get_args

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from corpora.conversation import Conversation, Turn
from corpora.labels import TurnLabels
from nlp_lstm.artefact import Artefact, ArtefactError

Task = Literal["states", "entities", "sentiment"]
TASKS: tuple[Task, ...] = get_args(Task)


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What a component remembers of one conversation: a value, never changed, bounded in size.

    Attributes:
        fingerprint: Of the artefact that wrote it; another model's memory is refused.
        turns: How many turns it has read.
        tokens: How many words it has read.
        arrays: The recurrent state; of NumPy, so that whatever computes with it can read it.
        facts: What is not an array (the belief state, say); JSON types only.
    """

    fingerprint: str
    turns: int
    tokens: int
    arrays: Mapping[str, npt.NDArray[Any]]
    facts: Mapping[str, Any]

    def to_bytes(self) -> bytes:
        """The memory as a safetensors file."""
        facts = {
            "fingerprint": self.fingerprint,
            "turns": self.turns,
            "tokens": self.tokens,
            "facts": dict(self.facts),
        }
        whole = {name: np.ascontiguousarray(array) for name, array in self.arrays.items()}
        return save_arrays(whole, metadata={"memory": json.dumps(facts)})

    @classmethod
    def from_bytes(cls, stored: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            ArtefactError: `stored` is not a memory.
        """
        try:
            # Copies: what was loaded is a view of `stored`, which nobody may write to.
            arrays = {name: array.copy() for name, array in load_arrays(stored).items()}
            length = int.from_bytes(stored[:8], "little")
            header = json.loads(stored[8 : 8 + length])
            facts = json.loads(header["__metadata__"]["memory"])
            return cls(
                fingerprint=str(facts["fingerprint"]),
                turns=int(facts["turns"]),
                tokens=int(facts["tokens"]),
                arrays=arrays,
                facts=dict(facts["facts"]),
            )
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise ArtefactError(
                "memory",
                found=f"{len(stored)} bytes that are no memory ({error})",
                expected="what Memory.to_bytes wrote",
                remedy="start the conversation anew",
            ) from error


def check_memory(memory: Memory, fingerprint: str) -> None:
    """Refuse a memory that another model wrote.

    Raises:
        ArtefactError: The fingerprints differ.
    """
    if memory.fingerprint != fingerprint:
        raise ArtefactError(
            "memory",
            found=f"a memory of model {memory.fingerprint}",
            expected=f"one of model {fingerprint}",
            remedy="load the model that wrote it, or start the conversation anew",
        )


@dataclass(frozen=True, slots=True)
class Identity:
    """Which model it is.

    Attributes:
        name: The artefact's: `states-multiwoz`.
        fingerprint: Of the artefact; memories and case ids carry it.
        validated_tokens: Longest context, in words, for which its quality was measured.
    """

    name: str
    fingerprint: str
    validated_tokens: int

    @classmethod
    def of(cls, artefact: Artefact) -> Self:
        """That of an artefact.

        Raises:
            KeyError: It does not say for which context it was measured.
        """
        validated = int(artefact.config["validated_tokens"])
        return cls(artefact.name, artefact.fingerprint, validated)


class Identified:
    """What says which model it is, as a `Component` does."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity

    @property
    def name(self) -> str:
        """The artefact's name."""
        return self.identity.name

    @property
    def fingerprint(self) -> str:
        """Of the artefact."""
        return self.identity.fingerprint

    @property
    def validated_tokens(self) -> int:
        """Longest context, in words, for which its quality was measured."""
        return self.identity.validated_tokens


class Component(Protocol):
    """A model of one task over conversations.

    `annotate` is batched, and gives what stepping through each conversation gives:
    equal labels, confidences within 1e-5.
    """

    @property
    def name(self) -> str:
        """The artefact's name: `states-multiwoz`."""

    @property
    def task(self) -> Task:
        """Which part of `TurnLabels` it fills."""

    @property
    def fingerprint(self) -> str:
        """Of the artefact; memories and case ids carry it."""

    @property
    def validated_tokens(self) -> int:
        """Longest context, in words, for which its quality was measured."""

    def start(self) -> Memory:
        """The memory before the first turn."""

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        """Annotate the next turn of the conversation that `memory` has read.

        Raises:
            ArtefactError: `memory` is another model's.
        """

    def annotate(self, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
        """Annotate whole conversations: one list a conversation, one `TurnLabels` a turn."""
