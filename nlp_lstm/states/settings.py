"""What the artefact of a tracker with slots of its own says, beside its weights."""

from dataclasses import dataclass

from nlp_lstm.artefact import Artefact
from nlp_lstm.component import Identity
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.config import StateNetworkConfig
from nlp_lstm.states.schema import Schema
from nlp_lstm.stored_settings import reading_settings


@dataclass(frozen=True, slots=True)
class StateSettings:
    """The checked settings of an artefact.

    Attributes:
        config: Widths of the network.
        schema: The slots.
        calibration: Of the confidences.
        identity: Which model it is.
    """

    config: StateNetworkConfig
    schema: Schema
    calibration: StateCalibration
    identity: Identity


def state_settings(artefact: Artefact) -> StateSettings:
    """Read and check an artefact's settings.

    Raises:
        ArtefactError: They are none of a state tracker.
    """
    kind = "a state tracker"
    with reading_settings(artefact, kind):
        config = StateNetworkConfig.model_validate(artefact.config["network"])
        schema = Schema.model_validate(artefact.config["schema"])
        identity = Identity.of(artefact)
    with reading_settings(artefact, kind, "calibration.json"):
        calibration = StateCalibration.model_validate(artefact.calibration)
    return StateSettings(config, schema, calibration, identity)
