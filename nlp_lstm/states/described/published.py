"""Schemas of the published corpora, and their labels as a schema spells them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from corpora.changes import DONTCARE
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from corpora.published import CORPORA, Split, corpus_root
from nlp_lstm.component import Component
from nlp_lstm.states.described.schema import DescribedSchema, folded, read_schema
from nlp_lstm.states.described.sgd_schema import sgd_schema

SCHEMAS = Path(__file__).parents[2] / "recipes" / "schemas"
# Corpus → the file that describes its slots; sgd brings its own.
DESCRIBED: Mapping[str, str] = MappingProxyType(
    {
        "multiwoz21": "multiwoz",
        "multiwoz21-raw": "multiwoz",
        "woz2": "woz2",
        "sim-m": "sim-m",
        "sim-r": "sim-r",
        "multidogo-states": "multidogo",
        "multidogo-support": "support",
    }
)
# How a corpus says that any value will do, where not by `DONTCARE`.
DONTCARE_SPELLINGS: Mapping[str, str] = MappingProxyType(
    {"multiwoz21": "do not care", "multiwoz21-raw": "do not care"}
)


def published_schema(name: str, directory: Path | str, split: Split = "train") -> DescribedSchema:
    """The schema of a published corpus.

    Args:
        name: A key of `corpora.published.CORPORA` whose slots are described.
        directory: The publisher's root folder, or the folder above it.
        split: Whose services, where splits have services of their own.

    Raises:
        InputError: The publisher's schema is missing, or has another shape.
        ValueError: The corpus has no described slots.
    """
    if name == "sgd":
        return sgd_schema(corpus_root(name, directory), split)
    return _described(name)


def published_labels(
    name: str, schema: DescribedSchema, conversations: Iterable[LabelledConversation]
) -> Iterator[LabelledConversation]:
    """Yield conversations of a corpus with state values as the schema spells them.

    Any value that will do is `DONTCARE`, and a category's values are the names it lists: labels
    that spell one of them otherwise (`center`) become it. Other values stay as they are.

    Args:
        name: The corpus.
        schema: Its schema.
        conversations: As `read_corpus` yields them.

    Raises:
        ValueError: No such corpus.
    """
    if name not in CORPORA:
        raise ValueError(f"no corpus {name!r}; there are {', '.join(CORPORA)}")
    dontcare = DONTCARE_SPELLINGS.get(name, DONTCARE)
    names = {
        (slot.name, folded(alias)): value.name
        for slot in schema.slots
        for value in slot.values
        for alias in (value.name, *value.aliases)
    }

    def respelt(held: SlotValue) -> SlotValue:
        if held.value == dontcare:
            return SlotValue(held.slot, DONTCARE)
        value = names.get((held.slot, folded(held.value)), held.value)
        return held if value == held.value else replace(held, value=value)

    def labels(turn: TurnLabels) -> TurnLabels:
        if turn.state is None:
            return turn
        return replace(turn, state=tuple(sorted(map(respelt, turn.state))))

    for labelled in conversations:
        yield replace(labelled, labels=tuple(map(labels, labelled.labels)))


def suited(
    component: Component,
    name: str,
    directory: Path | str,
    split: Split,
    gold: Sequence[LabelledConversation],
) -> tuple[Component, Sequence[LabelledConversation]]:
    """A component and a corpus such that one can judge the other.

    A tracker that reads schemas is given the corpus's own, and the labels are spelt as it spells
    them; any other component, and chats of one's own, stay as they are.

    Args:
        component: What is to be judged.
        name: The corpus.
        directory: The publisher's root folder, or the folder above it.
        split: Which part of it.
        gold: Its conversations.

    Raises:
        InputError: The publisher's schema is missing, or has another shape.
    """
    from nlp_lstm.states.described.component import DescribedTracker

    if not isinstance(component, DescribedTracker) or name not in ("sgd", *DESCRIBED):
        return component, gold
    schema = published_schema(name, directory, split)
    return component.for_schema(schema), list(published_labels(name, schema, gold))


@cache
def _described(name: str) -> DescribedSchema:
    if name not in DESCRIBED:
        raise ValueError(f"no schema of {name!r}; there are {', '.join(['sgd', *DESCRIBED])}")
    return read_schema(SCHEMAS / f"{DESCRIBED[name]}.described.toml")
