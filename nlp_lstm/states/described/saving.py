"""A schema-reading model over somebody's slots, written as a model of its own."""

from pathlib import Path

from nlp_lstm.artefact import load_artefact, save_artefact
from nlp_lstm.states.described.component import NEW, DescribedTracker
from nlp_lstm.states.described.schema import read_schema


def save_for_schema(model: str | Path, schema: Path, out: Path) -> str:
    """Write a model that follows the slots of a schema, untrained for them.

    Args:
        model: A model that reads schemas, by name or path.
        schema: The TOML file of the slots.
        out: The new model's directory.

    Returns:
        Its fingerprint.

    Raises:
        ArtefactError: The model cannot be used, or reads no schemas.
        InputError: The schema cannot be used.
    """
    own = read_schema(schema)
    artefact = load_artefact(model, task="states")
    tracker = DescribedTracker.load(artefact).for_schema(own)
    return save_artefact(
        out,
        task="states",
        config={
            **artefact.config,
            "name": out.name,
            "schema": own.model_dump(mode="json"),
            NEW: sorted(tracker.new_slots),
        },
        tensors=artefact.tensors,
        tokenizer=artefact.tokenizer,
        calibration=artefact.calibration,
        metrics={},
        card=f"{artefact.card}\n\nHere it follows the slots of {own.name}, "
        "for which it was not trained and not judged.\n",
    )
