"""Both backends give the same answers, and read each other's memories; one needs no torch."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.conversation import ROLES, Conversation, Turn
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.component import TASKS, Component, Memory, Task
from nlp_lstm.loading import Backend, load_component
from nlp_lstm.native.kernels import find_kernels
from nlp_lstm.native.precision import set_kernels, set_precision

CLOSE = 1e-4
QUICK: tuple[Backend, ...] = ("native", "onnx")  # without torch
WORDS = (
    *("book", "the", "cheap", "table", "north", "south", "no", "4", "four", "ana@b.co"),
    *("😀", "!", "שלום", "4111 1111 1111 1111", "SHOUT", "soooo"),
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=12)
TURNS = st.builds(
    Turn, TEXTS, speaker=st.sampled_from(["", "Ana", "Ben"]), role=st.sampled_from([None, *ROLES])
)
LAW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NO_TORCH = """
import sys
from corpora.conversation import Conversation, Turn
from pipelines.pipeline import ConversationPipeline

pipeline = ConversationPipeline.load(sys.argv[2:], backend=sys.argv[1])
turn = Turn("book a cheap table in the north for four", role="customer")
_, memory = pipeline.step(pipeline.start(), turn)
pipeline.step(type(memory).from_bytes(memory.to_bytes()), turn)
list(pipeline.annotate([Conversation("c", (turn, turn))]))
unwanted = {"torch", "spacy", "datasets", "onnx"} & sys.modules.keys()
assert not unwanted, unwanted
"""
STREAMED = """
import sys
from pipelines.cli.app import main

try:
    main()
except SystemExit as ended:
    assert ended.code == 0, ended.code
assert "torch" not in sys.modules
"""


@pytest.fixture(scope="module", params=product(TASKS, QUICK), ids=" by ".join)
def backends(
    request: pytest.FixtureRequest, tiny_models: Mapping[Task, Path]
) -> Iterator[tuple[Component, Component]]:
    """The same model twice; in full precision, as ONNX Runtime always is."""
    task, backend = request.param
    _needs(backend)
    set_precision("float32")
    model = tiny_models[task]
    yield load_component(model, backend="torch"), load_component(model, backend=backend)
    set_precision("auto")


@pytest.fixture
def no_kernels() -> Iterator[None]:
    set_kernels(False)
    yield
    set_kernels(True)


def _needs(backend: Backend) -> None:
    if backend == "native" and find_kernels() is None:
        pytest.skip("no compiled kernels")


def leaves(value: object) -> Iterator[object]:
    """Everything that an answer says, one after the other."""
    if is_dataclass(value):
        for field in fields(value):
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        yield len(value)
        for item in value:
            yield from leaves(item)
    else:
        yield value


def assert_same(found: object, expected: object) -> None:
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        close = pytest.approx(other, abs=CLOSE) if isinstance(other, float) else other
        assert one == close


@LAW
@given(st.lists(st.lists(TURNS, max_size=6).map(tuple), max_size=3))
def test_both_annotate_alike(
    backends: tuple[Component, Component], chats: list[tuple[Turn, ...]]
) -> None:
    torch, quick = backends
    conversations = [Conversation(str(number), turns) for number, turns in enumerate(chats)]

    assert_same(quick.annotate(conversations), torch.annotate(conversations))


@LAW
@given(st.lists(TURNS, max_size=6))
def test_each_goes_on_from_the_others_memory(
    backends: tuple[Component, Component], turns: list[Turn]
) -> None:
    torch, quick = backends
    memory = alone = torch.start()

    for place, turn in enumerate(turns):
        expected, alone = torch.step(alone, turn)
        found, memory = backends[place % 2].step(Memory.from_bytes(memory.to_bytes()), turn)
        assert_same(found, expected)
    assert quick.fingerprint == torch.fingerprint


def test_a_turn_of_a_hundred_thousand_letters_is_read_alike(
    backends: tuple[Component, Component],
) -> None:
    torch, quick = backends
    turn = Turn("book the north table for 4, " * 3_600, role="customer")

    found, _ = quick.step(quick.start(), turn)
    expected, _ = torch.step(torch.start(), turn)

    assert_same(found, expected)


@pytest.mark.parametrize("backend", QUICK)
def test_neither_a_step_nor_a_file_needs_torch(
    backend: Backend, tiny_models: Mapping[Task, Path]
) -> None:
    _needs(backend)
    models = [str(model) for model in tiny_models.values()]

    subprocess.run([sys.executable, "-c", NO_TORCH, backend, *models], check=True)


@pytest.mark.parametrize("backend", QUICK)
@pytest.mark.parametrize("command", ["stream", "analyze"])
def test_commands_need_no_torch(
    command: str, backend: Backend, tiny_models: Mapping[Task, Path], tmp_path: Path
) -> None:
    _needs(backend)
    chat = tmp_path / "chat.jsonl"
    chat.write_text('{"role": "customer", "text": "a cheap table in the north"}\n')
    options = [
        option for task, model in tiny_models.items() for option in (f"--{task}", str(model))
    ]
    files = [str(chat)] if command == "analyze" else []

    done = subprocess.run(
        [sys.executable, "-c", STREAMED, command, *files, *options, "--backend", backend],
        check=True,
        capture_output=True,
        input=chat.read_bytes() if command == "stream" else b"",
    )

    assert b"north" in done.stdout


def test_without_onnx_runtime_one_line_says_what_to_install(
    tiny_models: Mapping[Task, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(ArtefactError, match=r"pip install 'nlp-lstm\[onnx\]'") as caught:
        load_component(tiny_models["entities"], backend="onnx")

    assert "\n" not in str(caught.value)


def test_without_kernels_one_line_says_how_to_build_them(
    tiny_models: Mapping[Task, Path], no_kernels: None
) -> None:
    with pytest.raises(ArtefactError, match=r"python -m nlp_lstm\.native\.building") as caught:
        load_component(tiny_models["entities"], backend="native")

    assert "\n" not in str(caught.value)


def test_without_kernels_and_onnx_runtime_auto_is_torch(
    tiny_models: Mapping[Task, Path], no_kernels: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = type(load_component(tiny_models["entities"], backend="auto")).__name__
    monkeypatch.setattr("nlp_lstm.loading.find_spec", lambda name: None)
    without = type(load_component(tiny_models["entities"], backend="auto")).__name__

    assert (found, without) == ("EntityStepper", "EntityTagger")


def test_auto_is_native_where_kernels_are(
    tiny_models: Mapping[Task, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _needs("native")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    assert type(load_component(tiny_models["states"], backend="auto")).__name__ == "StateStepper"


@pytest.mark.parametrize("backend", QUICK)
def test_what_reads_schemas_is_read_by_torch_alone(backend: Backend, tiny_reader: Path) -> None:
    with pytest.raises(
        ArtefactError, match=f"{backend} reads no schemas.*choose the backend torch"
    ):
        load_component(tiny_reader, backend=backend)

    assert type(load_component(tiny_reader, backend="auto")).__name__ == "DescribedTracker"


def test_weights_that_do_not_fit_are_refused(
    tiny_models: Mapping[Task, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from nlp_lstm.entities import stepping

    monkeypatch.setattr(stepping, "TRANSITIONS", ("none_such",))

    with pytest.raises(ArtefactError, match="config and weights do not belong together"):
        load_component(tiny_models["entities"], backend="onnx")
