import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, Evidence, SlotValue, StateChange, TurnLabels
from pipelines.annotation import AnnotatedConversation, TurnAnnotation
from pipelines.record_models import Record
from pipelines.records import conversation_record, turn_record
from pipelines.redaction import Redaction, Redactor
from pipelines.redaction.redactor import Redacting
from tests.labelled_strategies import labelled_conversations

LABELS = ("name", "order_number", "email_address", "password", "food_item")


def annotated(*turns: tuple[str, str, TurnLabels], id: str = "c-1") -> AnnotatedConversation:
    said = tuple(Turn(text, speaker) for speaker, text, _ in turns)
    found = tuple(TurnAnnotation(i, labels, 5) for i, (_, _, labels) in enumerate(turns))
    return AnnotatedConversation(Conversation(id, said, "chats/1.txt"), found)


def tagged(text: str, *spans: tuple[str, str]) -> TurnLabels:
    places = [(text.index(words), words, label) for words, label in spans]
    return TurnLabels(tuple(EntitySpan(at, at + len(w), label, 0.9) for at, w, label in places))


def redact(whole: AnnotatedConversation, **slots: str) -> dict[str, Any]:
    left = Redactor(Redaction(), slots).conversation(whole)
    record = conversation_record(left.annotated, [])
    Record.model_validate(record)
    return record


def test_what_one_turn_tells_is_replaced_in_all_of_them() -> None:
    last = "i am Zoe Zorn, order 88123, pizza"
    record = redact(
        annotated(
            ("Kim", "hi ZOE!", TurnLabels(())),
            ("Agent", last, tagged(last, ("Zoe Zorn", "name"), ("88123", "order_number"),
                                   ("pizza", "food_item"))),
            ("Kim", "88-123, kim? mail zoe@zorn.example", TurnLabels(())),
        )
    )  # fmt: skip
    assert [(turn["speaker"], turn["text"]) for turn in record["turns"]] == [
        ("PERSON_1", "hi PERSON_2!"),
        ("Agent", "i am PERSON_2, order IDENTIFIER_1, pizza"),
        ("PERSON_1", "IDENTIFIER_1, PERSON_1? mail EMAIL_1"),
    ]
    found = [(e["text"], e["label"]) for e in record["turns"][1]["entities"]]
    assert found == [
        ("PERSON_2", "name"), ("IDENTIFIER_1", "order_number"), ("pizza", "food_item")
    ]  # fmt: skip


def test_values_of_states_follow_their_words() -> None:
    text = "it is four two four two, pin is blue"
    said = Evidence(0, 6, 23)
    labels = TurnLabels(
        tagged(text, ("four two four two", "order_number")).entities,
        (SlotValue("order", "4242"), SlotValue("pin", "blue"), SlotValue("size", "large")),
        (
            StateChange("set", "order", "4242", 0.9, said, "said", "four two four two"),
            StateChange("set", "size", "large", 0.9, Evidence(0, 25, 28)),
        ),
    )
    record = redact(annotated(("A", text, labels), ("A", "4242", TurnLabels(state=labels.state))),
                    pin="PASSWORD")  # fmt: skip
    turn = record["turns"][0]
    assert turn["text"] == "it is IDENTIFIER_1, pin is PASSWORD_1"
    order, size = turn["changes"]
    assert (order["value"], order["raw"]) == ("IDENTIFIER_1", "IDENTIFIER_1")
    where = order["evidence"]
    assert turn["text"][where["start"] : where["end"]] == "IDENTIFIER_1"
    assert turn["text"][size["evidence"]["start"] : size["evidence"]["end"]] == "pin"
    assert [held["value"] for held in record["summary"]["state"]] == [
        "IDENTIFIER_1", "PASSWORD_1", "large"
    ]  # fmt: skip


def test_a_name_in_the_conversations_own_name_is_replaced_too() -> None:
    whole = annotated(("Zoe Zorn", "hello", TurnLabels()), id="zoe_zorn")
    assert re.fullmatch(r"PERSON_1-[0-9a-f]{8}", redact(whole)["id"])
    assert redact(whole)["id"] == redact(whole)["id"]
    assert redact(annotated(("Zoe", "hello", TurnLabels())))["id"] == "c-1"


def test_labels_and_confidence_can_be_chosen() -> None:
    text = "Zoe eats pizza, zoe@zorn.example"
    labels = tagged(text, ("Zoe", "name"), ("pizza", "food_item"))
    whole = annotated(("Zoe", text, labels))
    only = Redactor(Redaction(("food_item",))).conversation(whole).annotated.conversation
    assert [(turn.speaker, turn.text) for turn in only.turns] == [
        ("Zoe", "Zoe eats FOOD_ITEM_1, zoe@zorn.example")
    ]
    sure = Redactor(Redaction(("name", "email"), 0.95)).conversation(whole).annotated.conversation
    assert sure.turns[0].text == "Zoe eats pizza, EMAIL_1"


def test_live_placeholders_stay_the_same_from_turn_to_turn() -> None:
    redactor, memory = Redactor(Redaction()), Redacting()
    heard = []
    for index, text in enumerate(["i am Zoe Zorn", "zoe here, again", "MISS ZORN"]):
        labels = tagged(text, ("Zoe Zorn", "name")) if index == 0 else TurnLabels(())
        turn, _ = redactor.turn(memory, Turn(text, "🦊"), TurnAnnotation(index, labels, 3))
        heard.append((turn.speaker, turn.text))
    assert heard == [
        ("PERSON_1", "i am PERSON_2"), ("PERSON_1", "PERSON_2 here, again"),
        ("PERSON_1", "MISS PERSON_2"),
    ]  # fmt: skip


def test_what_a_live_conversation_remembers_is_bounded() -> None:
    redactor, memory = Redactor(Redaction(), {"order": "IDENTIFIER"}), Redacting()
    for index in range(3000):
        text = f"order {10_000 + index}"
        change = StateChange("set", "order", text, 0.9, Evidence(max(0, index - 400), 6, 11))
        labels = TurnLabels(tagged(text, (text[6:], "order_number")).entities, changes=(change,))
        _, after = redactor.turn(memory, Turn(text), TurnAnnotation(index, labels, 3))
    assert len(memory.turns) <= 200
    assert len(memory.values) <= 500
    assert after.labels.changes is not None
    assert after.labels.changes[0].evidence is None


WORDS = st.sampled_from(
    ["Zoe", "zorn", "ZORN", "88123", "8-8-1-2-3", "hunter2", "zoe@zorn.example", "hello", "order",
     "José", "JOSE", "and", "+44 20 7946 0018", "4111 1111 1111 1111", "(", "👍", "pizza"]
)  # fmt: skip


@st.composite
def tagged_turns(draw: st.DrawFn) -> tuple[str, str, TurnLabels]:
    words = draw(st.lists(WORDS, min_size=1, max_size=8))
    text = " ".join(words)
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word) + 1
    spans, place = [], 0
    while place < len(words):
        last = min(len(words), place + draw(st.integers(1, 3)))
        if draw(st.booleans()):
            end = starts[last - 1] + len(words[last - 1])
            spans.append(EntitySpan(starts[place], end, draw(st.sampled_from(LABELS)), 0.7))
        place = last
    changes = tuple(
        StateChange("set", f"slot{n}", text[s.start : s.end].casefold(), 0.9,
                    Evidence(0, s.start, s.end), "said", text[s.start : s.end])
        for n, s in enumerate(spans)
    )  # fmt: skip
    state = tuple(SlotValue(c.slot, c.value or "") for c in changes)
    speaker = draw(st.sampled_from(["Zoe Zorn", "Agent", "zoe", "José P.", ""]))
    return speaker, text, TurnLabels(tuple(spans), state, changes)


def strings(part: Any) -> Iterator[str]:
    """Everything in a record that came from somebody, keys and our own words left out."""
    ours = {"label", "slot", "operation", "role", "record", "time", "check"}
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for name, inner in part.items():
            if name not in ours:
                yield from strings(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from strings(inner)


def squeezed(text: str) -> str:
    plain = text.casefold().replace("é", "e")
    return " ".join(re.findall(r"[^\W_]+", plain))


@given(st.lists(tagged_turns(), min_size=1, max_size=4))
def test_no_redacted_text_survives_anywhere(turns: list[tuple[str, str, TurnLabels]]) -> None:
    whole = annotated(*turns, id="zoe zorn 88123")
    left = Redactor(Redaction()).conversation(whole)
    record = conversation_record(left.annotated, [])
    assert all(entry.text for entry in left.entries)
    for said in strings(record):
        padded = f" {squeezed(said)} "
        for entry in left.entries:
            assert f" {squeezed(entry.text)} " not in padded, (entry, said)


@given(st.lists(tagged_turns(), min_size=1, max_size=4))
def test_no_redacted_text_survives_in_later_live_turns(
    turns: list[tuple[str, str, TurnLabels]],
) -> None:
    redactor, memory = Redactor(Redaction()), Redacting()
    entries = []
    for index, (speaker, text, labels) in enumerate(turns):
        turn, found = redactor.turn(memory, Turn(text, speaker), TurnAnnotation(index, labels, 1))
        entries += memory.vault.take_fresh()
        for said in strings(turn_record(turn, found)):
            padded = f" {squeezed(said)} "
            assert all(f" {squeezed(entry.text)} " not in padded for entry in entries), said


@given(labelled_conversations(gold=False), st.sampled_from(LABELS))
def test_whatever_was_said_and_found_gives_a_record(labelled: Any, label: str) -> None:
    turns = tuple(
        TurnAnnotation(
            i,
            TurnLabels(
                None if found.entities is None
                else tuple(EntitySpan(s.start, s.end, label, s.confidence, s.value)
                           for s in found.entities),
                found.state, found.changes, found.requests, found.sentiment,
            ),
            0,
        )
        for i, found in enumerate(labelled.labels)
    )  # fmt: skip
    whole = AnnotatedConversation(labelled.conversation, turns)
    left = Redactor(Redaction()).conversation(whole).annotated
    Record.model_validate(conversation_record(left, []))
    for turn, found in zip(left.conversation.turns, left.turns, strict=True):
        for span in found.labels.entities or ():
            assert span.end <= len(turn.text)


def test_a_slot_is_personal_by_its_kind_or_name() -> None:
    redaction = Redaction()
    assert redaction.slot_placeholder("airline-name", "person") == "PERSON"
    assert redaction.slot_placeholder("hotel-name", None) is None
    assert redaction.slot_placeholder("finance-account_number", "identifier") == "ACCOUNT"
    assert redaction.slot_placeholder("hotel-stars", None) is None
    assert Redaction(("email",)).slot_placeholder("airline-name", "person") is None


@pytest.mark.parametrize("label", ["food_item", "price", "company_name", "date"])
def test_things_are_not_personal(label: str) -> None:
    assert Redaction().placeholder(label) is None
