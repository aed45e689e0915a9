"""Rasa stories and rules in YAML: what a user and a bot say in an example of a dialogue.

    stories:
    - story: book a table
      steps:
      - user: |
          a table in [Oulu]{"entity": "city"}
        intent: book
      - action: utter_ask_people

Only `user` and `bot` hold words; stories that give intents alone have none and are counted.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.transcripts.format import Export, Format, Head
from corpora.transcripts.reading import Options, unexpected
from corpora.transcripts.shelves import STORIES as STORIES_FILE
from corpora.transcripts.text import Text

LARGEST = 2 * 1024 * 1024  # characters of a document, which YAML holds whole
# [two](people), [Oulu]{"entity": "city"}; the parts are bounded so that none is read twice over.
ENTITY = re.compile(
    r"\[(?P<text>[^\[\]]{1,500})\](?:\((?P<label>[^()]{1,200})\)|(?P<about>\{[^{}]{1,500}\}))"
)
# What the package raises on documents that nobody should write: a date of the year 0, say.
YAML_ERRORS = (
    yaml.YAMLError, ValueError, LookupError, ArithmeticError, TypeError, RecursionError,
)  # fmt: skip
KINDS = ("stories", "rules")


class _PlainLoader(yaml.SafeLoader):  # type: ignore[misc]  # the package has no types
    """Safe, and without aliases, a few of which could stand for more than a machine holds."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse an alias; build any other node."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, "an alias (no aliases are read)", mark)
        return super().compose_node(parent, index)


def read_stories(text: Text, options: Options) -> Iterator[Conversation]:
    """Yield a conversation for each story in which anything is said.

    Raises:
        InputError: The document is no YAML of this kind.
    """
    content = _load(text)
    if content is None:
        return
    if not isinstance(content, dict) or not any(kind in content for kind in KINDS):
        raise unexpected(text.source, 1, content, "a key 'stories' or 'rules'")
    seen: set[str] = set()
    for kind in KINDS:
        stories = content.get(kind)
        for position, story in enumerate(stories if isinstance(stories, list) else (), start=1):
            try:
                turns = tuple(_turns(story, text.source))
            except InputError as error:
                options.report(error)
                continue
            title = next(
                (story[key] for key in ("story", "rule") if isinstance(story.get(key), str)),
                f"{kind}#{position}",
            )
            name = f"{text.name}/{title}"
            while name in seen:  # Rasa lets stories share a title
                name += "'"
            seen.add(name)
            if turns:
                yield Conversation(name, turns, text.source, {"title": title})


def _load(text: Text) -> Any:
    pieces, size = [], 0
    for piece in text.pieces():
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise InputError(
                text.source,
                found="more than 2 MiB of YAML (LARGEST)",
                expected="stories of a project",
                remedy="split the file",
            )
    try:
        return yaml.load("".join(pieces), _PlainLoader)
    except YAML_ERRORS as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error) or type(error).__name__
        raise InputError(
            text.source,
            mark.line + 1 if mark is not None else None,
            found=f"YAML that cannot be read ({quoted(str(problem))})",
            expected="stories in YAML",
            remedy="check it with `rasa data validate`",
        ) from error


def _turns(story: object, source: str) -> Iterator[Turn]:
    steps = story.get("steps") if isinstance(story, dict) else None
    if not isinstance(steps, list):
        raise unexpected(source, None, story, "a story with 'steps'")
    for step in steps:
        if not isinstance(step, dict):
            raise unexpected(source, None, step, "a step")
        for alternative in step["or"] if isinstance(step.get("or"), list) else [step]:
            if not isinstance(alternative, dict):
                continue
            yield from _said(alternative, source)
            if alternative is not step:
                break  # the others are other ways to say it


def _said(step: Mapping[str, Any], source: str) -> Iterator[Turn]:
    for speaker, role in (("user", "customer"), ("bot", "agent")):
        said = step.get(speaker)
        if said is None:
            continue
        if not isinstance(said, str):
            raise unexpected(source, None, said, f"text in '{speaker}'")
        text, entities = _without_markup(said.strip("\n"))
        meta: dict[str, Any] = {}
        if entities:
            meta["entities"] = entities
        if isinstance(step.get("intent"), str):
            meta["intent"] = step["intent"]
        yield Turn(text, speaker, "customer" if role == "customer" else "agent", meta=meta)


def _without_markup(said: str) -> tuple[str, list[dict[str, Any]]]:
    """The words that were said, and the entities marked in them by their places."""
    parts: list[str] = []
    entities: list[dict[str, Any]] = []
    length = last = 0
    for match in ENTITY.finditer(said):
        about = _about(match)
        if about is None:
            continue
        before, inside = said[last : match.start()], match["text"]
        start = length + len(before)
        entities.append({"start": start, "end": start + len(inside), **about})
        parts += [before, inside]
        length, last = start + len(inside), match.end()
    return "".join([*parts, said[last:]]), entities


def _about(match: re.Match[str]) -> dict[str, Any] | None:
    if match["label"] is not None:
        label, _, value = match["label"].partition(":")
        return {"label": label, **({"value": value} if value else {})}
    try:
        about = json.loads(match["about"])
    except ValueError:
        return None
    if not isinstance(about.get("entity"), str):
        return None
    return {"label": about["entity"], **{k: v for k, v in about.items() if k != "entity"}}


def _tells(head: Head) -> bool:
    keys = [line for line in head.lines if re.match(r"(?:stories|rules):\s*(?:#.*)?$", line)]
    return bool(keys) and any(re.match(r"\s*(?:-\s+)?steps:", line) for line in head.lines)


def _tells_folder(names: Collection[str]) -> bool:
    return "domain.yml" in names or ("domain/" in names and "config.yml" in names)


def _part(file: str) -> bool | None:
    return STORIES_FILE.fullmatch(file) is not None if file.endswith((".yml", ".yaml")) else None


PROJECT = Export(_tells_folder, _part)
STORIES = Format(
    "rasa-stories", read_stories, _tells, export=PROJECT, signs="it has stories or rules with steps"
)
