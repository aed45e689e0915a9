"""What people did in a review tool, as answers of ours."""

from collections.abc import Iterator, Mapping
from typing import Any

from corpora.errors import quoted
from pipelines.routes.reviewing import VERDICTS, from_utf16, state_of_lines

Form = dict[str, Any]


class ToolAnswerError(Exception):
    """An export that is not of the tool's form, or contradicts itself."""

    def __init__(self, found: str, expected: str) -> None:
        self.found = found
        self.expected = expected
        super().__init__(f"found {found}, expected {expected}")


def label_studio_answers(task: Mapping[str, Any]) -> Iterator[Form]:
    """The annotations of a task of Label Studio's JSON export; cancelled ones are none."""
    data = task["data"]
    for annotation in _list(task["annotations"]):
        if not isinstance(annotation, Mapping) or not isinstance(annotation.get("result"), list):
            raise ToolAnswerError(quoted(repr(annotation)[:80]), "an annotation with its result")
        if annotation.get("was_cancelled"):
            continue
        said: Form = {}
        entities: list[Form] = []
        for region in annotation["result"]:
            value = _mapping(region).get("value")
            _label_studio_region(region.get("from_name"), _mapping(value), data, said, entities)
        if (data.get("task") == "entities" and "verdict" not in said) or entities:
            said["entities"] = entities
        yield {
            **_case(data),
            "answer": said,
            "by": _person(annotation.get("completed_by")),
            "time": annotation.get("updated_at") or annotation.get("created_at"),
        }


def _label_studio_region(
    name: object,
    value: Mapping[str, Any],
    data: Mapping[str, Any],
    said: Form,
    entities: list[Form],
) -> None:
    match name:
        case "entities":
            entities.append(_label_studio_entity(value, str(data.get("text", ""))))
        case "sentiment":
            said["sentiment"] = {"label": _only(value.get("choices"))}
        case "state":
            said["state"] = _state(_lines(value.get("text")))
        case "verdict":
            said["verdict"] = _verdict(_only(value.get("choices")))
        case "note":
            said["note"] = _lines(value.get("text"))
        case _:
            raise ToolAnswerError(
                f"a region of {quoted(str(name))}",
                "one of the configuration written with the tasks",
            )


def _label_studio_entity(value: Mapping[str, Any], text: str) -> Form:
    start, end, there = value.get("start"), value.get("end"), value.get("text")
    if type(start) is not int or type(end) is not int:
        raise ToolAnswerError(f"a region at {start!r} to {end!r}", "offsets that are numbers")
    if there is not None and text[start:end] != there:
        # Older releases count as a browser does.
        start, end = from_utf16(text, start, end)
    form = {"start": start, "end": end, "label": _only(value.get("labels"))}
    return form if there is None else {**form, "text": there}


def argilla_answers(record: Mapping[str, Any]) -> Iterator[Form]:
    """The responses of an Argilla record, together for each person who gave some."""
    metadata = _mapping(record.get("metadata") or {})
    by_person: dict[str, Form] = {}
    for question, responses in _mapping(record["responses"]).items():
        for response in _list(responses):
            person = str(_mapping(response).get("user_id") or "")
            _argilla_response(question, response.get("value"), by_person.setdefault(person, {}))
    for person, said in by_person.items():
        if metadata.get("task") == "entities" and "verdict" not in said:
            said.setdefault("entities", [])
        yield {
            "case": record.get("id"),
            "conversation": metadata.get("conversation"),
            "route": metadata.get("route"),
            "answer": said,
            "by": person,
        }


def _argilla_response(question: str, value: Any, said: Form) -> None:
    match question:
        case "entities":
            said["entities"] = _spans(value)
        case "sentiment":
            said["sentiment"] = {"label": value}
        case "state":
            said["state"] = _state(str(value or ""))
        case "verdict":
            said["verdict"] = value
        case "note":
            said["note"] = str(value or "")
        case _:
            raise ToolAnswerError(
                f"a response to {quoted(str(question))}",
                "one of the settings written with the records",
            )


def prodigy_answers(task: Mapping[str, Any]) -> Iterator[Form]:
    """The answer of a Prodigy task; one that was rejected or ignored is none."""
    if task["answer"] not in ("accept", "reject", "ignore"):
        raise ToolAnswerError(f"answer {quoted(task['answer'])}", "accept, reject or ignore")
    if task["answer"] != "accept":
        return
    said: Form = {}
    asked, spans = task.get("asked"), _spans(task.get("spans") or [])
    if asked == "entities" or spans:
        said["entities"] = spans
    if task.get("accept"):
        said["sentiment"] = {"label": _only(task["accept"])}
    if asked == "states" or task.get("state"):
        said["state"] = _state(str(task.get("state") or ""))
    meta = _mapping(task.get("meta") or {})
    yield {
        "case": task.get("case"),
        "conversation": meta.get("conversation"),
        "answer": said,
        "by": str(task.get("_annotator_id") or task.get("_session_id") or ""),
    }


def _case(data: Mapping[str, Any]) -> Form:
    return {
        "case": data.get("case"),
        "conversation": data.get("conversation"),
        "route": data.get("route"),
    }


def _person(who: object) -> str:
    if isinstance(who, Mapping):
        return str(who.get("email") or who.get("username") or who.get("id") or "")
    return "" if who is None else str(who)


def _state(text: str) -> list[Form]:
    try:
        return [dict(held) for held in state_of_lines(text)]
    except ValueError as error:
        raise ToolAnswerError(str(error), "a line `SLOT = VALUE` for each slot") from error


def _verdict(shown: str) -> str:
    known = {words: verdict for verdict, words in VERDICTS.items()} | {v: v for v in VERDICTS}
    if shown not in known:
        raise ToolAnswerError(f"verdict {quoted(shown)}", f"one of {', '.join(VERDICTS)}")
    return known[shown]


def _only(values: object) -> str:
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        raise ToolAnswerError(f"{quoted(repr(values)[:80])}", "one choice")
    return values[0]


def _spans(value: object) -> list[Form]:
    names = ("start", "end", "label")
    return [{name: _mapping(one).get(name) for name in names} for one in _list(value)]


def _lines(value: object) -> str:
    return "\n".join(map(str, _list(value or [])))


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ToolAnswerError(quoted(repr(value)[:80]), "a list")
    return value


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ToolAnswerError(quoted(repr(value)[:80]), "an object")
    return value
