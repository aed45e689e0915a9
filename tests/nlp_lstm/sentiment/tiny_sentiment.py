"""A sentiment component small enough to be random."""

import torch

from corpora.conversation import Conversation, Turn
from nlp_lstm.component import Identity
from nlp_lstm.sentiment.component import SentimentTagger
from nlp_lstm.sentiment.config import THREE_WAY, Scheme, SentimentConfig
from nlp_lstm.sentiment.decode import HeadCalibration
from nlp_lstm.sentiment.frustration import Frustration
from nlp_lstm.sentiment.network import SentimentNetwork
from tests.nlp_lstm.tiny import ROWS, tiny_table

SEVERAL = Scheme(name="many", labels=("anger", "joy", "neutral", "sadness"), several=True)
SINGLE = Scheme(name="one", labels=("mad", "neutral"), several=False)
CALIBRATION = {
    "many": HeadCalibration(temperature=1.3, bias=(0.2, 0.1, 0.0, 0.4), threshold=0.5),
    "one": HeadCalibration(temperature=0.8, bias=(), threshold=0.5),
    THREE_WAY: HeadCalibration(temperature=1.1, bias=(), threshold=0.5),
}


def tiny_config(
    most_speakers: int = 3, longest_stretch: int = 7, dropout: float = 0.3
) -> SentimentConfig:
    return SentimentConfig(
        rows=ROWS,
        hidden_width=6,
        layers=1,
        input_dropout=dropout,
        key_width=4,
        turn_width=8,
        memory_width=5,
        speaker_width=3,
        dropout=dropout,
        most_speakers=most_speakers,
        longest_stretch=longest_stretch,
        emotions="many",
        schemes=(SEVERAL, SINGLE),
    )


def tiny_tagger(fingerprint: str = "f1", **limits: int) -> SentimentTagger:
    """Random weights, larger than at a training's start so that answers differ."""
    torch.manual_seed(3)
    config = tiny_config(**limits)
    network = SentimentNetwork(config, tiny_table())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2.0).add_(torch.randn_like(parameter) * 0.3)
    return SentimentTagger(
        config,
        network,
        CALIBRATION,
        identity=Identity("tiny", fingerprint, 50),
        frustration=Frustration(scheme="many", labels=("anger",), slope=1.1, offset=-0.2),
    )


def chat(*said: tuple[str, str], name: str = "c") -> Conversation:
    """A conversation of (speaker, text) pairs."""
    return Conversation(name, tuple(Turn(text, speaker) for speaker, text in said))
