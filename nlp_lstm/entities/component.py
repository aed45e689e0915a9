"""The entity tagger as pipelines use it: conversations in, spans out, whole or turn by turn."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Self, TypeVar

import torch
from pydantic import BaseModel, ValidationError
from torch import Tensor

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, TurnLabels
from nlp_lstm.artefact import Artefact, ArtefactError, load_weights
from nlp_lstm.component import Memory, Task, check_memory
from nlp_lstm.entities.checking import checked
from nlp_lstm.entities.config import EntitiesConfig, SpanCalibration
from nlp_lstm.entities.network import EntityNetwork
from nlp_lstm.entities.reading import ScoredTurns, SpanReader, WordSpan
from nlp_lstm.entities.turns import (
    Stretch,
    TurnInput,
    conversation_inputs,
    plan_batches,
    turn_input,
)
from nlp_lstm.text.batches import nearly_equal_batches
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.words import Words, split_words
from nlp_lstm.training.recipe import first_fault

# Conversations are taken together up to so many words, turns up to so many in a batch.
CHUNK_WORDS = 40_000
BATCH_WORDS = 2_048
NOTHING = TurnLabels(entities=())

Checked = TypeVar("Checked", bound=BaseModel)


class EntityTagger:
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
        name: str,
        fingerprint: str,
        validated_tokens: int,
    ) -> None:
        self.config = config
        self.network = network.eval()
        self.calibration = calibration
        self._read_spans = SpanReader(config.labels, calibration)
        self.name = name
        self.fingerprint = fingerprint
        self.validated_tokens = validated_tokens

    @classmethod
    def load(cls, artefact: Artefact) -> Self:
        """Build the tagger that an artefact holds.

        Raises:
            ArtefactError: Config, weights and calibration do not fit together.
        """
        config = _checked(EntitiesConfig, artefact.config.get("network"), artefact, "config.json")
        calibration = _checked(SpanCalibration, artefact.calibration, artefact, "calibration.json")
        table = FormTable(artefact.tokenizer, config.rows.gram_buckets)
        network = EntityNetwork(config, table)
        load_weights(network, artefact)
        return cls(
            config,
            network,
            calibration,
            name=artefact.name,
            fingerprint=artefact.fingerprint,
            validated_tokens=int(artefact.config.get("validated_tokens", 0)),
        )

    def start(self) -> Memory:
        """The memory before the first turn."""
        hidden, cell = self.network.memory.start(1)
        return Memory(self.fingerprint, 0, 0, {"hidden": hidden.numpy(), "cell": cell.numpy()}, {})

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        """Tag the next turn of the conversation that `memory` has read.

        Raises:
            ArtefactError: `memory` is another model's.
        """
        check_memory(memory, self.fingerprint)
        self.network.rows.table.bound()
        words = split_words(turn.text)
        ids = self.network.rows.table.ids(words.forms)
        given = turn_input(turn, ids, memory.turns, memory.facts.get("heard"), self.config)
        hidden, cell = memory.arrays["hidden"], memory.arrays["cell"]
        state = torch.from_numpy(hidden), torch.from_numpy(cell)
        with torch.inference_mode():
            rows, batches, _ = plan_batches([[given]], _cut)
            scores, after = self.network.step(batches, state)
            (spans,) = self._spans(rows, scores, turns=1)
        labels = _labels(turn, words, spans, self.config)
        arrays, facts = memory.arrays, memory.facts
        if given.is_remembered:
            arrays = {"hidden": after[0].numpy(), "cell": after[1].numpy()}
            facts = {"heard": given.number}
        tokens = memory.tokens + len(words.forms)
        return labels, Memory(self.fingerprint, memory.turns + 1, tokens, arrays, facts)

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
        read = [
            pair
            for conversation, split in chunk
            for pair in zip(conversation.turns, split, strict=True)
        ]
        if not read:
            return [[] for _ in chunk]
        rows, batches, plan = plan_batches(inputs, _cut)
        spans = self._spans(rows, self.network(batches, plan), turns=len(read))
        labels = iter(
            [
                _labels(turn, words, found, self.config)
                for (turn, words), found in zip(read, spans, strict=True)
            ]
        )
        return [[next(labels) for _ in split] for _, split in chunk]

    def _spans(
        self, rows: Sequence[Sequence[Stretch]], scores: Sequence[Tensor], *, turns: int
    ) -> list[list[WordSpan]]:
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


def _labels(
    turn: Turn, words: Words, spans: Sequence[WordSpan], config: EntitiesConfig
) -> TurnLabels:
    if not spans and not config.found_by_form:
        return NOTHING
    found = [
        EntitySpan(words.starts[s.first], words.ends[s.last], s.label, s.confidence) for s in spans
    ]
    return TurnLabels(
        entities=checked(turn.text, found, config.checks, turn.time, config.found_by_form)
    )


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


def _checked(kind: type[Checked], stored: Any, artefact: Artefact, file: str) -> Checked:
    try:
        return kind.model_validate(stored)
    except ValidationError as error:
        found, expected = first_fault(error)
        raise ArtefactError(
            f"{artefact.name}/{file}",
            found=found,
            expected=expected,
            remedy="copy the whole directory again, or train the model again",
        ) from error
