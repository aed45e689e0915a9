"""Learning from teachers: what they think is averaged, kept small, and learnt."""

from pathlib import Path

import numpy as np
import pytest
import torch

from corpora.errors import InputError
from nlp_lstm.artefact import Artefact, ArtefactError, load_artefact, save_artefact
from nlp_lstm.component import Task
from nlp_lstm.states.calibration import UNCALIBRATED
from nlp_lstm.states.config import StateNetworkConfig
from nlp_lstm.states.examples import Example, ExampleReader
from nlp_lstm.states.lessons import Lesson, batch_lessons, load_lessons, save_lessons
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.schema import Schema
from nlp_lstm.states.tables import schema_tables
from nlp_lstm.states.teaching import LEAST_SHARE, lessons_key, teach, teacher_network
from nlp_lstm.states.tracking import score_all
from nlp_lstm.states.trainee import StateTrainee
from nlp_lstm.states.training_batches import training_batch
from nlp_lstm.training.run import train_recipe
from tests.nlp_lstm.states.test_trainee import CONFIG, FOUR, GUIDE, overfit, schema_of, trainee
from tests.nlp_lstm.states.tiny_states import CONFIG as DROPPING
from tests.nlp_lstm.states.tiny_states import EXAMPLES, SCHEMA, tiny_network
from tests.nlp_lstm.tiny import tiny_table
from tests.nlp_lstm.training.labelled_chats import recipe, write_chats
from tests.nlp_lstm.training.test_run import Silent


@pytest.fixture
def conversations() -> list[list[Example]]:
    read = ExampleReader(SCHEMA, GUIDE)
    return [read(conversation) for conversation in FOUR]


def as_artefact(
    network: StateNetwork,
    folder: Path,
    name: str = "teacher",
    *,
    schema: Schema = SCHEMA,
    config: StateNetworkConfig = DROPPING,
) -> Artefact:
    save_artefact(
        folder / name,
        task="states",
        config={
            "network": config.model_dump(mode="json"),
            "schema": schema.model_dump(mode="json"),
            "validated_tokens": 10,
        },
        tensors=network.state_dict(),
        tokenizer=network.rows.table.tokenizer_json,
        calibration=UNCALIBRATED.model_dump(),
        metrics={},
        card="",
    )
    return load_artefact(folder / name)


def test_lessons_are_the_mean_of_what_teachers_think(
    conversations: list[list[Example]],
) -> None:
    """Against each conversation alone, every candidate summed up one after the other."""
    networks = [tiny_network(seed) for seed in (1, 2)]

    taught = teach(networks, conversations, SCHEMA)

    for examples, lessons in zip(conversations, taught, strict=True):
        expected: list[dict[tuple[int, int], float]] = [{} for _ in examples]
        for network in networks:
            batch = training_batch([examples], SCHEMA, network.rows.table)
            with torch.no_grad():
                found = score_all(network, batch.steps, network.read(batch.steps), batch.before)
            for step, (logits, values) in enumerate(zip(found.logits, found.values, strict=True)):
                for slot in range(len(SCHEMA.slots)):
                    shares = logits[slot].softmax(dim=0).tolist()
                    for value, share in zip(values[slot].tolist(), shares, strict=True):
                        cell = (slot, value)
                        expected[step][cell] = expected[step].get(cell, 0) + share / 2
        assert len(lessons) == len(examples)
        for lesson, full in zip(lessons, expected, strict=True):
            kept = {cell: share for cell, share in full.items() if share > LEAST_SHARE}
            entries = zip(lesson.slots.tolist(), lesson.values.tolist(), strict=True)
            for (slot, value), share in zip(entries, lesson.shares.tolist(), strict=True):
                whole = sum(other for (place, _), other in kept.items() if place == slot)
                # Reading is in bfloat16 where the processor has it.
                assert share == pytest.approx(kept[slot, value] / whole, abs=0.05)
            assert {slot for slot, _ in kept} == set(lesson.slots.tolist())


def test_lessons_lie_where_their_steps_lie(conversations: list[list[Example]]) -> None:
    """An entry's cell is its row times the slots plus its slot, rows by time."""
    lessons = [
        [
            Lesson(
                np.array([0, 0, 1], dtype=np.int16),
                np.array([c, 7, t], dtype=np.int32),
                np.array([0.25, 0.75, 1], dtype=np.float16),
            )
            for t in range(steps)
        ]
        for c, steps in enumerate((1, 2))
    ]

    batch = batch_lessons(lessons, slots=4)

    assert batch.cells.tolist() == [0, 0, 1, 4, 4, 5, 12, 12, 13]
    assert batch.values.tolist() == [0, 7, 0, 1, 7, 0, 1, 7, 1]
    assert batch.shares.tolist() == [0.25, 0.75, 1] * 3


def test_a_teacher_of_another_schema_is_refused(tmp_path: Path) -> None:
    teacher = as_artefact(tiny_network(), tmp_path)
    fewer = SCHEMA.model_copy(update={"values": SCHEMA.values[:-1]})
    other_words = SCHEMA.model_copy(update={"tails": ()})

    for same in (SCHEMA, other_words):
        assert teacher_network(teacher, same).slots == len(SCHEMA.slots)
    with pytest.raises(ArtefactError, match="found a teacher of another schema, expected"):
        teacher_network(teacher, fewer)


def test_what_was_kept_is_read_again_only_for_the_same_teachers_and_steps(
    conversations: list[list[Example]], tmp_path: Path
) -> None:
    one, two = (as_artefact(tiny_network(seed), tmp_path, f"t{seed}") for seed in (1, 2))
    network = teacher_network(one, SCHEMA)
    lessons = [lesson for steps in teach([network], conversations, SCHEMA) for lesson in steps]
    key = lessons_key([one], conversations)

    save_lessons(lessons, tmp_path / "lessons", key)
    again = load_lessons(tmp_path / "lessons", key)

    assert again is not None
    for kept, lesson in zip(again, lessons, strict=True):
        for name in ("slots", "values", "shares"):
            assert getattr(kept, name).tolist() == getattr(lesson, name).tolist()
    others = [lessons_key([two], conversations), lessons_key([one], conversations[1:])]
    assert all(load_lessons(tmp_path / "lessons", other) is None for other in others)
    (tmp_path / "lessons").write_bytes(b"half a file")
    assert load_lessons(tmp_path / "lessons", key) is None


def test_a_pupil_learns_from_its_teacher_alone(tmp_path: Path) -> None:
    """With the whole weight on the teacher the labels teach nothing, and are learnt yet."""
    schema = schema_of(FOUR)
    first = trainee(schema)
    overfit(first, 110)
    teacher = as_artefact(first.network, tmp_path, schema=schema, config=CONFIG)
    torch.manual_seed(9)
    network = StateNetwork(CONFIG, schema_tables(schema), tiny_table())
    settings = EXAMPLES.model_copy(update={"teachers_weight": 1.0})
    read = ExampleReader(schema, GUIDE)
    examples = [read(conversation) for conversation in FOUR]
    pupil = StateTrainee(network, CONFIG, settings, schema, examples, examples, [], [])

    pupil.learn_from([teacher], tmp_path / "lessons")
    overfit(pupil, 110)

    assert pupil.validate()["joint_goal_accuracy"] == 1


def test_a_recipe_learns_from_teachers_and_goes_on_without_asking_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "chats").mkdir()
    chats = write_chats(tmp_path / "chats")
    vectors = chats / "vectors.safetensors"
    plain = recipe("states", chats)
    train_recipe(plain, chats, tmp_path / "one", watcher=Silent(), vectors=vectors)
    taught = plain.model_copy(
        update={
            "teachers": [str(tmp_path / "one")],
            "examples": {**plain.examples, "teachers_weight": 0.5},
        }
    )

    train_recipe(taught, chats, tmp_path / "two", watcher=Silent(), vectors=vectors)
    monkeypatch.delattr("nlp_lstm.states.trainee.teach")
    (tmp_path / "two.checkpoints" / "checkpoint.safetensors").unlink()
    train_recipe(taught, chats, tmp_path / "two", watcher=Silent(), vectors=vectors)

    config = load_artefact(tmp_path / "two").config
    assert config["training"]["teachers"] == [str(tmp_path / "one")]
    assert (
        load_artefact(tmp_path / "one").fingerprint != load_artefact(tmp_path / "two").fingerprint
    )


@pytest.mark.parametrize(
    ("task", "changed", "message"),
    [
        ("states", {"teachers": ["one"]}, "found 1 teachers of weight 0, expected"),
        ("sentiment", {"teachers": ["one"]}, "found teachers for sentiment, expected none"),
    ],
)
def test_teachers_that_would_teach_nothing_are_refused(
    task: Task, changed: dict[str, object], message: str, tmp_path: Path
) -> None:
    (tmp_path / "chats").mkdir()
    chats = write_chats(tmp_path / "chats")
    asked = recipe(task, chats).model_copy(update=changed)

    with pytest.raises(InputError, match=message):
        train_recipe(
            asked,
            chats,
            tmp_path / "out",
            watcher=Silent(),
            vectors=chats / "vectors.safetensors",
        )
