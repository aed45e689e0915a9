"""Answers of the service: JSON already written, and errors as one line with the right status."""

from corpora.errors import InputError
from nlp_lstm.artefact import ArtefactError
from pipelines.records import record_line
from pipelines.serving.turns import OutOfOrderError, UnknownError
from pipelines.serving.worker import BusyError

JSON = "application/json"
# The first that fits; whatever else fails is a fault of the service.
STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (UnknownError, 404),
    (OutOfOrderError, 409),
    (ArtefactError, 409),
    (InputError, 422),
    (BusyError, 503),
    (OSError, 503),
)
BUSY = "found too many requests waiting for the models, expected fewer; send it again later"


def status_of(error: Exception) -> int:
    """The HTTP status that an error is answered with."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def fault_body(message: str) -> bytes:
    """An error as it is answered."""
    return record_line({"error": message})
