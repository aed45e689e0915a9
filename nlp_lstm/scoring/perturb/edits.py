"""Changes to a text that its labels survive: what was marked is marked in the new text too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpora.labels import Evidence, LabelledConversation, TurnLabels


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace what stands at [start, end), in code points, by a text; nothing for an insertion."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A text after edits.

    Attributes:
        text: The new one.
        edits: What was done, in reading order, not overlapping.
    """

    text: str
    edits: tuple[Edit, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where [start, end) of the old text stands now; what was put beside it is outside."""
        return self._place(start, is_end=False), self._place(end, is_end=True)

    def _place(self, place: int, *, is_end: bool) -> int:
        moved = place
        for edit in self.edits:
            inside = edit.start < place < edit.end
            if inside:  # of what was replaced together all belongs to the span
                return moved - (place - edit.start) + (len(edit.text) if is_end else 0)
            before = edit.end <= place and (edit.start < place or not is_end)
            if not before:
                break
            moved += len(edit.text) - (edit.end - edit.start)
        return moved


def apply_edits(text: str, edits: Iterable[Edit]) -> Edited:
    """Do all edits at once.

    Args:
        text: The text that their offsets count in.
        edits: In any order.

    Raises:
        ValueError: Two overlap.
    """
    ordered = tuple(sorted(edits))
    parts: list[str] = []
    done = 0
    for edit in ordered:
        if edit.start < done:
            raise ValueError(f"edit at {edit.start} overlaps the one up to {done}")
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return Edited("".join([*parts, text[done:]]), ordered)


def rewrite(
    labelled: LabelledConversation, turns: Sequence[Iterable[Edit]]
) -> LabelledConversation:
    """A conversation with edited turns, and the same labels at their new places.

    Args:
        labelled: What is edited; left as it is.
        turns: The edits of each turn.
    """
    spoken = labelled.conversation.turns
    edited = [apply_edits(turn.text, edits) for turn, edits in zip(spoken, turns, strict=True)]
    texts = tuple(
        replace(turn, text=new.text) if new.edits else turn
        for turn, new in zip(spoken, edited, strict=True)
    )
    labels = tuple(_moved(of, number, edited) for number, of in enumerate(labelled.labels))
    return LabelledConversation(replace(labelled.conversation, turns=texts), labels)


def _moved(labels: TurnLabels, number: int, edited: Sequence[Edited]) -> TurnLabels:
    entities, changes = labels.entities, labels.changes
    if entities and edited[number].edits:
        places = [edited[number].span(span.start, span.end) for span in entities]
        entities = tuple(
            replace(span, start=start, end=end)
            for span, (start, end) in zip(entities, places, strict=True)
        )
    if changes:
        changes = tuple(
            replace(change, evidence=_moved_evidence(change.evidence, edited)) for change in changes
        )
    if entities is labels.entities and changes is labels.changes:
        return labels
    return replace(labels, entities=entities, changes=changes)


def _moved_evidence(evidence: Evidence | None, edited: Sequence[Edited]) -> Evidence | None:
    if evidence is None:
        return None
    return Evidence(evidence.turn, *edited[evidence.turn].span(evidence.start, evidence.end))
