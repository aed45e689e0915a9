"""Dev figures straight from logits, while a network is in training."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from corpora.labels import LabelledConversation
from nlp_lstm.scoring.sentiment import label_metrics
from nlp_lstm.sentiment.component import SentimentTagger
from nlp_lstm.sentiment.config import THREE_WAY_LABELS, Scheme
from nlp_lstm.sentiment.decode import Threshold, given_labels
from nlp_lstm.sentiment.examples import emotion_numbers, sentiment_number
from nlp_lstm.sentiment.frustration import rates_satisfaction
from nlp_lstm.sentiment.loss import UNLABELLED


def dev_logits(
    tagger: SentimentTagger, conversations: Sequence[LabelledConversation]
) -> Mapping[str, Tensor]:
    """Every head's logits for a corpus' turns, on the CPU: by scheme, (M, labels)."""
    logits = tagger.logits([labelled.conversation for labelled in conversations])
    return {name: head.cpu() for name, head in logits.items()}


def emotion_rows(
    conversations: Sequence[LabelledConversation], scheme: Scheme
) -> list[tuple[int, ...]]:
    """Numbers of each turn's labels, conversation after conversation; none where nobody looked."""
    return [emotion_numbers(labels, scheme) for c in conversations for labels in c.labels]


def sentiment_rows(conversations: Sequence[LabelledConversation]) -> list[int]:
    """Number of each turn's three-way class, -1 where nobody said."""
    return [sentiment_number(labels) for c in conversations for labels in c.labels]


def emotion_metrics(
    logits: Tensor, rows: Sequence[Sequence[int]], scheme: Scheme, threshold: Threshold
) -> dict[str, float]:
    """F1 of a scheme's labels over the turns that have any.

    Args:
        logits: Of the scheme's head. (M, L)
        rows: Numbers of the right labels of each turn.
        scheme: Its labels.
        threshold: For a scheme of several labels; see `HeadCalibration`.
    """
    given = given_labels(logits, scheme, threshold).tolist()
    said = [
        {label for label, kept in zip(scheme.labels, row, strict=True) if kept} for row in given
    ]
    gold = [{scheme.labels[number] for number in row} for row in rows]
    pairs = [(g, s) for g, s in zip(gold, said, strict=True) if g]
    return label_metrics([g for g, _ in pairs], [s for _, s in pairs], scheme.labels)


def main_metric(scheme: Scheme) -> str:
    """The figure that papers judge a corpus by, and that chooses the epoch."""
    # Nearly all ratings are 3: weighted by frequency no other would count.
    if scheme.several or rates_satisfaction(scheme):
        return "macro_f1"
    # Five turns of six without an emotion would decide any mean that counts them.
    return "micro_f1_without_neutral" if "no emotion" in scheme.labels else "weighted_f1"


def three_way_f1(logits: Tensor, conversations: Sequence[LabelledConversation]) -> float:
    """Macro F1 of the three-way head over the turns whose class is known: logits (M, 3)."""
    names = THREE_WAY_LABELS
    pairs = [
        ({names[gold]}, {names[said]})
        for gold, said in zip(
            sentiment_rows(conversations), logits.argmax(dim=1).tolist(), strict=True
        )
        if gold != UNLABELLED
    ]
    return label_metrics([g for g, _ in pairs], [s for _, s in pairs], names)["macro_f1"]
