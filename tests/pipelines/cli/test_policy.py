"""`nlp-lstm policy` as a user runs it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpora.conversation import Conversation, Turn
from corpora.labelled import write_labelled
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from nlp_lstm.loading import load_component
from pipelines.cli.app import app
from tests.nlp_lstm.test_recalibration import half_right

MODEL = "entities-support"
SAID = (
    "my name is ana {}",
    "hm",
    "the account number is 48{}21",
    "my email is ana{}@example.com",
)


def mostly_right(chats: int) -> list[LabelledConversation]:
    """Chats whose labels are the model's own answers, but for one turn in forty."""
    conversations = [
        Conversation(f"chat-{n}", tuple(Turn(text.format(n), "Ana", "customer") for text in SAID))
        for n in range(chats)
    ]
    predicted = load_component(MODEL).annotate(conversations)
    return [
        LabelledConversation(
            conversation,
            tuple(
                replace(
                    labels,
                    entities=(EntitySpan(0, 2, "name"),)
                    if number % 10 == 0 and turn == 1
                    else labels.entities,
                    entities_confidence=None,
                )
                for turn, labels in enumerate(said)
            ),
        )
        for number, (conversation, said) in enumerate(zip(conversations, predicted, strict=True))
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    write_labelled(mostly_right(300), folder / "dev.jsonl")
    return folder


@pytest.fixture(scope="module")
def fitted(data: Path) -> Path:
    path = data / "policy.toml"
    code, _, told = run(
        *("fit", MODEL, "--corpus", "labelled", "--data", data, "--out", path, "--risk", 0.1)
    )
    assert code == 0, told
    return path


def run(*arguments: str | float | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["policy", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_a_policy_is_fitted_and_keeps_its_promise_on_others(fitted: Path) -> None:
    plot = fitted.with_suffix(".svg")
    code, told, _ = run("report", fitted, "--data", fitted.parent, "--plot", plot)

    assert code == 0
    assert f"entities: {MODEL}, " in told
    assert "Error among the answers kept" in told
    assert "<svg" in plot.read_text(encoding="utf-8")

    code, told, _ = run("report", fitted, "--data", fitted.parent, "--json")
    (task,) = json.loads(told)["tasks"]
    everything = task["tables"][0]["rows"][-1]
    assert everything[0] == "all"
    assert everything[3] <= 0.1  # the error of what is accepted


def test_other_commands_keep_it(fitted: Path, tmp_path: Path) -> None:
    chat = tmp_path / "chat.txt"
    chat.write_text("Ana: my name is ana 7\nBen: hm\n")
    command = ["analyze", str(chat), "--format", "plain", "--json", "--policy"]
    only = ["--without", "states", "--without", "sentiment"]

    kept = CliRunner().invoke(app, [*command, str(fitted), *only, "--entities", MODEL])
    refused = CliRunner().invoke(app, [*command, str(fitted), *only])
    shipped = CliRunner().invoke(app, [*command, "shipped", *only])

    assert kept.exit_code == 0
    assert refused.exit_code == 2
    assert f"thresholds fitted to {MODEL}" in refused.stderr
    assert shipped.exit_code == 0


def test_what_was_learnt_from_is_refused(data: Path) -> None:
    code, _, told = run(
        *("fit", MODEL, "--corpus", "multidogo", "--split", "train", "--data", data),
        *("--out", data / "none.toml"),
    )

    assert code != 0
    assert not (data / "none.toml").exists()
    assert told


@pytest.mark.parametrize(
    ("chats", "found"),
    [
        (half_right(MODEL)[:30], "found 30 conversations, .* expected at least 40 to test on"),
        (half_right(MODEL), "no threshold for entities-support that keeps a risk of 0.05"),
    ],
)
def test_what_conversations_cannot_support_is_refused(
    tmp_path: Path, chats: list[LabelledConversation], found: str
) -> None:
    write_labelled(chats, tmp_path / "dev.jsonl")
    out = tmp_path / "policy.toml"

    code, _, told = run("fit", MODEL, "--corpus", "labelled", "--data", tmp_path, "--out", out)

    assert code == 2
    assert re.search(found, told)
    assert not out.exists()


def test_a_policy_is_not_written_over(fitted: Path) -> None:
    code, _, told = run(
        *("fit", MODEL, "--corpus", "labelled", "--data", fitted.parent, "--out", fitted)
    )

    assert code == 2
    assert "is there already" in told


def test_thresholds_set_by_hand_promise_nothing_to_judge(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[states]\nleast_confidence = 0.7\n")

    code, _, told = run("report", path, "--data", tmp_path)

    assert code != 0
    assert "a policy whose thresholds were set by hand" in told


def test_thresholds_of_ones_own_schema_are_for_that_schema(tmp_path: Path, orders: Path) -> None:
    texts = ("hi there", "my order is AB12345{}", "you can write to ana{}@example.com", "thanks")
    conversations = [
        Conversation(f"chat-{n}", tuple(Turn(text.format(n % 10), "Ana") for text in texts))
        for n in range(300)
    ]
    said = load_component(orders).annotate(conversations)
    chats = [
        LabelledConversation(
            one,
            tuple(
                TurnLabels(state=() if n % 10 == 0 and turn == 1 else labels.state)
                for turn, labels in enumerate(own)
            ),
        )
        for n, (one, own) in enumerate(zip(conversations, said, strict=True))
    ]
    write_labelled(chats, tmp_path / "dev.jsonl")
    out = tmp_path / "policy.toml"
    data = ("--data", tmp_path)

    code, _, told = run(
        *("fit", orders, "--corpus", "labelled", *data, "--out", out, "--risk", 0.1)
    )
    assert code == 0, told
    code, printed, told = run("report", out, *data, "--model", orders)
    assert code == 0, told
    assert "states: states-schema" in printed

    code, _, told = run("report", out, *data)
    assert code == 2
    assert "over the schema 'orders'" in told
