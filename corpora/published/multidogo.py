"""MultiDoGO: what customers wrote to service desks, with a slot label a word and intents.

    conversationId⇥turnNumber⇥sentenceNumber⇥utteranceId⇥utterance⇥slot-labels⇥intent
    009ab879-…⇥4⇥0⇥<CONV>009ab879-…<TURN>4⇥kavisri⇥name⇥contentonly

Only the customer's side is annotated and published, so there are no agent turns. Labels belong
to `utterance.split(" ")`, carry no prefix, and neighbours with one label are one span.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from pathlib import Path

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.labels import EntitySpan, LabelledConversation, TurnLabels
from corpora.published.files import AS_PUBLISHED, Reader, Row, Split, read_table, required

DOMAINS = ("airline", "fastfood", "finance", "insurance", "media", "software")
COLUMNS = ("conversationId", "turnNumber", "utterance", "slot-labels", "intent")
OUTSIDE = "O"
MANY_INTENTS = "<div>"


def reader(level: str) -> Reader:
    """The reader of one granularity: `sentence` or `turn`.

    The two were split independently, so one's train holds conversations of the other's test:
    train and judge on one of them.
    """

    def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
        folder = root / "data" / "paper_splits" / f"splits_annotated_at_{level}_level"
        paths = [required(folder / domain / f"{split}.tsv") for domain in DOMAINS]
        return chain.from_iterable(_read_domain(path, losses) for path in paths)

    return read


def _read_domain(path: Path, losses: Counter[str]) -> Iterator[LabelledConversation]:
    domain = path.parent.name
    rows = read_table(path, COLUMNS, delimiter="\t")
    for key, group in groupby(rows, key=lambda row: row.fields["conversationId"]):
        turns: list[Turn] = []
        labels: list[TurnLabels] = []
        for row in group:
            turns.append(_turn(row, path))
            labels.append(TurnLabels(entities=_spans(row, path, losses)))
        conversation = Conversation(
            f"{domain}/{key}", tuple(turns), source=str(path), meta={"domain": domain}
        )
        yield LabelledConversation(conversation, tuple(labels))


def _turn(row: Row, path: Path) -> Turn:
    number = row.fields["turnNumber"].removesuffix(".0")  # one file counts 0.0, 1.0, …
    if not number.isdecimal():
        raise InputError(
            str(path),
            row.line,
            found=f"turn number {quoted(number)}",
            expected="a whole number",
            remedy=AS_PUBLISHED,
        )
    intents = row.fields["intent"].split(MANY_INTENTS)
    meta = {"turn": int(number), "intents": intents}
    return Turn(row.fields["utterance"], role="customer", line=row.line, meta=meta)


def _spans(row: Row, path: Path, losses: Counter[str]) -> tuple[EntitySpan, ...]:
    words, labels = row.fields["utterance"].split(" "), row.fields["slot-labels"].split(" ")
    if len(words) != len(labels):
        raise InputError(
            str(path),
            row.line,
            found=f"{len(labels)} slot labels",
            expected=f"{len(words)}, one a word between single blanks",
            remedy=AS_PUBLISHED,
        )
    return tuple(_runs(words, labels, losses))


def _runs(
    words: Sequence[str], labels: Sequence[str], losses: Counter[str]
) -> Iterator[EntitySpan]:
    start = 0
    for label, run in groupby(zip(words, labels, strict=True), key=lambda pair: pair[1]):
        text = " ".join(word for word, _ in run)
        if label != OUTSIDE:
            if text.strip():
                yield EntitySpan(start, start + len(text), label)
            else:
                losses["spans of nothing but white space"] += 1
        start += len(text) + 1  # the blank before the next word
