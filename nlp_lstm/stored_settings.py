"""Settings that an artefact stores, refused where they are spoilt or another kind of model's."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from nlp_lstm.artefact import Artefact, ArtefactError
from nlp_lstm.faults import first_fault


@contextmanager
def reading_settings(artefact: Artefact, kind: str, file: str = "config.json") -> Iterator[None]:
    """Read what an artefact holds beside its weights.

    Args:
        artefact: Whose settings are read within.
        kind: Of the model that they should be of, as messages call it.
        file: Of the artefact, that is at fault where something is raised.

    Raises:
        ArtefactError: What is raised within says that they are not.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise ArtefactError(
            f"{artefact.name}/{file}",
            found=f"settings that are none of {kind} ({_reason(error)})",
            expected="what its training saved",
            remedy="copy the directory again, or train the model again",
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found, expected = first_fault(error)
        return f"{found}: {expected}"
    return f"no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
