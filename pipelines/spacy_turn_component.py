"""What the spaCy components share: batches over Docs, errors of one Doc, a model that travels.

A model is read when it is first needed, because spaCy makes a component before it tells where it
was saved.
"""

import multiprocessing
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import srsly
import torch
from spacy.tokens import Doc
from spacy.util import raise_error

from corpora.labels import TurnLabels
from nlp_lstm.artefact import FILES, ArtefactError, find_artefact
from nlp_lstm.component import Component, Task
from nlp_lstm.loading import load_component
from pipelines.spacy_turns import SpokenDoc, spoken

# Turns annotated together, however many Docs that are.
MOST_TURNS = 2000
STORED = (*FILES, "metrics.json", "card.md")
ErrorHandler = Callable[[str, Any, list[Doc], Exception], Any]


class TurnComponent(ABC):
    """What the three share: batches over Docs, errors one Doc at a time, a model that travels.

    Args:
        name: Of the component in its pipeline.
        model: A shipped model's name, or a directory.
        turns_key: Span group that holds the turns.
    """

    task: ClassVar[Task]

    def __init__(self, name: str, *, model: str, turns_key: str) -> None:
        self.name = name
        self.model_name = model
        self.turns_key = turns_key
        self._error_handler: ErrorHandler = raise_error
        self._component: Component | None = None
        self._files: dict[str, bytes] = {}

    @abstractmethod
    def write(self, read: SpokenDoc, labels: list[TurnLabels]) -> None:
        """Set on a Doc what was found in its turns."""

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one Doc."""
        read = spoken(doc, self.turns_key)
        [labels] = self.component.annotate([read.conversation])
        self.write(read, labels)
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Annotate Docs, many turns together, in their order.

        A Doc that fails goes to the error handler. When that returns, the Doc is left out and
        the others go on, as with spaCy's own components.

        Args:
            stream: Docs, read at most `batch_size` ahead.
            batch_size: Docs annotated together at most.
        """
        if multiprocessing.parent_process() is not None:
            # A worker of spaCy's: its siblings have the other cores, and after a fork the
            # threads that torch remembers are not there.
            torch.set_num_threads(1)
        component = self.component  # a model that cannot be used is no fault of a Doc's
        for docs in _gather(stream, batch_size, self.turns_key):
            for doc, annotated in self._annotate(component, docs):
                if isinstance(annotated, Exception):
                    self._error_handler(self.name, self, [doc], annotated)
                else:
                    yield doc

    def set_error_handler(self, error_handler: ErrorHandler) -> None:
        """Say what to do with a Doc that cannot be annotated."""
        self._error_handler = error_handler

    def get_error_handler(self) -> ErrorHandler:
        """What is done with a Doc that cannot be annotated."""
        return self._error_handler

    @property
    def component(self) -> Component:
        """The model, read now if it was not yet.

        Raises:
            ArtefactError: It cannot be used.
        """
        if self._component is None:
            self._load(find_artefact(self.model_name))
        assert self._component is not None
        return self._component

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the whole artefact below `path`, in a folder of the model's name."""
        folder = Path(path) / self.component.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self._files.items():
            (folder / name).write_bytes(content)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "TurnComponent":
        """Read what `to_disk` wrote.

        Raises:
            ArtefactError: It is missing or damaged, or of another task.
        """
        folders = sorted(folder.parent for folder in Path(path).glob("*/config.json"))
        if len(folders) != 1:
            raise ArtefactError(
                str(path),
                found=f"{len(folders)} models",
                expected="the one that was saved",
                remedy="copy the whole pipeline again",
            )
        self._load(folders[0])
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The whole artefact as bytes."""
        stored = {"name": self.component.name, "files": self._files}
        return bytes(srsly.msgpack_dumps(stored))

    def from_bytes(self, stored: bytes, *, exclude: Iterable[str] = ()) -> "TurnComponent":
        """Read what `to_bytes` wrote.

        Raises:
            ArtefactError: It is damaged, or of another task.
        """
        try:
            content = srsly.msgpack_loads(stored)
            name, files = content["name"], {f: content["files"].get(f) for f in STORED}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArtefactError(
                self.name,
                found=f"{len(stored)} bytes that are no model ({type(error).__name__})",
                expected="what to_bytes wrote",
                remedy="save the pipeline again",
            ) from error
        with TemporaryDirectory() as temporary:
            folder = Path(temporary) / Path(str(name)).name
            folder.mkdir()
            for file, written in files.items():
                if isinstance(written, bytes):
                    (folder / file).write_bytes(written)
            self._load(folder)
        return self

    def __getstate__(self) -> dict[str, Any]:
        # Workers that are spawned get the component pickled: the model travels as safetensors.
        state = {**self.__dict__, "_component": None, "_files": {}}
        return {**state, "stored": None if self._component is None else self.to_bytes()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        stored = state.pop("stored")
        self.__dict__.update(state)
        if stored is not None:
            self.from_bytes(stored)

    def _load(self, folder: Path) -> None:
        self._component = load_component(folder, task=self.task)
        paths = [folder / name for name in STORED]
        self._files = {path.name: path.read_bytes() for path in paths if path.is_file()}

    def _annotate(
        self, component: Component, docs: list[Doc]
    ) -> Iterator[tuple[Doc, Exception | None]]:
        try:
            read = [spoken(doc, self.turns_key) for doc in docs]
            labels = component.annotate([one.conversation for one in read])
            for one, found in zip(read, labels, strict=True):
                self.write(one, found)
        except Exception as error:  # whatever it is, the handler decides what becomes of it
            if len(docs) == 1:
                yield docs[0], error
                return
            for doc in docs:
                yield from self._annotate(component, [doc])
        else:
            yield from ((doc, None) for doc in docs)


def _gather(stream: Iterable[Doc], most_docs: int, turns_key: str) -> Iterator[list[Doc]]:
    docs: list[Doc] = []
    turns = 0
    for doc in stream:
        docs.append(doc)
        turns += len(doc.spans[turns_key]) if turns_key in doc.spans else 1
        if len(docs) >= most_docs or turns >= MOST_TURNS:
            yield docs
            docs, turns = [], 0
    if docs:
        yield docs
