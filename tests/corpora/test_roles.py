import pytest
from hypothesis import given

from corpora.conversation import Conversation, Role, Turn
from corpora.roles import assign_roles, role_of_label, role_of_word
from tests.strategies import conversations


def talk(*turns: tuple[str, str]) -> Conversation:
    return Conversation("a", tuple(Turn(text, speaker) for speaker, text in turns))


def roles(conversation: Conversation) -> dict[str, tuple[Role | None, bool]]:
    return {turn.speaker: (turn.role, turn.role_guessed) for turn in conversation.turns}


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Customer", "customer"),
        ("customer 2", "customer"),
        ("Visitor 4821", "customer"),
        ("Kunde", "customer"),
        ("Agent (Priya)", "agent"),
        ("Priya (Support Team)", "agent"),
        ("Priya - Agent", "agent"),
        ("Customer Support", "agent"),
        ("Virtual Assistant", "agent"),
        ("SYSTEM", "system"),
        ("Agent Smith", None),
        ("Ana", None),
        ("Guest House Lisbon", None),
        ("", None),
    ],
)
def test_labels_that_name_a_role(label: str, role: Role | None) -> None:
    assert role_of_label(label) == role


@pytest.mark.parametrize(
    ("word", "role"),
    [("user", "customer"), ("Assistant", "agent"), ("developer", "system"), ("dolphin", None)],
)
def test_words_for_roles(word: str, role: Role | None) -> None:
    assert role_of_word(word) == role


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        pytest.param(
            [("Ana", "hi"), ("Ben", "Thank you for calling Tern Bank, how can I help?")],
            {"Ana": ("customer", True), "Ben": ("agent", True)},
            id="an opening line shows the agent, and so the other",
        ),
        pytest.param(
            [("Ana", "My order never came, refund me!"), ("Ben", "hm")],
            {"Ana": ("customer", True), "Ben": ("agent", True)},
            id="a complaint shows the customer",
        ),
        pytest.param(
            [("Ana", "see you at six"), ("Ben", "ok, let me check the bus")],
            {"Ana": (None, False), "Ben": (None, False)},
            id="one faint sign is not enough",
        ),
        pytest.param(
            [("Ana", "how can I help?"), ("Ben", "how can I help?")],
            {"Ana": (None, False), "Ben": (None, False)},
            id="two who both sound like agents",
        ),
        pytest.param(
            [("Customer", "x"), ("Ben", "y")],
            {"Customer": ("customer", False), "Ben": ("agent", True)},
            id="the other side of a label",
        ),
        pytest.param(
            [("Ana", "How can I help?"), ("Ben", "I was charged twice"), ("Cy", "who are you?")],
            {"Ana": ("agent", True), "Ben": ("customer", True), "Cy": (None, False)},
            id="a third person stays open",
        ),
        pytest.param(
            [("Ana", "talking to myself")], {"Ana": (None, False)}, id="alone without a sign"
        ),
        pytest.param([("", "How can I help?")], {"": (None, False)}, id="nobody in particular"),
    ],
)
def test_what_the_talk_itself_shows(
    turns: list[tuple[str, str]], expected: dict[str, tuple[Role | None, bool]]
) -> None:
    assert roles(assign_roles(talk(*turns))) == expected


def test_the_callers_word_beats_label_and_evidence() -> None:
    conversation = talk(("Customer", "hi"), ("Ben", "How can I help?"))

    told = assign_roles(conversation, {"customer": "agent", "Ben": "customer"})

    assert roles(told) == {"Customer": ("agent", False), "Ben": ("customer", False)}


def test_the_callers_word_may_be_for_a_sources_word_for_a_role() -> None:
    turn = Turn("hallo", "Ana", meta={"source_role": "Kundin"})

    [told] = assign_roles(Conversation("a", (turn,)), {"Kundin": "customer"}).turns

    assert (told.role, told.role_guessed) == ("customer", False)


def test_guessing_can_be_left_out() -> None:
    conversation = talk(("Ana", "How can I help?"), ("Agent", "hm"))

    assert roles(assign_roles(conversation, guess=False)) == {
        "Ana": (None, False),
        "Agent": ("agent", False),
    }


def test_one_speaker_has_one_role_wherever_the_source_forgot_it() -> None:
    turns = (Turn("a", "Ana", "agent"), Turn("I was charged", "Ana"))

    assert roles(assign_roles(Conversation("a", turns))) == {"Ana": ("agent", False)}


def test_a_role_that_does_not_exist_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="role 'boss' for 'Ana' is none of customer, agent"):
        assign_roles(talk(("Ana", "hi")), {"Ana": "boss"})


@given(conversations())
def test_roles_change_nothing_else_and_settle_at_once(conversation: Conversation) -> None:
    once = assign_roles(conversation)

    assert [(t.speaker, t.text) for t in once.turns] == [
        (t.speaker, t.text) for t in conversation.turns
    ]
    assert assign_roles(once) == once
    for before, after in zip(conversation.turns, once.turns, strict=True):
        assert before.role is None or after == before
