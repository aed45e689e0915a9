"""What the review tools are shown alike: a doubt in words, a belief state as lines of text.

hotel-area = north
hotel-stars = 4
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.routes.cases import RoutedCase
from pipelines.routes.vocabulary import Vocabulary

CHAT_ROLES = {"customer": "user", "agent": "assistant", "system": "system", "tool": "system"}
# Beyond U+FFFF a character counts twice in a browser; in its place one that counts once.
BEYOND, STAND_IN = 0xFFFF, "\u25a1"
VERDICTS = {"right": "the model is right", "handled": "taken care of"}


def doubt(case: RoutedCase) -> str:
    """Why somebody is asked, in a line."""
    entry = case.entry
    reason = str(entry["reason"]).replace("_", " ")
    sure = "" if entry["confidence"] is None else f", confidence {entry['confidence']:.2f}"
    of = "" if entry["task"] is None else f" of {entry['task']}"
    return f"turn {entry['turn'] + 1}: {reason}{of}{sure}"


def author(turn: Mapping[str, Any]) -> str:
    """Who said a turn, as it is shown."""
    return str(turn["speaker"] or turn["role"] or "?")


def model_name(case: RoutedCase) -> str:
    """The model whose answer is doubted."""
    model = case.entry["model"]
    return "nlp-lstm" if model is None else str(model["name"])


def sentiment_of(case: RoutedCase) -> str | None:
    """The label that the model gave the turn."""
    sentiment = case.entry["payload"].get("sentiment")
    return None if sentiment is None else sentiment["label"]


def state_lines(state: Iterable[Mapping[str, str]]) -> str:
    """A belief state as text: a slot and its value a line."""
    return "\n".join(f"{held['slot']} = {held['value']}" for held in state)


def state_of_lines(text: str) -> list[dict[str, str]]:
    """A belief state out of text.

    Raises:
        ValueError: A line holds no ` = `.
    """
    state = []
    for line in filter(str.strip, text.splitlines()):
        slot, equals, value = line.partition("=")
        if not (equals and slot.strip() and value.strip()):
            raise ValueError(f"{line.strip()!r} is not SLOT = VALUE")
        state.append({"slot": slot.strip(), "value": value.strip()})
    return state


def labels_of(vocabulary: Vocabulary, case: RoutedCase | None = None) -> list[str]:
    """Entity labels to choose from; without a known vocabulary those of the case."""
    if vocabulary.labels is not None:
        return sorted(vocabulary.labels)
    return sorted({one["label"] for one in case.entities}) if case is not None else []


def flat(text: str) -> str:
    """A text of as many characters in a browser as here: pictures become squares."""
    return "".join(STAND_IN if ord(c) > BEYOND else c for c in text)


def from_utf16(text: str, start: int, end: int) -> tuple[int, int]:
    """Code points for a browser's offsets, which count characters beyond U+FFFF twice."""
    units = 0
    places = [0]
    for character in text:
        units += 2 if ord(character) > BEYOND else 1
        places.append(units)
    index = {unit: place for place, unit in enumerate(places)}
    return index.get(start, start), index.get(end, end)
