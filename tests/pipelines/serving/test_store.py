import json
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.conversation import Turn
from corpora.errors import InputError
from nlp_lstm.artefact import ArtefactError
from pipelines.pipeline import ConversationPipeline
from pipelines.redaction import Redaction, Redactor
from pipelines.routing import Policy
from pipelines.serving.lines import SOURCE
from pipelines.serving.live import LiveConversations
from pipelines.serving.opening import Keeping, open_conversations
from pipelines.serving.remembered import Remembered
from pipelines.serving.store import NAME, Store
from pipelines.serving.turns import LateAnswer, LiveTurn, OutOfOrderError, UnknownError
from tests.pipelines.cli.conftest import ROOT
from tests.pipelines.fakes import TASKS, FakeComponent, fake_pipeline

DOUBTFUL = Policy.model_validate({"sentiment": {"least_confidence": 0.99}})
TALK = ["a=1 please, i am Ana Lee", "area 51", "a=2, mail ana@example.org", "thanks Ana", "b=3"]


def opened(folder: Path, remember: int = 10, keep: int = 100, **more: Any) -> Any:
    pipeline = more.pop("pipeline", None) or fake_pipeline()
    return open_conversations(pipeline, DOUBTFUL, Keeping(remember, folder, keep), **more)


def say(conversations: LiveConversations, text: str, name: str = "c-1", **more: Any) -> Any:
    return conversations.annotate(LiveTurn(name, Turn(text, "Ana", "customer"), **more), SOURCE)


def sent_back(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer as whoever sent the turn reads it."""
    return json.loads(json.dumps(answer))  # type: ignore[no-any-return]  # an object it was


@pytest.mark.parametrize("redaction", [None, Redaction()], ids=["plain", "redacted"])
def test_a_restart_after_every_turn_changes_nothing(
    tmp_path: Path, redaction: Redaction | None
) -> None:
    with opened(tmp_path / "one", redaction=redaction) as conversations:
        whole = [say(conversations, text) for text in TALK]
    interrupted = []
    for text in TALK:
        with opened(tmp_path / "many", redaction=redaction) as conversations:
            interrupted.append(say(conversations, text))

    assert interrupted == whole
    assert any(answer["routing"] for answer in whole)


def test_a_conversation_for_which_memory_has_no_room_is_read_from_the_disk(tmp_path: Path) -> None:
    with opened(tmp_path, remember=1) as conversations:
        for number in range(3):
            for name in ("c-1", "c-2", "c-3"):
                assert say(conversations, f"a={number}", name)["index"] == number
        assert len(conversations) == 3


def test_only_so_many_are_kept_and_the_longest_silent_one_goes(tmp_path: Path) -> None:
    told: list[int] = []
    with opened(tmp_path, 1, 2, forgotten=lambda: told.append(1)) as conversations:
        for name in ("old", "busy", "old", "new"):
            say(conversations, "a=1", name)
        assert (len(conversations), told) == (2, [1])
        assert [say(conversations, "b=2", name)["index"] for name in ("old", "busy")] == [2, 0]


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    """Fault 45."""
    with opened(tmp_path), pytest.raises(InputError, match="another process"), opened(tmp_path):
        pass


def test_memories_of_another_model_are_refused_with_both_names(tmp_path: Path) -> None:
    """Fault 37."""
    with opened(tmp_path) as conversations:
        say(conversations, "a=1")
    other = [FakeComponent(task, f"fake-{task}", fingerprint="beef") for task in TASKS]

    with (
        pytest.raises(InputError, match=r"fake-states f00d.*fake-states beef"),
        opened(tmp_path, pipeline=ConversationPipeline(other)),
    ):
        pass


def test_memories_that_were_not_redacted_are_not_gone_on_with(tmp_path: Path) -> None:
    with opened(tmp_path) as conversations:
        say(conversations, "a=1")

    with pytest.raises(InputError, match="redaction"), opened(tmp_path, redaction=Redaction()):
        pass


@pytest.mark.parametrize(
    "content", [b"no database, but long enough to be looked at" * 9, b"SQLite format 3\0" * 90]
)
def test_what_is_no_store_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)

    with pytest.raises(InputError, match="move it away"), opened(tmp_path):
        pass
    assert (tmp_path / NAME).read_bytes() == content


@pytest.mark.parametrize("column", ["memory", "facts"])
@pytest.mark.parametrize(
    "damage", ["substr({}, 1, 40)", "'no bytes'", "x'ff'", "cast(x'ff' as text)"]
)
def test_a_damaged_conversation_costs_itself_alone(
    tmp_path: Path, column: str, damage: str
) -> None:
    with opened(tmp_path) as conversations:
        say(conversations, "a=1")
        say(conversations, "a=2", "c-2")
    with sqlite3.connect(tmp_path / NAME) as file:
        file.execute(
            f"update conversations set {column} = {damage.format(column)} where name = 'c-1'"
        )
    file.close()

    with opened(tmp_path) as conversations:
        with pytest.raises(ArtefactError, match="anew"):
            say(conversations, "b=3")
        assert say(conversations, "b=3", "c-2")["index"] == 1
        assert conversations.forget("c-1")
        assert say(conversations, "b=3")["index"] == 0


def test_a_full_disk_leaves_the_conversation_as_it_was(tmp_path: Path) -> None:
    """Fault 46."""
    with Store(tmp_path, {}, most=100) as store:
        remembered = Remembered(fake_pipeline().start(), 1)
        store.put("c-1", remembered)
        store._file.execute("pragma max_page_count = 1")
        remembered.keep_answer(b'"%s"' % (b"x" * 200_000), "x")

        with pytest.raises(OSError, match="full") as failed:
            store.put("c-1", remembered)

        kept = store.get("c-1")
        assert failed.value.filename == str(tmp_path / NAME)
        assert kept is not None
        assert kept.answer is None


def test_what_the_disk_does_not_have_did_not_happen(tmp_path: Path) -> None:
    with opened(tmp_path) as conversations:
        say(conversations, "a=1")
        conversations._store._file.execute("pragma query_only = on")
        with pytest.raises(OSError, match="readonly"):
            say(conversations, "b=2")
        conversations._store._file.execute("pragma query_only = off")
        assert say(conversations, "c=3")["state"] == [
            {"slot": "a", "value": "1"},
            {"slot": "c", "value": "3"},
        ]


def test_it_is_its_owners_alone_and_no_link_is_followed(tmp_path: Path) -> None:
    """Fault 56."""
    with opened(tmp_path / "state") as conversations:
        say(conversations, "a=1")
        for file in (tmp_path / "state").iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / NAME).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(InputError), opened(tmp_path / "linked"):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_late_answer_by_a_redacted_name_finds_its_conversation_after_a_restart(
    tmp_path: Path,
) -> None:
    name = "ana@example.org"
    with opened(tmp_path, redaction=Redaction()) as conversations:
        said = say(conversations, "a=1", name)
    (case,) = [one["case"] for one in said["routing"]]
    right = LateAnswer(said["conversation"], case, {"verdict": "right"})
    assert name not in said["conversation"]

    with opened(tmp_path, redaction=Redaction()) as conversations:
        answered = conversations.answer(right, SOURCE)
        assert answered["case"] == case
        assert conversations.forget(name)
        with pytest.raises(UnknownError):
            conversations.answer(right, SOURCE)


def test_names_that_were_told_of_go_with_their_conversations(tmp_path: Path) -> None:
    with opened(tmp_path, 1, 1, redaction=Redaction()) as conversations:
        for name in ("ana@example.org", "bo@example.org"):
            say(conversations, "a=1", name)

    with sqlite3.connect(tmp_path / NAME) as file:
        assert file.execute("select name from told_names").fetchall() == [("bo@example.org",)]


def test_what_is_forgotten_is_not_left_on_the_disk(tmp_path: Path) -> None:
    with opened(tmp_path) as conversations:
        say(conversations, "secret=swordfish")
        assert conversations.forget("c-1")
        left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"swordfish" not in left


def test_a_turn_is_read_once_however_often_it_is_sent(tmp_path: Path) -> None:
    with opened(tmp_path) as conversations:
        first = say(conversations, "a=1", index=0)
    with opened(tmp_path) as conversations:
        assert say(conversations, "a=1", index=0) == sent_back(first)
        with pytest.raises(OutOfOrderError, match="read before"):
            say(conversations, "a=2", index=0)
        with pytest.raises(OutOfOrderError, match="turns before it"):
            say(conversations, "a=2", index=2)
        with pytest.raises(OutOfOrderError, match="not remembered"):
            say(conversations, "a=2", "c-2", index=2)
        assert say(conversations, "b=2", index=1)["index"] == 1


STREAM = """
import sys
from pathlib import Path
from pipelines.routing import Policy
from pipelines.serving.lines import answer_lines
from pipelines.serving.opening import Keeping, open_conversations
from tests.pipelines.fakes import fake_pipeline
rules = Policy.model_validate({"sentiment": {"least_confidence": 0.99}})
with open_conversations(fake_pipeline(), rules, Keeping(10, Path(sys.argv[1]))) as conversations:
    answer_lines(sys.stdin.buffer, sys.stdout.buffer, conversations)
"""


def test_a_killed_process_has_lost_no_turn_that_was_answered(tmp_path: Path) -> None:
    """Fault 44."""
    sent = [json.dumps({"text": f"s{turn % 7}={turn}", "index": turn}) + "\n" for turn in range(60)]

    answered: list[dict[str, Any]] = []
    for killed_after in (9, 60):
        with subprocess.Popen(
            [sys.executable, "-c", STREAM, str(tmp_path / "killed")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("".join(sent[len(answered) :]).encode())
            process.stdin.flush()
            while len(answered) < killed_after:
                answered.append(json.loads(process.stdout.readline()))
            process.kill()
            rest = process.stdout.read().split(b"\n")[:-1]  # half an answer is none
            answered += map(json.loads, rest)

    with opened(tmp_path / "whole") as conversations:
        assert answered == [say_again(conversations, line) for line in sent]


def say_again(conversations: LiveConversations, line: str) -> dict[str, Any]:
    said = json.loads(line)
    return sent_back(
        conversations.annotate(LiveTurn("stream", Turn(said["text"]), said["index"]), SOURCE)
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([*TALK, "Ana", "Bo Lee", "ana@example.org", ""]), max_size=6))
def test_what_is_remembered_of_redaction_survives_the_disk(texts: list[str]) -> None:
    pipeline = fake_pipeline()
    redactor, memory = Redactor(Redaction()), pipeline.start()
    remembered = Remembered(memory, 1)
    for text in texts:
        turn = Turn(text, "Ana Lee", "customer")
        annotation, memory = pipeline.step(memory, turn)
        restored = Remembered.from_bytes(*remembered.to_bytes())
        here = redactor.turn(remembered.redacting, turn, annotation)
        there = redactor.turn(restored.redacting, turn, annotation)
        assert there == here
        assert restored.redacting.to_facts() == remembered.redacting.to_facts()
