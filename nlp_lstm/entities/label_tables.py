"""What a publisher's labels are called in a model of several corpora, and what a corpus leaves out.

    labels = { "PER" = "person", "*-city" = "place", "size" = "O", "event_name" = "" }

A corpus marks the kinds that its table leads to, and no others: where it marks nothing, a kind of
the model that it does not mark may stand all the same. `"O"` is for labels that are none of the
model's kinds, `""` for those of which nobody knows what they are: any kind, or none.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from corpora.labels import EntitySpan, LabelledConversation, TurnLabels

ANYTHING = ""
NOTHING = "O"

# Publisher's label, or a pattern of labels with `*`, to ours.
Table = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LabelTable:
    """A table of one corpus, its chains followed to their ends.

    A target that is itself a key leads on: with `band = "group"` and `group = "organisation"` a
    band is an organisation.

    Attributes:
        targets: Ends of the chains, `""` for labels whose chain comes back to itself.
        marked: The kinds that the corpus marks.
        circular: Labels whose chain has no end, sorted.
        through: Entries that a chain leads through.
    """

    targets: Mapping[str, str]
    marked: frozenset[str]
    circular: tuple[str, ...]
    through: frozenset[str] = frozenset()

    def target(self, label: str) -> str | None:
        """What a publisher's label is called; None where the table does not know it."""
        if label in self.targets:
            return self.targets[label]
        matches = (end for key, end in self.targets.items() if fnmatchcase(label, key))
        return next(matches, None)

    def unused(self, labels: Collection[str]) -> list[str]:
        """Entries that none of these labels matches, sorted."""
        return sorted(
            key
            for key in self.targets
            if not any(label == key or fnmatchcase(label, key) for label in labels)
            # What a chain leads through need not be a label of the publisher's.
            and key not in self.through
        )

    def translate(
        self, spans: Sequence[EntitySpan], losses: Counter[str], corpus: str = "the corpus"
    ) -> tuple[EntitySpan, ...]:
        """Spans with our labels.

        Neighbours of one kind with nothing but a blank between them are one span, as a first and
        a last name are one person.

        Args:
            spans: As the publisher labelled them, in any order.
            losses: Counts, by reason, what is taken as unknown or left out.
            corpus: Whose, for the reasons.

        Returns:
            In reading order, not overlapping; those labelled `""` may be anything.
        """
        found: list[EntitySpan] = []
        for span in untangled(spans, losses):
            target = self.target(span.label)
            if target is None:
                losses[f"label {span.label!r}, which the table of {corpus} does not know"] += 1
                target = ANYTHING
            if target == NOTHING:
                continue
            before = found[-1] if found else None
            if before and before.label == target and span.start - before.end <= 1:
                found[-1] = EntitySpan(before.start, span.end, target)
            else:
                found.append(EntitySpan(span.start, span.end, target))
        return tuple(found)


def resolve(table: Table) -> LabelTable:
    """Follow the chains of a table."""
    ends: dict[str, str] = {}
    circular: list[str] = []
    for label, first in table.items():
        seen = {label}
        end = first
        # A label that is called as it was is no chain.
        while end in table and table[end] != end and end not in seen:
            seen.add(end)
            end = table[end]
        if end in seen and table[end] != end:
            circular.append(label)
            end = ANYTHING
        ends[label] = end
    marked = frozenset(ends.values()) - {ANYTHING, NOTHING}
    through = frozenset(first for label, first in table.items() if first in table)
    return LabelTable(ends, marked, tuple(sorted(circular)), through)


def untangled(spans: Sequence[EntitySpan], losses: Counter[str]) -> list[EntitySpan]:
    """Spans in reading order; of those that overlap the first stays, the longer of equal ones."""
    kept: list[EntitySpan] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.label)):
        if kept and span.start < kept[-1].end:
            losses["spans over another span"] += 1
        else:
            kept.append(span)
    return kept


def translated(
    conversations: Iterable[LabelledConversation],
    table: LabelTable,
    losses: Counter[str],
    corpus: str,
) -> list[LabelledConversation]:
    """Labelled conversations in our labels; what their turns mean beside that is left out."""
    return [
        LabelledConversation(
            one.conversation,
            tuple(
                TurnLabels(entities=None)
                if labels.entities is None
                else TurnLabels(entities=table.translate(labels.entities, losses, corpus))
                for labels in one.labels
            ),
        )
        for one in conversations
    ]


def untangled_all(
    conversations: Sequence[LabelledConversation], losses: Counter[str]
) -> Sequence[LabelledConversation]:
    """Labelled conversations, none of whose spans overlap."""
    return [
        LabelledConversation(
            one.conversation,
            tuple(
                labels
                if labels.entities is None
                else replace(labels, entities=tuple(untangled(labels.entities, losses)))
                for labels in one.labels
            ),
        )
        for one in conversations
    ]


def comparable(
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
    marked: frozenset[str],
) -> tuple[list[LabelledConversation], list[list[TurnLabels]]]:
    """What can be judged by a corpus that marks some kinds only.

    Predicted spans of other kinds are left out, and those that touch a gold span of which nobody
    knows what it is; so are those gold spans.

    Args:
        gold: In our labels, from `translated`.
        predicted: One list a conversation, one `TurnLabels` a turn.
        marked: The kinds that the corpus marks.
    """
    judged: list[LabelledConversation] = []
    answers: list[list[TurnLabels]] = []
    for one, said in zip(gold, predicted, strict=True):
        pairs = [
            (labels, answer)
            if labels.entities is None
            else _comparable_turn(labels.entities, answer, marked)
            for labels, answer in zip(one.labels, said, strict=True)
        ]
        judged.append(LabelledConversation(one.conversation, tuple(truth for truth, _ in pairs)))
        answers.append([answer for _, answer in pairs])
    return judged, answers


def _comparable_turn(
    gold: Sequence[EntitySpan], answer: TurnLabels, marked: frozenset[str]
) -> tuple[TurnLabels, TurnLabels]:
    open_spans = [span for span in gold if span.label == ANYTHING]
    kept = (
        span
        for span in answer.entities or ()
        if span.label in marked
        and not any(span.start < other.end and other.start < span.end for other in open_spans)
    )
    known = (span for span in gold if span.label != ANYTHING)
    said = replace(answer, entities=tuple(kept))
    return TurnLabels(entities=tuple(known)), said
