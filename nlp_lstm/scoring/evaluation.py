"""A model judged on a labelled corpus, by the published protocol of its task."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpora.conversation import Conversation
from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Component
from nlp_lstm.entities.label_tables import LabelTable, comparable, resolve, translated
from nlp_lstm.scoring.answers import judged_answers
from nlp_lstm.scoring.perturb import Perturbation
from nlp_lstm.scoring.scores import Scores, Table
from nlp_lstm.scoring.trust import trust_tables

# Conversations annotated at once: enough to fill batches, few enough to bound memory.
CHUNK = 256
# Kinds of slots whose values a schema lists.
LISTED_KINDS = frozenset({"category", "boolean"})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a model reached.

    Attributes:
        model: Its name.
        corpus: What it was judged on.
        split: Which part of that.
        scores: The figures, and the protocol that they were reached by.
        seconds: How long annotating took.
        measured: What was asked for beyond that: perturbed turns, stretched dialogues.
    """

    model: str
    corpus: str
    split: str
    scores: Scores
    seconds: float
    measured: tuple[Table, ...] = ()


def evaluate(
    component: Component,
    corpus: str,
    split: str,
    gold: Sequence[LabelledConversation],
    *,
    kinds: Sequence[Perturbation] = (),
    stretches: Sequence[int] = (),
    talk: tuple[str, Sequence[str]] | None = None,
) -> Evaluation:
    """Annotate a corpus and compare with its labels.

    Args:
        component: The model.
        corpus: Its name.
        split: Which part of it.
        gold: The corpus.
        kinds: Perturbations to judge it by as well.
        stretches: How many unrelated turns to put into dialogues, each in a measurement.
        talk: Where those come from, and what they say.
    """
    table = _label_table(component, corpus)
    if table is not None:
        gold = translated(gold, table, Counter(), corpus)
    started = time.monotonic()
    predicted = annotated(component, corpus, gold)
    seconds = time.monotonic() - started
    scores = score(component, corpus, gold, predicted)
    if table is not None:
        answers = judged_answers(component.task, *comparable(gold, predicted, table.marked))
    else:
        answers = judged_answers(component.task, gold, predicted)
    scores = replace(scores, tables=(*scores.tables, *trust_tables(answers)))
    measured: list[Table] = []
    if kinds:
        from nlp_lstm.scoring.robustness import measure_perturbed

        measured.append(
            measure_perturbed(
                component.task,
                gold,
                scores,
                kinds,
                lambda other: score(component, corpus, other, annotated(component, corpus, other)),
            )
        )
    if stretches and talk is not None:
        from nlp_lstm.scoring.stretch import measure_stretched

        source, texts = talk
        measured += measure_stretched(
            component.task,
            gold,
            stretches,
            texts,
            lambda other: annotated(component, corpus, other),
            source=source,
        )
    return Evaluation(component.name, corpus, split, scores, seconds, tuple(measured))


def compared(
    component: Component, corpus: str, gold: Sequence[LabelledConversation]
) -> tuple[Sequence[LabelledConversation], list[list[TurnLabels]]]:
    """A corpus's labels and what a model says, each as far as the other can judge it.

    A tagger of several corpora has its own names for the labels of this one.
    """
    table = _label_table(component, corpus)
    if table is None:
        return gold, annotated(component, corpus, gold)
    gold = translated(gold, table, Counter(), corpus)
    return comparable(gold, annotated(component, corpus, gold), table.marked)


def annotated(
    component: Component, corpus: str, gold: Sequence[LabelledConversation]
) -> list[list[TurnLabels]]:
    """What a model says of each turn of a corpus."""
    predicted: list[list[TurnLabels]] = []
    for start in range(0, len(gold), CHUNK):
        conversations = [labelled.conversation for labelled in gold[start : start + CHUNK]]
        predicted += _annotate(component, corpus, conversations)
    return predicted


def _annotate(
    component: Component, corpus: str, conversations: Sequence[Conversation]
) -> list[list[TurnLabels]]:
    from nlp_lstm.sentiment.component import SentimentTagger

    if isinstance(component, SentimentTagger):
        # Emotions are judged by the head that was taught the corpus's own labels.
        scheme = corpus if corpus in component.schemes else None
        return component.annotate(conversations, scheme=scheme)
    return component.annotate(conversations)


def _label_table(component: Component, corpus: str) -> LabelTable | None:
    """What a tagger of several corpora calls the labels of this one."""
    tables = getattr(getattr(component, "config", None), "tables", {})
    return resolve(tables[corpus]) if corpus in tables else None


def _left_out(component: Component, table: LabelTable) -> str:
    labels = getattr(getattr(component, "config", None), "labels", ())
    unmarked = ", ".join(label for label in labels if label not in table.marked) or "none"
    return (
        "the publisher's labels called as the model's table says, neighbours of one kind with but "
        "a blank between them being one span; left out of the count are labels that the table "
        "leaves undecided, what is found there, and kinds that the corpus does not mark: "
        f"{unmarked}"
    )


def score(
    component: Component,
    corpus: str,
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
) -> Scores:
    """Compare what a model said with a corpus's labels, by the protocol of both."""
    # Imported where needed: who judges a tracker need not load the other tasks' scoring.
    match component.task:
        case "states":
            from nlp_lstm.scoring.frames import has_frames, score_frames
            from nlp_lstm.scoring.states import score_states

            if not has_frames(gold):
                return score_states(gold, predicted)
            # Only trackers that read schemas know which slots list their values, and which
            # services they learnt from.
            slots = getattr(getattr(component, "schema", None), "slots", ())
            categorical = {slot.name for slot in slots if slot.kind in LISTED_KINDS}
            trained = getattr(component, "trained_services", None)
            return score_frames(gold, predicted, categorical=categorical, trained=trained)
        case "entities":
            from nlp_lstm.scoring.entities import score_entities

            table = _label_table(component, corpus)
            if table is None:
                return score_entities(gold, predicted)
            scores = score_entities(*comparable(gold, predicted, table.marked))
            return replace(scores, protocol=f"{scores.protocol}; {_left_out(component, table)}")
        case "sentiment":
            return _score_sentiment(component, corpus, gold, predicted)


def _score_sentiment(
    component: Component,
    corpus: str,
    gold: Sequence[LabelledConversation],
    predicted: Sequence[Sequence[TurnLabels]],
) -> Scores:
    from corpora.published.goemotions import GROUPS
    from nlp_lstm.scoring.satisfaction import are_rated, rated_dialogue, score_satisfaction
    from nlp_lstm.scoring.sentiment import NO_GROUPS, score_sentiment
    from nlp_lstm.sentiment.alarm import ALARMING
    from nlp_lstm.sentiment.component import SentimentTagger

    if are_rated(gold):
        return score_satisfaction(
            [rated_dialogue(one, said, ALARMING) for one, said in zip(gold, predicted, strict=True)]
        )
    if isinstance(component, SentimentTagger) and corpus in component.schemes:
        labels = component.schemes[corpus].labels
        decision = component.decision(corpus)
        groups = GROUPS if corpus == "goemotions" else NO_GROUPS
        return score_sentiment(gold, predicted, labels=labels, decision=decision, groups=groups)
    return score_sentiment(gold, predicted)
