"""All that tells how a model bears long conversations, measured at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from corpora.labels import LabelledConversation
from nlp_lstm.component import Component
from nlp_lstm.scoring.evaluation import annotated
from nlp_lstm.scoring.histories import measure_histories
from nlp_lstm.scoring.retention import WORDS_SO_FAR, Curve, retention_curves
from nlp_lstm.scoring.scores import Table
from nlp_lstm.scoring.stretch import measure_stretched
from nlp_lstm.scoring.validated import ValidatedContext, by_stretching, by_words


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """What was measured.

    Attributes:
        curves: A figure by turn, by words of context, by distance.
        tables: Of the curves; of stretched conversations and of histories where they were asked
            for.
        context: Up to which the answers are as good as in a short one. None where nothing tells:
            a joint goal falls as more slots are filled, forgotten or not, so that of belief states
            only stretching by 0 turns and more does.
    """

    curves: tuple[Curve, ...]
    tables: tuple[Table, ...]
    context: ValidatedContext | None

    def to_facts(self) -> dict[str, Any]:
        """The curves' degradation points and the tables, as JSON can hold them."""
        return {
            "degradation": [
                {"figure": curve.figure, "by": curve.by, "bucket": curve.degradation}
                for curve in self.curves
                if curve.falls
            ],
            "tables": [
                {"title": table.title, "columns": table.columns, "rows": table.rows}
                for table in self.tables
            ],
        }


def measure_memory(
    model: Component,
    corpus: str,
    gold: Sequence[LabelledConversation],
    *,
    stretches: Sequence[int] = (),
    talk: tuple[str, Sequence[str]] | None = None,
    histories: Sequence[str] = (),
) -> MemoryReport:
    """Judge a model by turn, by words of context, by distance; see `docs/evaluation.md`.

    Args:
        model: What is judged.
        corpus: Of which the conversations are.
        gold: They, labelled.
        stretches: Numbers of unrelated turns to put into them, ascending.
        talk: Where what is said in these comes from, and what that is.
        histories: Of `nlp_lstm.scoring.histories.HISTORIES`.
    """
    annotate = partial(annotated, model, corpus)
    curves = tuple(retention_curves(model.task, gold, annotate(gold)))
    tables = [curve.table for curve in curves]
    context = None
    if stretches and talk is not None:
        source, turns = talk
        found = measure_stretched(model.task, gold, stretches, turns, annotate, source=source)
        tables += found
        if stretches[0] == 0:
            context = by_stretching(found[0], gold, turns)
    elif model.task != "states":
        [over_words] = [curve for curve in curves if curve.by == WORDS_SO_FAR]
        context = by_words(over_words, gold)
    if histories:
        tables.append(measure_histories(model.task, gold, histories, annotate))
    return MemoryReport(curves, tuple(tables), context)
