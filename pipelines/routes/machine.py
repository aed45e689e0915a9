"""What a machine says about a case, made an answer only where it fits."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from corpora.errors import InputError
from pipelines.routes.answers import Answer, Said, lacking, parse_said
from pipelines.routes.cases import RoutedCase, Unanswered
from pipelines.routes.fitting import UnfitError, fit
from pipelines.routes.settings import MachineSettings
from pipelines.routes.vocabulary import Vocabulary

# Somebody who asks for a person, or is angry, is not for a machine.
FOR_PEOPLE = ("explicit_request", "frustration")


def checked(
    case: RoutedCase,
    said: object,
    *,
    settings: MachineSettings,
    route: str,
    by: str,
    vocabulary: Vocabulary,
) -> Answer | Unanswered:
    """An answer, or why what was said is none.

    Args:
        case: What was asked.
        said: Whatever came back.
        settings: Of the route.
        route: Its name.
        by: Who answered.
        vocabulary: What may be said.
    """
    try:
        parsed = said if isinstance(said, Said) else parse_said(said, by)
    except InputError as error:
        return unanswered(case, f"an answer that is none: {error.found}")
    if parsed.verdict == "handled":
        return unanswered(case, "a machine that says it has handled the case")
    lacks = lacking(case.entry["task"], case.entry["reason"], parsed)
    if lacks is not None:
        return unanswered(case, f"an answer without {lacks}")
    answer = Answer(
        case=case.id,
        answer=parsed,
        conversation=case.entry["conversation"],
        by=by,
        kind="machine",
        route=route,
        confidence=settings.confidence,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    turn: Mapping[str, Any] = {"text": case.text, "state": case.state}
    earlier = [one["text"] for one in case.turns[:-1]]
    try:
        fit(answer, turn, vocabulary, said_so_far=earlier)
    except UnfitError as error:
        return unanswered(case, f"an answer that does not fit: {error}")
    return answer


def unanswered(case: RoutedCase, why: str) -> Unanswered:
    """A case that a route failed to answer."""
    return Unanswered(case, "component_error", why)
