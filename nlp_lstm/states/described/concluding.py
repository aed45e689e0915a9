"""From what the network says of slots to what is believed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from nlp_lstm.states.described.belief import DONTCARE, MOST_HELD, Held
from nlp_lstm.states.described.cursor import Answer, Cursor, Read
from nlp_lstm.states.described.decode import Proposal, Verdict
from nlp_lstm.states.described.plan import SchemaPlan, SlotPlan, spoken
from nlp_lstm.states.described.revision import Rejected, revise
from nlp_lstm.states.described.schema import Setter
from nlp_lstm.states.described.weighing import Named


def hear_agent(plan: SchemaPlan, cursor: Cursor, read: Read, named: Sequence[Named]) -> None:
    """Let an agent's turn set what agents may set."""
    belief = cursor.belief
    confidence = list(cursor.latest_confidence)
    held = dict(belief.held)
    for one in named:
        slot = cursor.view[one.place]
        own = plan.slots[slot]
        if "agent" not in own.slot.set_by or own.values:
            continue
        raw, evidence = read.places.said(one.first, one.last)
        proposal = Proposal(raw, raw, spoken(raw), evidence, "said", one.probability)
        values = _revised(own, held.get(slot, ()), proposal, "agent", read.at)
        if values and values != held.get(slot, ()):
            held[slot] = values
            confidence[one.place] = one.probability
    cursor.belief = replace(belief, held=MappingProxyType(held))
    cursor.answers.append(Answer(cursor.belief, tuple(confidence), []))


def conclude(
    plan: SchemaPlan,
    cursor: Cursor,
    verdicts: Sequence[Verdict],
    stays: Sequence[float],
    requests: list[int],
    at: datetime | None,
) -> None:
    """Take what the network proposes, and how sure the state is then."""
    belief = cursor.belief
    before = cursor.latest_confidence
    confidence = [sure * stay for sure, stay in zip(before, stays, strict=False)]
    held = dict(belief.held)
    for verdict in verdicts:
        slot = cursor.view[verdict.place]
        confidence[verdict.place] = before[verdict.place] * verdict.stays
        if verdict.taken_back and "customer" in plan.slots[slot].slot.set_by:
            kept = tuple(one for one in held.get(slot, ()) if one.words not in verdict.taken_back)
            held[slot] = kept
            confidence[verdict.place] = 1 - verdict.stays
        for proposal in verdict.proposals:
            values = _revised(plan.slots[slot], held.get(slot, ()), proposal, "customer", at)
            if values == held.get(slot, ()):
                continue
            held[slot] = values
            confidence[verdict.place] = proposal.probability
        if not held.get(slot, ()):
            held.pop(slot, None)
    changed = frozenset(
        plan.slots[slot].group
        for slot in {*held, *belief.held}
        if held.get(slot) != belief.held.get(slot)
    )
    cursor.belief = replace(
        belief, step=belief.step + 1, held=MappingProxyType(held), changed=changed
    )
    cursor.answers.append(Answer(cursor.belief, tuple(confidence), requests))


def _revised(
    plan: SlotPlan, held: tuple[Held, ...], proposal: Proposal, by: Setter, at: datetime | None
) -> tuple[Held, ...]:
    """What a slot holds if a proposal is taken; one that does not fit changes nothing."""
    may_set = by in plan.slot.set_by
    if proposal.value is None:
        return () if may_set else held
    if proposal.value == DONTCARE:
        return (_held(proposal, DONTCARE),) if may_set else held
    if len(held) >= MOST_HELD:
        return held
    if not plan.values and proposal.source != "copied":
        if not may_set and proposal.source != "said":
            by = plan.slot.set_by[0]  # who offered it sets it, when it is accepted
        present = [one.value for one in held]
        revision = revise(plan.slot, present, proposal.raw, by=by, at=at)
        if isinstance(revision, Rejected) or revision.values == tuple(present):
            return held  # said again, it stands where it was first said
        known = {one.value: one for one in held} if plan.slot.several else {}
        return tuple(
            known.get(value) or _held(proposal, revision.value) for value in revision.values
        )
    new = _held(proposal, proposal.value)
    others = held if plan.slot.several else ()
    return held if any(one.value == new.value for one in others) else (*others, new)


def _held(proposal: Proposal, value: str) -> Held:
    return Held(value, proposal.raw, proposal.evidence, proposal.source, proposal.words)
