import random
import re
from pathlib import Path

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from corpora.published import read_corpus
from nlp_lstm.scoring.perturb import JUDGED_BY, KINDS, TAUGHT, Perturbation, perturbed, slot_values
from nlp_lstm.scoring.perturb.fillers import FILLERS
from nlp_lstm.scoring.perturb.said import SaidValue, said_values

SAMPLES = Path(__file__).parents[3] / "samples"
VALUES = {"people": ("2", "4", "6"), "day": ("friday", "monday"), "at": ("17:15", "18:00")}


def chat(text: str, *held: SlotValue) -> LabelledConversation:
    turns = (Turn("How many, and when on monday?", role="agent"), Turn(text, role="customer"))
    return LabelledConversation(Conversation("c", turns), (TurnLabels(), TurnLabels(state=held)))


def said_by_customer(labelled: LabelledConversation) -> str:
    return labelled.conversation.turns[1].text


def entity_corpus() -> list[LabelledConversation]:
    return list(read_corpus("multidogo", SAMPLES, "train"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_random_numbers_give_the_same_turns(kind: Perturbation) -> None:
    for labelled in read_corpus("multiwoz21", SAMPLES, "dev"):
        values = slot_values([labelled])
        twice = [perturbed(labelled, random.Random(5), {kind}, values) for _ in range(2)]

        assert twice[0] == twice[1]
        assert [labels.state for labels in twice[0].labels] == [
            labels.state for labels in labelled.labels
        ]


@pytest.mark.parametrize("kind", KINDS)
def test_other_speakers_are_left_alone(kind: Perturbation) -> None:
    labelled = chat("a table for four on friday", SlotValue("people", "4"))

    for seed in range(20):
        new = perturbed(labelled, random.Random(seed), {kind}, VALUES)
        assert new.conversation.turns[0] == labelled.conversation.turns[0]


@pytest.mark.parametrize(
    ("kind", "same"),
    [
        pytest.param("casing", lambda old, new: old.casefold() == new.casefold(), id="casing"),
        pytest.param("fillers", lambda old, new: old == new, id="fillers go around names"),
        pytest.param(
            "typos", lambda old, new: abs(len(old) - len(new)) <= 3 and old[0] == new[0], id="typos"
        ),
    ],
)
def test_entities_stay_where_they_belong(kind: Perturbation, same: object) -> None:
    assert callable(same)
    marked = 0
    for seed in range(5):
        for labelled in entity_corpus():
            new = perturbed(labelled, random.Random(seed), {kind})
            for turn, before, labels, after in zip(
                labelled.conversation.turns,
                labelled.labels,
                new.labels,
                new.conversation.turns,
                strict=True,
            ):
                old_spans, new_spans = before.entities or (), labels.entities or ()
                assert [span.label for span in old_spans] == [span.label for span in new_spans]
                for old, moved in zip(old_spans, new_spans, strict=True):
                    marked += 1
                    assert same(turn.text[old.start : old.end], after.text[moved.start : moved.end])
    assert marked


def test_typos_spare_numbers_times_and_short_words() -> None:
    text = "at 17:15 for 4 or seven from leeds.com, a b12c ticket"
    for seed in range(300):
        new = said_by_customer(perturbed(chat(text), random.Random(seed), {"typos"}))
        for kept in "at 17:15 for 4 or seven from leeds.com, a b12c ":
            assert kept in new
        assert new.startswith("at 17:15 for 4 or seven ")
        assert "leeds.com, a b12c " in new


def test_typos_are_one_word_in_twenty() -> None:
    text = "please " * 4000
    new = said_by_customer(perturbed(chat(text), random.Random(1), {"typos"}))

    assert 120 <= sum(word != "please" for word in new.split()) <= 280


def test_casing_is_one_style_a_turn() -> None:
    seen = set()
    for seed in range(30):
        new = said_by_customer(perturbed(chat("I'd go to Bury"), random.Random(seed), {"casing"}))
        seen.add(new)

    assert seen == {"I'D GO TO BURY", "i'd go to bury", "I'd Go To Bury"}


def test_fillers_are_put_in_and_nothing_is_lost() -> None:
    text = "i want a table for 4 at 5 pm on friday"
    filler = re.compile(rf"\b(?:{'|'.join(FILLERS)}),? ")
    for seed in range(100):
        new = said_by_customer(perturbed(chat(text), random.Random(seed), {"fillers"}))
        assert filler.sub("", new) == text
        assert "5 pm" in new


@pytest.mark.parametrize(
    ("text", "held", "meant"),
    [
        pytest.param("for four on friday", SlotValue("people", "4"), "four", id="a number word"),
        pytest.param("for 4 on friday", SlotValue("people", "4"), "4", id="a digit"),
        pytest.param("on Friday, for 4", SlotValue("day", "friday"), "Friday", id="a name"),
        pytest.param("at 17:15.", SlotValue("at", "17:15"), "17:15", id="a time"),
    ],
)
def test_a_change_of_mind_ends_with_what_is_meant(text: str, held: SlotValue, meant: str) -> None:
    told = "|".join(map(re.escape, TAUGHT))
    seen = set()
    for seed in range(40):
        new = said_by_customer(
            perturbed(chat(text, held), random.Random(seed), {"corrections"}, VALUES)
        )
        match = re.search(rf", (?:{told}) (\S+?)(?=[.,]|\s|$)", new)
        assert match is not None, new
        assert match[1] == meant
        first = re.search(r"(?:for|on|at) (\w[\w:]*)", new) if held.slot != "day" else None
        assert first is None or first[1] != meant
        seen.add(new)
    assert len(seen) > 3


@pytest.mark.parametrize(
    ("text", "held"),
    [
        pytest.param("for a few", [SlotValue("people", "4")], id="the value is not said"),
        pytest.param("4 of us, yes 4", [SlotValue("people", "4")], id="said twice"),
        pytest.param(
            "4 please", [SlotValue("people", "4"), SlotValue("stars", "4")], id="of two slots"
        ),
        pytest.param("at 4:30", [SlotValue("people", "4")], id="part of a time"),
        pytest.param("anything", [SlotValue("food", "do not care")], id="no value"),
        pytest.param("thai", [SlotValue("food", "thai")], id="no other value is known"),
    ],
)
def test_turns_without_a_change_of_mind(text: str, held: list[SlotValue]) -> None:
    labelled = chat(text, *held)

    assert perturbed(labelled, random.Random(3), {"corrections"}, VALUES) == labelled


def test_where_a_value_is_said() -> None:
    found = list(said_values("to  Bury St Edmunds", [SlotValue("to", "bury st edmunds")]))

    assert found == [SaidValue("to", "bury st edmunds", 4, 19)]


def test_what_a_slot_may_hold_leaves_out_dont_care() -> None:
    corpus = [chat("x", SlotValue("food", "thai"), SlotValue("area", "do not care"))]

    assert slot_values(corpus) == {"food": ("thai",)}


def test_nobody_is_judged_by_the_phrases_that_were_taught() -> None:
    assert set(TAUGHT).isdisjoint(JUDGED_BY)


def test_a_share_of_the_turns() -> None:
    labelled = chat("a table for four on friday", SlotValue("people", "4"))
    new = [
        perturbed(labelled, random.Random(seed), {"corrections"}, VALUES, share=0.25)
        for seed in range(200)
    ]

    assert 25 <= sum(one != labelled for one in new) <= 75
