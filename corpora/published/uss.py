"""User Satisfaction Simulation: each turn of a customer rated from 1 to 5 by three or more people.

    USER⇥No, in the north.⇥Hotel-Inform⇥2,2,3

Role, text, action and scores between tabs; a blank line between sessions, whose last line rates
the whole: `USER⇥OVERALL⇥⇥3,3,3`. A turn's label is what most raters said, the lower where two are
equally many (as the publisher's code has it: Sun et al. 2021); its `satisfaction` is their mean.

The publisher has no splits, papers cross-validate. Here a session belongs to one of ten parts by
a hash of its texts. Fold K judges on two of them (`foldK-test`), chooses and calibrates on the
next (`foldK-dev`), and learns from the other seven (`foldK-train`); `all` is all of them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from corpora.conversation import Conversation, Role, Turn
from corpora.errors import InputError, quoted
from corpora.labels import Emotion, LabelledConversation, Sentiment, TurnLabels
from corpora.published.files import (
    AS_PUBLISHED,
    FOLD_SPLITS,
    Reader,
    Split,
    read_lines,
    required,
    unknown_label,
    wrong_width,
)

FILES = {"mwoz": "MWOZ.txt", "sgd": "SGD.txt", "redial": "ReDial.txt", "ccpe": "CCPE.txt"}
FOLDS = 5
SPLITS: tuple[Split, ...] = ("all", *FOLD_SPLITS)
PARTS = 2 * FOLDS
ROLES: dict[str, Role] = {"USER": "customer", "SYSTEM": "agent"}
SCORES = ("1", "2", "3", "4", "5")
OVERALL = "OVERALL"

Line = tuple[int, list[str]]


def reader(*names: str) -> Reader:
    """What reads some of the four files, in that order."""

    def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
        del losses  # nothing has to be aligned here
        paths = [(name, required(root / "dataset" / FILES[name])) for name in names]
        return (
            session
            for name, path in paths
            for session in _read_sessions(path, name)
            if is_in_split(session.conversation, split)
        )

    return read


def is_in_split(session: Conversation, split: Split) -> bool:
    """Whether a session belongs to a split: decided by what is said in it alone."""
    if split == "all":
        return True
    fold, _, use = split.removeprefix("fold").partition("-")
    first = 2 * (int(fold) - 1)
    texts = "\n".join(turn.text for turn in session.turns)
    part = int.from_bytes(sha256(texts.encode()).digest()[:4], "big") % PARTS
    uses = {first: "test", first + 1: "test", (first + 2) % PARTS: "dev"}
    return uses.get(part, "train") == use


def _read_sessions(path: Path, name: str) -> Iterator[LabelledConversation]:
    lines: list[Line] = []
    count = 0
    for number, text in read_lines(path):
        if text:
            lines.append((number, _fields(text, number, path)))
        elif lines:
            count += 1
            yield _session(lines, f"{name}-{count}", path)
            lines = []
    if lines:
        yield _session(lines, f"{name}-{count + 1}", path)


def _fields(text: str, number: int, path: Path) -> list[str]:
    fields = text.split("\t")
    if len(fields) != 4:
        raise wrong_width(path, number, len(fields), 4)
    if fields[0] not in ROLES:
        raise unknown_label(path, number, fields[0], tuple(ROLES))
    return fields


def _session(lines: Sequence[Line], name: str, path: Path) -> LabelledConversation:
    *said, (last, overall) = lines
    if overall[:2] != ["USER", OVERALL]:
        raise InputError(
            str(path),
            last,
            found=f"a session that ends with {quoted(overall[1])}",
            expected=f"USER, {OVERALL} and its scores",
            remedy=AS_PUBLISHED,
        )
    scores = _scores(overall[3], last, path)
    meta = {"scores": scores, "satisfaction": _mean(scores), "majority": majority(scores)}
    turns: list[Turn] = []
    labels: list[TurnLabels] = []
    for number, (role, text, action, marks) in said:
        rated = _scores(marks, number, path) if marks else []
        turns.append(
            Turn(text, role=ROLES[role], line=number, meta={"action": action, "scores": rated})
        )
        labels.append(_labels(rated))
    conversation = Conversation(name, tuple(turns), source=str(path), meta=meta)
    return LabelledConversation(conversation, tuple(labels))


def _scores(text: str, number: int, path: Path) -> list[int]:
    marks = text.split(",")
    for mark in marks:
        if mark not in SCORES:
            raise unknown_label(path, number, mark, SCORES)
    return [int(mark) for mark in marks]


def _labels(scores: Sequence[int]) -> TurnLabels:
    if not scores:
        return TurnLabels()
    felt = (Emotion(str(majority(scores))),)
    return TurnLabels(sentiment=Sentiment(None, emotions=felt, satisfaction=_mean(scores)))


def majority(scores: Sequence[int]) -> int:
    """What most raters said; the lower of two that equally many said."""
    counts = Counter(scores)
    return min(counts, key=lambda score: (-counts[score], score))


def _mean(scores: Sequence[int]) -> float:
    return sum(scores) / len(scores)
