"""A schema-reading network judged on dev, going on from its own states as it does in use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Identity
from nlp_lstm.scoring.frames import has_frames, score_frames
from nlp_lstm.scoring.judged_states import JudgedTurn, judged_turns, paired
from nlp_lstm.scoring.states import score_states
from nlp_lstm.states.calibration import UNCALIBRATED, StateCalibration
from nlp_lstm.states.described.component import DescribedTracker
from nlp_lstm.states.described.network import DescribedNetwork
from nlp_lstm.states.described.schema import DescribedSchema
from nlp_lstm.states.fitting import fit_calibration

METRIC = "joint_goal_accuracy"
SLOTS = "slot_f1"
CHOOSES = "goals_and_slots"


@dataclass(frozen=True, slots=True)
class Judge:
    """A dev corpus and the schema of its slots."""

    name: str
    schema: DescribedSchema
    conversations: Sequence[LabelledConversation]


def dev_figures(
    network: DescribedNetwork, judges: Sequence[Judge], trained: DescribedSchema
) -> dict[str, float]:
    """What each corpus' protocol says, the mean joint goal, and what chooses the epoch.

    Of a handful of dev chats not one state may be wholly right, so slots have a say too.

    Args:
        network: In evaluation mode.
        judges: The dev corpora.
        trained: The slots that training sees.
    """
    figures: dict[str, float] = {}
    for judge, predicted in _followed(network, judges, trained):
        score = score_frames if has_frames(judge.conversations) else score_states
        metrics = score(judge.conversations, predicted).metrics
        for name in (METRIC, "average_goal_accuracy", SLOTS, "request_f1"):
            if name in metrics:
                figures[f"{judge.name}_{name}"] = metrics[name]
    goals, slots = (
        [value for name, value in figures.items() if name.endswith(f"_{metric}")]
        for metric in (METRIC, SLOTS)
    )
    return {
        CHOOSES: sum(goals + slots) / max(1, len(goals + slots)),
        METRIC: sum(goals) / max(1, len(goals)),
        **figures,
    }


def dev_calibration(
    network: DescribedNetwork, judges: Sequence[Judge], trained: DescribedSchema
) -> StateCalibration:
    """Fit confidences: of slots as they change, and of whole states; arguments as above."""
    slots: list[float] = []
    slots_right: list[bool] = []
    states: list[float] = []
    states_right: list[bool] = []
    for judge, predicted in _followed(network, judges, trained):
        for turn in _judged(judge, predicted):
            said = predicted[turn.conversation][turn.turn]
            states.append(said.state_confidence or 0.0)
            states_right.append(not turn.wrong)
            for change in said.changes or ():
                slots.append(change.confidence)
                slots_right.append(change.slot not in turn.wrong)
    if not states:
        return UNCALIBRATED
    return fit_calibration(
        torch.tensor(slots),
        torch.tensor(slots_right),
        torch.tensor(states),
        torch.tensor(states_right),
    )


def _followed(
    network: DescribedNetwork, judges: Sequence[Judge], trained: DescribedSchema
) -> Iterator[tuple[Judge, list[list[TurnLabels]]]]:
    for judge in judges:
        tracker = DescribedTracker(
            judge.schema,
            network,
            UNCALIBRATED,
            identity=Identity("dev", "dev", 0),
            trained=trained.wordings,
        )
        yield judge, tracker.annotate([one.conversation for one in judge.conversations])


def _judged(judge: Judge, predicted: Sequence[Sequence[TurnLabels]]) -> Iterator[JudgedTurn]:
    return iter(judged_turns(paired(judge.conversations, predicted)))
