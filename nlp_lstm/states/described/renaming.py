"""Names exchanged for other words, in text, labels and states at once.

A corpus of 24 films teaches 24 films. What should be learnt is where a film's name stands: so some
conversations are read with names that nobody has heard of.
"""

import random
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.scoring.perturb.edits import Edit, rewrite

MOST_WORDS = 4  # of a new name
SHORTEST = 3  # letters of a word that names are made of


def renamed(
    labelled: LabelledConversation,
    slots: Collection[str],
    words: Sequence[str],
    rng: random.Random,
) -> LabelledConversation:
    """A conversation with other names wherever its labels mark one.

    Where nobody marked any entity, as in most chats of one's own, a name stands wherever the words
    of a labelled value do.

    Args:
        labelled: Left as it is. Of a conversation with marks, names that no label marks stay.
        slots: Whose values are names.
        words: What new names are made of, at least one.
        rng: Decides which.
    """
    names: dict[str, str] = {}
    edits: list[list[Edit]] = []
    for text, places in _names(labelled, slots):
        edits.append([])
        for start, end in places:
            said = text[start:end]
            new = names.setdefault(said.casefold(), _name(said, words, rng))
            edits[-1].append(Edit(start, end, new))
    if not names:
        return labelled
    exchanged = rewrite(labelled, edits)
    return replace(
        exchanged, labels=tuple(_with_names(own, slots, names) for own in exchanged.labels)
    )


def _names(
    labelled: LabelledConversation, slots: Collection[str]
) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Each turn's text, and where names stand in it."""
    turns = zip(labelled.conversation.turns, labelled.labels, strict=True)
    if any(labels.entities is not None for labels in labelled.labels):
        for turn, labels in turns:
            marked = (span for span in labels.entities or () if span.label in slots)
            yield turn.text, [(span.start, span.end) for span in marked]
        return
    held = {
        re.escape(one.value)
        for labels in labelled.labels
        for one in labels.state or ()
        if one.slot in slots
    }
    # The longest first: "the Hilton Garden" is not "the Hilton".
    any_of = "|".join(sorted(held, key=lambda value: (-len(value), value)))
    said = re.compile(rf"(?<!\w)(?:{any_of})(?!\w)", re.IGNORECASE) if held else None
    for turn, _ in turns:
        yield turn.text, [found.span() for found in said.finditer(turn.text)] if said else []


def words_of(corpus: Iterable[LabelledConversation]) -> list[str]:
    """The words of a corpus that names may be made of, sorted."""
    said = {
        word
        for labelled in corpus
        for turn in labelled.conversation.turns
        for word in turn.text.lower().split()
    }
    return sorted(word for word in said if word.isalpha() and len(word) >= SHORTEST)


def _name(said: str, words: Sequence[str], rng: random.Random) -> str:
    new = " ".join(rng.choice(words) for _ in range(rng.randint(1, MOST_WORDS)))
    return new.title() if said[:1].isupper() else new


def _with_names(labels: TurnLabels, slots: Collection[str], names: Mapping[str, str]) -> TurnLabels:
    if labels.state is None:
        return labels
    state = (_renamed_value(one, names) if one.slot in slots else one for one in labels.state)
    return replace(labels, state=tuple(sorted(state)))


def _renamed_value(one: SlotValue, names: Mapping[str, str]) -> SlotValue:
    for spelling in (one.value, *one.also):
        if spelling.casefold() in names:
            return SlotValue(one.slot, names[spelling.casefold()])
    return one
