"""In spaCy the components say what they say alone, wherever their Docs and models travel."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import Task
from pipelines.pipeline import ConversationPipeline
from pipelines.records import change_parts, sentiment_part, state_parts
from pipelines.spacy_components import conversation_doc
from pipelines.spacy_turn_component import TurnComponent
from tests.pipelines.fakes import FakeComponent, conversation

ROOT = Path(__file__).parents[2]
TASKS: tuple[Task, ...] = ("entities", "states", "sentiment")
CHAT = conversation("book 4 tables at 12pm", "", "a=north four 😀 12", "ok")


def add(nlp: Language, tasks: Sequence[Task], models: dict[Task, Path]) -> Language:
    for task in tasks:
        nlp.add_pipe(f"lstm_{task}", config={"model": str(models[task])})
    return nlp


@pytest.fixture
def nlp(tiny_models: dict[Task, Path]) -> Language:
    return add(spacy.blank("en"), TASKS, tiny_models)


@pytest.fixture
def fake_nlp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Language:
    """Components whose answers can be worked out by hand, and that fail when told to."""
    import pipelines.spacy_turn_component as ours

    monkeypatch.setattr(ours, "load_component", lambda path, *, task: FakeComponent(task))
    return add(spacy.blank("en"), TASKS, dict.fromkeys(TASKS, tmp_path))


def test_a_conversation_gets_what_the_pipeline_gives(
    nlp: Language, tiny_models: dict[Task, Path]
) -> None:
    [expected] = ConversationPipeline.load(list(tiny_models.values())).annotate([CHAT])
    doc = nlp(conversation_doc(nlp, CHAT))
    labels = [turn.labels for turn in expected.turns]

    assert [found["state"] for found in doc._.states] == [
        state_parts(turn.state) for turn in labels if turn.state is not None
    ]
    moods = [sentiment_part(turn.sentiment) for turn in labels if turn.sentiment]
    assert doc._.sentiment == moods
    assert [span._.sentiment for span in doc.spans["turns"]] == moods
    assert len(doc.spans["lstm_entities"]) == sum(len(turn.entities or ()) for turn in labels)


def test_entities_cover_the_tokens_they_touch(fake_nlp: Language) -> None:
    doc = fake_nlp(conversation_doc(fake_nlp, CHAT))
    group = doc.spans["lstm_entities"]

    # The model's word "12" lies in spaCy's token "12pm", where "12" and "pm" are one.
    assert [(span.text, span.label_) for span in group] == [("4", "number"), ("12", "number")]
    assert [ent.text for ent in doc.ents] == [span.text for span in group]
    assert len(group.attrs["scores"]) == 2
    assert group.attrs["scores"].min() > 0


def test_states_and_evidence_are_plain_data(fake_nlp: Language) -> None:
    doc = fake_nlp(conversation_doc(fake_nlp, CHAT))
    [labels] = FakeComponent("states").annotate([CHAT])

    assert [turn["changes"] for turn in doc._.states] == [
        change_parts(turn.changes or ()) for turn in labels
    ]
    assert doc._.states[3]["state"] == [{"slot": "a", "value": "north"}]
    # As records round it: a pipe's batches move digits that nobody needs.
    assert doc._.states[3]["confidence"] == round(labels[3].state_confidence or 0, 4)


def test_an_ordinary_doc_is_one_turn(fake_nlp: Language) -> None:
    doc = fake_nlp("a=x and 22")

    assert [ent.text for ent in doc.ents] == ["22"]
    assert len(doc._.states) == len(doc._.sentiment) == 1
    assert "turns" not in doc.spans


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_a_blank_doc_is_a_turn_without_words(nlp: Language, text: str) -> None:
    doc = nlp(text)

    assert len(doc._.states) == len(doc._.sentiment) == 1
    assert doc.ents == ()


def test_turns_know_who_said_them(nlp: Language) -> None:
    doc = conversation_doc(nlp, CHAT)
    turns = doc.spans["turns"]

    assert [(span._.speaker, span._.role) for span in turns] == [
        ("Ana", "customer"),
        ("Ben", "agent"),
    ] * 2
    assert doc._.conversation_id == "c-1"
    assert doc.text == "book 4 tables at 12pm\n\na=north four 😀 12\nok\n"


BLANK = spacy.blank("en")


@given(st.lists(st.text(st.characters(codec=None), max_size=20), max_size=5))
def test_turns_in_a_doc_say_what_was_said(texts: list[str]) -> None:
    doc = conversation_doc(BLANK, conversation(*texts))
    turns = doc.spans["turns"]

    assert len(turns) == len(texts)
    for span, text in zip(turns, texts, strict=True):
        clean = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
        # A blank after the last token belongs to no span of spaCy's.
        assert clean.removesuffix(" ") == span.text.removesuffix(" ") or (span.text, text) == (
            "\n",
            "",
        )


def described(doc: Doc) -> list[Any]:
    ents = [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
    moods = [mood and mood["label"] for mood in doc._.sentiment]
    return [doc.text, ents, [turn["state"] for turn in doc._.states], moods]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_piping_gives_what_calling_gives_in_order(nlp: Language, batch_size: int) -> None:
    chats = [conversation(*["book 4 north"] * (i % 4), id=str(i)) for i in range(9)]
    docs = [conversation_doc(nlp, chat) for chat in chats]
    piped = nlp.pipe(docs, batch_size=batch_size)

    for doc, chat in zip(piped, chats, strict=True):
        assert described(doc) == described(nlp(conversation_doc(nlp, chat)))


def test_a_bad_doc_goes_to_the_handler_and_the_others_come_out(fake_nlp: Language) -> None:
    failed: list[tuple[str, str]] = []

    def note(name: str, component: Any, docs: list[Doc], error: Exception) -> Any:
        failed.append((name, docs[0].text))

    fake_nlp.set_error_handler(note)

    texts = [doc.text for doc in fake_nlp.pipe(["one 1", "boom", "two 2"])]

    assert texts == ["one 1", "two 2"]
    assert failed == [("lstm_entities", "boom")]


def test_without_a_handler_a_bad_doc_raises(fake_nlp: Language) -> None:
    with pytest.raises(RuntimeError, match="fell over"):
        list(fake_nlp.pipe(["one 1", "boom"]))


def test_an_unknown_role_is_an_error(fake_nlp: Language) -> None:
    doc = conversation_doc(fake_nlp, CHAT)
    doc.spans["turns"][0]._.role = "kunde"

    with pytest.raises(ValueError, match="'kunde'"):
        fake_nlp(doc)


@pytest.mark.parametrize(
    ("overwrite", "kept"),
    [
        (False, [("number 22 and", "THEIRS"), ("4", "number")]),
        (True, [("22", "number"), ("4", "number")]),
    ],
)
def test_entities_of_others(
    fake_nlp: Language, tmp_path: Path, overwrite: bool, kept: list[tuple[str, str]]
) -> None:
    nlp = spacy.blank("en")
    config = {"model": str(tmp_path), "overwrite_ents": overwrite}
    nlp.add_pipe("lstm_entities", config=config)
    doc = nlp.make_doc("number 22 and 4")
    doc.ents = [Span(doc, 0, 3, "THEIRS")]
    nlp.get_pipe("lstm_entities")(doc)

    assert [(ent.text, ent.label_) for ent in doc.ents] == kept
    assert len(doc.spans["lstm_entities"]) == 2


def test_a_pipeline_on_disk_needs_the_models_no_more(
    tiny_models: dict[Task, Path], tmp_path: Path
) -> None:
    copies = {task: tmp_path / "models" / path.name for task, path in tiny_models.items()}
    for task, path in tiny_models.items():
        shutil.copytree(path, copies[task])
    nlp = add(spacy.blank("en"), TASKS, copies)
    expected = described(nlp("book 4 north"))
    nlp.to_disk(tmp_path / "saved")
    stored = nlp.to_bytes()
    blank = add(spacy.blank("en"), TASKS, copies)
    shutil.rmtree(tmp_path / "models")

    assert described(spacy.load(tmp_path / "saved")("book 4 north")) == expected
    assert described(blank.from_bytes(stored)("book 4 north")) == expected
    files = {path.name for path in (tmp_path / "saved/lstm_entities").rglob("*.*")}
    assert files >= {"weights.safetensors", "config.json", "card.md"}
    assert not any(name.endswith((".pkl", ".pt", ".bin")) for name in files)


def test_a_pickled_component_holds_its_model_as_safetensors(nlp: Language) -> None:
    component = nlp.get_pipe("lstm_entities")
    assert isinstance(component, TurnComponent)
    expected = described(nlp("book 4 north"))
    pickled = pickle.dumps(component)
    copy = pickle.loads(pickled)

    assert b"torch" not in pickled
    assert described(nlp("book 4 north")) == expected
    assert copy.component.fingerprint == component.component.fingerprint


def test_docs_keep_their_annotations_in_a_bin(nlp: Language) -> None:
    doc = nlp(conversation_doc(nlp, CHAT))
    stored = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    [read] = DocBin().from_bytes(stored).get_docs(nlp.vocab)

    # A bin gives lists back as tuples, which JSON does not tell apart.
    assert json.dumps(described(read)) == json.dumps(described(doc))
    assert [s._.speaker for s in read.spans["turns"]] == [s._.speaker for s in doc.spans["turns"]]


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_entities", config={"model": str(tmp_path / "gone")})

    with pytest.raises(ArtefactError, match="gone: found no model directory"):
        nlp("hello")


def test_a_model_of_another_task_is_refused(tiny_models: dict[Task, Path]) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_entities", config={"model": str(tiny_models["sentiment"])})

    with pytest.raises(ArtefactError, match="a model of task sentiment"):
        list(nlp.pipe(["hello"]))


@pytest.mark.parametrize("stored", [b"", b"\x80\x04pickle", b"\x81\xa4name\xa1x"])
def test_bytes_that_are_no_model_are_refused(nlp: Language, stored: bytes) -> None:
    component = nlp.get_pipe("lstm_entities")
    assert isinstance(component, TurnComponent)

    with pytest.raises(ArtefactError, match="no model"):
        component.from_bytes(stored)


def test_a_saved_pipeline_without_its_model_says_so(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "saved")
    shutil.rmtree(tmp_path / "saved/lstm_entities")

    with pytest.raises(ArtefactError, match="lstm_entities: found 0 models"):
        spacy.load(tmp_path / "saved")


SCRIPT = """
import json, multiprocessing, sys
import spacy

if __name__ == "__main__":
    models = json.loads(sys.argv[2])
    nlp = spacy.blank("en")
    for task, path in models.items():
        nlp.add_pipe("lstm_" + task, config={"model": path, **(
            {"attribute": "moods"} if task == "sentiment" else {})})
    texts = ["book 4 north", "", "no four tables"] * 4
    alone = [doc.to_bytes() for doc in nlp.pipe(texts)]
    multiprocessing.set_start_method(sys.argv[1])
    together = list(nlp.pipe(texts, n_process=2, batch_size=3))
    assert [doc.to_bytes() for doc in together] == alone
    assert together[0]._.moods[0]["label"]
    assert not any(name.startswith("pipelines.cli") for name in sys.modules)
    print(len(together))
"""


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_of_spacy_say_the_same_with_no_import_of_ours(
    tiny_models: dict[Task, Path], tmp_path: Path, start: str
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    installed = tmp_path / "site" / "nlp_lstm-0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: nlp-lstm\nVersion: 0\n")
    points = project["entry-points"]["spacy_factories"].items()
    lines = "\n".join(f"{name} = {place}" for name, place in points)
    (installed / "entry_points.txt").write_text(f"[spacy_factories]\n{lines}\n")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    models = json.dumps({task: str(path) for task, path in tiny_models.items()})

    done = subprocess.run(
        [sys.executable, str(script), start, models],
        env={**os.environ, "PYTHONPATH": f"{installed.parent}{os.pathsep}{ROOT}"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )

    assert (done.stdout, done.returncode) == ("12\n", 0), done.stderr
