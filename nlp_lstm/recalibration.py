"""Confidences fitted again, on conversations that neither taught a model nor judge the fit.

A calibration that was fitted on one firm's chats need not hold on another's. Decisions stay as they
are; only how sure a model says it is changes, so its fingerprint stays too.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from corpora.errors import InputError
from corpora.labels import LabelledConversation
from nlp_lstm.artefact import Artefact
from nlp_lstm.component import Component
from nlp_lstm.loading import component_of
from nlp_lstm.scoring.answers import Answer, judged_answers
from nlp_lstm.scoring.calibration import fit_platt, log_odds
from nlp_lstm.scoring.evaluation import compared

# What can be fitted on: two numbers from fewer answers are chance.
FEWEST_CONVERSATIONS = 20
FEWEST_ANSWERS = 100


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A fit, and what it is worth on the other half of the conversations.

    Attributes:
        calibration: The new content of `calibration.json`.
        fitted: Conversations that it was fitted on.
        judged: Conversations that judge it.
        before: Answers on those, as the model gave them.
        after: The same answers with the new confidences.
    """

    calibration: Mapping[str, Any]
    fitted: int
    judged: int
    before: Sequence[Answer]
    after: Sequence[Answer]


def recalibrate(
    artefact: Artefact, corpus: str, split: str, gold: Sequence[LabelledConversation]
) -> Recalibration:
    """Fit a model's confidences on half of a corpus and judge them on the other half.

    Which half a conversation falls into follows from its id.

    Args:
        artefact: The model.
        corpus: Name of the corpus.
        split: Which part of it.
        gold: Its conversations.

    Raises:
        InputError: The model learnt from them, they are too few, or all answers are right or all
            are wrong.
    """
    refuse_taught(artefact, corpus, split)
    halves: tuple[list[LabelledConversation], ...] = ([], [])
    for labelled in gold:
        halves[_half(labelled)].append(labelled)
    fitting, judging = halves
    if min(map(len, halves)) < FEWEST_CONVERSATIONS:
        raise InputError(
            f"{corpus} {split}",
            found=f"{len(gold)} conversations",
            expected=f"at least {FEWEST_CONVERSATIONS} to fit on and as many to judge by",
            remedy="label more",
        )
    artefact = _with_turns(artefact)
    component = component_of(artefact)
    calibration = {**artefact.calibration, **_fitted(artefact, component, corpus, fitting)}
    fitted = component_of(replace(artefact, calibration=calibration))
    before, after = (
        judged_answers(one.task, *compared(one, corpus, judging)) for one in (component, fitted)
    )
    return Recalibration(calibration, len(fitting), len(judging), before, after)


def _half(labelled: LabelledConversation) -> int:
    digest = hashlib.sha256(f"calibration/{labelled.conversation.id}".encode()).digest()
    return digest[0] % 2


def refuse_taught(artefact: Artefact, corpus: str, split: str) -> None:
    """Refuse a part of a corpus that a model learnt from.

    Raises:
        InputError: It did.
    """
    for taught in artefact.config.get("training", {}).get("corpora", ()):
        if (taught.get("name"), taught.get("split")) == (corpus, split):
            raise InputError(
                f"{corpus} {split}",
                found=f"what {artefact.name} was trained on",
                expected="conversations that it has not seen",
                remedy="choose another --split",
            )


def _with_turns(artefact: Artefact) -> Artefact:
    """An entity tagger that knows how sure it is of whole turns, if only roughly as yet."""
    if artefact.task != "entities" or artefact.calibration.get("turn"):
        return artefact
    rough = {"slope": 1.0, "offset": 0.0}
    return replace(artefact, calibration={**artefact.calibration, "turn": rough})


def _fitted(
    artefact: Artefact, component: Component, corpus: str, gold: Sequence[LabelledConversation]
) -> dict[str, Any]:
    """The parts of `calibration.json` that these conversations can fit."""
    answers = judged_answers(component.task, *compared(component, corpus, gold))
    by_kind: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_kind[answer.kind].append(answer)
    if not by_kind:
        raise InputError(
            corpus,
            found=f"no answer of {artefact.name} that labels could judge",
            expected=f"labels of a {artefact.task} corpus, in the model's own terms",
            remedy="choose another --corpus",
        )
    for kind, held in by_kind.items():
        _refuse_one_sided(corpus, kind, held)
    match artefact.task:
        case "entities":
            turns = artefact.calibration.get("turn")
            return {
                **_spans(artefact.calibration, by_kind["spans"]),
                **({"turn": _refitted(turns, by_kind["whole turns"])} if turns else {}),
            }
        case "states":
            return {
                part: _refitted(artefact.calibration[part], by_kind[kind])
                for part, kind in (("slots", "changes"), ("state", "whole states"))
                if kind in by_kind
            }
        case _:
            from nlp_lstm.sentiment.component import SentimentTagger
            from nlp_lstm.sentiment.recalibration import fitted_heads

            assert isinstance(component, SentimentTagger)
            return fitted_heads(component, corpus, gold)


def _refuse_one_sided(corpus: str, kind: str, answers: Sequence[Answer]) -> None:
    right = sum(answer.right for answer in answers)
    if len(answers) < FEWEST_ANSWERS or right in (0, len(answers)):
        raise InputError(
            corpus,
            found=f"{len(answers)} {kind} to fit on, {right} of them right",
            expected=f"at least {FEWEST_ANSWERS}, right ones and wrong ones",
            remedy="label more",
        )


def _refitted(old: Mapping[str, float], answers: Sequence[Answer]) -> dict[str, float]:
    """Slope and offset on raw log-odds: those fitted on calibrated ones, after the old ones."""
    slope, offset = fit_platt(
        log_odds(torch.tensor([answer.confidence for answer in answers])),
        torch.tensor([answer.right for answer in answers]),
    )
    return {"slope": slope * old["slope"], "offset": slope * old["offset"] + offset}


def _spans(old: Mapping[str, float], answers: Sequence[Answer]) -> dict[str, float]:
    new = _refitted(old, answers)
    least = old.get("least", 0.0)
    if not least:
        return new
    # What was left out stays left out: the threshold moves with the confidences.
    raw = (log_odds(torch.tensor(least)) - old["offset"]) / old["slope"]
    return {**new, "least": float((new["slope"] * raw + new["offset"]).sigmoid())}
