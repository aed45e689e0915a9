"""The same recipe of several cells: of one size, streamed as read whole, done once."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from corpora.errors import InputError
from nlp_lstm.artefact import ArtefactError
from nlp_lstm.comparing.plan import Comparison, comparison
from nlp_lstm.comparing.report import as_object, comparison_tables
from nlp_lstm.comparing.run import compare
from nlp_lstm.comparing.widths import ALIKE, OF_CELLS
from nlp_lstm.component import TASKS, Task
from nlp_lstm.layers.cells import CELLS
from nlp_lstm.training.recipe import Recipe
from tests.nlp_lstm.training.labelled_chats import recipe, write_chats


class Silent:
    """A watcher that counts the trainings that took steps."""

    def __init__(self) -> None:
        self.trained: set[str] = set()
        self._now = ""

    def noticed(self, what: str) -> None:
        self._now = what.partition(":")[0]

    def stepped(self, epoch: int, step: int, steps: int, loss: float) -> None:
        self.trained.add(self._now)

    def validated(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None: ...


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chats(tmp_path_factory.mktemp("chats"))


def wide(task: Task, chats: Path) -> Recipe:
    """A recipe whose cells are wide enough to be matched."""
    plain = recipe(task, chats)
    widths = {name: 24 for name in OF_CELLS if name in plain.network}
    return plain.model_copy(update={"network": {**plain.network, **widths}})


def run(plan: Comparison, chats: Path, out: Path, watcher: Silent) -> dict[str, object]:
    compared = compare(plan, chats, out, watcher=watcher, vectors=chats / "vectors.safetensors")
    assert len(comparison_tables(compared)) == 3
    return as_object(plan.recipe.name, compared)


@pytest.mark.parametrize("task", TASKS)
def test_cells_are_of_one_size_and_stream_what_they_read_whole(
    task: Task, chats: Path, tmp_path: Path
) -> None:
    plan = comparison(wide(task, chats), CELLS, [1], epochs=1)

    compared = compare(
        plan, chats, tmp_path / "out", watcher=Silent(), vectors=chats / "vectors.safetensors"
    )

    assert [one.cell for one in compared.outcomes] == list(CELLS)
    lstm = compared.outcomes[0].parameters
    assert all(abs(one.parameters / lstm - 1) <= ALIKE for one in compared.outcomes)
    assert all(compared.costs[cell].same for cell in CELLS)
    assert "all" in {case.name for case in compared.outcomes[0].cases}


def test_what_is_done_is_kept_and_another_budget_is_refused(chats: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first, again, other = Silent(), Silent(), Silent()
    plan = comparison(wide("entities", chats), ["lstm", "gru"], [1], conversations=6)
    told = run(plan, chats, out, first)
    more = comparison(wide("entities", chats), ["gru", "lstm"], [1, 2], conversations=6)

    retold = run(more, chats, out, again)

    assert first.trained == {"lstm, seed 1", "gru, seed 1"}
    assert again.trained == {"lstm, seed 2", "gru, seed 2"}
    assert isinstance(told["outcomes"], list)
    assert isinstance(retold["outcomes"], list)
    assert retold["outcomes"][:2] == told["outcomes"]
    with pytest.raises(ArtefactError, match="under other conditions"):
        run(comparison(wide("entities", chats), ["lstm"], [1]), chats, out, other)


def test_a_damaged_outcome_is_named(chats: Path, tmp_path: Path) -> None:
    plan = comparison(wide("entities", chats), ["lstm"], [1], epochs=1)
    run(plan, chats, tmp_path, Silent())
    (tmp_path / "lstm-1.json").write_text('{"cell": "lstm"')

    with pytest.raises(ArtefactError, match=r"lstm-1\.json.*no outcome of a comparison"):
        run(plan, chats, tmp_path, Silent())


def test_what_cannot_be_compared_is_refused(chats: Path) -> None:
    plain = recipe("entities", chats)
    described = plain.model_copy(update={"task": "states", "tracker": "described"})

    with pytest.raises(InputError, match=r"'elman'.*some of lstm, gru, rnn, transformer"):
        comparison(plain, ["lstm", "elman"], [1])
    with pytest.raises(InputError, match="reads schemas"):
        comparison(described, CELLS, [1])
    with pytest.raises(InputError, match=r"no \[network\]"):
        comparison(plain.model_copy(update={"network": {}}), CELLS, [1])
