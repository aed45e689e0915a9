"""What a tagger learns from turns whose corpus marks some kinds only, and from made-up ones."""

import random
import re
from collections import Counter

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from nlp_lstm.entities.examples import ExampleMaker, ExamplesConfig
from nlp_lstm.entities.made_up import exchange, sentence
from nlp_lstm.entities.made_up_values import VALUES
from nlp_lstm.text.words import split_words
from tests.nlp_lstm.entities.tiny_entities import CONFIG
from tests.nlp_lstm.tiny import tiny_table


def maker(*marked: str, **settings: float | dict[str, re.Pattern[str]]) -> ExampleMaker:
    examples = ExamplesConfig.model_validate(
        {"conversations": 1, "word_dropout": 0.0, "role_dropout": 0.0, **settings}
    )
    return ExampleMaker(CONFIG, examples, tiny_table(), [frozenset(marked)])


def chat(text: str, spans: tuple[EntitySpan, ...] | None) -> LabelledConversation:
    conversation = Conversation("c", (Turn(text, role="customer"),))
    return LabelledConversation(conversation, (TurnLabels(spans),))


def may_stand(made: ExampleMaker, labelled: LabelledConversation) -> list[set[str]]:
    """The kinds that may stand at each word, with O."""
    (example,) = made.as_published(labelled, 0, Counter())
    names = [f"{prefix}{label}" for prefix in ("I-", "B-") for label in CONFIG.labels]
    names += ["O", *(f"{prefix}{label}" for prefix in ("S-", "E-") for label in CONFIG.labels)]
    return [
        {name.partition("-")[2] or name for name, on in zip(names, row, strict=True) if on}
        for row in made.choices.tags[example.chosen].tolist()
    ]


def test_kinds_that_a_corpus_does_not_mark_may_stand_where_it_marks_nothing() -> None:
    labelled = chat("ana at north", (EntitySpan(0, 3, "name"),))
    left_open = {"O", "city", "number"}

    assert may_stand(maker("name"), labelled) == [{"name"}, left_open, left_open]
    assert may_stand(maker("name", "city", "number"), labelled) == [{"name"}, {"O"}, {"O"}]


def test_a_kind_is_not_where_what_it_needs_is_not() -> None:
    made = maker("name", "city", needs={"number": re.compile(r"\d")})

    assert may_stand(made, chat("no four", ())) == [{"O"}, {"O"}]
    assert may_stand(made, chat("no 4", ())) == [{"O", "number"}] * 2


@pytest.mark.parametrize("spans", [None, (EntitySpan(0, 5, ""),)])
def test_what_nobody_looked_at_may_be_anything(spans: tuple[EntitySpan, ...] | None) -> None:
    everything = {"O", *CONFIG.labels}

    assert may_stand(maker(*CONFIG.labels), chat("north", spans)) == [everything]


def test_made_up_words_are_known_and_those_around_them_as_before() -> None:
    made = maker("name", made_up=1.0)
    labelled = chat("ana at north", (EntitySpan(0, 3, "name"),))
    outside = 2 * len(CONFIG.labels)
    for seed in range(20):
        (example,) = made.drawn(labelled, 0, random.Random(seed))
        # What stands open are the corpus's own words, and a mark between them and the others.
        (left_open,) = {number for number in example.chosen if number > made.choices.anything}
        assert example.chosen.count(left_open) in (2, 3)
        assert outside in example.chosen or made.choices.anything in example.chosen


def test_a_made_up_question_is_the_agents_and_its_answer_the_customers() -> None:
    made = maker("name", asked=1.0)
    examples = made.drawn(chat("ana", ()), 0, random.Random(1))

    assert len(examples) == 3
    assert sorted(example.given.role > 0 for example in examples) == [False, True, True]


def test_made_up_values_stand_where_it_says_and_on_word_borders() -> None:
    rng = random.Random(5)
    seen: Counter[str] = Counter()
    for _ in range(3000):
        question, answer = exchange(rng)
        assert question
        for text, spans in (sentence(rng), answer):
            words = split_words(text)
            for span in spans:
                seen[span.label] += 1
                said = text[span.start : span.end]
                assert said == said.strip()
                assert said
                assert span.start in words.starts, (text, said)
                assert span.end in words.ends, (text, said)
    assert seen.keys() == VALUES.keys()
