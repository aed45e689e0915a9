"""What is measured side by side: ours, and spaCy's of the same kind.

All take the same turns, at once or one by one, and give nothing back but how long that took.
"""

import re
import time
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from corpora.conversation import Conversation
from nlp_lstm.artefact import shipped_models
from nlp_lstm.component import Component
from nlp_lstm.loading import load_component
from pipelines.pipeline import ConversationPipeline

MODELS = {
    "entities": "entities-support",
    "states": "states-multiwoz",
    "sentiment": "sentiment-chat",
}
# Measured where they are shipped, but in no pipeline with the others.
ALONE = ("entities-chat",)
CAPITALISED = re.compile(r"(?<=\w )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
CLASSES = 20  # of spaCy's text classifiers
TAUGHT = 400  # turns


class System(Protocol):
    """One side of a comparison."""

    def at_once(self, chats: Sequence[Conversation]) -> float:
        """Seconds of processor time for all turns of some chats, given together."""

    def one_by_one(self, chats: Sequence[Conversation]) -> list[float]:
        """Milliseconds of processor time for each turn of some chats, given one by one."""


class Ours:
    """A model, or a pipeline of several."""

    def __init__(self, model: Component | ConversationPipeline) -> None:
        self._model: Any = model  # alike in what is called here, not in what is given back

    def at_once(self, chats: Sequence[Conversation]) -> float:
        started = time.process_time()
        list(self._model.annotate(chats))
        return time.process_time() - started

    def one_by_one(self, chats: Sequence[Conversation]) -> list[float]:
        took: list[float] = []
        for chat in chats:
            memory = self._model.start()
            for turn in chat.turns:
                started = time.thread_time()
                _, memory = self._model.step(memory, turn)
                took.append(1000 * (time.thread_time() - started))
        return took


class Spacy:
    """A spaCy pipeline of `ner` as en_core_web_sm configures it, `textcat`s, or both.

    `ner` is taught to mark capitalised words for a moment, so that its transition decoder meets
    entities at a natural rate; its speed does not depend on what it knows. A `textcat` is spaCy's
    default, TextCatEnsemble, with as many classes as there are often.
    """

    def __init__(self, parts: Sequence[str], turns: Sequence[str]) -> None:
        import spacy
        from spacy.training import Example

        from tests.benchmarks.spacy_model import NER

        self._nlp = spacy.blank("en")
        for part in parts:
            if part == "ner":
                self._nlp.add_pipe("ner", config=NER)
            else:
                self._nlp.add_pipe("textcat", name=part)
        examples = []
        for number, text in enumerate(turns[:TAUGHT]):
            doc = self._nlp.make_doc(text)
            marked = [
                (match.start(), match.end(), "NAME")
                for match in CAPITALISED.finditer(text)
                if doc.char_span(match.start(), match.end()) is not None
            ]
            classes = {f"class {n}": float(n == number % CLASSES) for n in range(CLASSES)}
            examples.append(Example.from_dict(doc, {"entities": marked, "cats": classes}))
        self._nlp.initialize(lambda: examples)
        if "ner" in parts:
            for _ in range(4):
                for first in range(0, len(examples), 64):
                    self._nlp.update(examples[first : first + 64], drop=0.1)

    def at_once(self, chats: Sequence[Conversation]) -> float:
        texts = list(_texts(chats))
        started = time.process_time()
        for _ in self._nlp.pipe(texts):
            pass
        return time.process_time() - started

    def one_by_one(self, chats: Sequence[Conversation]) -> list[float]:
        took: list[float] = []
        for text in _texts(chats):
            started = time.thread_time()
            self._nlp(text)
            took.append(1000 * (time.thread_time() - started))
        return took


def spacy_systems(chats: Sequence[Conversation]) -> dict[str, System]:
    """`ner`, a text classifier, and `ner` with two.

    Raises:
        SystemExit: spaCy is not installed.
    """
    if find_spec("spacy") is None:
        raise SystemExit(
            "spaCy is not installed, and ours is measured beside it: pip install 'nlp-lstm[peers]'"
        )
    turns = list(_texts(chats))
    return {
        "spaCy ner": Spacy(["ner"], turns),
        "spaCy TextCatEnsemble": Spacy(["textcat"], turns),
        "spaCy ner and two TextCatEnsembles": Spacy(["ner", "textcat", "textcat_2"], turns),
    }


def our_systems() -> dict[str, System]:
    """Each shipped model alone, and all three together."""
    models = {name: load_component(name, task=task) for task, name in MODELS.items()}
    together = ConversationPipeline(list(models.values()))
    others = {name: load_component(name) for name in ALONE if name in shipped_models()}
    return {
        **{name: Ours(model) for name, model in (models | others).items()},
        "all three": Ours(together),
    }


def _texts(chats: Iterable[Conversation]) -> Iterable[str]:
    return (turn.text for chat in chats for turn in chat.turns)
