"""Labelled conversations as a Hugging Face dataset (Arrow), and back, exactly.

Every column is declared, so an empty list has a type and all datasets can be put together.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import datasets
from datasets import List, Value
from datasets.exceptions import DatasetGenerationError

from corpora.labels import LabelledConversation
from corpora.rows import from_row, to_row

TEXT = Value("string")
COUNT = Value("int64")
NUMBER = Value("float64")
FLAG = Value("bool")

FEATURES = datasets.Features(
    {
        "id": TEXT,
        "source": TEXT,
        "meta": TEXT,  # JSON
        "turns": List(
            {
                "text": TEXT,
                "speaker": TEXT,
                "role": TEXT,
                "role_guessed": FLAG,
                "time": TEXT,  # ISO 8601: an Arrow timestamp would need one zone for all
                "line": COUNT,
                "meta": TEXT,  # JSON
                "entities": List(
                    {
                        "start": COUNT,
                        "end": COUNT,
                        "label": TEXT,
                        "confidence": NUMBER,
                        "value": TEXT,
                        "check": TEXT,
                    }
                ),
                "state": List({"slot": TEXT, "value": TEXT, "also": List(TEXT)}),
                "changes": List(
                    {
                        "operation": TEXT,
                        "slot": TEXT,
                        "value": TEXT,
                        "confidence": NUMBER,
                        "evidence": {"turn": COUNT, "start": COUNT, "end": COUNT},
                        "source": TEXT,
                        "raw": TEXT,
                    }
                ),
                "requests": List(TEXT),
                "sentiment": {
                    "label": TEXT,
                    "valence": NUMBER,
                    "confidence": NUMBER,
                    "emotions": List({"label": TEXT, "confidence": NUMBER}),
                    "satisfaction": NUMBER,
                    "frustration": NUMBER,
                },
                "state_confidence": NUMBER,
                "entities_confidence": NUMBER,
            }
        ),
    }
)

BATCH = 1000  # conversations converted at a time

Conversations = Callable[[], Iterable[LabelledConversation]]


def to_dataset(
    conversations: Conversations, *, key: str, cache: Path | None = None
) -> datasets.Dataset:
    """Write conversations to Arrow once, and map the file into memory from then on.

    Args:
        conversations: Called for the conversations when the cache does not hold `key` yet.
        key: A hash of what `conversations` gives: of the files read, or of their content. Only
            it decides whether a cached dataset is taken, so changed data needs a changed key.
        cache: Folder of the cache; None for the one of `datasets` (`HF_HOME`).

    Raises:
        ValueError: There is no conversation: an Arrow file of nothing has no split.
        Exception: Whatever `conversations` raises, an `InputError` for one.
    """
    try:
        with _without_progress_bars():
            return datasets.Dataset.from_generator(
                _Rows(conversations),
                features=FEATURES,
                cache_dir=None if cache is None else str(cache),
                gen_kwargs={"key": key},
            )
    except DatasetGenerationError as error:
        if error.__cause__ is None:
            raise
        raise error.__cause__ from None


def from_dataset(dataset: datasets.Dataset) -> Iterator[LabelledConversation]:
    """Yield the conversations of a dataset that `to_dataset` made, in its order.

    Raises:
        ValueError: The columns are not those of `FEATURES`.
    """
    if dataset.features != FEATURES:
        raise ValueError(f"columns {dataset.features}, expected {FEATURES}")
    for table in dataset.with_format("arrow").iter(BATCH):
        for row in table.to_pylist():
            yield from_row(row)


class _Rows:
    """A generator whose pickle says nothing of what it generates.

    `datasets` hashes the pickled generator into its cache key: without this, a closure over the
    same corpus read twice would be two keys, and hashing it would take longer than writing it.
    """

    def __init__(self, conversations: Conversations) -> None:
        self.conversations = conversations

    def __call__(self, key: str) -> Iterator[dict[str, Any]]:
        del key  # it only names the cache
        empty = True
        for labelled in self.conversations():
            empty = False
            yield to_row(labelled)
        if empty:
            raise ValueError("no conversation to write")

    def __reduce__(self) -> tuple[type[tuple[()]], tuple[()]]:
        return tuple, ()


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    shown = datasets.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            datasets.enable_progress_bars()
