"""The #ubuntu logs: who wrote, who acted, and what the server said."""

from pathlib import Path

import pytest

from corpora.conversation import Turn
from corpora.errors import InputError
from corpora.labels import TurnLabels
from corpora.published import read_corpus

SAMPLES = Path(__file__).parents[2] / "samples"


def log(root: Path, content: str) -> Path:
    path = root / "data" / "train" / "2004-12-25.train-c.raw.txt"
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_a_log_is_a_conversation_without_labels() -> None:
    first, second = read_corpus("irc", SAMPLES, "dev")

    assert (first.conversation.id, second.conversation.id) == ("2004-11-15_03", "2009-02-23_10")
    assert [turn.role for turn in first.conversation.turns].count("system") == 3
    assert first.conversation.turns[0].speaker == "ubuntor"
    assert set(second.labels) == {TurnLabels()}


@pytest.mark.parametrize(
    ("line", "turn"),
    [
        pytest.param(
            "[12:18] <Matt|> |trey|, top:  <b>",
            Turn(
                "|trey|, top:  <b>",
                speaker="Matt|",
                line=1,
                meta={"clock": "12:18", "kind": "message"},
            ),
            id="a message",
        ),
        pytest.param(
            "[12:18] <delta>",
            Turn("", speaker="delta", line=1, meta={"clock": "12:18", "kind": "message"}),
            id="a message of nothing",
        ),
        pytest.param(
            "[08:01]  * Orochium does an awesome dance",
            Turn(
                "does an awesome dance",
                speaker="Orochium",
                line=1,
                meta={"clock": "08:01", "kind": "action"},
            ),
            id="an action",
        ),
        pytest.param(
            "[01:26] -services:#ubuntu- be nice",
            Turn("be nice", speaker="services", line=1, meta={"clock": "01:26", "kind": "notice"}),
            id="a notice",
        ),
        pytest.param(
            "=== tuxx has joined #ubuntu",
            Turn("tuxx has joined #ubuntu", role="system", line=1),
            id="an event",
        ),
    ],
)
def test_kinds_of_lines(tmp_path: Path, line: str, turn: Turn) -> None:
    log(tmp_path, line + "\n")

    (labelled,) = read_corpus("irc", tmp_path, "train")

    assert labelled.conversation.turns == (turn,)


def test_a_line_of_no_kind_is_refused(tmp_path: Path) -> None:
    log(tmp_path, "=== a joins\nhello\n")

    with pytest.raises(InputError, match=r"raw\.txt:2: found 'hello'"):
        list(read_corpus("irc", tmp_path, "train"))
