import json
import os
import signal
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli.app import app
from pipelines.routing import Policy, Router
from pipelines.serving.lines import answer_lines
from pipelines.serving.live import LiveConversations
from pipelines.serving.turns import LiveTurn
from tests.pipelines.fakes import conversation, fake_pipeline

pytestmark = pytest.mark.usefixtures("fake_models")


def line(text: str, conversation: str = "c-1", **more: object) -> str:
    return json.dumps({"conversation": conversation, "text": text, **more}) + "\n"


def stream(stdin: str | bytes, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["stream", *arguments], input=stdin)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(answer) for answer in result.stdout.split("\n") if answer]


def states(result: Result) -> list[tuple[str, dict[str, str]]]:
    return [
        (a["conversation"], {held["slot"]: held["value"] for held in a["state"]})
        for a in answers(result)
    ]


def test_interleaved_conversations_keep_their_own_memory() -> None:
    result = stream(line("a=1") + line("a=2", "c-2") + line("b=3") + line("hm", "c-2"))

    assert result.exit_code == 0
    assert states(result) == [
        ("c-1", {"a": "1"}),
        ("c-2", {"a": "2"}),
        ("c-1", {"a": "1", "b": "3"}),
        ("c-2", {"a": "2"}),
    ]
    assert [answer["index"] for answer in answers(result)] == [0, 0, 1, 1]


def test_a_turn_is_answered_as_in_a_whole_conversation() -> None:
    texts = ["a=1 please", "area 51", "a=2", "thanks"]

    (whole,) = fake_pipeline().annotate([conversation(*texts)])
    streamed = answers(stream("".join(map(line, texts))))

    moods = [turn.labels.sentiment for turn in whole.turns]
    assert [answer["sentiment"]["valence"] for answer in streamed] == [
        pytest.approx(mood.valence, abs=1e-4) for mood in moods if mood
    ]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        pytest.param("no json\n", "'no json'", id="no JSON"),
        pytest.param('{"text": "hi"\n', "expected", id="half an object"),
        pytest.param("[1]\n", "'[1]'", id="no object"),
        pytest.param('{"conversation": "c-1"}\n', "text", id="no text"),
        pytest.param('{"text": 7}\n', "text", id="a text that is none"),
        pytest.param(line("hi", role="boss"), "'boss'", id="unknown role"),
        pytest.param(line("hi", speaker=["Ana"]), "speaker", id="a speaker that is none"),
        pytest.param(b'{"text": "\xff"}\n', "<stdin>:2", id="no UTF-8"),
        pytest.param(line("boom"), "RuntimeError: the model fell over", id="a model that fails"),
    ],
)
def test_a_bad_line_is_answered_and_the_others_go_on(bad: str | bytes, told: str) -> None:
    bad = bad if isinstance(bad, bytes) else bad.encode()

    result = stream(line("a=1").encode() + bad + line("b=2").encode())

    assert result.exit_code == 1
    first, error, last = answers(result)
    assert (first["index"], last["index"]) == (0, 1)
    assert error["line"] == 2
    assert told in error["error"]
    assert last["state"] == [{"slot": "a", "value": "1"}, {"slot": "b", "value": "2"}]


def test_an_overlong_line_is_refused_without_being_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.serving.lines.LONGEST_LINE", 1000)

    result = stream(line("x" * 10_000) + line("a=1"))

    refused, answered = answers(result)
    assert "longer than 1,000 bytes" in refused["error"]
    assert answered["index"] == 0


def test_blank_lines_are_no_turns() -> None:
    assert len(answers(stream("\n  \n" + line("hi") + "\n"))) == 1


def test_only_so_many_conversations_are_remembered() -> None:
    turns = line("a=1", "old") + line("a=2", "busy") + line("a=3", "new") + line("b=4", "busy")
    result = stream(turns + line("b=5", "old"), "--remember", "2")

    assert states(result)[3] == ("busy", {"a": "2", "b": "4"})
    assert states(result)[4] == ("old", {"b": "5"})
    assert answers(result)[4]["index"] == 0
    assert "more than 2 conversations" in result.stderr


def test_a_reason_is_routed_once_a_conversation(tmp_path: Path) -> None:
    policy, queue = tmp_path / "policy.toml", tmp_path / "queue.jsonl"
    policy.write_text("[sentiment]\nleast_confidence = 0.99\n")
    turns = line("one two") + line("three") + line("four", "c-2")

    result = stream(turns, "--policy", str(policy), "--queue", str(queue))

    assert [len(answer["routing"]) for answer in answers(result)] == [1, 0, 1]
    queued = [json.loads(case) for case in queue.read_text().split("\n") if case]
    assert [case["conversation"] for case in queued] == ["c-1", "c-2"]
    assert queued[0]["payload"]["turns"][0]["text"] == "one two"


def test_each_answer_comes_before_the_next_turn_is_sent() -> None:
    pipeline = fake_pipeline()
    router = Router(Policy(), pipeline.components.values())
    conversations = LiveConversations(pipeline, router, remember=10)
    (turns, to_turns), (from_answers, answers_) = os.pipe(), os.pipe()
    # As wide as the streams of a process: what is buffered stays there until it is flushed.
    with (
        open(turns, "rb") as lines,  # noqa: PTH123 - a descriptor, no path
        open(answers_, "wb") as written,  # noqa: PTH123
        open(to_turns, "wb") as sender,  # noqa: PTH123
        open(from_answers, "rb") as receiver,  # noqa: PTH123
    ):
        answering = Thread(target=answer_lines, args=(lines, written, conversations), daemon=True)
        answering.start()
        for index in range(3):
            sender.write(line(f"turn {index}").encode())
            sender.flush()
            assert json.loads(receiver.readline())["index"] == index
        sender.close()
        answering.join(timeout=60)
        assert not answering.is_alive()


def test_a_turn_may_say_when_it_was_said() -> None:
    result = stream(line("a=1", time="2026-03-05T17:30") + line("b", time="soon") + line("c"))

    times = [answer.get("time", answer.get("error")) for answer in answers(result)]
    assert times[0] == "2026-03-05T17:30:00"
    assert "time 'soon'" in str(times[1])
    assert times[2] is None


def routed_conversations(**more: Any) -> LiveConversations:
    pipeline = fake_pipeline()
    rules = Policy.model_validate({"sentiment": {"least_confidence": 0.99}})
    router = Router(rules, pipeline.components.values())
    return LiveConversations(pipeline, router, remember=10, **more)


def answered(lines: list[str], conversations: LiveConversations) -> list[dict[str, Any]]:
    written = BytesIO()
    answer_lines(BytesIO("".join(lines).encode()), written, conversations)
    return [json.loads(answer) for answer in written.getvalue().splitlines()]


def test_a_routes_answer_may_come_later_for_an_earlier_turn() -> None:
    def merge(record: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
        (turn,) = record["turns"]
        assert record["routing"][0]["case"] == answer["case"]
        return {**record, "turns": [{**turn, "sentiment": answer["answer"]}]}

    conversations = routed_conversations(merging=merge)
    first, _ = answered([line("one two"), line("three")], conversations)
    case = first["routing"][0]["case"]

    late = json.dumps({"conversation": "c-1", "case": case, "answer": {"label": "sad"}}) + "\n"
    merged, again = answered([late, late], conversations)

    assert (merged["conversation"], merged["case"], merged["index"]) == ("c-1", case, 0)
    assert merged["sentiment"] == {"label": "sad"}
    assert "second answer" in again["error"]
    assert "the first answer was kept" in again["error"]


@pytest.mark.parametrize(
    ("late", "told"),
    [
        pytest.param({"conversation": "c-9", "case": "x", "answer": 1}, "'c-9'", id="a stranger"),
        pytest.param({"conversation": "c-1", "case": "x", "answer": 1}, "'x'", id="no such case"),
        pytest.param({"conversation": "c-1", "case": "x"}, "give the answer", id="no answer"),
        pytest.param({"case": "x", "answer": 1}, "name the conversation", id="of nothing"),
    ],
)
def test_an_answer_that_fits_nothing_is_refused(late: dict[str, Any], told: str) -> None:
    conversations = routed_conversations(merging=lambda record, answer: dict(record))

    _, refused, last = answered([line("a=1"), json.dumps(late) + "\n", line("b=2")], conversations)

    assert told in refused["error"]
    assert refused["line"] == 2
    assert last["index"] == 1


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    first = stream(line("a=1") + line("a=2", "c-2"), "--state-dir", str(tmp_path))
    second = stream(line("b=3") + line("b=4", "c-2", index=1), "--state-dir", str(tmp_path))

    assert first.exit_code == second.exit_code == 0
    assert states(second) == [("c-1", {"a": "1", "b": "3"}), ("c-2", {"a": "2", "b": "4"})]


def test_a_store_of_another_model_is_wrong_usage(tmp_path: Path) -> None:
    stream(line("a=1"), "--state-dir", str(tmp_path))

    result = stream(line("b=2"), "--state-dir", str(tmp_path), "--without", "entities")

    assert result.exit_code == 2
    assert "fake-entities f00d" in result.stderr
    assert result.stdout == ""


def test_a_conversation_can_be_forgotten() -> None:
    end = json.dumps({"conversation": "c-1", "forget": True}) + "\n"

    first, over, never, again = answers(stream(line("a=1") + end + end + line("b=2")))

    assert over == {"conversation": "c-1", "forgotten": True}
    assert never == {"conversation": "c-1", "forgotten": False}
    assert (first["index"], again["index"]) == (0, 0)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        pytest.param(b'{"text": NaN}', "unexpected", id="fault 21: NaN"),
        pytest.param(b'{"text": "x", "index": ' + b"7" * 5000 + b"}", "infinity", id="fault 19"),
        pytest.param(b"[" * 100_000, "depth limit", id="fault 18: nested deep"),
        pytest.param(b'"\\ud83d' + b"[" * 100_000, "expected", id="fault 18: beside half a pair"),
        pytest.param(b'{"text": "hi", "index": -1}', "count turns", id="index below 0"),
        pytest.param(b'{"text": "hi", "index": true}', "count turns", id="index that is none"),
        pytest.param(b'{"text": "hi", "conversation": "\\ud83d"}', "whole", id="half a name"),
        pytest.param(b'{"text": "hi", "conversation": "%s"}' % (b"x" * 501), "501", id="long name"),
        pytest.param(b'{"conversation": "c-1", "forget": 1}', "say true", id="forget that is none"),
        pytest.param(b'{"forget": true}', "name the conversation", id="forget nobody"),
    ],
)
def test_a_hostile_line_is_answered_by_one_short_line(bad: bytes, told: str) -> None:
    result = stream(line("a=1").encode() + bad + b"\n" + line("b=2").encode())

    first, refused, last = answers(result)
    assert told in refused["error"]
    assert len(refused["error"]) < 600
    assert (refused["line"], first["index"], last["index"]) == (2, 0, 1)


def test_half_an_emoji_is_mended_and_told() -> None:
    """Fault 6."""
    (answer,) = answers(stream(b'{"text": "a=1 \\ud83d"}\n'))

    assert answer["text"] == "a=1 \ufffd"
    assert "U+FFFD" in answer["notes"][0]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    """Fault 3."""
    (answer,) = answers(stream(b"\xef\xbb\xbf" + line("a=1").encode()))

    assert answer["text"] == "a=1"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"]
)
def test_a_signal_is_obeyed_when_the_line_is_answered(number: int, code: int) -> None:
    """Fault 47: it comes while the model reads; the answer is whole, the next line is not read."""
    pipeline = fake_pipeline()
    router = Router(Policy(), pipeline.components.values())

    class Interrupted(LiveConversations):
        def annotate(self, live: LiveTurn, source: str) -> dict[str, Any]:
            answer = super().annotate(live, source)
            signal.raise_signal(number)
            return answer

    written = BytesIO()
    with pytest.raises((SystemExit, KeyboardInterrupt)) as stopped:
        answer_lines(
            BytesIO((line("a=1") + line("a=2")).encode()),
            written,
            Interrupted(pipeline, router, remember=10),
        )

    assert getattr(stopped.value, "code", 130) == code
    (answer,) = map(json.loads, written.getvalue().splitlines())
    assert answer["state"] == [{"slot": "a", "value": "1"}]
