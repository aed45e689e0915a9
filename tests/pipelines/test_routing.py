"""Which answers a policy trusts, and how the others are queued."""

import dataclasses
from pathlib import Path
from typing import Any

import orjson
import pytest

from corpora.conversation import Turn
from corpora.errors import InputError
from corpora.labels import EntitySpan, Evidence, Sentiment, StateChange, TurnLabels
from nlp_lstm.component import Memory, Task
from pipelines.pipeline import ConversationPipeline
from pipelines.records import conversation_record, model_parts, record_line
from pipelines.redaction import Redaction, Redactor, redacted_with_line
from pipelines.redaction.redactor import Redacting
from pipelines.routing import (
    Alarms,
    Case,
    FrustrationPolicy,
    JsonLinesQueue,
    Limits,
    Policy,
    Router,
    TaskPolicy,
    case_id,
    confidence_of,
    queue_entry,
    reason_to_route,
)
from pipelines.routing.doubts import DoubtsPolicy, close_call
from tests.pipelines.fakes import FakeComponent, conversation, fake_pipeline


@pytest.mark.parametrize(
    ("confidence", "context_tokens", "reason"),
    [
        pytest.param(0.95, 100, None, id="sure, within the validated context: kept"),
        pytest.param(0.41, 100, "low_confidence", id="unsure: routed"),
        pytest.param(0.95, 900, "context_too_long", id="sure, beyond the context: routed"),
        pytest.param(0.41, 900, "context_too_long", id="both: the length speaks first"),
        pytest.param(0.80, 512, None, id="exactly at both limits: kept"),
        pytest.param(None, 100, None, id="nothing said that could be wrong: kept"),
        pytest.param(None, 900, "context_too_long", id="nothing said, but too long: routed"),
    ],
)
def test_what_a_policy_trusts(
    confidence: float | None, context_tokens: int, reason: str | None
) -> None:
    limits = Limits(least_confidence=0.80, longest_context=512)

    assert reason_to_route(confidence, context_tokens, limits) == reason


@pytest.mark.parametrize(
    ("task", "labels", "confidence"),
    [
        (
            "entities",
            TurnLabels(entities=(EntitySpan(0, 1, "a", 0.9), EntitySpan(2, 3, "b", 0.4))),
            0.4,
        ),
        ("entities", TurnLabels(entities=()), None),
        ("states", TurnLabels(state=(), state_confidence=0.7), 0.7),
        ("sentiment", TurnLabels(sentiment=Sentiment("neutral", 0.0, 0.6)), 0.6),
        ("sentiment", TurnLabels(), None),
    ],
)
def test_how_sure_a_task_is(task: Task, labels: TurnLabels, confidence: float | None) -> None:
    assert confidence_of(task, labels) == confidence


def test_a_policy_file_says_what_differs_from_the_default(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('route = "humans"\n[states]\nleast_confidence = 0.7\nroute = "experts"\n')
    policy = Policy.load(path)

    assert policy.limits(FakeComponent("states", validated_tokens=300)) == Limits(
        0.7, 300, "experts"
    )
    assert policy.limits(FakeComponent("entities", validated_tokens=9)) == Limits(0.5, 9, "humans")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("[states]\nleast_confidense = 0.7\n", "states.least_confidense: Extra inputs"),
        ("[states]\nleast_confidence = 7\n", "states.least_confidence: .* less than or equal to 1"),
        ("[moods]\n", "moods: Extra"),
        ("route = \n", "Invalid value"),
        (None, "No such file"),
    ],
)
def test_a_misspelt_policy_is_an_error(tmp_path: Path, content: str | None, found: str) -> None:
    path = tmp_path / "policy.toml"
    if content is not None:
        path.write_text(content)

    with pytest.raises(InputError, match=rf"policy\.toml: found .*{found}"):
        Policy.load(path)


def test_one_case_for_a_task_and_a_reason_at_its_first_turn() -> None:
    pipeline = ConversationPipeline([FakeComponent("states", validated_tokens=100)])
    # About 0.96, 0.35, 0.2, … sure: unsure from the second turn, too long from the fourth.
    [annotated] = pipeline.annotate([conversation("hi", *(["word " * 36] * 4))])
    cases = Router(Policy(), pipeline.components.values()).cases(annotated)

    assert [(c.turn, c.reason, c.turns, c.context_tokens, c.threshold) for c in cases] == [
        (1, "low_confidence", 2, 37, 0.5),
        (3, "context_too_long", 2, 109, 100),
    ]
    assert len({case.case for case in cases}) == 2


def test_live_and_whole_a_conversation_has_the_same_cases() -> None:
    pipeline = fake_pipeline()
    router = Router(Policy(), pipeline.components.values())
    chat = conversation("hi", *(["words and 4 " * 12] * 4))
    [annotated] = pipeline.annotate([chat])
    known: set[tuple[Task | None, str]] = set()
    live = []
    memory = pipeline.start()
    for turn in chat.turns:
        annotation, memory = pipeline.step(memory, turn)
        cases = router.turn_cases(chat.id, turn.text, annotation, known=known)  # type: ignore[arg-type]  # reasons are strings
        known.update((case.task, case.reason) for case in cases)
        live += cases

    assert live == [case.model_copy(update={"turns": 1}) for case in router.cases(annotated)]
    assert len(live) == 6


def test_case_ids_tell_apart_what_differs() -> None:
    ids = {
        case_id("1", 0, "hi", "states", "f"),
        case_id("2", 0, "hi", "states", "f"),
        case_id("1", 1, "hi", "states", "f"),
        case_id("1", 11, "hi", "states", "f"),
        case_id("11", 1, "hi", "states", "f"),
        case_id("1", 0, "ho", "states", "f"),
        case_id("1", 0, "other chat numbered 1", "states", "f"),
        case_id("1", 0, "hi", "entities", "f"),
        case_id("1", 0, "hi", "states", "g"),
        case_id("1", 0, "\ud83d", "states", "g"),
    }

    assert len(ids) == 10


def queued(*texts: str) -> list[tuple[str, bytes]]:
    pipeline = fake_pipeline()
    [annotated] = pipeline.annotate([conversation(*texts)])
    cases = Router(Policy(), pipeline.components.values()).cases(annotated)
    record = conversation_record(annotated, model_parts(pipeline), cases=cases)
    return [(case.case, record_line(queue_entry(case, record))) for case in cases]


def test_a_queue_entry_says_what_its_taker_needs(tmp_path: Path) -> None:
    lines = queued("area=north for 4", "word " * 60, "never seen by the case")
    queue = JsonLinesQueue(tmp_path / "new" / "queue.jsonl")

    assert queue.append(lines) == len(lines)
    entry = orjson.loads(queue.path.read_bytes().splitlines()[0])
    assert entry["conversation"] == "c-1"
    assert entry["model"]["name"] == "fake-states"
    assert [turn["index"] for turn in entry["payload"]["turns"]] == [0, 1]
    assert entry["payload"]["state"] == [{"slot": "area", "value": "north"}]
    assert entry["payload"]["entities"][0]["text"] == "4"


def test_a_case_is_queued_once_whoever_queues_it(tmp_path: Path) -> None:
    path = tmp_path / "queue.jsonl"
    lines = queued("word " * 60)
    ours, theirs = JsonLinesQueue(path), JsonLinesQueue(path)

    assert ours.append(lines[:1] * 2) == 1
    assert theirs.append(lines) == len(lines) - 1
    assert ours.append(lines) == 0
    assert path.read_bytes().count(b"\n") == len(lines)


def test_half_a_line_is_what_a_crash_left_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "queue.jsonl"
    [first, second, *_] = queued("word " * 60)
    path.write_bytes(first[1] + b"not json\n" + second[1][:-20])

    assert JsonLinesQueue(path).append([first, second]) == 1
    assert path.read_bytes() == first[1] + b"not json\n" + second[1]


@dataclasses.dataclass(frozen=True)
class Feeling(FakeComponent):
    """A customer is as frustrated as the turn's last number says."""

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        labels, memory = super().step(memory, turn)
        asked = turn.role in ("customer", None)
        chance = float(turn.text.split()[-1]) if asked else None
        mood = Sentiment("neutral", 0.0, 1.0, frustration=chance)
        return dataclasses.replace(labels, sentiment=mood), memory


FEELING = ConversationPipeline([Feeling("sentiment", validated_tokens=500)])
NO_ALARMS: Alarms = {}
ANGRY = conversation("where 0.1", "hm", "no 0.7", "sorry", "NO 0.9", "sorry", "no 0.2", "-", "0.9")


def test_a_customers_frustration_is_one_case_an_episode_with_its_evidence() -> None:
    router = Router(Policy(), FEELING.components.values())

    [case] = router.cases(next(FEELING.annotate([ANGRY])))

    assert (case.reason, case.task, case.route) == ("frustration", "sentiment", "review")
    assert (case.turn, case.since, case.evidence, case.turns) == (2, 2, (2,), 1)
    assert case.confidence is not None
    assert case.confidence > case.threshold == 0.6


def test_frustration_live_is_that_of_the_whole() -> None:
    policy = Policy(frustration=FrustrationPolicy(threshold=0.8, route="supervisor"))
    router = Router(policy, FEELING.components.values())
    memory, alarms, live = FEELING.start(), NO_ALARMS, list[Case]()

    for turn in ANGRY.turns:
        annotation, memory = FEELING.step(memory, turn)
        alarms, cases = router.frustrated(ANGRY.id, turn, annotation, alarms)
        live += cases

    assert live == router.cases(next(FEELING.annotate([ANGRY])))
    assert [(case.turn, case.since, case.evidence) for case in live] == [(4, 2, (2, 4))]
    assert live[0].route == "supervisor"


def test_a_case_of_frustration_has_an_id_of_its_own() -> None:
    policy = Policy(sentiment=TaskPolicy(least_confidence=1.0, longest_context=1))
    cases = Router(policy, FEELING.components.values()).cases(
        next(FEELING.annotate([conversation("no 0.9")]))
    )

    assert [case.reason for case in cases] == ["context_too_long", "frustration"]
    assert len({case.case for case in cases}) == 2


def test_at_a_threshold_of_one_nobody_is_a_case() -> None:
    policy = Policy(frustration=FrustrationPolicy(threshold=1))

    assert Router(policy, FEELING.components.values()).cases(next(FEELING.annotate([ANGRY]))) == []


def test_each_customer_has_an_alarm_and_a_bounded_number_of_them_is_remembered() -> None:
    router = Router(Policy(), FEELING.components.values())
    memory, alarms = FEELING.start(), NO_ALARMS
    for number in range(100):
        turn = Turn("0.9", f"customer {number % 40}")
        annotation, memory = FEELING.step(memory, turn)
        alarms, cases = router.frustrated("c", turn, annotation, alarms)
        assert len(alarms) <= 16
        assert len(cases) == 1


def test_another_language_is_routed_for_every_task_and_asked_for_first() -> None:
    pipeline = fake_pipeline()
    chat = conversation("Hallo, ich habe ein Problem mit meiner Bestellung 4711, wo bleibt sie")
    [annotated] = pipeline.annotate([chat])

    cases = Router(Policy(), pipeline.components.values()).cases(annotated)

    assert [(case.task, case.reason) for case in cases] == [
        (task, "language") for task in pipeline.components
    ]
    assert {case.confidence for case in cases} <= {0.0, None}


@dataclasses.dataclass(frozen=True)
class Fragile(FakeComponent):
    """Falls over where the others do not."""

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        if "fragile" in turn.text:
            raise RuntimeError("fell over")
        return super().step(memory, turn)


def test_a_model_that_fails_alone_is_a_case_and_the_others_answer() -> None:
    pipeline = ConversationPipeline([Fragile("states"), FakeComponent("entities")])
    chat = conversation("fragile 4", "noted")
    [annotated] = pipeline.annotate([chat])
    [case] = Router(Policy(), pipeline.components.values()).cases(annotated)

    assert (case.task, case.reason, case.turns) == ("states", "component_error", 2)
    assert annotated.turns[0].labels.state is None
    assert annotated.turns[0].labels.entities is not None
    assert annotated.conversation.meta["notes"] == ["states could not be told: RuntimeError"]

    annotation, memory = pipeline.step(pipeline.start(), chat.turns[0])
    assert annotation.failed == ("states",)
    assert memory.course.turns == 1


def test_where_all_models_fail_the_conversation_does() -> None:
    pipeline = ConversationPipeline([Fragile("states"), Fragile("entities")])
    [annotated] = pipeline.annotate([conversation("fragile")])

    assert annotated.failure is not None
    with pytest.raises(RuntimeError, match="fell over"):
        pipeline.step(pipeline.start(), Turn("fragile"))


def test_a_conversation_whose_entities_are_unknown_is_not_redacted_but_refused() -> None:
    pipeline = ConversationPipeline([FakeComponent("states"), Fragile("entities")])
    [annotated] = pipeline.annotate([conversation("fragile ana@example.org")])
    redactor = Redactor(Redaction())
    redacted, _ = redacted_with_line(redactor, annotated)

    assert redacted.failure is not None
    assert redacted.turns == ()
    annotation, _ = pipeline.step(pipeline.start(), Turn("fragile"))
    with pytest.raises(RuntimeError, match="nothing could be redacted"):
        redactor.turn(Redacting(), Turn("fragile"), annotation)


def said(*changes: StateChange, **labels: Any) -> TurnLabels:
    return TurnLabels(changes=changes, state=(), **labels)


AREA, NAME = (
    StateChange("set", f"hotel-{slot}", "north", 1.0, Evidence(0, 4, 9), "said")
    for slot in ("area", "name")
)


@pytest.mark.parametrize(
    ("task", "labels", "reason"),
    [
        pytest.param("states", said(AREA, NAME), "conflict", id="one word for two slots"),
        pytest.param(
            "states",
            said(AREA, dataclasses.replace(NAME, slot="taxi-name")),
            None,
            id="one word for two services",
        ),
        pytest.param(
            "states",
            said(AREA, dataclasses.replace(NAME, evidence=Evidence(0, 10, 15))),
            None,
            id="two words for two slots",
        ),
        pytest.param(
            "entities",
            TurnLabels(entities=(EntitySpan(0, 4, "card", 0.9, check="failed"),)),
            "conflict",
            id="a card number that cannot be one",
        ),
        pytest.param(
            "sentiment",
            TurnLabels(sentiment=Sentiment("negative", -0.04, 0.5)),
            "ambiguous",
            id="negative 0.50, positive 0.46",
        ),
        pytest.param(
            "sentiment",
            TurnLabels(sentiment=Sentiment("negative", -0.4, 0.6)),
            None,
            id="negative 0.6, positive 0.2, neutral 0.2",
        ),
        pytest.param(
            "sentiment",
            TurnLabels(sentiment=Sentiment("neutral", 0.4, 0.52)),
            "ambiguous",
            id="neutral 0.52, positive 0.44",
        ),
    ],
)
def test_doubts_that_no_confidence_tells(task: Task, labels: TurnLabels, reason: str) -> None:
    assert close_call(task, labels, DoubtsPolicy(least_margin=0.1)) == reason


def test_who_asks_for_a_person_is_one_case_at_the_first_time() -> None:
    pipeline = fake_pipeline()
    router = Router(Policy(reasons={"explicit_request": "desk"}), pipeline.components.values())
    chat = conversation("hi", "talk to a human? no.", "let me talk to a human", "ok", "HUMAN!")
    [annotated] = pipeline.annotate([chat])
    cases = [c for c in router.cases(annotated) if c.reason == "explicit_request"]

    assert [(c.turn, c.task, c.route, c.turns) for c in cases] == [(2, None, "desk", 2)]
    live = router.turn_cases(chat.id, chat.turns[2].text, annotated.turns[2], role="customer")
    assert live[0] == cases[0].model_copy(update={"turns": 1})


def test_a_tracker_that_finds_nothing_for_long_is_out_of_its_domain() -> None:
    pipeline = ConversationPipeline([FakeComponent("states", validated_tokens=500)])
    policy = Policy(states=TaskPolicy(least_confidence=0), doubts=DoubtsPolicy(silent_words=8))
    router = Router(policy, pipeline.components.values())
    lost, found = "one two three four", "a=b two three four"
    [silent] = pipeline.annotate([conversation(lost, lost, lost)])
    [told] = pipeline.annotate([conversation(found, lost, lost)])

    assert [(c.turn, c.reason, c.turns) for c in router.cases(silent)] == [(1, "out_of_domain", 2)]
    assert router.cases(told) == []
