"""A conversation's thread as the value that callers keep, and back."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_args

import torch

from corpora.labels import Evidence, Source
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Memory
from nlp_lstm.states.described.belief import Belief, Held, Mention, Offer
from nlp_lstm.states.described.cursor import Carried, Thread
from nlp_lstm.states.reading import Pending


def to_memory(thread: Thread, fingerprint: str) -> Memory:
    """A thread as the value that callers keep."""
    carried, belief = thread.carried, thread.belief
    return Memory(
        fingerprint=fingerprint,
        turns=thread.turns,
        tokens=thread.tokens,
        arrays={
            "turns.hidden": carried.turns[0].numpy(),
            "turns.cell": carried.turns[1].numpy(),
            "slots.hidden": carried.slots[0].numpy(),
            "slots.cell": carried.slots[1].numpy(),
        },
        facts={
            "view": list(thread.view),
            "confidence": list(carried.confidence),
            "pending": [list(pending) for pending in thread.pending],
            "step": belief.step,
            "held": [
                [slot, held.value, held.raw, held.words, held.source, _place(held.evidence)]
                for slot, values in belief.held.items()
                for held in values
            ],
            "offers": [
                [slot, offer.raw, offer.words, offer.step, _place(offer.evidence)]
                for slot, offer in belief.offers.items()
            ],
            "mentioned": [
                [slot, mention.value, mention.raw, _place(mention.evidence)]
                for slot, mention in belief.mentioned.items()
            ],
            "changed": sorted(belief.changed),
        },
    )


def from_memory(memory: Memory) -> Thread:
    """The thread that a memory holds.

    Raises:
        ArtefactError: The memory is damaged.
    """
    facts = memory.facts
    try:
        tensors = {name: torch.from_numpy(array) for name, array in memory.arrays.items()}
        return Thread(
            turns=memory.turns,
            tokens=memory.tokens,
            view=tuple(map(int, facts["view"])),
            pending=tuple(Pending(*item) for item in facts["pending"]),
            belief=_belief(facts),
            carried=Carried(
                turns=(tensors["turns.hidden"], tensors["turns.cell"]),
                slots=(tensors["slots.hidden"], tensors["slots.cell"]),
                confidence=tuple(map(float, facts["confidence"])),
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(
            "memory",
            found=f"a memory without {error}",
            expected="what a tracker of described slots remembers",
            remedy="start the conversation anew",
        ) from error


def _belief(facts: Mapping[str, Any]) -> Belief:
    held: dict[int, tuple[Held, ...]] = {}
    for slot, value, raw, words, source, place in facts["held"]:
        one = Held(value, raw, _evidence(place), _source(source), words)
        held[slot] = (*held.get(slot, ()), one)
    return Belief(
        step=int(facts["step"]),
        held=MappingProxyType(held),
        offers=MappingProxyType(
            {
                slot: Offer(raw, Evidence(*place), step, words)
                for slot, raw, words, step, place in facts["offers"]
            }
        ),
        mentioned=MappingProxyType(
            {
                slot: Mention(value, raw, Evidence(*place))
                for slot, value, raw, place in facts["mentioned"]
            }
        ),
        changed=frozenset(facts["changed"]),
    )


def _source(name: str) -> Source:
    if name not in get_args(Source):
        raise ValueError(f"a source, but {name!r}")
    known: Source = name  # type: ignore[assignment]  # one of them, as was just seen
    return known


def _place(evidence: Evidence | None) -> list[int] | None:
    return None if evidence is None else [evidence.turn, evidence.start, evidence.end]


def _evidence(place: list[int] | None) -> Evidence | None:
    return None if place is None else Evidence(*place)
