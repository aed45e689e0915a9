"""GoEmotions: Reddit comments, each with one or more of 27 emotions, or neutral.

    My favourite food is anything I didn't have to cook myself.⇥27⇥eebbqej

Text, label numbers and comment id between tabs. `data/group` repeats the lines with the groups
positive, negative, neutral and ambiguous in place of the emotions. Texts that hold a `"` (one in
forty) stand in quotes of their own with theirs doubled, and are left as they stand.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.labels import Emotion, LabelledConversation, Sentiment, SentimentLabel, TurnLabels
from corpora.published.files import AS_PUBLISHED, Split, read_lines, required, wrong_width

# `ambiguous` (surprise, confusion, …) decides nothing, so it has no place here.
SENTIMENTS: dict[str, SentimentLabel] = {
    "positive": "positive",
    "negative": "negative",
    "neutral": "neutral",
}
# Which group of `data/group` each emotion belongs to.
GROUPS: Mapping[str, str] = MappingProxyType(
    {
        emotion: group
        for group, emotions in {
            "positive": "admiration amusement approval caring desire excitement gratitude joy love "
            "optimism pride relief",
            "negative": "anger annoyance disappointment disapproval disgust embarrassment fear "
            "grief nervousness remorse sadness",
            "ambiguous": "confusion curiosity realization surprise",
            "neutral": "neutral",
        }.items()
        for emotion in emotions.split()
    }
)


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the comments of one split, each a conversation of one turn.

    Args:
        root: The publisher's folder, with `data/original` and `data/group` in it.
        split: Which file.
        losses: Not touched: nothing has to be aligned here.

    Raises:
        InputError: A file is missing, a line has another shape, or the two files differ.
    """
    del losses
    original, group = root / "data" / "original", root / "data" / "group"
    emotions = _read_names(required(original / "labels.txt"))
    groups = _read_names(required(group / "labels.txt"))
    path, grouped = required(original / f"{split}.tsv"), required(group / f"{split}.tsv")
    return _read_comments(path, grouped, emotions, groups)


def _read_names(path: Path) -> list[str]:
    return [name for _, name in read_lines(path) if name]


def _read_comments(
    path: Path, grouped: Path, emotions: Sequence[str], groups: Sequence[str]
) -> Iterator[LabelledConversation]:
    pairs = zip_longest(read_lines(path), read_lines(grouped))
    for number, (one, other) in enumerate(pairs, start=1):
        if one is None or other is None:
            raise _no_line(path if one is None else grouped, number)
        line, group_line = one[1], other[1]
        text, numbers, comment = _fields(line, number, path)
        _, group_numbers, group_comment = _fields(group_line, number, grouped)
        if comment != group_comment:
            raise InputError(
                str(grouped),
                number,
                found=f"comment {quoted(group_comment)}",
                expected=f"{quoted(comment)} as in {path}",
                remedy=AS_PUBLISHED,
            )
        named = _named(group_numbers, groups, number, grouped)
        felt = tuple(Emotion(name) for name in _named(numbers, emotions, number, path))
        labels = TurnLabels(sentiment=Sentiment(_decide(named), emotions=felt))
        turn = Turn(text, line=number)
        yield LabelledConversation(Conversation(comment, (turn,), source=str(path)), (labels,))


def _no_line(path: Path, number: int) -> InputError:
    return InputError(
        str(path),
        number,
        found="no line",
        expected="as many as in the other file of the split",
        remedy=AS_PUBLISHED,
    )


def _fields(line: str, number: int, path: Path) -> list[str]:
    fields = line.split("\t")
    if len(fields) != 3:
        raise wrong_width(path, number, len(fields), 3)
    return fields


def _named(numbers: str, names: Sequence[str], line: int, path: Path) -> list[str]:
    listed = numbers.split(",")
    if not all(number.isdecimal() and int(number) < len(names) for number in listed):
        raise InputError(
            str(path),
            line,
            found=f"labels {quoted(numbers)}",
            expected=f"numbers below {len(names)}, separated by commas",
            remedy=AS_PUBLISHED,
        )
    return [names[int(number)].lower() for number in listed]


def _decide(groups: Sequence[str]) -> SentimentLabel | None:
    """The comment's sentiment, where all its groups are one and that one is not ambiguous."""
    return SENTIMENTS.get(groups[0]) if len(set(groups)) == 1 else None
