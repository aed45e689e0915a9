"""An entity tagger small enough to be random."""

import torch

from corpora.conversation import Conversation, Role, Turn
from nlp_lstm.component import Identity
from nlp_lstm.entities.component import EntityTagger
from nlp_lstm.entities.config import EntitiesConfig, SpanCalibration
from nlp_lstm.entities.network import EntityNetwork
from tests.nlp_lstm.tiny import ROWS, tiny_table

CONFIG = EntitiesConfig(
    labels=("city", "name", "number"),
    rows=ROWS,
    hidden_width=6,
    turn_width=5,
    memory_width=4,
    tagger_width=8,
    dropout=0.2,
)


def tiny_network() -> EntityNetwork:
    """Random weights, larger than at a training's start so that answers differ."""
    torch.manual_seed(3)
    network = EntityNetwork(CONFIG, tiny_table())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2.0).add_(torch.randn_like(parameter) * 0.3)
    return network


def tiny_tagger(fingerprint: str = "f1") -> EntityTagger:
    return EntityTagger(
        CONFIG,
        tiny_network(),
        SpanCalibration(slope=0.8, offset=-0.1),
        identity=Identity("tiny", fingerprint, 50),
    )


def chat(*said: str, roles: tuple[Role | None, ...] = ("customer",)) -> Conversation:
    """A conversation of texts; the roles take turns."""
    turns = (Turn(text, role=roles[i % len(roles)]) for i, text in enumerate(said))
    return Conversation("c", tuple(turns))
