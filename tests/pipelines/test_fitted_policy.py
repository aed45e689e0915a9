"""Policies with bands and provenance: what they ask, what they refuse, and as a file."""

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError
from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.artefact import calibration_hash, load_artefact, shipped_models
from nlp_lstm.scoring.turn_answers import TurnAnswer
from pipelines.routing import Policy, Router, TaskPolicy
from pipelines.routing.fitting import data_digest
from pipelines.routing.policy_file import policy_toml
from pipelines.routing.promise import Band, Curve, Fit, Provenance
from pipelines.routing.reporting import held_out, report_task
from pipelines.routing.shipped import check_fits, policies_shipped, shipped_policy
from tests.pipelines.fakes import FakeComponent

CURVE = Curve(answers=9, least_confidence=(0.9, 0.5), coverage=(0.1, 1), error=(0, 0.2), p=(0, -1))


def fit(**other: Any) -> Fit:
    facts = {
        "model": "one",
        "fingerprint": FakeComponent("states").fingerprint,
        "calibration": "c",
        "corpus": "own",
        "split": "dev",
        "data": "d",
        "choosing": 20,
        "tested": 60,
        "risk": 0.1,
        "confidence": 0.9,
        "longest_context": 80,
        "curves": (CURVE,),
    }
    return Fit.model_validate({**facts, **other})


def policy(**other: Any) -> Policy:
    bands = (Band(up_to=64, least_confidence=0.7), Band(least_confidence=inf))
    provenance = Provenance(release="1", states=fit(**other))
    return Policy(states=TaskPolicy(bands=bands), provenance=provenance)


@pytest.mark.parametrize(
    ("words", "least"),
    [(1, 0.7), (64, 0.7), (65, inf), (10_000, inf)],
)
def test_each_band_asks_for_its_own_confidence(words: int, least: float) -> None:
    limits = policy().limits(FakeComponent("states"))

    assert limits.least(words) == least


def test_a_policy_read_back_is_the_one_written(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(policy_toml(policy(model='a "quoted"\nname')), encoding="utf-8")

    assert Policy.load(path) == policy(model='a "quoted"\nname')


def test_a_policy_of_another_model_is_refused() -> None:
    with pytest.raises(InputError, match=r"thresholds fitted to one \(other\), expected ones of"):
        Router(policy(fingerprint="other"), [FakeComponent("states")])


def test_tasks_that_were_not_fitted_are_anybodys() -> None:
    Router(policy(fingerprint="other"), [FakeComponent("entities")])


@pytest.mark.parametrize(
    ("bands", "found"),
    [
        ("[[states.bands]]\nup_to = 5\nleast_confidence = 0.5\n", "leave its up_to out"),
        ("[[states.bands]]\nleast_confidence = 1.5\n", "no confidence from 0 to 1, nor inf"),
        ("[[states.bands]]\nleast_confidence = nan\n", "greater than or equal to 0"),
        (
            "[[states.bands]]\nleast_confidence = 0.5\n" * 2,
            "a band before the last has no up_to",
        ),
        (
            "[[states.bands]]\nup_to = 9\nleast_confidence = 0.5\n" * 2
            + "[[states.bands]]\nleast_confidence = 0.5\n",
            "let each end later",
        ),
        (
            "[states]\nleast_confidence = 0.5\n[[states.bands]]\nleast_confidence = 0.5\n",
            "both least_confidence and bands",
        ),
        ('[provenance]\nform = "nlp-lstm-policy/2"\nrelease = "9"\n', "provenance.form"),
        ('[reasons]\nbored = "review"\n', "reasons.bored"),
    ],
)
def test_what_no_policy_can_be_is_refused(tmp_path: Path, bands: str, found: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(bands)

    with pytest.raises(InputError, match=rf"policy\.toml: found .*{found}"):
        Policy.load(path)


def test_other_confidences_of_the_same_model_are_refused() -> None:
    artefact = load_artefact("states-woz2")
    own = policy(fingerprint=artefact.fingerprint, calibration="older")
    with pytest.raises(InputError, match="fitted to other confidences"):
        check_fits(own, "policy.toml", {"states": "states-woz2"})

    same = policy(
        fingerprint=artefact.fingerprint, calibration=calibration_hash(artefact.calibration)
    )
    check_fits(same, "policy.toml", {"states": "states-woz2"})


def test_a_policy_over_a_schema_that_was_brought_is_for_that_schema() -> None:
    artefact = load_artefact("states-schema")
    brought = policy(
        model="states-schema",
        fingerprint="with orders",
        schema_name="orders",
        calibration=calibration_hash(artefact.calibration),
    )

    check_fits(brought, "policy.toml", {"states": "states-schema+orders.toml"})
    with pytest.raises(
        InputError, match=r"states-schema over the schema 'orders' .*\+SCHEMA\.toml"
    ):
        brought.limits(FakeComponent("states"))


def test_every_shipped_model_has_a_policy_that_fits_it() -> None:
    # Thresholds of the tracker that reads schemas belong to a schema, not to the model.
    assert {*policies_shipped(), "states-schema"} == set(shipped_models())
    for model in policies_shipped():
        task = load_artefact(model).task
        rules = shipped_policy({task: model})  # type: ignore[dict-item]  # one of the three
        assert rules.provenance is not None


def chats(value: str = "north") -> list[LabelledConversation]:
    return [
        LabelledConversation(
            Conversation(f"chat-{number}", (Turn("north please", role="customer"),)),
            (TurnLabels(state=(SlotValue("area", value),)),),
        )
        for number in range(60)
    ]


def test_only_what_was_held_out_judges() -> None:
    others = held_out(fit(data=data_digest(chats())), "own", "dev", chats()[::-1])

    assert 5 < len(others) < 40
    assert len(held_out(fit(), "own", "test", chats())) == 60


def test_a_corpus_that_has_changed_cannot_tell_what_was_held_out() -> None:
    with pytest.raises(InputError, match="expected those that the policy was fitted to"):
        held_out(fit(data=data_digest(chats())), "own", "dev", chats("south"))


def test_a_report_says_what_is_accepted_and_how_much_of_it_is_wrong() -> None:
    sure = [TurnAnswer(n, 0, 10, 0.9, n != 0) for n in range(8)]
    unsure = [TurnAnswer(n, 1, 20, 0.5, False) for n in range(2)]
    late = [replace(one, words=100) for one in sure[:5]]
    limits = policy().limits(FakeComponent("states"))

    report = report_task("states", fit(), limits, [*sure, *unsure, *late])

    rows = {row[0]: row[1:] for row in report.accepted.rows}
    assert rows["1-64"][:3] == (10, 0.8, 0.125)
    assert rows["65+"][:3] == (5, 0.0, "")
    assert rows["all"][0] == 15
    assert report.curve.columns == ("kept", "confidence", "length", "random")
