"""Names exchanged for other words, in text, labels and states at once.

A corpus of 24 films teaches 24 films. What should be learnt is where a film's name stands: so some
conversations are read with names that nobody has heard of.
"""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
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

    Args:
        labelled: Left as it is. Names that no label marks stay.
        slots: Whose values are names.
        words: What new names are made of, at least one.
        rng: Decides which.
    """
    names: dict[str, str] = {}
    edits: list[list[Edit]] = []
    for turn, labels in zip(labelled.conversation.turns, labelled.labels, strict=True):
        edits.append([])
        for span in labels.entities or ():
            if span.label in slots:
                said = turn.text[span.start : span.end]
                new = names.setdefault(said.casefold(), _name(said, words, rng))
                edits[-1].append(Edit(span.start, span.end, new))
    if not names:
        return labelled
    exchanged = rewrite(labelled, edits)
    return replace(
        exchanged, labels=tuple(_with_names(own, slots, names) for own in exchanged.labels)
    )


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
