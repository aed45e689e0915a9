"""Turns that no training has seen: a defined answer, in bounded time, from what ships."""

import pytest

from corpora.conversation import Conversation, Turn
from corpora.labels import TurnLabels
from nlp_lstm.artefact import shipped_models
from nlp_lstm.component import Component
from nlp_lstm.loading import load_component
from pipelines.annotation import AnnotatedConversation, TurnAnnotation
from pipelines.records import conversation_record, record_line
from pipelines.redaction import Redaction, Redactor

MODELS = [name for name in shipped_models() if name.split("-")[0] in ("entities", "sentiment")]
LONG = 100_000  # characters
FAMILY = "👨‍👩‍👧‍👦"
TURNS = {
    "empty": "",
    "blank": " \t\n\u00a0",
    "one letter": "k",
    "one mark": "?",
    "one emoji": "🙂",
    "a lone surrogate": "\ud83d",
    "no letter": "?!... 12 -- 3.5 %%% 07:30 ###",
    "Cyrillic": "Мой заказ не пришёл, позвоните +7 495 123-45-67",
    "Arabic, right to left": "طلبي لم يصل بعد، البريد ana@example.org",
    "Chinese": "我的订单还没到,请退款",
    "Thai, no blanks": "ฉันต้องการเงินคืนเดี๋ยวนี้",
    "markup": "<div onclick=\"x('y')\"><b>my order</b> &amp; <script>4711</script></div>",
    "control characters": "my\x00order\x1b[2Jnever\u202ecame\ufeff",
    "stacked marks": "o\u0301\u0302\u0303\u0304" * 50,
    "long: words": "my order never came ",
    "long: one word": "a",
    "long: digits apart": "4 1 ",
    "long: marks": "!?",
    "long: emoji": "😂",
    "long: families of joined emoji": FAMILY,
    "long: addresses": "ana@example.org,",
    "long: links": "http://a.b/",
    "long: tags": "<b><i>",
    "long: lines": "\n",
    "long: Chinese": "我要退款",
}


@pytest.fixture(scope="module", params=MODELS)
def component(request: pytest.FixtureRequest) -> Component:
    return load_component(request.param)


def chat(name: str) -> Conversation:
    text = TURNS[name]
    if name.startswith("long"):
        text = (text * LONG)[:LONG]
    said = ("hello, i need help", text, "thank you")
    return Conversation("c", tuple(Turn(each, "Ana", "customer") for each in said))


def within_bounds(labels: TurnLabels, text: str) -> bool:
    spans = labels.entities or ()
    bounds = zip([0, *(span.end for span in spans)], spans, strict=False)
    moods = [] if labels.sentiment is None else [labels.sentiment]
    emotions = [emotion.confidence for mood in moods for emotion in mood.emotions]
    return (
        all(end <= span.start and span.end <= len(text) for end, span in bounds)
        and all(0 <= span.confidence <= 1 for span in spans)
        and all(-1 <= (mood.valence or 0) <= 1 and 0 <= mood.confidence <= 1 for mood in moods)
        and all(0 <= confidence <= 1 for confidence in emotions)
    )  # fmt: skip


@pytest.mark.parametrize("name", TURNS)
def test_any_turn_has_an_answer(component: Component, name: str) -> None:
    """What takes more than a few steps a character would not end here."""
    conversation = chat(name)
    (whole,) = component.annotate([conversation])
    found = tuple(TurnAnnotation(i, labels, 0) for i, labels in enumerate(whole))
    redacted = Redactor(Redaction()).conversation(AnnotatedConversation(conversation, found))
    assert record_line(conversation_record(redacted.annotated, []))
    for turn, labels in zip(conversation.turns, whole, strict=True):
        assert within_bounds(labels, turn.text)


@pytest.mark.parametrize("name", [n for n in TURNS if n[:4] != "long" or n == "long: words"])
def test_any_turn_is_answered_alone_as_among_others(component: Component, name: str) -> None:
    conversation = chat(name)
    (whole,) = component.annotate([conversation])
    memory = component.start()
    for turn, expected in zip(conversation.turns, whole, strict=True):
        stepped, memory = component.step(memory, turn)
        assert [(s.start, s.end, s.label) for s in stepped.entities or ()] == [
            (s.start, s.end, s.label) for s in expected.entities or ()
        ]
        assert (stepped.sentiment is None) == (expected.sentiment is None)


def test_a_turn_without_a_word_names_nothing() -> None:
    tagger = load_component("entities-support")
    for name in ("empty", "blank"):
        (found,) = tagger.annotate([chat(name)])
        assert found[1].entities == ()
