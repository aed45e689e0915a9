"""From labelled turns to what an entity tagger learns: words read, and what may stand there."""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field

from corpora.conversation import Turn
from corpora.labels import EntitySpan, LabelledConversation
from nlp_lstm.entities.config import EntitiesConfig
from nlp_lstm.entities.decode import OUTSIDE, align_spans, encode_bioes, tag_numbers
from nlp_lstm.entities.given import TurnInput, conversation_inputs
from nlp_lstm.entities.loss import Choices, choices_of
from nlp_lstm.entities.made_up import exchange, sentence
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.typed import as_typed, in_small_letters
from nlp_lstm.text.words import Words, split_words

MADE_UP_FIRST = 0.4  # of made-up sentences, those before what was said
CAPITALISED = 0.5
MARKS = (".", ".", "!", "")


class ExamplesConfig(BaseModel):
    """How conversations become batches.

    Attributes:
        conversations: In a batch.
        word_dropout: Share of words that are read as unknown ones.
        role_dropout: Share of turns that are read as if nobody knew who speaks, and again of those
            whose distance to the one before nobody knows.
        typed: Share of turns that are read as somebody else might have typed them: those in small
            letters with capitals and marks, others in small letters.
        joined: Share of conversations that go on in the memory of the one before, so that a
            memory full of other things is nothing new.
        made_up: Share of turns that a made-up sentence stands in, beside what was said.
        asked: Share of conversations into which a made-up question and its answer are put.
        miss_cost: See `tagging_loss`; for corpora whose names are hardly ever met twice.
        needs: By kind, what a turn must hold for one to be in it. Where a corpus does not mark the
            kind and a turn does not hold that, there is none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversations: int
    word_dropout: float
    role_dropout: float
    typed: float = 0.0
    joined: float = 0.0
    made_up: float = 0.0
    asked: float = 0.0
    miss_cost: float = 0.0
    needs: Mapping[str, re.Pattern[str]] = Field(default_factory=dict)

    @property
    def makes_up(self) -> bool:
        """Whether anything that is read was made up."""
        return self.made_up > 0 or self.asked > 0


@dataclass(frozen=True, slots=True)
class Example:
    """A turn to learn from.

    Attributes:
        given: What is read.
        chosen: The number, in `Choices`, of what may stand at each word.
    """

    given: TurnInput
    chosen: list[int]


@dataclass(frozen=True, slots=True)
class _Text:
    """A turn's text, and what is known about it.

    Attributes:
        turn: Who said it, and when.
        text: What is read.
        spans: What it names, as far as that is known.
        is_labelled: Whether somebody looked for what it names.
        closed: [start, end) of a made-up part, all of which is known; empty where there is none.
    """

    turn: Turn
    text: str
    spans: Sequence[EntitySpan]
    is_labelled: bool
    closed: tuple[int, int] = (0, 0)


class ExampleMaker:
    """Makes examples for one tagger.

    What a corpus does not mark is left open: at its unmarked words the tags of those kinds are as
    good as the one for nothing.
    """

    def __init__(
        self,
        config: EntitiesConfig,
        examples: ExamplesConfig,
        table: FormTable,
        marked: Sequence[frozenset[str]],
    ) -> None:
        """Number what may stand where.

        Args:
            config: Of the tagger.
            examples: How examples are made.
            table: Numbers word forms.
            marked: Of each corpus, the kinds that it marks.
        """
        self._config = config
        self._examples = examples
        self._table = table
        self._tags = tag_numbers(config.labels)
        self._marked = marked
        self._open = _open_sets(config.labels, marked, examples.needs)
        self.choices: Choices = choices_of(config.labels, list(self._open))

    def as_published(
        self, labelled: LabelledConversation, corpus: int, losses: Counter[str]
    ) -> list[Example]:
        """The turns of a conversation, word for word.

        Args:
            labelled: In the model's labels.
            corpus: Which corpus it is of.
            losses: Counts the spans that are widened or left out.
        """
        return self._examples_of(_texts(labelled), corpus, losses)

    def drawn(
        self, labelled: LabelledConversation, corpus: int, rng: random.Random
    ) -> list[Example]:
        """The turns as others might have typed them, with what was made up among them."""
        settings = self._examples
        texts = [
            _retyped(each, rng) if rng.random() < settings.typed else each
            for each in _texts(labelled)
        ]
        texts = [_joined(each, rng) if rng.random() < settings.made_up else each for each in texts]
        if rng.random() < settings.asked:
            place = rng.randint(0, len(texts))
            texts[place:place] = _asked(texts[max(0, place - 1)].turn, rng)
        return self._examples_of(texts, corpus, Counter())

    @property
    def draws(self) -> bool:
        """Whether an example may differ from epoch to epoch."""
        return self._examples.typed > 0 or self._examples.makes_up

    def _examples_of(
        self, texts: Sequence[_Text], corpus: int, losses: Counter[str]
    ) -> list[Example]:
        split = [split_words(each.text) for each in texts]
        ids = [self._table.ids(words.forms) for words in split]
        inputs = conversation_inputs([each.turn for each in texts], ids, self._config)
        return [
            Example(given, self._chosen(each, words, corpus, losses))
            for each, words, given in zip(texts, split, inputs, strict=True)
        ]

    def _chosen(self, each: _Text, words: Words, corpus: int, losses: Counter[str]) -> list[int]:
        spans = align_spans(each.spans, words, losses)
        offsets = list(zip(words.starts, words.ends, strict=True))
        tags = encode_bioes(spans, offsets)
        # A span of nobody knows what is no tag.
        chosen = [self._tags.get(tag, self.choices.anything) for tag in tags]
        left_open = self._open_number(each, corpus)
        first, last = each.closed
        return [
            left_open if tag == OUTSIDE and not first <= start < last else number
            for tag, number, (start, _) in zip(tags, chosen, offsets, strict=True)
        ]

    def _open_number(self, each: _Text, corpus: int) -> int:
        """What may stand at words that nobody marked."""
        needs = self._examples.needs
        unmarked = frozenset(self._config.labels)
        if each.is_labelled:
            unmarked -= self._marked[corpus]
        kinds = frozenset(
            kind for kind in unmarked if kind not in needs or needs[kind].search(each.text)
        )
        return self.choices.anything + 1 + self._open[kinds] if kinds else self._tags[OUTSIDE]


def _open_sets(
    labels: Sequence[str], marked: Sequence[frozenset[str]], needs: Mapping[str, re.Pattern[str]]
) -> dict[frozenset[str], int]:
    """Every set of kinds that some turn may leave open, numbered."""
    sets: dict[frozenset[str], int] = {}
    # Turns that nobody labelled mark nothing.
    for of_corpus in [*marked, frozenset[str]()]:
        unmarked = frozenset(labels) - of_corpus
        found = {frozenset(kind for kind in unmarked if kind not in needs)}
        for kind in sorted(unmarked & needs.keys()):
            found |= {kinds | {kind} for kinds in found}
        for kinds in sorted(found, key=sorted):
            if kinds:
                sets.setdefault(kinds, len(sets))
    return sets


def _texts(labelled: LabelledConversation) -> list[_Text]:
    return [
        _Text(turn, turn.text, labels.entities or (), labels.entities is not None)
        for turn, labels in zip(labelled.conversation.turns, labelled.labels, strict=True)
    ]


def _retyped(each: _Text, rng: random.Random) -> _Text:
    retype = as_typed if each.text == each.text.lower() else in_small_letters
    text, spans = retype(each.text, each.spans, rng)
    return replace(each, text=text, spans=spans)


def _joined(each: _Text, rng: random.Random) -> _Text:
    """A turn and a made-up sentence, either first."""
    said, named = sentence(rng)
    if rng.random() < CAPITALISED:
        said = said[0].upper() + said[1:] + rng.choice(MARKS)
    if rng.random() < MADE_UP_FIRST:
        text = f"{said} {each.text}"
        start, moved = 0, len(text) - len(each.text)
    else:
        between = rng.choice((" ", " ", ", ", ". ")) if each.text[-1:].isalnum() else " "
        text = each.text + between + said
        start, moved = len(text) - len(said), 0
    spans = [
        *(EntitySpan(span.start + moved, span.end + moved, span.label) for span in each.spans),
        *(EntitySpan(span.start + start, span.end + start, span.label) for span in named),
    ]
    return _Text(each.turn, text, sorted(spans), each.is_labelled, (start, start + len(said)))


def _asked(near: Turn, rng: random.Random) -> list[_Text]:
    """A question of the agent and the customer's answer, in the place of `near`."""
    question, (answer, spans) = exchange(rng)
    asking, answering = replace(near, role="agent"), replace(near, role="customer")
    return [
        _Text(asking, question, (), is_labelled=True, closed=(0, len(question))),
        _Text(answering, answer, spans, is_labelled=True, closed=(0, len(answer))),
    ]
