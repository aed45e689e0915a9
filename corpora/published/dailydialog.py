"""DailyDialog: everyday dialogues of learners' English, an emotion a turn, in ConvLab-3's form.

    [{"data_split": "train", "dialogue_id": "dailydialog-train-0", "domains": ["Work"],
      "turns": [{"speaker": "user", "utterance": "Good. Let's go now.", "emotion": "happiness",
                 "dialogue_acts": {"binary": [{"intent": "directive", …}], …}, …}, …]}, …]

`user` and `system` are two people who speak in turn, not a customer and an agent.

131 of the 11,118 train dialogues stand in validation too when case and punctuation are ignored;
`train` leaves them out, so that nothing judges what it has taught.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from corpora.conversation import Conversation, Turn
from corpora.labels import Emotion, LabelledConversation, Sentiment, SentimentLabel, TurnLabels
from corpora.published.files import Split, read_json, required

PublishedEmotion = Literal[
    "no emotion", "anger", "disgust", "fear", "happiness", "sadness", "surprise"
]
PublishedSplit = Literal["train", "validation", "test"]
SPLITS: dict[str, PublishedSplit] = {"train": "train", "dev": "validation", "test": "test"}
NO_EMOTION = "no emotion"
# Surprise is glad or not: it decides nothing.
SENTIMENTS: dict[str, SentimentLabel] = {
    NO_EMOTION: "neutral",
    "happiness": "positive",
    "anger": "negative",
    "disgust": "negative",
    "fear": "negative",
    "sadness": "negative",
}
IN_BOTH = "dialogues that stand in validation too"

_WORD = re.compile(r"\w+")


class _Fields(BaseModel):
    # What is not declared never becomes an object.
    model_config = ConfigDict(frozen=True)


class SpokenTurn(_Fields):
    """One turn of a dialogue."""

    speaker: str
    utterance: str
    emotion: PublishedEmotion


class Dialogue(_Fields):
    """One dialogue of the file."""

    data_split: PublishedSplit
    dialogue_id: str
    domains: tuple[str, ...]
    turns: tuple[SpokenTurn, ...]


DIALOGUES = TypeAdapter(tuple[Dialogue, ...])


def read(root: Path, split: Split, losses: Counter[str]) -> Iterator[LabelledConversation]:
    """Yield the dialogues of one split, in file order.

    Args:
        root: The publisher's folder, with `data/dialogues.json` in it.
        split: `dev` is what the publisher calls validation.
        losses: Counts the train dialogues that are left out because validation repeats them.

    Raises:
        InputError: The file is missing, or has another shape.
    """
    path = required(root / "data" / "dialogues.json")
    return _read_dialogues(path, SPLITS[split], losses)


def _read_dialogues(
    path: Path, split: PublishedSplit, losses: Counter[str]
) -> Iterator[LabelledConversation]:
    dialogues = read_json(path, DIALOGUES)
    judging = {_said(one) for one in dialogues if one.data_split == "validation"}
    for dialogue in dialogues:
        if dialogue.data_split != split:
            continue
        if split == "train" and _said(dialogue) in judging:
            losses[IN_BOTH] += 1
            continue
        yield _labelled(dialogue, path)


def _said(dialogue: Dialogue) -> str:
    """The words of a dialogue, case and punctuation aside."""
    texts = " ".join(turn.utterance for turn in dialogue.turns)
    return " ".join(_WORD.findall(texts.lower()))


def _labelled(dialogue: Dialogue, path: Path) -> LabelledConversation:
    turns = tuple(Turn(turn.utterance, speaker=turn.speaker) for turn in dialogue.turns)
    labels = tuple(
        TurnLabels(
            sentiment=Sentiment(SENTIMENTS.get(turn.emotion), emotions=(Emotion(turn.emotion),))
        )
        for turn in dialogue.turns
    )
    meta = {"topics": list(dialogue.domains)}
    conversation = Conversation(dialogue.dialogue_id, turns, source=str(path), meta=meta)
    return LabelledConversation(conversation, labels)
