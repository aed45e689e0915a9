"""Answers brought into the record of the conversation that they are about."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from corpora.changes import changes_between
from corpora.errors import InputError, quoted
from corpora.labels import SlotValue
from pipelines.record_models import TaskName
from pipelines.records import change_parts
from pipelines.routes.answers import PART, REMEDY, Answer, lacking, parse_answer
from pipelines.routes.carrying import carry_on
from pipelines.routes.fitting import Fitted, UnfitError, fit
from pipelines.routes.vocabulary import Vocabulary

Record = Mapping[str, Any]


def merge_live(
    record: Record, line: Mapping[str, Any], vocabulary: Vocabulary | None = None
) -> dict[str, Any]:
    """Bring a route's late answer into a live turn: `pipelines.serving.late.Merging`.

    Args:
        record: Of the one turn.
        line: An answer; who gives it may stand within, `{"case": …, "answer": {"by": …,
            "answer": {…}}}`.
        vocabulary: Labels and slots, where they are known.

    Raises:
        InputError: The answer does not fit.
    """
    said = line.get("answer")
    if isinstance(said, Mapping) and "answer" in said:
        line = {**said, "case": line.get("case"), "conversation": line.get("conversation")}
    answer = parse_answer(line, "the answer")
    return merge_answer(record, answer, vocabulary or Vocabulary())


def merge_answer(record: Record, answer: Answer, vocabulary: Vocabulary) -> dict[str, Any]:
    """A record with an answer to one of its cases in it.

    What the turn said before stands in `answers`, with who answered. A corrected belief state is
    carried on through the turns after it, up to the next that somebody answered for.

    Args:
        record: Has the case, not yet answered; it is left as it is.
        answer: To the case.
        vocabulary: Labels and slots that may be used.

    Raises:
        InputError: The answer does not fit the case, the text or the vocabulary.
    """
    case = next(one for one in record["routing"] if one["case"] == answer.case)
    if answer.conversation is not None and answer.conversation != record["id"]:
        raise _refusal(
            answer,
            found=f"conversation {quoted(answer.conversation)}",
            expected=f"{quoted(record['id'])}, to which the case belongs",
        )
    lacks = lacking(case["task"], case["reason"], answer.answer)
    if lacks is not None:
        raise _refusal(
            answer,
            found=f"no answer to a case of {case['task'] or 'a request'}, {case['reason']}",
            expected=lacks,
        )
    turns = [dict(turn) for turn in record["turns"]]
    place = next(i for i, turn in enumerate(turns) if turn["index"] == case["turn"])
    texts = [turn["text"] for turn in turns[:place]]
    try:
        fitted = fit(answer, turns[place], vocabulary, said_so_far=texts)
    except UnfitError as error:
        raise _refusal(answer, found=error.found, expected=error.expected) from error
    before = _write(fitted, answer, turns, place)
    told = {
        "case": answer.case,
        "turn": case["turn"],
        "task": case["task"],
        "by": answer.said_by.model_dump(),
        "digest": answer.digest,
        "parts": _parts(fitted, answer, case["task"]),
        "verdict": answer.answer.verdict,
        "note": answer.answer.note,
        "before": before,
        "dropped": fitted.dropped,
    }
    merged = {**record, "turns": turns, "answers": [*record.get("answers", ()), told]}
    if fitted.state is not None:
        fixed = {one["turn"] for one in merged["answers"] if one["before"]["state"] is not None} - {
            case["turn"]
        }
        carry_on(turns, place, fixed)
        if "summary" in record:
            summary = {**record["summary"], "state": _state_summary(turns)}
            merged["summary"] = summary
    return merged


def _parts(fitted: Fitted, answer: Answer, task: TaskName | None) -> list[str]:
    """What of the turn was answered, or called right."""
    given = {
        "entities": fitted.entities is not None,
        "state": fitted.state is not None,
        "requests": fitted.requests is not None,
        "sentiment": fitted.has_sentiment,
        "emotions": bool(fitted.emotions),
    }
    if answer.answer.verdict == "right" and task is not None:
        given[PART[task]] = True
    return [name for name, is_given in given.items() if is_given]


def _refusal(answer: Answer, *, found: str, expected: str) -> InputError:
    found = f"{found} for case {quoted(answer.case)}"
    return InputError(answer.source, answer.line, found=found, expected=expected, remedy=REMEDY)


def _write(
    fitted: Fitted, answer: Answer, turns: list[dict[str, Any]], place: int
) -> dict[str, Any]:
    """Write what was answered into a turn.

    Returns:
        What stood there before, for each part that was answered.
    """
    turn = turns[place]
    before: dict[str, Any] = dict.fromkeys(("entities", "state", "requests", "sentiment"))
    if fitted.entities is not None:
        before["entities"], turn["entities"] = turn["entities"] or [], fitted.entities
    if fitted.requests is not None:
        before["requests"], turn["requests"] = turn["requests"] or [], fitted.requests
    if fitted.has_sentiment:
        before["sentiment"] = turn["sentiment"]
        turn["sentiment"] = _sentiment(fitted, turn["sentiment"], answer.confidence)
    if fitted.state is not None:
        old = turn["state"] or []
        before["state"], turn["state"] = old, fitted.state
        earlier = turns[place - 1]["state"] or [] if place else None
        if place == 0 and turn["index"] > 0:
            # A live turn stands alone: all that is known is what it did and what it came to.
            kept = [one for one in turn["changes"] or () if _holds(one, fitted.state)]
            turn["changes"] = kept + changed(old, fitted.state, answer.confidence)
        else:
            turn["changes"] = changed(earlier or [], fitted.state, answer.confidence)
    return before


def changed(
    before: Iterable[Mapping[str, str]], after: Iterable[Mapping[str, str]], confidence: float
) -> list[dict[str, Any]]:
    """What led from one state to the other, as records hold it."""
    parts = change_parts(changes_between(_values(before), _values(after)))
    return [{**part, "confidence": round(confidence, 4)} for part in parts]


def _values(state: Iterable[Mapping[str, str]]) -> list[SlotValue]:
    return [SlotValue(held["slot"], held["value"]) for held in state]


def _holds(change: Mapping[str, Any], state: Sequence[Mapping[str, str]]) -> bool:
    return {"slot": change["slot"], "value": change["value"]} in state


def _sentiment(
    fitted: Fitted, before: Mapping[str, Any] | None, confidence: float
) -> dict[str, Any]:
    """The sentiment that was answered; a model's valence stays where its label was right."""
    sure = round(confidence, 4)
    emotions = [{"label": label, "confidence": sure} for label in fitted.emotions]
    if before is not None and before["label"] == fitted.sentiment:
        return {**before, "confidence": sure, "emotions": emotions or before["emotions"]}
    return {
        "label": fitted.sentiment,
        "valence": None,
        "confidence": sure,
        "emotions": emotions,
        "satisfaction": None,
        "frustration": None,
    }


def _state_summary(turns: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    since: dict[tuple[str, str], int] = {}
    for turn in turns:
        if turn["state"] is not None:
            held = [(one["slot"], one["value"]) for one in turn["state"]]
            since = {one: since.get(one, turn["index"]) for one in held}
    return [{"slot": slot, "value": value, "turn": turn} for (slot, value), turn in since.items()]
