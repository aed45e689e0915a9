import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.artefact import load_artefact
from pipelines.cli.app import app
from pipelines.cli.measurements import lengths, unrelated_talk

SAMPLES = Path(__file__).parents[2] / "samples"

RECIPE = """
name = "entities-mine"
task = "entities"
seed = 1
start = {start}

[[corpora]]
name = "labelled"

[network]
hidden_width = 6
turn_width = 5
memory_width = 4
tagger_width = 8
dropout = 0.2
rows = {{ piece_width = 6, gram_width = 4, gram_buckets = 64 }}

[examples]
conversations = 2
word_dropout = 0.1
role_dropout = 0.1

[loop]
epochs = 2
learning_rate = 1e-2

[card]
licence = "mit"
description = "Finds cities."
data = ["Two chats."]
architecture = "BiLSTM-CRF."
limits = ["All."]
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """Labelled chats of one's own, as docs/labelled-chats.md describes them."""
    folder = tmp_path / "chats"
    folder.mkdir()
    for split in ("train", "dev"):
        lines = []
        for number in range(4):
            entities = [
                {"start": 0, "end": 5, "label": "city"},
                {"start": 9, "end": 12, "label": "name"},
                {"start": 17, "end": 18, "label": "number"},
            ]
            turn = {"role": "customer", "text": "Leeds as Ana for 4", "entities": entities}
            lines.append(json.dumps({"id": f"{split}-{number}", "turns": [turn]}))
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def recipe(tmp_path: Path, tiny_model: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(RECIPE.format(start=json.dumps(str(tiny_model))))
    return path


def test_figures_stand_beside_their_protocol(tiny_model: Path, chats: Path) -> None:
    result = run("evaluate", tiny_model, "--corpus", "labelled", "--data", chats)

    assert result.exit_code == 0
    figures = [line for line in result.stdout.splitlines() if line.startswith("span_f1")]
    assert len(figures) == 1
    assert "labelled dev, " in figures[0]
    assert result.stderr == ""


def test_json_is_one_object(tiny_model: Path, chats: Path) -> None:
    result = run("evaluate", tiny_model, "--corpus", "labelled", "--data", chats, "--json")

    figures = json.loads(result.stdout)
    assert (figures["model"], figures["corpus"], figures["split"]) == ("tiny", "labelled", "dev")
    assert {"span_precision", "span_recall", "span_f1"} <= figures["metrics"].keys()
    assert figures["counts"]["conversations"] == 4
    assert figures["seconds"] >= 0
    by_label = next(table for table in figures["tables"] if table["columns"][0] == "label")
    assert {row[0] for row in by_label["rows"]} >= {"city", "name", "number"}


def test_details_break_the_figures_down(tiny_model: Path, chats: Path) -> None:
    plain = run("evaluate", tiny_model, "--corpus", "labelled", "--data", chats)
    detailed = run("evaluate", tiny_model, "--corpus", "labelled", "--data", chats, "--details")

    assert len(detailed.stdout.splitlines()) > len(plain.stdout.splitlines())
    assert "city" in detailed.stdout


def test_perturbed_turns_stand_in_a_table_of_their_own(tiny_model: Path, chats: Path) -> None:
    asked = ("evaluate", tiny_model, "--corpus", "labelled", "--data", chats, "--perturb", "all")

    result = run(*asked)

    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    table = lines[lines.index("Perturbed turns") + 1 :]
    assert [line.split()[0] for line in table] == [
        "perturbation",
        "none",
        "typos",
        "casing",
        "fillers",
    ]
    tables = json.loads(run(*asked, "--json").stdout)["tables"]
    assert tables[-1]["title"] == "Perturbed turns"
    assert [row[0] for row in tables[-1]["rows"]] == ["none", "typos", "casing", "fillers"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param(["--perturb", "noise"], "'noise' is none of typos", id="no such kind"),
        pytest.param(["--perturb", "corrections"], "corrections", id="no kind for spans"),
    ],
)
def test_what_cannot_be_measured(
    options: list[str], told: str, tiny_model: Path, chats: Path
) -> None:
    result = run("evaluate", tiny_model, "--corpus", "labelled", "--data", chats, *options)

    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        pytest.param("many", "'many' is no number of turns", id="a word"),
        pytest.param("50,-1", "'-1' is no number of turns", id="less than none"),
        pytest.param("50,,", "'' is no number of turns", id="nothing"),
        pytest.param("99999999", "0 to 2000", id="no end"),
    ],
)
def test_stretches_are_numbers_of_turns(asked: str, told: str) -> None:
    with pytest.raises(typer.BadParameter, match=told):
        lengths(asked)

    assert lengths("200, 0,50,50") == (0, 50, 200)


def test_unrelated_talk_comes_from_a_corpus_or_from_quiet_turns(tmp_path: Path) -> None:
    state = (SlotValue("area", "east"),)
    turns = (Turn("east", role="customer"), Turn("thanks", role="customer"))
    gold = [
        LabelledConversation(Conversation("c", turns), (TurnLabels(state=state),) * 2),
    ]

    assert unrelated_talk(None, tmp_path, gold) == ("turns that set no slot", ["thanks"])
    name, talk = unrelated_talk(None, SAMPLES, gold)
    assert name == "irc"
    assert len(talk) > 5
    with pytest.raises(InputError, match="--filler-corpus"):
        unrelated_talk(None, tmp_path, gold[:0])


@pytest.mark.parametrize(
    ("corpus", "split", "told"),
    [
        pytest.param("multiwoz99", "dev", "'multiwoz99'", id="unknown corpus"),
        pytest.param("labelled", "test", "test.jsonl", id="no such split"),
        pytest.param("woz2", "dev", "expected", id="another layout"),
    ],
)
def test_a_corpus_that_cannot_be_read(
    corpus: str, split: str, told: str, tiny_model: Path, chats: Path
) -> None:
    result = run("evaluate", tiny_model, "--corpus", corpus, "--data", chats, "--split", split)

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert told in line


def test_training_on_ones_own_chats(recipe: Path, chats: Path, tmp_path: Path) -> None:
    out = tmp_path / "entities-mine"

    result = run("train", recipe, "--data", chats, "--out", out)

    assert result.exit_code == 0, result.stderr
    assert "span_f1" in result.stdout
    assert f"{out}: the model" in result.stdout
    assert [line.split()[:2] for line in result.stderr.splitlines()] == [
        ["epoch", "1"],
        ["epoch", "2"],
    ]
    assert load_artefact(out, task="entities").config["training"]["seed"] == 1


def test_training_writes_over_no_model_unasked(recipe: Path, chats: Path, tiny_model: Path) -> None:
    before = (tiny_model / "config.json").read_bytes()

    result = run("train", recipe, "--data", chats, "--out", tiny_model)

    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert (tiny_model / "config.json").read_bytes() == before


def test_a_misspelt_setting_is_an_error(recipe: Path, chats: Path, tmp_path: Path) -> None:
    recipe.write_text(recipe.read_text().replace("epochs = 2", "epoch = 2"))

    result = run("train", recipe, "--data", chats, "--out", tmp_path / "out")

    assert result.exit_code == 2
    assert "loop.epoch" in result.stderr
