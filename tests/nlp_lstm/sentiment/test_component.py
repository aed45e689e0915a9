"""What the sentiment component promises, with random weights."""

import dataclasses
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.conversation import Conversation, Turn
from corpora.labels import Sentiment, TurnLabels
from nlp_lstm.sentiment.component import SentimentTagger
from tests.nlp_lstm.sentiment.tiny_sentiment import chat, tiny_tagger

TAGGER = tiny_tagger()
SPEAKERS = st.sampled_from(["", "Ana", "Ben", "Cem", "Dua", "Eva"])
TURNS = st.tuples(SPEAKERS, st.text(max_size=30))
CHATS = st.lists(st.lists(TURNS, max_size=12), max_size=4)


def sentiments(labels: Sequence[TurnLabels]) -> list[Sentiment]:
    assert all(label.sentiment is not None for label in labels)
    return [label.sentiment for label in labels if label.sentiment is not None]


def step_through(tagger: SentimentTagger, conversation: Conversation) -> list[TurnLabels]:
    memory = tagger.start()
    labels = []
    for turn in conversation.turns:
        label, memory = tagger.step(memory, turn)
        labels.append(label)
    return labels


def assert_alike(found: Sequence[TurnLabels], expected: Sequence[TurnLabels]) -> None:
    for one, other in zip(sentiments(found), sentiments(expected), strict=True):
        assert one.label == other.label
        assert one.valence == pytest.approx(other.valence, abs=1e-5)
        assert one.confidence == pytest.approx(other.confidence, abs=1e-5)
        assert one.frustration == pytest.approx(other.frustration, abs=1e-5)
        assert [e.label for e in one.emotions] == [e.label for e in other.emotions]
        for felt, same in zip(one.emotions, other.emotions, strict=True):
            assert felt.confidence == pytest.approx(same.confidence, abs=1e-5)


@settings(deadline=None, max_examples=40)
@given(CHATS)
def test_stepping_gives_what_annotating_gives(chats: list[list[tuple[str, str]]]) -> None:
    conversations = [chat(*said) for said in chats]

    for conversation, labels in zip(conversations, TAGGER.annotate(conversations), strict=True):
        assert_alike(step_through(TAGGER, conversation), labels)


def test_a_long_chat_of_many_speakers_beside_a_single_comment() -> None:
    names = ["Ana", "Ben", "Cem", "Dua", "Eva"]
    long = chat(*((names[(i * i) % 5], f"book table {i} no" * (i % 4)) for i in range(120)))
    single = chat(("", "cheap!!!"))

    both = TAGGER.annotate([long, single])

    assert_alike(both[0], step_through(TAGGER, long))
    assert_alike(both[1], TAGGER.annotate([single])[0])


def test_later_turns_change_nothing() -> None:
    said = [("Ana", "book"), ("Ben", "no"), ("Ana", "cheap table"), ("Ben", "the north")]

    assert_alike(TAGGER.annotate([chat(*said)])[0][:2], TAGGER.annotate([chat(*said[:2])])[0])


def test_earlier_turns_and_speakers_matter() -> None:
    alone, after, by_another = TAGGER.annotate(
        [
            chat(("Ana", "no")),
            chat(("Ana", "cheap cheap table"), ("Ana", "no")),
            chat(("Ben", "cheap cheap table"), ("Ana", "no")),
        ]
    )
    valences = [sentiments(labels)[-1].valence for labels in (alone, after, by_another)]

    assert len({round(valence or 0.0, 6) for valence in valences}) == 3


def test_names_carry_no_meaning() -> None:
    said = [("Ana", "book"), ("Ben", "no"), ("Ana", "cheap table")]
    renamed = [({"Ana": "Zoe", "Ben": "Agent 7"}[name], text) for name, text in said]

    assert TAGGER.annotate([chat(*said)]) == TAGGER.annotate([chat(*renamed)])


def test_roles_stand_in_for_missing_names_only() -> None:
    turns = (Turn("book", role="customer"), Turn("no", role="agent"), Turn("the", role="customer"))
    named = tuple(
        dataclasses.replace(turn, speaker=str(turn.role), role=None, text=turn.text)
        for turn in turns
    )

    by_role, by_name = TAGGER.annotate([Conversation("r", turns), Conversation("n", named)])

    # Frustration is asked of whoever may be a customer, which a role decides.
    assert [s.valence for s in sentiments(by_role)] == [s.valence for s in sentiments(by_name)]
    assert [s.emotions for s in sentiments(by_role)] == [s.emotions for s in sentiments(by_name)]


def test_a_memory_does_not_grow_with_speakers() -> None:
    memory = TAGGER.start()
    sizes = []
    for number in range(40):
        _, memory = TAGGER.step(memory, Turn("no", "x" * number * 100))
        sizes.append(len(memory.to_bytes()))

    assert len(memory.facts["speakers"]) == 3
    assert max(sizes[10:]) - min(sizes[10:]) <= 16  # digits of the counters


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(" \t\n ", id="blanks"),
        pytest.param("?", id="one mark"),
        pytest.param("😀😀😡", id="emoji"),
        pytest.param("👨\u200d👩\u200d👧", id="joined emoji"),
        pytest.param("لا أريد ذلك", id="right to left"),
        pytest.param("\u202e\u200b\ufeff", id="marks without width"),
        pytest.param("\ud800", id="a lone surrogate"),
        pytest.param("WHY???!!!", id="shouting"),
        pytest.param("<b>&lol;</b>", id="markup"),
    ],
)
def test_any_turn_gets_an_answer(text: str) -> None:
    (label,) = sentiments(TAGGER.annotate([chat(("Ana", text))])[0])

    assert label.label in ("negative", "neutral", "positive")
    assert label.valence is not None
    assert -1 <= label.valence <= 1
    assert label.emotions
    assert_alike(step_through(TAGGER, chat(("Ana", text))), [TurnLabels(sentiment=label)])


def test_a_turn_of_100_000_characters_has_an_answer() -> None:
    chats = [chat(("Ana", "no " * 33_334)), chat(("Ana", "x" * 100_000))]

    for (turn,) in TAGGER.annotate(chats):
        assert turn.sentiment is not None
        assert turn.sentiment.label in ("negative", "neutral", "positive")


def test_the_end_of_a_long_turn_is_read() -> None:
    start = "the north table no " * 20
    calm, other = TAGGER.annotate([chat(("", start)), chat(("", start + "cheap " * 30))])

    assert sentiments(calm)[0].valence != sentiments(other)[0].valence


def test_emotions_of_another_scheme() -> None:
    (label,) = sentiments(TAGGER.annotate([chat(("", "no"))], scheme="one")[0])

    assert [emotion.label for emotion in label.emotions] in (["mad"], ["neutral"])
    with pytest.raises(ValueError, match="no emotion scheme 'meld'; this model has many, one"):
        TAGGER.annotate([chat(("", "no"))], scheme="meld")
