"""MELD: dialogues of the series Friends with emotion and sentiment an utterance, text only.

Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,…
2,You must’ve had your hands full.,The Interviewer,neutral,neutral,0,1,8,21,…
"""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from corpora.conversation import Conversation, Turn
from corpora.labels import Emotion, LabelledConversation, Sentiment, SentimentLabel, TurnLabels
from corpora.published.files import Row, Split, read_table, required, unknown_label

COLUMNS = (
    "Utterance",
    "Speaker",
    "Emotion",
    "Sentiment",
    "Dialogue_ID",
    "Utterance_ID",
    "Season",
    "Episode",
    "StartTime",
    "EndTime",
)
EMOTIONS = ("neutral", "joy", "surprise", "anger", "sadness", "disgust", "fear")
SENTIMENTS: dict[str, SentimentLabel] = {
    "positive": "positive",
    "negative": "negative",
    "neutral": "neutral",
}


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the dialogues of one split, in file order.

    Args:
        root: The publisher's folder, with `data/MELD/` in it.
        split: Which file.
        losses: Not touched: nothing has to be aligned here.

    Raises:
        InputError: The file is missing, or a row has another shape.
    """
    del losses
    path = required(root / "data" / "MELD" / f"{split}_sent_emo.csv")
    return _read_dialogues(path)


def _read_dialogues(path: Path) -> Iterator[LabelledConversation]:
    rows = read_table(path, COLUMNS)
    for dialogue, group in groupby(rows, key=lambda row: row.fields["Dialogue_ID"]):
        spoken = tuple(group)
        turns = tuple(_turn(row) for row in spoken)
        labels = tuple(_labels(row, path) for row in spoken)
        yield LabelledConversation(Conversation(dialogue, turns, source=str(path)), labels)


def _turn(row: Row) -> Turn:
    fields = row.fields
    meta = {
        "utterance": fields["Utterance_ID"],
        "season": fields["Season"],
        "episode": fields["Episode"],
        "start": fields["StartTime"],
        "end": fields["EndTime"],
    }
    return Turn(fields["Utterance"], speaker=fields["Speaker"], line=row.line, meta=meta)


def _labels(row: Row, path: Path) -> TurnLabels:
    emotion, sentiment = row.fields["Emotion"], row.fields["Sentiment"]
    if emotion not in EMOTIONS:
        raise unknown_label(path, row.line, emotion, EMOTIONS)
    if sentiment not in SENTIMENTS:
        raise unknown_label(path, row.line, sentiment, tuple(SENTIMENTS))
    return TurnLabels(sentiment=Sentiment(SENTIMENTS[sentiment], emotions=(Emotion(emotion),)))
