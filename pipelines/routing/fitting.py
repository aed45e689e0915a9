"""Thresholds fitted to labelled conversations, with what they promise and were fitted to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import orjson

from corpora.errors import InputError
from corpora.labels import LabelledConversation
from corpora.rows import to_row
from nlp_lstm.artefact import Artefact, calibration_hash
from nlp_lstm.component import Component
from nlp_lstm.recalibration import refuse_taught
from nlp_lstm.scoring.evaluation import compared
from nlp_lstm.scoring.promise import FEWEST, BandFit, TaskFit, fit_thresholds, part_of
from nlp_lstm.scoring.turn_answers import TurnAnswer, turn_answers
from pipelines.release import release
from pipelines.routing.policy import Policy, TaskPolicy
from pipelines.routing.promise import Band, Curve, Fit, Provenance

# Risks that are tried where the one asked for cannot be kept, to say which could be.
TRIED = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Thresholds of one task.

    Attributes:
        policy: What is asked of its answers.
        fit: What that promises, and what it was fitted to.
    """

    policy: TaskPolicy
    fit: Fit


def fit_task(
    artefact: Artefact,
    component: Component,
    corpus: str,
    split: str,
    gold: Sequence[LabelledConversation],
    *,
    risk: float,
    confidence: float,
) -> Fitted:
    """Fit the thresholds of one model; see `nlp_lstm.scoring.promise`.

    Args:
        artefact: The model.
        component: It, as it suits the corpus.
        corpus: Name of the corpus.
        split: Which part of it.
        gold: Its conversations.
        risk: Share of wrong answers among the accepted ones, at most.
        confidence: With which probability that holds.

    Raises:
        InputError: The model learnt from them, they are too few, all answers are right or all are
            wrong, or no threshold keeps the promise.
    """
    refuse_taught(artefact, corpus, split)
    choosing, tested, _ = parts(gold)
    where = f"{corpus} {split}"
    if len(tested) < FEWEST:
        raise InputError(
            where,
            found=f"{len(gold)} conversations, {len(tested)} of them to test thresholds on",
            expected=f"at least {FEWEST} to test on, about {2 * FEWEST} in all",
            remedy="label more",
        )
    answers = [
        turn_answers(component.task, *compared(component, corpus, part))
        for part in (choosing, tested)
    ]
    _refuse_one_sided(where, artefact, answers[0] + answers[1])
    found = fit_thresholds(answers[0], answers[1], risk, 1 - confidence)
    if not found.accepts:
        _refuse_unsupported(where, artefact, answers, risk, confidence)
    brought = component.fingerprint != artefact.fingerprint
    schema = getattr(component, "schema", None) if brought else None
    fit = Fit(
        model=artefact.name,
        fingerprint=component.fingerprint,
        schema_name=getattr(schema, "name", ""),
        calibration=calibration_hash(artefact.calibration),
        corpus=corpus,
        split=split,
        data=data_digest(gold),
        choosing=found.choosing,
        tested=found.tested,
        risk=risk,
        confidence=confidence,
        longest_context=found.longest,
        curves=tuple(map(_curve, found.bands)),
    )
    return Fitted(TaskPolicy(bands=_bands(found)), fit)


def policy_of(fitted: Sequence[tuple[str, Fitted]]) -> Policy:
    """A policy of tasks and what was fitted for each."""
    fits = {task: one.fit for task, one in fitted}
    provenance = Provenance.model_validate({"release": release() or "sources", **fits})
    policies = {task: one.policy for task, one in fitted}
    return Policy.model_validate({**policies, "provenance": provenance})


def parts(
    gold: Sequence[LabelledConversation],
) -> tuple[list[LabelledConversation], list[LabelledConversation], list[LabelledConversation]]:
    """Conversations that choose, that are tested on, and that are held out."""
    cut: dict[str, list[LabelledConversation]] = {"choosing": [], "tested": [], "held out": []}
    for labelled in gold:
        cut[part_of(labelled.conversation.id)].append(labelled)
    return cut["choosing"], cut["tested"], cut["held out"]


def data_digest(gold: Sequence[LabelledConversation]) -> str:
    """Hash of conversations and their labels, in whatever order they come."""
    each = sorted(
        hashlib.sha256(orjson.dumps(to_row(labelled), default=str)).digest() for labelled in gold
    )
    return hashlib.sha256(b"".join(each)).hexdigest()[:16]


def _bands(found: TaskFit) -> tuple[Band, ...]:
    """Neighbours with one threshold are one band."""
    bands: list[Band] = []
    for band in found.bands:
        least = inf if band.threshold is None else band.threshold
        if bands and bands[-1].least_confidence == least:
            bands.pop()
        bands.append(Band(up_to=band.up_to, least_confidence=least))
    return tuple(bands)


def _curve(band: BandFit) -> Curve:
    return Curve(
        answers=band.answers,
        least_confidence=tuple(point.threshold for point in band.curve),
        coverage=tuple(round(point.coverage, 4) for point in band.curve),
        error=tuple(round(point.risk, 4) for point in band.curve),
        p=tuple(-1 if point.p is None else float(f"{point.p:.3g}") for point in band.curve),
    )


def _refuse_one_sided(where: str, artefact: Artefact, answers: Sequence[TurnAnswer]) -> None:
    right = sum(answer.right for answer in answers)
    if not answers:
        raise InputError(
            where,
            found=f"no answer of {artefact.name} that labels could judge",
            expected=f"labels of a {artefact.task} corpus, in the model's own terms",
            remedy="choose another --corpus",
        )
    if right in (0, len(answers)):
        raise InputError(
            where,
            found=f"{len(answers)} answers, {'all' if right else 'none'} of them right",
            expected="right ones and wrong ones: thresholds tell them apart",
            remedy="check the labels, or label more",
        )


def _refuse_unsupported(
    where: str,
    artefact: Artefact,
    answers: Sequence[Sequence[TurnAnswer]],
    risk: float,
    confidence: float,
) -> None:
    kept = (
        tried
        for tried in TRIED
        if tried > risk and fit_thresholds(answers[0], answers[1], tried, 1 - confidence).accepts
    )
    least = next(kept, None)
    remedy = "label more conversations"
    raise InputError(
        where,
        found=f"no threshold for {artefact.name} that keeps a risk of {risk:g} with a confidence"
        f" of {confidence:g}",
        expected="a promise that the conversations can support",
        remedy=remedy if least is None else f"ask for --risk {least:g}, or {remedy}",
    )
