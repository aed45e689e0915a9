"""EmoryNLP: scenes of the series Friends with one of seven emotions an utterance.

The CSV form that papers on emotion in conversation use:

    Utterance,Speaker,Emotion,Scene_ID,Utterance_ID,Season,Episode,Start_Time,End_Time
    "Oh, yeah!",['Phoebe Buffay'],Joyful,1,3,1,2,00:00:07.924,00:00:09.508

It leaves out what could not be aligned with the video, so a scene may have gaps.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from corpora.conversation import Conversation, Turn
from corpora.errors import InputError, quoted
from corpora.labels import Emotion, LabelledConversation, Sentiment, SentimentLabel, TurnLabels
from corpora.published.files import (
    AS_PUBLISHED,
    Row,
    Split,
    read_table,
    required,
    unknown_label,
)

COLUMNS = (
    "Utterance",
    "Speaker",
    "Emotion",
    "Scene_ID",
    "Utterance_ID",
    "Season",
    "Episode",
    "Start_Time",
    "End_Time",
)
SENTIMENTS: dict[str, SentimentLabel] = {
    "Neutral": "neutral",
    "Joyful": "positive",
    "Peaceful": "positive",
    "Powerful": "positive",
    "Scared": "negative",
    "Mad": "negative",
    "Sad": "negative",
}


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the scenes of one split, in file order.

    Args:
        root: The publisher's folder, with `meld-repo-csv/` in it.
        split: Which file.
        losses: Not touched: nothing has to be aligned here.

    Raises:
        InputError: The file is missing, or a row has another shape.
    """
    del losses
    path = required(root / "meld-repo-csv" / f"emorynlp_{split}_final.csv")
    return _read_scenes(path)


def _read_scenes(path: Path) -> Iterator[LabelledConversation]:
    rows = read_table(path, COLUMNS)
    for scene, group in groupby(rows, key=_scene):
        spoken = tuple(group)
        turns = tuple(_turn(row, path) for row in spoken)
        labels = tuple(_labels(row, path) for row in spoken)
        yield LabelledConversation(Conversation(scene, turns, source=str(path)), labels)


def _scene(row: Row) -> str:
    return f"s{row.fields['Season']}e{row.fields['Episode']}c{row.fields['Scene_ID']}"


def _turn(row: Row, path: Path) -> Turn:
    speakers = _speakers(row, path)
    meta = {
        "utterance": row.fields["Utterance_ID"],
        "speakers": speakers,
        "start": row.fields["Start_Time"],
        "end": row.fields["End_Time"],
    }
    return Turn(row.fields["Utterance"], speaker=", ".join(speakers), line=row.line, meta=meta)


def _speakers(row: Row, path: Path) -> list[str]:
    written = row.fields["Speaker"]
    try:
        speakers = ast.literal_eval(written)
    except (ValueError, SyntaxError):
        speakers = None
    if not isinstance(speakers, list) or not all(isinstance(name, str) for name in speakers):
        raise InputError(
            str(path),
            row.line,
            found=f"speaker {quoted(written)}",
            expected="a list such as ['Ross Geller']",
            remedy=AS_PUBLISHED,
        )
    return speakers


def _labels(row: Row, path: Path) -> TurnLabels:
    emotion = row.fields["Emotion"]
    if emotion not in SENTIMENTS:
        raise unknown_label(path, row.line, emotion, tuple(SENTIMENTS))
    felt = (Emotion(emotion.lower()),)
    return TurnLabels(sentiment=Sentiment(SENTIMENTS[emotion], emotions=felt))
