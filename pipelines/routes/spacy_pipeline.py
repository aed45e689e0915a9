"""Another spaCy pipeline, asked about entities, and about sentiment where it has categories."""

from collections.abc import Sequence
from typing import Any

from corpora.errors import InputError
from pipelines.routes.answers import Answer
from pipelines.routes.cases import RoutedCase, Unanswered
from pipelines.routes.machine import FOR_PEOPLE, checked, unanswered
from pipelines.routes.settings import SpacySettings
from pipelines.routes.vocabulary import SENTIMENTS, Vocabulary


class SpacyPipeline:
    """Asks a pipeline about the turn in question.

    Attributes:
        name: The route's.
    """

    def __init__(
        self,
        name: str,
        settings: SpacySettings,
        vocabulary: Vocabulary,
        nlp: Any = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._vocabulary = vocabulary
        self._nlp = nlp if nlp is not None else _loaded(name, settings.model)
        _refuse_itself(name, self._nlp, vocabulary.models)

    def send(self, cases: Sequence[RoutedCase]) -> list[Answer | Unanswered]:
        """Ask about each case."""
        return [self._ask(case) for case in cases]

    def close(self) -> None:
        """Nothing is held open."""

    def _ask(self, case: RoutedCase) -> Answer | Unanswered:
        task = case.entry["task"]
        if task not in ("entities", "sentiment") or case.entry["reason"] in FOR_PEOPLE:
            return unanswered(case, f"a case of {task or 'a request'}, of which spaCy says nothing")
        try:
            doc = self._nlp(case.text)
        except Exception as error:  # whatever a pipeline may raise, the first answer stays
            return unanswered(case, f"{type(error).__name__} in the spaCy pipeline")
        told = self._entities(doc) if task == "entities" else _sentiment(doc)
        if told is None:
            return unanswered(case, f"no category of {', '.join(SENTIMENTS)} in doc.cats")
        return checked(
            case,
            told,
            settings=self._settings,
            route=self.name,
            by=_name(self._nlp),
            vocabulary=self._vocabulary,
        )

    def _entities(self, doc: Any) -> dict[str, Any]:
        """Entities under our labels; those that the model has no label for are left out."""
        known = self._vocabulary.labels
        named = self._settings.labels
        entities = [
            {"start": e.start_char, "end": e.end_char, "label": named.get(e.label_, e.label_)}
            for e in doc.ents
        ]
        return {"entities": [e for e in entities if known is None or e["label"] in known]}


def _sentiment(doc: Any) -> dict[str, Any] | None:
    scores = {label.lower(): score for label, score in doc.cats.items()}
    known = {label: scores[label] for label in SENTIMENTS if label in scores}
    return {"sentiment": {"label": max(known, key=known.__getitem__)}} if known else None


def _name(nlp: Any) -> str:
    return f"{nlp.meta.get('lang', '')}_{nlp.meta.get('name', '')} {nlp.meta.get('version', '')}"


def _loaded(name: str, model: str) -> Any:
    try:
        import spacy

        return spacy.load(model)
    except (ImportError, OSError, ValueError) as error:
        raise InputError(
            f"[routes.{name}] model",
            found=f"{model!r} ({' '.join(str(error).split())[:120]})",
            expected="an installed spaCy pipeline, or a directory of one",
            remedy="install it, or name another",
        ) from error


def _refuse_itself(name: str, nlp: Any, routed: Sequence[str]) -> None:
    """Refuse a pipeline that asks the very models whose answers are doubted."""
    for pipe_name, pipe in nlp.pipeline:
        component = getattr(pipe, "component", None) if pipe_name.startswith("lstm_") else None
        factory = nlp.get_pipe_meta(pipe_name).factory if pipe_name in nlp.pipe_names else ""
        if component is None and factory.startswith("lstm_"):
            component = pipe.component
        if component is not None and component.fingerprint in routed:
            raise InputError(
                f"[routes.{name}] model",
                found=f"a pipeline with {pipe_name} ({component.name}), whose answers are routed",
                expected="another model than the one that is doubted",
                remedy="name a pipeline without it: this one would be asked about itself",
            )
