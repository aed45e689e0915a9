from corpora.conversation import Turn
from nlp_lstm.states.reading import (
    ANY_TIME,
    LONGEST_RAW,
    LONGEST_STEP,
    MOST_PENDING,
    NO_TAG,
    Pending,
    StepReader,
    is_customer,
    remember,
)
from tests.nlp_lstm.states.tiny_states import SCHEMA

READ = StepReader(SCHEMA)


def test_a_step_is_both_sides_with_their_marks() -> None:
    (step,) = READ.steps((Pending(0, 0, "North?"), Pending(1, 0, "At 5pm?")), 2, "Yes!")

    assert step.words == ["<sys>", "north", "?", "at", ANY_TIME, "?", "<usr>", "yes", "!"]
    assert step.words[step.user_starts] == "<usr>"


def test_mentions_are_tagged_and_stand_in_the_raw_text() -> None:
    texts = ["How about the NORTH?", "Rather the Acorn guesthouse at 5:30 PM"]
    (step,) = READ.steps((Pending(0, 0, texts[0]),), 1, texts[1])

    said = [
        (SCHEMA.value_names[mention.value], texts[place.turn][place.start : place.end])
        for mention, place in zip(step.mentions, step.quotes, strict=True)
    ]
    assert said == [
        ("north", "NORTH"),
        ("acorn guest house", "Acorn guesthouse"),
        ("17:30", "5:30 PM"),
    ]
    assert [place.raw for place in step.quotes] == [None, "Acorn guesthouse", "5:30 PM"]
    tagged = [word for word, tag in zip(step.words, step.tags, strict=True) if tag != NO_TAG]
    assert tagged == ["north", "acorn", "guest", "house", ANY_TIME]


def test_a_long_turn_becomes_several_steps_and_loses_no_word() -> None:
    words = [f"w{i}" for i in range(2 * LONGEST_STEP + 3)]

    steps = READ.steps((Pending(0, 0, "hello"),), 1, " ".join(words))

    assert [word for step in steps for word in step.words[step.user_starts + 1 :]] == words
    assert [step.user_starts for step in steps] == [2, 1, 1]


def test_what_is_kept_of_the_other_side_is_the_end() -> None:
    pending = remember((Pending(0, 0, "a" * 10),), 1, "b" * (MOST_PENDING - 4))

    assert [(p.turn, p.start, len(p.text)) for p in pending] == [
        (0, 6, 4),
        (1, 0, MOST_PENDING - 4),
    ]


def test_evidence_in_a_cut_turn_still_stands_in_the_whole_one() -> None:
    text = "so " * MOST_PENDING + "the NORTH"
    (step,) = READ.steps(remember((), 0, text), 1, "yes")

    place = step.quotes[0]
    assert text[place.start : place.end] == "NORTH"


def test_how_a_value_was_said_is_kept_unless_it_is_very_long() -> None:
    spread = "Acorn" + " " * LONGEST_RAW + "guesthouse"
    (step,) = READ.steps((), 0, f"{spread}, in the  Northern part")

    assert [(place.start, place.end, place.raw) for place in step.quotes] == [
        (0, len(spread), None),
        (len(spread) + 10, len(spread) + 18, "Northern"),
    ]


def test_who_may_change_the_state() -> None:
    assert is_customer(Turn("hi", role="customer"))
    assert is_customer(Turn("hi"))
    assert not any(is_customer(Turn("hi", role=role)) for role in ("agent", "system", "tool"))
