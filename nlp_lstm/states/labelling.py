"""What a tracker's answers say of each turn."""

import numpy as np
import numpy.typing as npt

from corpora.labels import StateChange, TurnLabels
from nlp_lstm.states.calibration import StateCalibration
from nlp_lstm.states.carried import A
from nlp_lstm.states.cursor import Cursor, copied_slots
from nlp_lstm.states.decode import belief_state, state_changes
from nlp_lstm.states.schema import Schema
from nlp_lstm.states.single import whole_state


def turn_labels(
    schema: Schema,
    calibration: StateCalibration,
    values: list[int],
    confidence: npt.ArrayLike,
    cursor: Cursor[A],
) -> list[TurnLabels]:
    """The labels of each turn that a cursor has read.

    Args:
        schema: Of the numbers.
        calibration: Of the answers.
        values: Value numbers before the first turn, one a slot.
        confidence: Of each slot before the first turn, chained, not calibrated. (S,)
        cursor: Whose steps have been answered.
    """
    certainty = float(calibration.state(whole_state(np.asarray(confidence))))
    state = belief_state(values, schema)
    labels: list[TurnLabels] = []
    steps = 0
    for read in cursor.turns_read:
        answers = cursor.answers[steps : read.steps]
        steps = read.steps
        changes: tuple[StateChange, ...] = ()
        if answers:
            last = answers[-1]
            if last.values != values:
                copied = copied_slots(values, answers)
                changes = state_changes(
                    values, last.values, last.confidence, copied, read.said, schema
                )
                state = belief_state(last.values, schema)
            values, certainty = last.values, last.state_confidence
        asked = {slot for answer in answers for slot in answer.requests}
        labels.append(
            TurnLabels(
                state=state,
                changes=changes,
                requests=tuple(sorted(schema.requests[slot] for slot in asked)),
                state_confidence=certainty,
            )
        )
    return labels
