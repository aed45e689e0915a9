"""One file of labelled chats of one's own and a schema: what is learnt, cut, counted, refused."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from corpora.errors import InputError
from corpora.labelled import read_labelled
from nlp_lstm.artefact import load_artefact
from nlp_lstm.loading import load_component
from nlp_lstm.states.described.building import build_trainee, strangers
from nlp_lstm.states.described.component import DescribedTracker
from nlp_lstm.states.described.schema import read_schema, write_schema
from nlp_lstm.training.data import load_corpus
from nlp_lstm.training.own import LABELLED
from nlp_lstm.training.recipe import CorpusUse, read_recipe
from pipelines.cli.app import app
from tests.nlp_lstm.states.described.tiny_described import CONFIG, EXAMPLES, SCHEMA

USE = CorpusUse(name=LABELLED)


def chat(number: int) -> dict[str, Any]:
    place = "north" if number % 2 else "south"
    return {
        "id": f"chat-{number}",
        "turns": [
            {"role": "agent", "text": "which part of town?"},
            {
                "role": "customer",
                "text": f"the {place}",
                "state": [{"slot": "hotel-area", "value": place}],
            },
            {"role": "customer", "text": "thanks"},
        ],
    }


def write_chats(path: Path, chats: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in chats), encoding="utf-8")
    return path


def test_a_fifth_of_one_file_judges_always_the_same(tmp_path: Path) -> None:
    chats = [chat(number) for number in range(12)]
    straight = load_corpus(USE, write_chats(tmp_path / "a.jsonl", chats))
    backwards = load_corpus(USE, write_chats(tmp_path / "b.jsonl", chats[::-1]))

    ids = [
        ([one.conversation.id for one in part.train], [one.conversation.id for one in part.dev])
        for part in (straight, backwards)
    ]
    assert ids[0] == ids[1]
    assert (len(straight.train), len(straight.dev)) == (10, 2)
    assert sorted(ids[0][0] + ids[0][1]) == sorted(one["id"] for one in chats)


def test_nine_chats_are_too_few(tmp_path: Path) -> None:
    path = write_chats(tmp_path / "nine.jsonl", [chat(number) for number in range(9)])

    with pytest.raises(InputError, match="found 9 labelled conversations, expected at least 10"):
        load_corpus(USE, path)


def test_labels_that_the_schema_does_not_know_are_counted(tmp_path: Path) -> None:
    odd = chat(1)
    odd["turns"][1]["state"] = [
        {"slot": "hotel-area", "value": "west"},
        {"slot": "hotel-stars", "value": "4"},
        {"slot": "hotel-name", "value": "Acorn"},
    ]
    path = write_chats(tmp_path / "odd.jsonl", [chat(0), odd, {**odd, "id": "again"}])

    found = strangers(SCHEMA, read_labelled(path))

    assert found == Counter(
        {
            "slot 'hotel-stars' that is not in the schema": 2,
            "value 'west' that hotel-area does not list": 2,
        }
    )


RECIPE = """
name = "mine"
task = "states"
tracker = "described"
seed = 1
start = "{start}"
[[corpora]]
name = "labelled"
[loop]
epochs = 2
learning_rate = 0.01
[card]
description = "d"
licence = "mit"
data = ["Invented."]
architecture = "Tiny."
limits = ["Knows nothing."]
"""


@pytest.fixture
def recipe(tmp_path: Path, tiny_reader: Path) -> Path:
    """A recipe that goes on from the tiny model."""

    def table(name: str, settings: dict[str, Any]) -> str:
        rows = settings.pop("rows", None)
        lines = [f"{key} = {value}" for key, value in settings.items()]
        if rows is not None:
            inner = ", ".join(f"{key} = {value}" for key, value in rows.items())
            lines.append(f"rows = {{ {inner} }}")
        return "\n".join([f"[{name}]", *lines, ""])

    path = tmp_path / "mine.toml"
    path.write_text(
        RECIPE.format(start=tiny_reader)
        + table("network", CONFIG.model_dump())
        + table("examples", EXAMPLES.model_dump()),
        encoding="utf-8",
    )
    return path


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "schema.toml"
    path.write_text(write_schema(SCHEMA), encoding="utf-8")
    return path


def train(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["train", *map(str, arguments)])
    told = str(result.exception) if isinstance(result.exception, InputError) else ""
    return result.exit_code, result.output + told


def test_own_chats_become_a_tracker_of_the_own_schema(
    tmp_path: Path, recipe: Path, schema: Path
) -> None:
    chats = [chat(number) for number in range(12)]
    chats[0]["turns"][1]["state"].append({"slot": "hotel-stars", "value": "4"})
    chats += [chat(12), chat(13)]
    chats[-1]["turns"][1]["state"].append({"slot": "hotel-stars", "value": "5"})
    path = write_chats(tmp_path / "mine.jsonl", chats)

    code, told = train(recipe, "--schema", schema, "--data", path, "--out", tmp_path / "out")

    assert code == 0, told
    assert "slot 'hotel-stars' that is not in the schema" in told
    tracker = load_component(tmp_path / "out", task="states")
    assert isinstance(tracker, DescribedTracker)
    assert tracker.schema.slots == SCHEMA.slots
    assert "hotel-stars" in load_artefact(tmp_path / "out").card


def test_without_chats_the_start_is_written_over_the_schema(
    tmp_path: Path, recipe: Path, schema: Path, tiny_reader: Path
) -> None:
    code, told = train(recipe, "--schema", schema, "--out", tmp_path / "untrained")

    assert code == 0, told
    tracker = load_component(tmp_path / "untrained")
    assert isinstance(tracker, DescribedTracker)
    assert tracker.schema == read_schema(schema)
    start = load_artefact(tiny_reader)
    own = load_artefact(tmp_path / "untrained")
    assert own.fingerprint != start.fingerprint
    assert all(torch.equal(own.tensors[name], start.tensors[name]) for name in start.tensors)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        pytest.param('kind = "colour"', "schema.toml:", id="no such kind"),
        pytest.param('description = ""', "schema.toml:", id="an empty description"),
        pytest.param("[[slot]", "schema.toml", id="no TOML"),
    ],
)
@pytest.mark.parametrize("with_data", [True, False], ids=["with chats", "without"])
def test_a_bad_schema_is_refused_before_anything_is_read_or_written(
    tmp_path: Path, recipe: Path, schema: Path, broken: str, told: str, with_data: bool
) -> None:
    """The chats do not even exist, and nobody notices."""
    schema.write_text(
        'name = "bad"\n[[slot]]\nname = "size"\ndescription = "d"\nkind = "span"\n'.replace(
            'kind = "span"' if "kind" in broken else 'description = "d"', broken
        ),
        encoding="utf-8",
    )
    before = sorted(tmp_path.rglob("*"))
    data: list[str | Path] = ["--data", tmp_path / "missing.jsonl"] if with_data else []

    code, output = train(recipe, "--schema", schema, *data, "--out", tmp_path / "out")

    assert code != 0
    assert told in output
    assert "missing.jsonl" not in output
    assert sorted(tmp_path.rglob("*")) == before


def test_a_recipe_of_listed_values_takes_no_schema(tmp_path: Path, schema: Path) -> None:
    code, output = train("states-woz2", "--schema", schema, "--out", tmp_path / "out")

    assert code == 2
    assert "reads no schema" in output


def test_few_chats_are_read_several_times_each_time_anew(tmp_path: Path, recipe: Path) -> None:
    chats = write_chats(tmp_path / "chats.jsonl", [chat(number) for number in range(12)])
    schema = tmp_path / "schema.toml"
    schema.write_text(write_schema(SCHEMA), encoding="utf-8")
    plan = read_recipe(str(recipe)).model_copy(update={"schema_file": str(schema)})
    corpus = load_corpus(USE, chats)

    counts = []
    for at_least in (0, 25):
        examples = {**plan.examples, "at_least": at_least, "conversations": 1}
        trainee = build_trainee(
            plan.model_copy(update={"examples": examples}),
            [corpus],
            None,
            load_artefact(Path(str(plan.start))),
            seed=1,
        )
        counts.append(trainee.batch_count())

    assert counts == [10, 30]
