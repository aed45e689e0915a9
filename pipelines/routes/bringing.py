"""A file of answers brought into a file of records: what `merge` does.

The records are read once and written anew; the file appears when it is whole. An answer that does
not fit is refused, the others are brought in. Of two answers to one case the first is kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpora.errors import InputError, quoted
from nlp_lstm.component import Component
from pipelines.durable import Part, appearing
from pipelines.record_forms import read_records
from pipelines.records import record_line
from pipelines.routes.answers import Answer
from pipelines.routes.merging import merge_answer
from pipelines.routes.vocabulary import Vocabulary

Tell = Callable[[InputError], None]


@dataclass(slots=True)
class Merged:
    """What became of answers.

    Attributes:
        records: Read and written.
        answers: Brought in.
        repeated: The same again.
        second: Other answers to cases that had been answered.
        refused: That did not fit.
        cases: Of all records.
        open: Cases that nobody has answered.
    """

    records: int = 0
    answers: int = 0
    repeated: int = 0
    second: int = 0
    refused: int = 0
    cases: int = 0
    open: int = 0


@dataclass(slots=True)
class Answers:
    """Answers by their case; the first to a case is kept, later ones are told of.

    Attributes:
        tell: Told what is refused or repeated.
        merged: Counts.
    """

    tell: Tell
    merged: Merged = field(default_factory=Merged)
    _by_case: dict[str, Answer] = field(default_factory=dict)

    def add(self, answer: Answer) -> None:
        """Take an answer; one that only repeats another is passed over in silence."""
        known = self._by_case.setdefault(answer.case, answer)
        if known is answer:
            return
        self._again(answer, known.digest, f"line {known.line}" if known.line else known.by)

    def _again(self, answer: Answer, digest: str, first: str) -> None:
        """Another answer to a case: the first is kept, and told of where they differ."""
        if answer.digest == digest:
            self.merged.repeated += 1
            return
        self.merged.second += 1
        self.tell(
            InputError(
                answer.source,
                answer.line,
                found=f"a second answer to case {quoted(answer.case)}",
                expected=f"one; the first, of {first or 'somebody'}, is kept",
                remedy="leave one of them out",
            )
        )

    def refuse(self, error: InputError) -> None:
        """Tell that an answer does not fit, and count it."""
        self.merged.refused += 1
        self.tell(error)

    def into(self, record: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
        """A record with all answers to its cases, in the order of its turns."""
        merged = dict(record)
        known = {one["case"]: one for one in record["answers"]}
        for case in record["routing"]:
            self.merged.cases += 1
            answer = self._by_case.pop(case["case"], None)
            if answer is None:
                self.merged.open += case["case"] not in known
                continue
            if case["case"] in known:
                before = known[case["case"]]
                self._again(answer, before["digest"], before["by"]["name"])
                continue
            try:
                merged = merge_answer(merged, answer, vocabulary)
                self.merged.answers += 1
            except InputError as error:
                self.merged.open += 1
                self.refuse(error)
        return merged

    def leftover(self) -> None:
        """Refuse answers to cases that no record had."""
        for answer in self._by_case.values():
            self.refuse(
                InputError(
                    answer.source,
                    answer.line,
                    found=f"an answer to case {quoted(answer.case)}, which no record has",
                    expected="one of the cases in the records' routing",
                    remedy="name the records that the queue was made of",
                )
            )


def merge_files(
    records: Path,
    answers: Answers,
    out: Path,
    *,
    new_words: bool = False,
    own: Sequence[Component] = (),
) -> Merged:
    """Bring answers into records.

    Args:
        records: A file of records, or a folder of results that holds one.
        answers: All of them.
        out: Where the records go; may be `records` itself.
        new_words: Whether labels, slots and values may be used that the models do not know.
        own: Models that are not shipped, whose labels and slots are known so.

    Raises:
        InputError: A record cannot be read, or none is of one of `own`; nothing is written.
    """
    source = records / "records.jsonl" if records.is_dir() else records
    if not source.is_file():
        raise InputError(
            str(records),
            found="no file of records",
            expected="what `analyze --out`, `analyze --json` or `batch` wrote",
            remedy="name that file, or the folder of the batch",
        )
    with appearing(out) as half, Part(half) as part:
        for record in _merged(source, answers, own, new_words=new_words):
            part.append(record_line(record))
        answers.leftover()
    return answers.merged


def _merged(
    source: Path, answers: Answers, own: Sequence[Component], *, new_words: bool
) -> Iterator[dict[str, Any]]:
    vocabularies: dict[object, Vocabulary] = {}
    strangers = {component.fingerprint: component for component in own}
    for read in read_records(source):
        record = read.model_dump(mode="json")
        for model in record["models"]:
            strangers.pop(model["fingerprint"], None)
        models = tuple(tuple(sorted(model.items())) for model in record["models"])
        if models not in vocabularies:
            known = Vocabulary() if new_words else Vocabulary.stored(record["models"], own)
            vocabularies[models] = known
        answers.merged.records += 1
        yield answers.into(record, vocabularies[models])
    for component in strangers.values():
        raise InputError(
            str(source),
            found=f"no record of {component.name} ({component.fingerprint})",
            expected="records that each model made which is named for its labels and slots",
            remedy="name the model, and its schema, that made them",
        )
