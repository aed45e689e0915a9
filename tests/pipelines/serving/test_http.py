import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from pipelines.record_models import Case
from pipelines.records import Record, conversation_record, model_parts
from pipelines.redaction import Redaction
from pipelines.routing import Policy, Router
from pipelines.serving.forms import ConversationView, LateTurnAnswer, TurnAnswer
from pipelines.serving.limits import Limits
from pipelines.serving.opening import Keeping
from pipelines.serving.run import TOKEN, Place
from pipelines.serving.store import NAME
from pipelines.serving.turns import LateAnswer
from tests.pipelines.cli.conftest import ROOT
from tests.pipelines.fakes import fake_pipeline
from tests.pipelines.serving.serving_here import SURE, say, served, states

DOUBTFUL = Policy.model_validate({"sentiment": {"least_confidence": 0.99}})
SECRET = "s" * 32


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with served(limits=Limits(body=20_000, text=1000, turns=5)) as here:
        yield here


def test_conversations_are_annotated_turn_by_turn() -> None:
    with served() as here:
        answers = [say(here, "a=1"), say(here, "a=2", "c-2"), say(here, "b=3"), say(here, "hm")]
        view = here.get("/v1/conversations/c-1")

    assert states(answers) == [{"a": "1"}, {"a": "2"}, {"a": "1", "b": "3"}, {"a": "1", "b": "3"}]
    assert [answer.json()["index"] for answer in answers] == [0, 0, 1, 2]
    for answer in answers:
        TurnAnswer.model_validate_json(answer.content)
    seen = ConversationView.model_validate_json(view.content)
    assert (seen.turns, seen.last and seen.last.text) == (3, "hm")


def test_a_transcript_is_analysed_as_it_is_by_the_pipeline(client: httpx.Client) -> None:
    turns = [("Ana", "customer", "a=1 please"), ("Ben", "agent", "area 51"), ("Ana", None, "a=2")]
    sent = [{"speaker": who, "role": role, "text": text} for who, role, text in turns]

    answer = client.post("/v1/analyze", json={"id": "c-7", "turns": sent})

    pipeline = fake_pipeline()
    whole = Conversation("c-7", tuple(Turn(t, who, role) for who, role, t in turns))  # type: ignore[arg-type]  # roles
    (annotated,) = pipeline.annotate([whole])
    cases = Router(SURE, pipeline.components.values()).cases(annotated)
    expected = conversation_record(annotated, model_parts(pipeline), cases=cases)
    assert answer.json() == json.loads(json.dumps(expected))
    Record.model_validate_json(answer.content)
    assert client.get("/v1/conversations/c-7").status_code == 404


def test_a_conversation_can_be_forgotten(client: httpx.Client) -> None:
    say(client, "a=1", "gone")

    assert client.delete("/v1/conversations/gone").status_code == 204
    assert client.delete("/v1/conversations/gone").status_code == 404
    assert say(client, "b=2", "gone").json()["index"] == 0


def test_a_turn_sent_again_is_answered_as_before(client: httpx.Client) -> None:
    first = say(client, "a=1", "again", index=0)
    again = say(client, "a=1", "again", index=0)
    other = say(client, "a=2", "again", index=0)
    gap = say(client, "a=2", "again", index=5)

    assert again.json() == first.json()
    assert (other.status_code, gap.status_code) == (409, 409)
    assert "expected index 1" in gap.json()["error"]
    assert say(client, "b=2", "again", index=1).json()["index"] == 1


def turn_with(**more: Any) -> bytes:
    return json.dumps({"text": "hi", **more}).encode()


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        pytest.param(b"", 422, "body", id="nothing"),
        pytest.param(b"{", 400, "no JSON", id="half an object"),
        pytest.param(b'{"text": NaN}', 400, "no JSON", id="NaN"),
        pytest.param(b'{"text": "\\ud83d", "index": NaN}', 400, "no JSON", id="NaN beside half"),
        pytest.param(b'{"text": "hi", "index": 1e999}', 400, "infinity", id="infinity"),
        pytest.param(b'{"index": ' + b"7" * 5000 + b"}", 400, "no JSON", id="5,000 digits"),
        pytest.param(b"[" * 9000, 400, "depth limit", id="nested deep"),
        pytest.param(b'"\\ud83d"' + b"[" * 9000, 400, "no JSON", id="nested deep beside half"),
        pytest.param(b'{"text": "\xff"}', 400, "no JSON", id="no UTF-8"),
        pytest.param(b"[]", 422, "body", id="no object"),
        pytest.param(b'{"text": 7}', 422, "body.text: found '7'", id="a text that is none"),
        pytest.param(b"{}", 422, "body.text", id="no text"),
        pytest.param(turn_with(foo=1), 422, "body.foo", id="unknown field"),
        pytest.param(turn_with(role="boss"), 422, "role 'boss'", id="unknown role"),
        pytest.param(turn_with(time="soon"), 422, "time 'soon'", id="no time"),
        pytest.param(turn_with(index=-1), 422, "body.index", id="index below 0"),
        pytest.param(turn_with(index=True), 422, "body.index", id="index of another type"),
        pytest.param(turn_with(text="x" * 1001), 422, "at most 1,000", id="long text"),
        pytest.param(turn_with(speaker="x" * 201), 422, "at most 200", id="long speaker"),
        pytest.param(turn_with(text="x" * 30_000), 413, "20,000 bytes", id="large body"),
        pytest.param(turn_with(text="boom"), 500, "the model fell over", id="a model that fails"),
    ],
)
def test_a_bad_turn_is_answered_by_one_line(
    client: httpx.Client, body: bytes, status: int, told: str
) -> None:
    place = "/v1/conversations/bad/turns"
    answer = client.post(place, content=body, headers={"content-type": "application/json"})

    assert answer.status_code == status
    assert told in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert client.get("/v1/conversations/bad").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        pytest.param("GET", "/v1/conversations/never", 404, "'never'", id="unknown conversation"),
        pytest.param("DELETE", "/v1/conversations/never", 404, "'never'", id="the same"),
        pytest.param("GET", f"/v1/conversations/{'x' * 201}", 422, "201", id="long id"),
        pytest.param("GET", "/v1/conversations/%00", 422, "'\\x00'", id="a control in an id"),
        pytest.param("GET", "/v1/conversations/%FF", 422, "id", id="an id that is no UTF-8"),
        pytest.param("GET", "/v1/conversations/a/b", 404, "/docs", id="no such place"),
        pytest.param("PUT", "/v1/analyze", 405, "/docs", id="wrong method"),
    ],
)
def test_a_wrong_place_is_told(
    client: httpx.Client, method: str, path: str, status: int, told: str
) -> None:
    answer = client.request(method, path)

    assert answer.status_code == status
    assert told in answer.json()["error"]


def test_too_many_turns_are_refused_whole(client: httpx.Client) -> None:
    answer = client.post("/v1/analyze", json={"turns": [{"text": "x"}] * 6})

    assert answer.status_code == 422
    assert "6 turns, expected at most 5" in answer.json()["error"]


def test_half_an_emoji_is_mended_and_told(client: httpx.Client) -> None:
    """Fault 6."""
    place, kind = "/v1/conversations/half/turns", {"content-type": "application/json"}
    answer = client.post(place, content=b'{"text": "a=1 \\ud83d"}', headers=kind)

    assert answer.json()["text"] == "a=1 \ufffd"
    assert "U+FFFD" in answer.json()["notes"][0]


def test_a_form_is_no_json(client: httpx.Client) -> None:
    """A page of another site can send a form unasked."""
    answer = client.post(
        "/v1/analyze", content=b'{"turns": []}', headers={"content-type": "text/plain"}
    )

    assert answer.status_code == 415


def test_a_name_that_was_bent_to_this_machine_is_refused(client: httpx.Client) -> None:
    answer = client.get("/v1/conversations/c-1", headers={"host": "evil.example:80"})

    assert answer.status_code == 421


def test_a_body_without_end_is_refused_while_it_comes(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 1000

    answer = client.post(
        "/v1/analyze", content=endless(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    with served(limits=Limits(seconds=0.2)) as here:
        address = here.base_url.host, here.base_url.port
        with socket.create_connection(address, timeout=60) as slow:
            slow.sendall(
                b"POST /v1/analyze HTTP/1.1\r\nhost: localhost\r\n"
                b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
            )
            assert b" 408 " in slow.recv(1000).split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        pytest.param(None, 401, id="none"),
        pytest.param("Bearer wrong", 401, id="a wrong one"),
        pytest.param(f"Basic {SECRET}", 401, id="of another scheme"),
        pytest.param(f"Bearer {SECRET}x", 401, id="one with more to it"),
        pytest.param("Bearer \xff", 401, id="no ASCII"),
        pytest.param(f"bearer {SECRET}", 404, id="the right one"),
    ],
)
def test_a_token_is_asked_for_where_there_is_one(
    locked: httpx.Client, header: str | None, status: int
) -> None:
    headers = {} if header is None else {b"authorization": header.encode("latin-1")}

    assert locked.get("/v1/conversations/c-1", headers=headers).status_code == status
    assert (locked.get("/metrics", headers=headers).status_code == 401) == (status == 401)
    assert locked.get("/healthz").status_code == 200


@pytest.fixture(scope="module")
def locked() -> Iterator[httpx.Client]:
    with served(token=SECRET) as here:
        yield here


@pytest.mark.parametrize(
    ("host", "token", "told"),
    [
        pytest.param("0.0.0.0", "", "no token", id="every address"),
        pytest.param("::", "", "no token", id="every address of the new kind"),
        pytest.param("0.0.0.0", "short", "5 characters", id="a short token"),
        pytest.param("no such host", SECRET, "no such host", id="no host"),
        pytest.param("127.0.0.1", "", None, id="this machine"),
        pytest.param("localhost", "", None, id="this machine by name"),
        pytest.param("0.0.0.0", SECRET, None, id="every address with a token"),
    ],
)
def test_other_machines_need_a_token(
    host: str, token: str, told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, token)

    if told is None:
        assert Place.of(host, 0).token == (token or None)
    else:
        with pytest.raises(InputError, match=told):
            Place.of(host, 0)


def test_a_routes_answer_comes_late(tmp_path: Path) -> None:
    sad = {"sentiment": {"label": "negative"}}

    with served(policy=DOUBTFUL, queue=tmp_path / "queue") as here:
        (case,) = say(here, "one two").json()["routing"]
        place = "/v1/conversations/c-1/answers"
        waiting = here.get("/v1/conversations/c-1").json()["waiting"]
        unfit = here.post(place, json={"case": case["case"], "answer": 7})
        right = here.post(place, json={"case": case["case"], "answer": sad})
        second = here.post(place, json={"case": case["case"], "answer": sad})
        none = here.post(place, json={"case": "none", "answer": {}})
        stranger = here.post("/v1/conversations/c-9/answers", json={"case": "x", "answer": {}})
        seen = here.get("/v1/conversations/c-1").json()

    assert waiting == [case["case"]]
    assert (seen["waiting"], seen["answered"]) == ([], [right.json()])
    assert right.json()["sentiment"]["label"] == "negative"
    LateTurnAnswer.model_validate_json(right.content)
    assert [a.status_code for a in (unfit, second, none, stranger)] == [422, 409, 404, 404]
    assert case["case"] in (tmp_path / "queue").read_text()


def test_what_a_route_answers_by_itself_is_brought_in(tmp_path: Path) -> None:
    class Machine:
        """Answers each case at once."""

        def __init__(self) -> None:
            self.answers: list[LateAnswer] = []

        def deliver(self, record: Mapping[str, Any], cases: Sequence[Case]) -> None:
            sad = {"by": "machine", "answer": {"sentiment": {"label": "negative"}}}
            self.answers += [LateAnswer(record["id"], case.case, sad) for case in cases]

        def ready(self) -> Iterator[LateAnswer]:
            while self.answers:
                yield self.answers.pop()

        rest = ready

    machine, keeping = Machine(), Keeping(10, tmp_path)
    with served(policy=DOUBTFUL, later=machine, keeping=keeping) as here:
        say(here, "one two")
        (first,) = here.get("/v1/conversations/c-1").json()["answered"]
        say(here, "three four", "c-2")
        machine.answers.append(LateAnswer("c-9", "none", {}))
        assert 'answers_total{fits="no"}' not in here.get("/metrics").text
        say(here, "five", "c-3")
        assert 'answers_total{fits="no"} 1.0' in here.get("/metrics").text
    with served(policy=DOUBTFUL, keeping=keeping) as here:
        last = here.get("/v1/conversations/c-3").json()["answered"]

    assert first["sentiment"]["label"] == "negative"
    assert first["answers"][0]["by"]["name"] == "machine"
    assert len(last) == 1  # it came while the service was stopped


def test_a_route_answers_by_the_name_that_it_was_told(tmp_path: Path) -> None:
    sad = {"sentiment": {"label": "negative"}}

    with served(policy=DOUBTFUL, queue=tmp_path / "queue", redaction=Redaction()) as here:
        for person in ("ana", "ben"):
            said = say(here, "one two", f"chat with {person}@example.org").json()
            (case,) = said["routing"]
            answer = {"case": case["case"], "answer": sad}
            brought = here.post(f"/v1/conversations/{said['conversation']}/answers", json=answer)

            assert brought.status_code == 200
            assert brought.json()["conversation"] == said["conversation"]
            assert person not in said["conversation"]


def test_what_cannot_be_queued_is_not_read(tmp_path: Path) -> None:
    with served(policy=DOUBTFUL, queue=tmp_path) as here:  # a folder: nothing can be appended
        failed = say(here, "one two")
        (tmp_path / "x").touch()
        unknown = here.get("/v1/conversations/c-1")

    assert failed.status_code == 503
    assert unknown.status_code == 404


def test_what_is_personal_is_neither_answered_nor_told() -> None:
    with served(redaction=Redaction()) as here:
        answer = say(here, "mail ana@example.org", speaker="Ana Lee", role="customer")
        again = say(here, "ana@example.org again")
        wrong = say(here, "hi", role="ana@example.org")
        odd = here.post("/v1/analyze", json={"ana@example.org": 1, "turns": []})
        whole = here.post("/v1/analyze", json={"turns": [{"text": "i am at ana@example.org"}]})

    assert answer.json()["text"] == again.json()["text"].replace(" again", "").join(["mail ", ""])
    for each in (answer, again, wrong, odd, whole):
        assert "example.org" not in each.text


def test_counters_and_the_page_can_be_read(client: httpx.Client) -> None:
    say(client, "a=1", "whose-name")
    counters, page = client.get("/metrics"), client.get("/docs")

    assert "nlp_lstm_requests_total" in counters.text
    assert 'operation="add_turn",status="200"' in counters.text
    assert "whose-name" not in counters.text
    assert "nlp_lstm_conversations " in counters.text
    assert "POST /v1/conversations/{id}/turns" in page.text
    assert "http" not in page.text.replace("HTTPValidationError", "")
    assert "script" not in page.text
    assert client.get("/openapi.json").json()["openapi"].startswith("3.")


def test_many_talk_at_once_and_each_has_its_own_memory() -> None:
    def talk(number: int) -> list[dict[str, str]]:
        with httpx.Client(base_url=here.base_url, timeout=60, trust_env=False) as mine:
            name = f"c-{number}"
            return states([say(mine, f"s{turn}={number}", name, index=turn) for turn in range(4)])

    with served() as here, ThreadPoolExecutor(16) as people:
        found = list(people.map(talk, range(32)))

    expected = [{f"s{k}": str(n) for k in range(4)} for n in range(32)]
    assert [states[-1] for states in found] == expected


def test_more_than_may_wait_is_told_to_come_later() -> None:
    with served(limits=Limits(waiting=1, turns=5000)) as here, ThreadPoolExecutor(8) as people:
        long = [{"text": f"a={number} "} for number in range(1500)]
        answers = list(
            people.map(
                lambda _: httpx.post(
                    f"{here.base_url}/v1/analyze",
                    json={"turns": long},
                    timeout=60,
                    trust_env=False,
                ),
                range(6),
            )
        )

    busy = [answer for answer in answers if answer.status_code == 503]
    assert busy
    assert all(answer.headers["retry-after"] == "1" for answer in busy)
    assert {answer.status_code for answer in answers} == {200, 503}


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    with served(keeping=Keeping(1, tmp_path)) as here:
        say(here, "a=1")
        say(here, "b=2", "c-2")  # memory has room for one
        say(here, "c=3")
    with served(keeping=Keeping(1, tmp_path)) as here:
        on = say(here, "d=4", index=2)
        here.delete("/v1/conversations/c-2")
    with served(keeping=Keeping(1, tmp_path)) as here:
        gone = here.get("/v1/conversations/c-2")

    assert states([on]) == [{"a": "1", "c": "3", "d": "4"}]
    assert gone.status_code == 404


def test_a_stored_memory_that_cannot_be_used_is_told_and_can_be_forgotten(tmp_path: Path) -> None:
    with served(keeping=Keeping(1, tmp_path)) as here:
        say(here, "a=1")
    with closing(sqlite3.connect(tmp_path / NAME)) as file:
        (memory,) = file.execute("select memory from conversations").fetchone()
        file.execute("update conversations set memory = ?", (memory.replace(b"f00d", b"beef"),))
        file.commit()

    with served(keeping=Keeping(1, tmp_path)) as here:
        refused = say(here, "b=2")
        here.delete("/v1/conversations/c-1")
        anew = say(here, "b=2")

    assert refused.status_code == 409
    assert "beef" in refused.json()["error"]
    assert states([anew]) == [{"b": "2"}]


def test_a_signal_ends_it_after_what_is_under_way(tmp_path: Path) -> None:
    """Fault 47."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.pipelines.serving.serving_here", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        long = [{"text": f"a={number}"} for number in range(1000)]
        with ThreadPoolExecutor(1) as people:
            under_way = people.submit(
                httpx.post,
                f"{address}/v1/analyze",
                json={"turns": long},
                timeout=60,
                trust_env=False,
            )
            deadline = time.monotonic() + 60
            while "nlp_lstm_waiting 1" not in _counters(address) and not under_way.done():
                assert time.monotonic() < deadline
            process.send_signal(signal.SIGTERM)
            assert len(under_way.result().json()["turns"]) == 1000
        assert process.wait(timeout=60) == 0


def _counters(address: str) -> str:
    return httpx.get(f"{address}/metrics", trust_env=False).text.replace(".0\n", "\n")


def test_an_address_that_is_taken_is_told() -> None:
    with served() as here, pytest.raises(InputError, match="in use"), served_at(here.base_url.port):
        pass


def served_at(port: int | None) -> Any:
    from pipelines.serving.run import _listening

    return _listening(Place("127.0.0.1", port or 0, None))
