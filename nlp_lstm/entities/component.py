"""The entity tagger as pipelines use it: conversations in, spans out, whole or turn by turn."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

import torch
from torch import Tensor

from corpora.conversation import Conversation
from corpora.labels import TurnLabels
from nlp_lstm.artefact import Artefact, load_weights
from nlp_lstm.component import Identity, Task
from nlp_lstm.entities.config import EntitiesConfig, SpanCalibration
from nlp_lstm.entities.given import TurnInput, conversation_inputs
from nlp_lstm.entities.labelling import turn_labels
from nlp_lstm.entities.network import EntityNetwork
from nlp_lstm.entities.reading import ScoredTurns, SpanReader, TurnRead
from nlp_lstm.entities.settings import entity_settings
from nlp_lstm.entities.stepping import EntityStepper
from nlp_lstm.entities.turns import Stretch, plan_batches
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.runtime.torch_stepping import TorchStepping
from nlp_lstm.text.batches import nearly_equal_batches
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.words import Words, split_words

# Conversations are taken together up to so many words, turns up to so many in a batch.
CHUNK_WORDS = 40_000
BATCH_WORDS = 2_048


class EntityTagger(TorchStepping[EntityNetwork, EntityStepper]):
    """Finds the entities in each turn, knowing what was said before it.

    Where the model's config says that it hears customers alone, the memory reads their turns and
    those of speakers whose role nobody knows. Turns of an agent, a system or a tool are tagged,
    with the memory as it stands, but do not enter it: the chats that such a model was trained on
    hold the customer's side only.

    A turn of more than 256 words is read in stretches of that many, and no span crosses from one
    into the next.
    """

    task: Task = "entities"

    def __init__(
        self,
        config: EntitiesConfig,
        network: EntityNetwork,
        calibration: SpanCalibration,
        *,
        identity: Identity,
    ) -> None:
        super().__init__(network.eval(), identity)
        self.config = config
        self.calibration = calibration
        self._read_spans = SpanReader(config.labels, calibration)

    @classmethod
    def load(cls, artefact: Artefact) -> Self:
        """Build the tagger that an artefact holds.

        Raises:
            ArtefactError: Config, weights and calibration do not fit together.
        """
        settings = entity_settings(artefact)
        table = FormTable(artefact.tokenizer, settings.config.rows.gram_buckets)
        network = EntityNetwork(settings.config, table)
        load_weights(network, artefact)
        return cls(
            settings.config,
            network,
            settings.calibration,
            identity=settings.identity,
        )

    def annotate(self, conversations: Sequence[Conversation]) -> list[list[TurnLabels]]:
        """Tag whole conversations, turns of all of them together."""
        answers: list[list[TurnLabels]] = []
        for chunk in _chunks(conversations):
            with torch.inference_mode():
                answers += self._annotate_chunk(chunk)
        return answers

    def _annotate_chunk(
        self, chunk: Sequence[tuple[Conversation, list[Words]]]
    ) -> list[list[TurnLabels]]:
        table = self.network.rows.table
        table.bound()
        inputs: list[list[TurnInput]] = [
            conversation_inputs(
                conversation.turns, [table.ids(words.forms) for words in split], self.config
            )
            for conversation, split in chunk
        ]
        turns = [
            pair
            for conversation, split in chunk
            for pair in zip(conversation.turns, split, strict=True)
        ]
        if not turns:
            return [[] for _ in chunk]
        rows, batches, plan = plan_batches(inputs, _cut)
        found = self._read(rows, self.network(batches, plan), turns=len(turns))
        labels = iter(
            [
                turn_labels(turn, words, read, self.config)
                for (turn, words), read in zip(turns, found, strict=True)
            ]
        )
        return [[next(labels) for _ in split] for _, split in chunk]

    def _step_with(self, engine: Engine) -> EntityStepper:
        return EntityStepper(self.config, self.calibration, engine, identity=self.identity)

    def _read(
        self, rows: Sequence[Sequence[Stretch]], scores: Sequence[Tensor], *, turns: int
    ) -> list[TurnRead]:
        scored = [
            ScoredTurns(
                [stretch.turn for stretch in batch],
                [stretch.first for stretch in batch],
                [len(stretch.ids) for stretch in batch],
                given.cpu().numpy(),
            )
            for batch, given in zip(rows, scores, strict=True)
        ]
        return self._read_spans(self.network.crf.decoder(), scored, turns)


def _cut(lengths: list[int]) -> Iterable[list[int]]:
    return nearly_equal_batches(lengths, BATCH_WORDS)


def _chunks(
    conversations: Sequence[Conversation],
) -> Iterator[list[tuple[Conversation, list[Words]]]]:
    """Conversations and their words, together at most `CHUNK_WORDS` or one conversation."""
    chunk: list[tuple[Conversation, list[Words]]] = []
    held = 0
    for conversation in conversations:
        split = [split_words(turn.text) for turn in conversation.turns]
        count = sum(len(words.forms) for words in split)
        if chunk and held + count > CHUNK_WORDS:
            yield chunk
            chunk, held = [], 0
        chunk.append((conversation, split))
        held += count
    if chunk:
        yield chunk
