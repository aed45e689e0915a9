"""Where cases end up: fallbacks, budgets, loops, what leads nowhere, functions and spaCy."""

import importlib.metadata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
import spacy
from spacy.language import Language

from corpora.errors import InputError
from pipelines.queues import JsonLinesQueue
from pipelines.record_models import Case
from pipelines.routes import Answer, RoutedCase, Routes, Unanswered, Vocabulary, open_routes
from pipelines.routes.functions import PythonFunction
from pipelines.routes.later import LaterRoutes
from pipelines.routes.settings import PythonSettings, SpacySettings
from pipelines.routes.spacy_pipeline import SpacyPipeline
from pipelines.routing import Policy
from tests.pipelines.routes.cases import WORDS, case_of, cases_of, record_of

CHAT = ("area=north for 4", "noted", "bye")


def function(
    said: Callable[[list[dict[str, Any]]], Sequence[Any]], name: str = "ours"
) -> PythonFunction:
    return PythonFunction(name, PythonSettings(kind="python", function="f"), WORDS, said)


def test_a_case_without_an_answer_goes_on_and_says_where_it_was(tmp_path: Path) -> None:
    queue = JsonLinesQueue(tmp_path / "queue.jsonl")
    asked: list[str] = []

    def good(cases: list[dict[str, Any]]) -> list[Any]:
        asked.extend(case["previous"][0]["route"] for case in cases)
        return [{"entities": []} if case["task"] == "entities" else None for case in cases]

    def bad(cases: list[dict[str, Any]]) -> list[Any]:
        raise ZeroDivisionError(len(cases))

    routes = Routes(
        {"bad": function(bad, "bad"), "good": function(good, "good")},
        {"bad": "good"},
        queue=queue,
    )
    cases = [
        RoutedCase({**case.entry, "route": "bad"}) for case in cases_of(record_of(*CHAT)).values()
    ]
    [answer] = routes.send(cases)

    assert answer.route == "good"
    assert asked == ["bad"] * 3
    waiting = [orjson.loads(line) for line in queue.path.read_bytes().splitlines()]
    assert [case["task"] for case in waiting] == ["states", "sentiment"]
    assert [one["route"] for one in waiting[0]["previous"]] == ["bad", "good"]
    assert waiting[0]["previous"][0]["why"] == "ZeroDivisionError in f"
    assert routes.report()[0] == "bad: 3 cases, 0 answered; 3 not: ZeroDivisionError in f"


def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    calls: list[int] = []

    def counting(cases: list[dict[str, Any]]) -> list[Any]:
        calls.append(len(cases))
        return [{"entities": []}] * len(cases)

    for _ in range(2):
        answers = JsonLinesQueue(tmp_path / "answers.jsonl")
        routes = Routes({"review": function(counting)}, {}, answers=answers)
        routes.append([("x", orjson.dumps(case_of("entities", *CHAT).entry))])
    assert calls == [1]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (lambda cases: [], "0 answers to 1 cases"),
        (lambda cases: ["yes"], "an answer that is none"),
        (lambda cases: [{"entities": [{"label": "x", "start": 0, "end": 1}]}], "label 'x'"),
        (lambda cases: [{"verdict": "handled"}], "has handled the case"),
        (lambda cases: [{"sentiment": {"label": "neutral"}}], "without entities"),
        (lambda cases: [None], "nothing from f"),
    ],
)
def test_what_a_function_says_is_checked(
    said: Callable[[list[dict[str, Any]]], Sequence[Any]], why: str
) -> None:
    [told] = function(said).send([case_of("entities", *CHAT)])

    assert isinstance(told, Unanswered)
    assert why in told.why


def test_a_function_that_routes_to_itself_is_called_once() -> None:
    inner: list[Answer | Unanswered] = []

    def calls_itself(cases: list[dict[str, Any]]) -> list[Any]:
        inner.extend(function(calls_itself).send([RoutedCase(case) for case in cases]))
        return [None] * len(cases)

    function(calls_itself).send([case_of("entities", *CHAT)])

    [told] = inner
    assert isinstance(told, Unanswered)
    assert told.why == "f routes to itself: a loop"


def test_functions_are_found_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = importlib.metadata.EntryPoint("ours", "builtins:sorted", "nlp_lstm.routes")
    broken = importlib.metadata.EntryPoint("broken", "no_such_module:f", "nlp_lstm.routes")
    monkeypatch.setattr("pipelines.routes.functions.entry_points", lambda group: [point, broken])
    assert PythonFunction("r", PythonSettings(kind="python", function="ours"), WORDS)
    with pytest.raises(InputError, match="expected one of broken, ours"):
        PythonFunction("r", PythonSettings(kind="python", function="theirs"), WORDS)
    with pytest.raises(InputError, match="no_such_module:f"):
        PythonFunction("r", PythonSettings(kind="python", function="broken"), WORDS)


def ruled(*patterns: dict[str, str]) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(list(patterns))  # type: ignore[attr-defined]  # a ruler
    return nlp


def test_another_spacy_pipeline_answers_under_our_labels(tmp_path: Path) -> None:
    nlp = ruled({"label": "CARDINAL", "pattern": "4"}, {"label": "GPE", "pattern": "noted"})
    nlp.to_disk(tmp_path / "theirs")
    settings = SpacySettings(
        kind="spacy", model=str(tmp_path / "theirs"), labels={"CARDINAL": "number"}
    )
    route = SpacyPipeline("theirs", settings, WORDS)
    [told, other] = route.send([case_of("entities", *CHAT), case_of("states", *CHAT)])

    assert isinstance(told, Answer)
    assert told.answer.entities is not None
    assert [(one.label, one.start) for one in told.answer.entities] == [
        ("number", CHAT[0].index("4"))
    ]
    assert isinstance(other, Unanswered)


def test_a_spacy_pipeline_that_is_not_there_is_one_line() -> None:
    settings = SpacySettings(kind="spacy", model="no_such_pipeline")
    with pytest.raises(InputError, match=r"\[routes\.theirs\] model: found 'no_such_pipeline'"):
        SpacyPipeline("theirs", settings, WORDS)


def test_a_spacy_pipeline_of_the_very_model_is_a_loop() -> None:
    nlp = spacy.blank("en")
    component = nlp.add_pipe("lstm_entities", name="ours")
    fingerprint = component.component.fingerprint  # type: ignore[attr-defined]  # our component
    settings = SpacySettings(kind="spacy", model="x")

    with pytest.raises(InputError, match="would be asked about itself"):
        SpacyPipeline("theirs", settings, Vocabulary(models=(fingerprint,)), nlp)
    assert SpacyPipeline("theirs", settings, Vocabulary(models=("other",)), nlp)


@pytest.mark.parametrize(
    ("toml", "found"),
    [
        ("[reasons]\nbored = 'x'\n", "reasons.bored"),
        ("[routes.a]\nkind = 'pigeon'\n", "'pigeon'.*'jsonl'"),
        ("[routes.a]\nkind = 'jsonl'\n", "routes.a.jsonl.file: Field required"),
        ("[routes.a]\nkind = 'jsonl'\nfile = 'x'\nfallback = 'b'\n", "'b' of route 'a' is none of"),
        (
            "[routes.a]\nkind='jsonl'\nfile='x'\nfallback='b'\n"
            "[routes.b]\nkind='jsonl'\nfile='y'\nfallback='a'\n",
            "the fallbacks a -> b -> a are a loop",
        ),
        (
            "[reasons]\nexplicit_request='m'\n[routes.m]\nkind='spacy'\nmodel='x'\n",
            "explicit_request goes to 'm', a machine",
        ),
        ("[routes.a]\nkind='label-studio'\nfile='x.xml'\n", "should match pattern"),
    ],
)
def test_routes_that_cannot_be_are_one_line(tmp_path: Path, toml: str, found: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(toml)
    with pytest.raises(InputError, match=rf"policy\.toml: found .*{found}") as caught:
        Policy.load(path)
    assert "\n" not in str(caught.value)


def test_a_route_that_leads_nowhere_is_refused_unless_a_queue_takes_it(tmp_path: Path) -> None:
    settings = {"review2": {"kind": "jsonl", "file": str(tmp_path / "x.jsonl")}}
    policy = Policy.model_validate({"route": "reveiw2", "routes": settings})

    with pytest.raises(InputError, match="did you mean 'review2'"):
        open_routes(policy)
    assert open_routes(policy, queue=tmp_path / "queue.jsonl")


def test_a_stream_does_not_wait_and_answers_come_later() -> None:
    routes = Routes({"review": function(lambda cases: [{"entities": []}])}, {}, slow=["review"])
    later = LaterRoutes(routes)
    record = record_of(*CHAT)
    [case] = [one for one in record["routing"] if one["task"] == "entities"]
    later.deliver(record, [Case.model_validate(case)])
    [answer] = later.rest()

    assert (answer.conversation, answer.case) == (record["id"], case["case"])
    assert answer.answer["kind"] == "machine"
    assert answer.answer["answer"]["entities"] == ()
    assert later.close() == ["review: 1 cases, 1 answered"]
