"""What an answer may be made of: a model's labels, slots and values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from corpora.labels import SentimentLabel
from nlp_lstm.component import Component

if TYPE_CHECKING:
    from nlp_lstm.artefact import Artefact

SENTIMENTS: tuple[str, ...] = get_args(SentimentLabel)
DONTCARE = "dontcare"


@dataclass(frozen=True, slots=True)
class SlotWords:
    """What a slot may hold.

    Attributes:
        values: Known values.
        only: Whether it can hold no others.
    """

    values: tuple[str, ...] = ()
    only: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that answers may use; what is None is not known, and not checked.

    Attributes:
        labels: Of entities.
        slots: Of the belief state, by name.
        sentiments: Labels of sentiment.
        models: Fingerprints of the models whose words these are.
    """

    labels: tuple[str, ...] | None = None
    slots: Mapping[str, SlotWords] | None = None
    sentiments: tuple[str, ...] = SENTIMENTS
    models: tuple[str, ...] = ()

    @classmethod
    def of(cls, components: Iterable[Component]) -> "Vocabulary":
        """That of loaded components."""
        labels = slots = None
        components = list(components)
        for component in components:
            if component.task == "entities":
                labels = getattr(getattr(component, "config", None), "labels", None)
            elif component.task == "states":
                slots = _slots(getattr(component, "schema", None))
        models = tuple(component.fingerprint for component in components)
        return cls(None if labels is None else tuple(labels), slots, models=models)

    @classmethod
    def stored(
        cls, models: Iterable[Mapping[str, str]], own: Iterable[Component] = ()
    ) -> "Vocabulary":
        """That of the models that a record names, as far as they are installed or given.

        Args:
            models: `models` of a record. One whose fingerprint differs is another model.
            own: Models that are not shipped.
        """
        models = list(models)
        named = {model["fingerprint"] for model in models}
        given = cls.of(component for component in own if component.fingerprint in named)
        found = ((model, _artefact(model["name"])) for model in models)
        installed = cls._of_artefacts(
            artefact
            for model, artefact in found
            if artefact is not None and artefact.fingerprint == model["fingerprint"]
        )
        return cls(
            installed.labels if given.labels is None else given.labels,
            installed.slots if given.slots is None else given.slots,
            models=(*given.models, *installed.models),
        )

    @classmethod
    def _of_artefacts(cls, artefacts: Iterable["Artefact"]) -> "Vocabulary":
        labels = slots = None
        models = []
        for artefact in artefacts:
            if artefact.task == "entities":
                labels = tuple(artefact.config["network"]["labels"])
            elif artefact.task == "states":
                slots = _stored_slots(artefact.config["schema"])
            models.append(artefact.fingerprint)
        return cls(labels, slots, models=tuple(models))


def _artefact(model: str) -> "Artefact | None":
    """A model's files; None where it is somebody's own, elsewhere."""
    from nlp_lstm.artefact import ArtefactError, find_artefact, load_artefact

    try:
        return load_artefact(find_artefact(model))
    except ArtefactError:
        return None


def _slots(schema: Any) -> dict[str, SlotWords] | None:
    return None if schema is None else _stored_slots(schema.model_dump())


def _stored_slots(schema: Mapping[str, Any]) -> dict[str, SlotWords]:
    """Slots and their values, of either form of schema."""
    slots = {}
    for slot in schema["slots"]:
        values = slot.get("offered")
        if values is None:
            values = [value["name"] for value in slot["values"]]
        only = slot["kind"] in ("closed", "boolean", "category")
        slots[slot["name"]] = SlotWords(tuple(values), only=only and bool(values))
    return slots
