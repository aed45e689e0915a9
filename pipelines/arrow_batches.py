"""Conversations as Arrow batches in, records as Arrow batches out: what Spark's `mapInArrow` takes.

    annotate = functools.partial(annotate_arrow, models=["states-multiwoz"])
    frame.mapInArrow(annotate, from_arrow_schema(arrow_schema()))

A row is a conversation: `turns`, a list of objects with `text` and, where they are known,
`speaker`, `role` and `time`, and `id`. Each gives one row, in its order.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from corpora.conversation import Conversation
from corpora.errors import InputError
from corpora.transcripts import read_transcript
from pipelines.analyst import Analyst
from pipelines.annotation import Failure, reason_of
from pipelines.pipeline import ConversationPipeline
from pipelines.record_forms import arrow_features
from pipelines.record_models import RECORD
from pipelines.redaction import Redaction
from pipelines.redaction.discreet import discreet
from pipelines.routing import Policy

if TYPE_CHECKING:
    import pyarrow as pa

ERROR = "error"


def arrow_schema() -> "pa.Schema":
    """The columns that `annotate_arrow` gives: those of a record, and `error`."""
    import pyarrow as pa

    return arrow_features().arrow_schema.append(pa.field(ERROR, pa.string())).remove_metadata()


def annotate_arrow(
    batches: Iterable["pa.RecordBatch"],
    *,
    models: Sequence[str | Path] = (),
    policy: Policy | None = None,
    redaction: Redaction | None = None,
    columns: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
    pipeline: ConversationPipeline | None = None,
) -> Iterator["pa.RecordBatch"]:
    """Annotate batches of conversations.

    Models are loaded once a process, however many partitions it is given, and compute with one
    thread.

    Args:
        batches: Their rows are conversations.
        models: Names of shipped models, or directories that every worker can read.
        policy: Which answers are trusted; None for the default. Cases stand in `routing`.
        redaction: What is replaced by placeholders; None for nothing.
        columns: Our names to theirs, as for `read_transcript`.
        roles: Their speakers or role words to our roles.
        pipeline: Instead of `models`: one that is loaded already, for a process of one's own.

    Yields:
        For each batch one of `arrow_schema`, a row for each of its rows. A row that could not be
        annotated has `error`, `id` and no turns; all others have null for `error`.

    Raises:
        ArtefactError: A model cannot be used.
    """
    chosen = pipeline or _loaded(tuple(map(str, models)))
    analyst = Analyst(chosen, policy or Policy(), redaction)
    tell = reason_of if redaction is None else discreet
    number = 0
    for batch in batches:
        read: list[Conversation | Failure] = []
        for row in batch.to_pylist():
            number += 1
            read.append(_read(row, number, columns, roles, tell))
        yield _annotated(read, analyst)


def _read(
    row: Mapping[str, Any],
    number: int,
    columns: Mapping[str, str] | None,
    roles: Mapping[str, str] | None,
    tell: Callable[[Exception], str],
) -> Conversation | Failure:
    """The conversation that a row is, or why it is none."""
    line = io.StringIO(orjson.dumps(row, str).decode())
    line.name = f"row {number}"  # what messages call it
    try:
        found = list(read_transcript(line, columns=columns, roles=roles))
    except (InputError, TypeError) as error:
        return Failure(tell(error), None, None, _named(row))
    if len(found) != 1:
        reason = f"row {number}: found no conversation, expected `turns` in each row"
        return Failure(reason, None, None, _named(row))
    return found[0]


def _annotated(read: Sequence[Conversation | Failure], analyst: Analyst) -> "pa.RecordBatch":
    import pyarrow as pa

    outcomes = analyst.outcomes(one for one in read if isinstance(one, Conversation))
    rows = []
    for one in read:
        if isinstance(one, Failure):
            rows.append(_failed(one))
            continue
        outcome = next(outcomes)
        if outcome.record is None:
            assert outcome.failure is not None
            rows.append(_failed(outcome.failure))
        else:
            rows.append({**outcome.record, ERROR: None})
    return pa.RecordBatch.from_pylist(rows, schema=arrow_schema())


def _failed(failure: Failure) -> dict[str, Any]:
    return {"record": RECORD, "id": failure.conversation, ERROR: failure.reason}


def _named(row: Mapping[str, Any]) -> str | None:
    return None if row.get("id") is None else str(row["id"])


@lru_cache(maxsize=1)
def _loaded(models: tuple[str, ...]) -> ConversationPipeline:
    from pipelines.calm import calm_torch

    calm_torch()
    return ConversationPipeline.load(models)
