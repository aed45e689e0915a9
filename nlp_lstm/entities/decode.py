"""BIOES tags and entity spans, each from the other.

my name is ana lee        O O O B-name E-name        "ana lee" is a name
"""

from collections import Counter
from collections.abc import Sequence

from corpora.labels import EntitySpan
from nlp_lstm.layers.bioes import BioesLayout
from nlp_lstm.text.words import Words

OUTSIDE = "O"
# Why a span is not learnt as it was marked.
WIDENED = "spans widened to whole words"


def tag_names(labels: Sequence[str]) -> list[str]:
    """Names of the tags in the order in which the CRF numbers them: I, B, O, S, E."""
    named = {prefix: [f"{prefix}-{label}" for label in labels] for prefix in "IBSE"}
    return [*named["I"], *named["B"], OUTSIDE, *named["S"], *named["E"]]


def encode_bioes(spans: Sequence[EntitySpan], offsets: Sequence[tuple[int, int]]) -> list[str]:
    """Tags for words that spans cover.

    Args:
        spans: In reading order; each starts where a word starts and ends where one ends.
        offsets: Where each word stands in the turn: [start, end) in code points.

    Returns:
        One tag a word.

    Raises:
        ValueError: A span does not fall on word borders, or overlaps the one before.
    """
    tags = [OUTSIDE] * len(offsets)
    first_at = {start: index for index, (start, _) in enumerate(offsets)}
    last_at = {end: index for index, (_, end) in enumerate(offsets)}
    for span in spans:
        first, last = first_at.get(span.start), last_at.get(span.end)
        if first is None or last is None:
            raise ValueError(f"span [{span.start}, {span.end}) is not on word borders")
        if any(tag != OUTSIDE for tag in tags[first : last + 1]):
            raise ValueError(f"span [{span.start}, {span.end}) overlaps another")
        if first == last:
            tags[first] = f"S-{span.label}"
        else:
            inside = [f"I-{span.label}"] * (last - first - 1)
            tags[first : last + 1] = [f"B-{span.label}", *inside, f"E-{span.label}"]
    return tags


def decode_bioes(tags: Sequence[str], offsets: Sequence[tuple[int, int]]) -> list[EntitySpan]:
    """Read the entity spans off a BIOES tag sequence.

    Strict: `S`, or `B I* E` of one label, is a span; any other run of tags names nothing.

    Args:
        tags: One a word: `O`, or prefix and label as in `B-date`.
        offsets: Where each word stands in the turn: [start, end) in code points.

    Returns:
        Spans in reading order, no two overlapping.

    Raises:
        ValueError: `tags` and `offsets` differ in length.
    """
    if len(tags) != len(offsets):
        raise ValueError(f"{len(tags)} tags for {len(offsets)} words")
    spans: list[EntitySpan] = []
    opened: tuple[str, int] | None = None  # label and start of the span not yet ended
    for tag, (start, end) in zip(tags, offsets, strict=True):
        prefix, _, label = tag.partition("-")
        if opened is not None and opened[0] != label:
            opened = None
        match prefix:
            case "B":
                opened = (label, start)
            case "S":
                spans.append(EntitySpan(start, end, label))
                opened = None
            case "E" if opened is not None:
                spans.append(EntitySpan(opened[1], end, label))
                opened = None
            case "I":
                pass  # goes on with what is open; where nothing is, it names nothing
            case _:
                opened = None
    return spans


def align_spans(
    spans: Sequence[EntitySpan], words: Words, losses: Counter[str]
) -> list[EntitySpan]:
    """Gold spans on the borders of words, for training.

    A span that starts or ends inside a word is widened to whole words. One that touches no word,
    or only words that an earlier span has, is left out.

    Args:
        spans: In reading order.
        words: The words of the turn.
        losses: Counts, by reason, the spans that were widened or left out.

    Returns:
        The spans on word borders.
    """
    aligned: list[EntitySpan] = []
    free = 0  # first word that no span has yet
    for span in spans:
        touched = [
            index
            for index in range(free, len(words.forms))
            if words.starts[index] < span.end and span.start < words.ends[index]
        ]
        if not touched:
            losses["spans over another span, or over no word"] += 1
            continue
        start, end = words.starts[touched[0]], words.ends[touched[-1]]
        if (start, end) != (span.start, span.end):
            losses[WIDENED] += 1
        aligned.append(EntitySpan(start, end, span.label))
        free = touched[-1] + 1
    return aligned


def tag_numbers(labels: Sequence[str]) -> dict[str, int]:
    """The CRF's number of each tag's name."""
    numbers = {name: index for index, name in enumerate(tag_names(labels))}
    assert len(numbers) == BioesLayout(len(labels)).count
    return numbers
