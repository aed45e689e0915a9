"""Transformers as components: entities word by word, sentiment turn by turn."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import torch
from torch import Tensor

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, Sentiment, SentimentLabel, TurnLabels
from nlp_lstm.artefact import Artefact, load_weights
from nlp_lstm.component import Identified, Identity, Memory, Task, check_memory
from nlp_lstm.stored_settings import reading_settings
from nlp_lstm.transformer.network import ReaderConfig, TransformerReader
from nlp_lstm.transformer.pieces import PieceReader, PieceTurn, by_length, piece_batch, remembered

BATCH_PIECES = 1024
VALENCES: dict[str, float] = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
_LABELS: dict[str, SentimentLabel] = {
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
}


class TransformerComponent(Identified):
    """Keeps `nlp_lstm.component.Component`. What it remembers is the end of what was said."""

    def __init__(
        self,
        task: Task,
        network: TransformerReader,
        tokenizer_json: str,
        *,
        identity: Identity,
    ) -> None:
        super().__init__(identity)
        self.task = task
        self.network = network.eval()
        self._read = PieceReader(tokenizer_json)

    @classmethod
    def load(cls, artefact: Artefact) -> Self:
        """Build the reader that an artefact holds.

        Raises:
            ArtefactError: Config and weights do not fit together, or the extra is not installed.
        """
        with reading_settings(artefact, "a transformer"):
            config = ReaderConfig.model_validate(artefact.config["network"])
            identity = Identity.of(artefact)
        network = TransformerReader(config)
        load_weights(network, artefact)
        task: Task = "entities" if config.words else "sentiment"
        return cls(
            task,
            network,
            artefact.tokenizer,
            identity=identity,
        )

    def start(self) -> Memory:
        """The memory before the first turn."""
        return Memory(self.fingerprint, 0, 0, {}, {"before": ""})

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        """Read the next turn.

        Raises:
            ArtefactError: `memory` is another model's.
        """
        check_memory(memory, self.fingerprint)
        piece_turn = self._read(str(memory.facts["before"]), turn.text)
        (labels,) = self._labels([piece_turn], [turn])
        facts = {"before": remembered(str(memory.facts["before"]), turn.text)}
        words = len(piece_turn.words.forms)
        after = Memory(self.fingerprint, memory.turns + 1, memory.tokens + words, {}, facts)
        return labels, after

    def annotate(self, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
        """Read whole conversations, turns of similar length together."""
        self._read.forget()
        turns = [turn for conversation in conversations for turn in conversation.turns]
        cut: list[PieceTurn] = []
        for conversation in conversations:
            before = ""
            for turn in conversation.turns:
                cut.append(self._read(before, turn.text))
                before = remembered(before, turn.text)
        labels = iter(self._labels(cut, turns))
        return [[next(labels) for _ in one.turns] for one in conversations]

    def _labels(self, cut: Sequence[PieceTurn], turns: Sequence[Turn]) -> list[TurnLabels]:
        answers: list[TurnLabels] = [TurnLabels() for _ in turns]
        read = [index for index, turn in enumerate(cut) if self._is_read(turn, turns[index])]
        for group in by_length([cut[index] for index in read], BATCH_PIECES):
            chosen = [read[place] for place in group]
            with torch.inference_mode():
                scores = self.network(piece_batch([cut[index] for index in chosen]))
            said = (
                self._spans([cut[index] for index in chosen], scores)
                if self.network.config.words
                else self._feelings(scores)
            )
            for index, labels in zip(chosen, said, strict=True):
                answers[index] = labels
        return answers

    def _is_read(self, cut: PieceTurn, turn: Turn) -> bool:
        # As the recurrent tagger that hears customers: agents' turns are context.
        return bool(cut.places) and not (self.network.config.words and turn.role == "agent")

    def _spans(self, cut: Sequence[PieceTurn], scores: Tensor) -> list[TurnLabels]:
        crf, labels = self.network.crf, self.network.config.labels
        assert crf is not None
        lengths = np.array([len(turn.places) for turn in cut])
        found = crf.decoder().spans(scores.numpy(), lengths)
        spans: list[list[EntitySpan]] = [[] for _ in cut]
        columns = (found.turns, found.firsts, found.lasts, found.labels, found.log_marginals)
        for row, first, last, label, log_marginal in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            words = cut[row].words
            start, end = words.starts[first], words.ends[last]
            sure = float(np.exp(min(0.0, log_marginal)))
            spans[row].append(EntitySpan(start, end, labels[label], sure))
        return [TurnLabels(entities=tuple(sorted(one))) for one in spans]

    def _feelings(self, logits: Tensor) -> list[TurnLabels]:
        names = self.network.config.labels
        said: list[TurnLabels] = []
        for shares in logits.softmax(dim=1).tolist():
            best = max(range(len(names)), key=shares.__getitem__)
            valence = sum(VALENCES[name] * share for name, share in zip(names, shares, strict=True))
            feeling = Sentiment(_LABELS[names[best]], valence=valence, confidence=shares[best])
            said.append(TurnLabels(sentiment=feeling))
        return said
