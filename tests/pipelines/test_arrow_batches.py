"""What Spark is given: Arrow batches in, one row of the same schema out for each row."""

import pickle
from functools import partial
from typing import Any

import pyarrow as pa

from pipelines.batch import annotate_arrow, arrow_schema
from pipelines.record_models import Record
from pipelines.redaction import Redaction
from tests.pipelines.fakes import fake_pipeline

TURN = pa.struct([("text", pa.string()), ("speaker", pa.string()), ("role", pa.string())])
ROWS = pa.schema([("id", pa.string()), ("turns", pa.list_(TURN))])


def batch(*rows: dict[str, Any], schema: pa.Schema = ROWS) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(rows), schema=schema)


def said(*texts: str, id: str | None = "c-1") -> dict[str, Any]:
    return {"id": id, "turns": [{"text": text, "speaker": "Ana"} for text in texts]}


def annotated(*batches: pa.RecordBatch, **settings: Any) -> list[list[dict[str, Any]]]:
    found = list(annotate_arrow(batches, pipeline=fake_pipeline(), **settings))
    assert all(one.schema.equals(arrow_schema()) for one in found)
    return [one.to_pylist() for one in found]


def test_a_row_gives_a_record_and_a_batch_a_batch() -> None:
    first, second = annotated(
        batch(said("area=north for 4"), said("hm", id="c-2")), batch(said("5", id="c-3"))
    )

    assert [row["id"] for row in first + second] == ["c-1", "c-2", "c-3"]
    assert first[0]["turns"][0]["state"] == [{"slot": "area", "value": "north"}]
    assert second[0]["turns"][0]["entities"][0]["text"] == "5"
    for row in first + second:
        assert row.pop("error") is None
        Record.model_validate(row)


def test_a_row_that_fails_says_why_and_stays_in_its_place() -> None:
    broken: dict[str, Any] = {"id": "c-2", "turns": None}
    [rows] = annotated(batch(said("a"), broken, said("boom", id="c-3"), said("b", id="c-4")))

    assert [row["id"] for row in rows] == ["c-1", "c-2", "c-3", "c-4"]
    assert [row["error"] is None for row in rows] == [True, False, False, True]
    assert "list of turns" in rows[1]["error"]
    assert rows[2]["error"] == "RuntimeError: the model fell over"
    assert rows[1]["turns"] is None


def test_other_names_and_messages_of_a_language_model_are_read() -> None:
    theirs = pa.schema(
        [("chat", pa.string()), ("talk", pa.list_(pa.struct([("said", pa.string())])))]
    )
    columns = {"id": "chat", "turns": "talk", "text": "said"}
    [[row]] = annotated(
        batch({"chat": "x", "talk": [{"said": "hi"}]}, schema=theirs), columns=columns
    )
    assert (row["id"], row["turns"][0]["text"]) == ("x", "hi")

    message = pa.struct([("role", pa.string()), ("content", pa.string())])
    messages = pa.schema([("messages", pa.list_(message))])
    rows = batch({"messages": [{"role": "user", "content": "hi"}]}, schema=messages)
    [[row]] = annotated(rows)
    assert row["turns"][0]["role"] == "customer"


def test_redaction_reaches_errors_and_records() -> None:
    [rows] = annotated(
        batch(said("call +4915112345678"), said("boom +4915112345678", id="c-2")),
        redaction=Redaction(),
    )

    assert "4915112345678" not in str(rows)
    assert rows[1]["error"] is not None


def test_empty_batches_and_batches_of_no_row() -> None:
    assert annotated() == []
    assert annotated(batch()) == [[]]


def test_it_travels_to_workers_as_spark_sends_it() -> None:
    sent = partial(annotate_arrow, models=["states-multiwoz"], roles={"Ana": "customer"})

    assert pickle.loads(pickle.dumps(sent)).keywords == sent.keywords
