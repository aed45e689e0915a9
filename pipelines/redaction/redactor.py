"""Annotated conversations with placeholders for everybody and everything personal in them.

    i am Ana Lee, mail ana@example.org   →   i am PERSON_1, mail EMAIL_1

What the entity tagger finds, what is recognised by its form, speakers' names and values of
personal slots are replaced wherever they occur in the conversation; offsets fit the new text.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import Any, Self

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, Evidence, SlotValue, StateChange, TurnLabels
from nlp_lstm.values.written import find_written
from pipelines.annotation import AnnotatedConversation, TurnAnnotation
from pipelines.pipeline import ConversationPipeline
from pipelines.redaction.labels import Redaction, form_placeholder
from pipelines.redaction.occurrences import Place
from pipelines.redaction.rewriting import Cut, Rewritten, rewrite
from pipelines.redaction.vault import Entry, Vault

# Turns of a conversation whose old and new offsets are both known; older evidence is dropped.
MOST_TURNS = 200
# Values of personal slots, and ones whose words were redacted, by slot and value.
MOST_VALUES = 500
# The belief state's word for a slot whose value does not matter.
DONTCARE = "dontcare"


@dataclass(slots=True)
class Redacting:
    """What is remembered of a conversation while it is redacted; bounded in size.

    Attributes:
        vault: Texts and placeholders.
        values: What stands for a slot's value, where its words were redacted.
        turns: Old and new offsets of the last turns in which something was redacted.
        forgotten: Turns before this one may have been redacted, nobody knows how.
    """

    vault: Vault = field(default_factory=Vault)
    values: OrderedDict[tuple[str, str], str] = field(default_factory=OrderedDict)
    turns: OrderedDict[int, Rewritten] = field(default_factory=OrderedDict)
    forgotten: int = 0

    def bound(self) -> None:
        """Forget what is oldest where there is too much."""
        self.vault.bound()
        while len(self.values) > MOST_VALUES:
            self.values.popitem(last=False)
        while len(self.turns) > MOST_TURNS:
            self.forgotten = 1 + self.turns.popitem(last=False)[0]

    def to_facts(self) -> dict[str, Any]:
        """As JSON types; `from_facts` undoes it."""
        return {
            "vault": self.vault.to_facts(),
            "values": [[slot, value, said] for (slot, value), said in self.values.items()],
            # Of an earlier turn only the offsets are asked for.
            "turns": [
                [turn, [astuple(cut) for cut in rewritten.cuts]]
                for turn, rewritten in self.turns.items()
            ],
            "forgotten": self.forgotten,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """What `to_facts` wrote.

        Raises:
            KeyError, TypeError, ValueError: It did not write that.
        """
        return cls(
            Vault.from_facts(facts["vault"]),
            OrderedDict(((slot, value), said) for slot, value, said in facts["values"]),
            OrderedDict(
                (turn, Rewritten("", tuple(Cut(*cut) for cut in cuts)))
                for turn, cuts in facts["turns"]
            ),
            int(facts["forgotten"]),
        )


@dataclass(frozen=True, slots=True)
class Redacted:
    """A conversation after redaction, and what was replaced in it, in order of appearance."""

    annotated: AnnotatedConversation
    entries: tuple[Entry, ...]


class Redactor:
    """Replaces what is personal.

    Args:
        redaction: What that is.
        slots: Names of the belief state's personal slots, and what stands for their values.
    """

    def __init__(self, redaction: Redaction, slots: Mapping[str, str] | None = None) -> None:
        self._redaction = redaction
        self._forms = redaction.forms()
        self._slots = slots or {}

    @classmethod
    def of(cls, redaction: Redaction, pipeline: ConversationPipeline) -> "Redactor":
        """One that knows which slots of a pipeline's tracker are personal."""
        schema = getattr(pipeline.components.get("states"), "schema", None)
        named = {
            slot.name: redaction.slot_placeholder(slot.name, getattr(slot, "kind", None))
            for slot in getattr(schema, "slots", ())
        }
        return cls(redaction, {slot: kind for slot, kind in named.items() if kind is not None})

    def conversation(self, annotated: AnnotatedConversation) -> Redacted:
        """Redact a whole conversation: what one turn tells is replaced in all of them."""
        memory = Redacting()
        conversation = annotated.conversation
        for turn in conversation.turns:
            self._hide_speaker(turn, memory.vault)
        if annotated.failure is None:
            for turn, annotation in zip(conversation.turns, annotated.turns, strict=True):
                self._hide(turn, annotation.labels, memory.vault)
        else:
            for turn in conversation.turns:
                self._hide(turn, TurnLabels(), memory.vault)
        self._hide_written(conversation.id, memory.vault)
        pairs = [self._redact(t, a, memory) for t, a in _padded(annotated)]
        failure = annotated.failure
        redacted = _renamed(conversation, tuple(turn for turn, _ in pairs), memory.vault)
        if failure is not None:
            failure = replace(failure, conversation=redacted.id, source=redacted.source)
        turns = tuple(annotation for _, annotation in pairs) if failure is None else ()
        entries = tuple(memory.vault.take_fresh())
        return Redacted(AnnotatedConversation(redacted, turns, failure), entries)

    def turn(
        self, memory: Redacting, turn: Turn, annotation: TurnAnnotation
    ) -> tuple[Turn, TurnAnnotation]:
        """Redact the next turn of a conversation; `memory` learns what it tells.

        Raises:
            RuntimeError: The entity model failed, so that nobody knows what is personal.
        """
        if "entities" in annotation.failed:
            raise RuntimeError("no entities could be told, so nothing could be redacted")
        self._hide_speaker(turn, memory.vault)
        self._hide(turn, annotation.labels, memory.vault)
        redacted = self._redact(turn, annotation, memory)
        memory.bound()
        return redacted

    def name(self, memory: Redacting, name: str, number: int) -> str:
        """A conversation's name, made another where it tells who somebody is.

        Args:
            memory: Of the conversation.
            name: Its own.
            number: Keeps it apart from others that are redacted to the same.
        """
        self._hide_written(name, memory.vault)
        scrubbed = memory.vault.scrub(name)
        return name if scrubbed == name else f"{scrubbed}-{number}"

    def _hide_speaker(self, turn: Turn, vault: Vault) -> None:
        if not turn.speaker or self._redaction.placeholder("person") is None:
            return
        if not self._hide_written(turn.speaker, vault):
            vault.hide_speaker(turn.speaker)

    def _hide_written(self, text: str, vault: Vault) -> bool:
        found = [one for one in find_written(text, self._forms) if one.kind != "url"]
        for one in found:
            vault.hide(form_placeholder(one.kind), text[one.start : one.end], one.value)
        return bool(found)

    def _hide(self, turn: Turn, labels: TurnLabels, vault: Vault) -> None:
        # Its form says for certain what a thing is; a tagger may call a telephone number a card.
        for found in (self._written(turn.text), self._tagged(labels.entities or ())):
            for start, end, kind, value in found:
                vault.hide(kind, turn.text[start:end], value)
        for change in labels.changes or ():
            if change.value is not None:
                self._hide_value(change.slot, change.raw or change.value, change.value, vault)
        for held in labels.state or ():
            self._hide_value(held.slot, held.value, held.value, vault)

    def _hide_value(self, slot: str, said: str, value: str, vault: Vault) -> None:
        kind = self._slots.get(slot)
        if kind is not None and value != DONTCARE:
            vault.hide(kind, said, value)

    def _tagged(self, entities: Iterable[EntitySpan]) -> Iterable[tuple[int, int, str, str | None]]:
        for span in entities:
            kind = self._redaction.placeholder(span.label)
            if kind is not None and span.confidence >= self._redaction.least_confidence:
                yield span.start, span.end, kind, span.value

    def _written(self, text: str) -> Iterable[tuple[int, int, str, str | None]]:
        for one in find_written(text, self._forms):
            yield one.start, one.end, form_placeholder(one.kind), one.value

    def _redact(
        self, turn: Turn, annotation: TurnAnnotation, memory: Redacting
    ) -> tuple[Turn, TurnAnnotation]:
        vault, labels = memory.vault, annotation.labels
        rewritten = rewrite(
            turn.text, [*vault.places(turn.text), *self._whole(turn, labels, vault)]
        )
        if rewritten.cuts:
            memory.turns[annotation.index] = rewritten
        redacted = replace(turn, text=rewritten.text, speaker=vault.speaker(turn.speaker), meta={})
        entities = labels.entities
        changes = labels.changes
        if changes is not None:
            changes = tuple(self._change(change, memory) for change in changes)
        state = labels.state
        if state is not None:
            state = tuple(
                SlotValue(held.slot, self._value(held.slot, held.value, memory)) for held in state
            )
        return redacted, replace(
            annotation,
            labels=replace(
                labels,
                entities=None if entities is None else _moved(entities, rewritten, vault),
                changes=changes,
                state=state,
            ),
        )

    def _whole(self, turn: Turn, labels: TurnLabels, vault: Vault) -> Iterable[Place]:
        """Tagged spans as a whole, their marks and words of no name included."""
        for start, end, kind, value in self._tagged(labels.entities or ()):
            placeholder = vault.hide(kind, turn.text[start:end], value)
            if placeholder is not None:
                yield Place(start, end, placeholder)

    def _change(self, change: StateChange, memory: Redacting) -> StateChange:
        said, vault = change.evidence, memory.vault
        value, raw = change.value, change.raw
        evidence = said
        if said is not None and said.turn in memory.turns:
            rewritten = memory.turns[said.turn]
            start, end = rewritten.span(said.start, said.end)
            evidence = Evidence(said.turn, start, end)
            cut = rewritten.touched(said.start, said.end)
            if cut is not None and change.operation != "dontcare":
                raw = None if raw is None else _scrubbed_or(raw, cut.placeholder, vault)
                if value is not None:
                    key = change.slot, value
                    memory.values[key] = _scrubbed_or(value, cut.placeholder, vault)
                    memory.values.move_to_end(key)
        elif said is not None and said.turn < memory.forgotten:
            evidence = None
        return replace(
            change,
            value=None if value is None else self._value(change.slot, value, memory),
            raw=None if raw is None else vault.scrub(raw),
            evidence=evidence,
        )

    def _value(self, slot: str, value: str, memory: Redacting) -> str:
        return memory.values.get((slot, value)) or memory.vault.scrub(value)


def _scrubbed_or(text: str, placeholder: str, vault: Vault) -> str:
    scrubbed = vault.scrub(text)
    return placeholder if scrubbed == text else scrubbed


def _moved(
    entities: Iterable[EntitySpan], rewritten: Rewritten, vault: Vault
) -> tuple[EntitySpan, ...]:
    moved: list[EntitySpan] = []
    for span in entities:
        start, end = rewritten.span(span.start, span.end)
        if moved and start < moved[-1].end:
            continue  # both have become a part of one placeholder
        value = span.value
        if value is not None:
            is_cut = rewritten.touched(span.start, span.end) is not None
            value = rewritten.text[start:end] if is_cut else vault.scrub(value)
        moved.append(replace(span, start=start, end=end, value=value))
    return tuple(moved)


def _padded(annotated: AnnotatedConversation) -> Iterable[tuple[Turn, TurnAnnotation]]:
    turns = annotated.conversation.turns
    if annotated.failure is None:
        return zip(turns, annotated.turns, strict=True)
    return ((turn, TurnAnnotation(i, TurnLabels(), 0)) for i, turn in enumerate(turns))


def _renamed(conversation: Conversation, turns: tuple[Turn, ...], vault: Vault) -> Conversation:
    source, name = conversation.source, vault.scrub(conversation.id)
    source = None if source is None else vault.scrub(source)
    if name != conversation.id:
        # Two conversations that are redacted to one name stay two: by what is left of them.
        digest = hashlib.sha256(repr((source, [(t.line, t.text) for t in turns])).encode())
        name = f"{name}-{digest.hexdigest()[:8]}"
    notes = [vault.scrub(str(note)) for note in conversation.meta.get("notes", ())]
    meta = {"notes": notes} if notes else {}
    return Conversation(name, turns, source, meta)
