"""A transformer in training: MiniLM, with labels of turns that a corpus has."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from corpora.errors import InputError
from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Task
from nlp_lstm.entities.decode import align_spans, encode_bioes, tag_numbers
from nlp_lstm.training.loop import ArtefactParts, ParameterGroup
from nlp_lstm.transformer.network import ReaderConfig, TransformerReader, tokenizer_json
from nlp_lstm.transformer.pieces import PieceBatch, PieceReader, PieceTurn, piece_batch, remembered

SENTIMENTS = ("negative", "neutral", "positive")
BATCH_TURNS = 32
# Batches among which turns are sorted by length.
SORTED_TOGETHER = 40
# MiniLM learns so much more slowly than the head, which begins with nothing.
ENCODER_RATE = 0.15
# Of turns that name nothing, so many for each that names something.
QUIET_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class TaughtTurn:
    """A turn and its answer: tags of words, or one class."""

    turn: PieceTurn
    answer: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TaughtBatch:
    """Turns and answers: tags (B, W), or classes (B, 1)."""

    turns: PieceBatch
    answers: Tensor


class TransformerTrainee:
    """Keeps `nlp_lstm.training.loop.Trainee`: an epoch is a part of the turns, each seen once."""

    metric = "unjudged"

    def __init__(
        self, network: TransformerReader, tokenizer: str, turns: Sequence[TaughtTurn], parts: int
    ) -> None:
        self.network = network
        self._tokenizer = tokenizer
        self._parts = [turns[part::parts] for part in range(parts)]

    def batch_count(self) -> int:
        """Steps in a part."""
        return -(-len(self._parts[0]) // BATCH_TURNS)

    def batches(self, epoch: int, rng: random.Random) -> Iterator[TaughtBatch]:
        """The turns of a part in the order of chance, similar lengths together."""
        part = self._parts[epoch]
        order = rng.sample(range(len(part)), len(part))
        window = BATCH_TURNS * SORTED_TOGETHER
        for start in range(0, len(order), window):
            near = sorted(order[start : start + window], key=lambda at: len(part[at].turn.ids))
            batches = [near[at : at + BATCH_TURNS] for at in range(0, len(near), BATCH_TURNS)]
            rng.shuffle(batches)
            for batch in batches:
                yield _batch([part[index] for index in batch])

    def loss(self, batch: TaughtBatch, epoch: int) -> Tensor:
        """Minus the log-probability of the right answer, a turn."""
        del epoch
        with torch.autocast("cpu", torch.bfloat16):
            scores = self.network(batch.turns)
        if self.network.crf is None:
            return torch.nn.functional.cross_entropy(scores, batch.answers[:, 0])
        lost = self.network.crf.negative_log_likelihood(scores, batch.answers, batch.turns.lengths)
        return lost.mean()

    def validate(self) -> dict[str, float]:
        """Nothing: what is compared with others is judged once, when it is trained."""
        return {self.metric: 0.0}

    def parameter_groups(self) -> list[ParameterGroup]:
        """Vectors of pieces stay; all that stands above them learns, the head fastest."""
        named = dict(self.network.named_parameters())
        for name in [name for name in named if ".embeddings." in name]:
            named.pop(name).requires_grad_(False)
        encoder = [named.pop(name) for name in list(named) if name.startswith("encoder.")]
        return [
            ParameterGroup(encoder, rate_scale=ENCODER_RATE),
            ParameterGroup(list(named.values())),
        ]

    def describe(self, *, measured: bool = True) -> ArtefactParts:
        """What it says, and MiniLM's tokenizer."""
        del measured
        config = {
            "reader": "transformer",
            "network": self.network.config.model_dump(mode="json"),
        }
        return ArtefactParts(config, self._tokenizer)

    def calibrate(self) -> dict[str, Any]:
        """Nothing: it is taken at its word."""
        return {}


def build_transformer(
    task: Task, conversations: Sequence[LabelledConversation], *, most: int, parts: int, seed: int
) -> TransformerTrainee:
    """Prepare a transformer and the turns that teach it.

    Args:
        task: `entities` or `sentiment`.
        conversations: That teach; only turns with labels of the task do.
        most: At most so many turns, drawn at random; seen several times where there are fewer.
        parts: Into how many parts the turns are cut, after each of which is a checkpoint.
        seed: Decides the draw and the head's first weights.

    Raises:
        InputError: The task is another, or nothing is labelled.
        ArtefactError: The extra `transformer` is not installed.
    """
    if task == "states":
        raise InputError(
            "--task",
            found="states",
            expected="entities or sentiment",
            remedy="no transformer that tracks states is trained here",
        )
    tokenizer = tokenizer_json()
    rng = random.Random(seed)
    read = PieceReader(tokenizer)
    labelled = list(_labelled(task, conversations))
    if not labelled:
        raise InputError(
            "corpus",
            found=f"no turn with labels of {task}",
            expected="some to learn from",
            remedy="name another corpus",
        )
    if task == "entities":
        kinds = {span.label for _, _, one in labelled for span in one.entities or ()}
        labels = tuple(sorted(kinds))
        numbers = tag_numbers(labels)
    else:
        labels, numbers = SENTIMENTS, {name: place for place, name in enumerate(SENTIMENTS)}
    rng.shuffle(labelled)
    turns: list[TaughtTurn] = []
    lap: list[tuple[str, str, TurnLabels]] = []
    while len(turns) < most:
        lap = lap or labelled[::-1]
        before, text, one = lap.pop()
        turn = read(before, text)
        quiet = task == "entities" and not one.entities
        if not turn.places or (quiet and rng.random() > QUIET_SHARE):
            continue
        turns.append(TaughtTurn(turn, _answer(task, turn, one, numbers)))
    torch.manual_seed(seed)
    network = TransformerReader(
        ReaderConfig(labels=labels, words=task == "entities"), pretrained=True
    )
    return TransformerTrainee(network, tokenizer, turns, parts)


def _labelled(
    task: Task, conversations: Sequence[LabelledConversation]
) -> Iterator[tuple[str, str, TurnLabels]]:
    """What was said before, a turn, and its labels."""
    for labelled in conversations:
        before = ""
        for turn, labels in zip(labelled.conversation.turns, labelled.labels, strict=True):
            feeling = labels.sentiment
            known = (
                labels.entities is not None
                if task == "entities"
                else feeling is not None and feeling.label is not None
            )
            if known and turn.text.strip():
                yield before, turn.text, labels
            before = remembered(before, turn.text)


def _answer(
    task: Task, turn: PieceTurn, labels: TurnLabels, numbers: dict[str, int]
) -> tuple[int, ...]:
    if task == "sentiment":
        assert labels.sentiment is not None
        return (numbers[str(labels.sentiment.label)],)
    spans = align_spans(labels.entities or (), turn.words, Counter())
    count = len(turn.places)
    offsets = list(zip(turn.words.starts, turn.words.ends, strict=True))[:count]
    kept = [span for span in spans if span.end <= offsets[-1][1]]
    return tuple(numbers[tag] for tag in encode_bioes(kept, offsets))


def _batch(turns: Sequence[TaughtTurn]) -> TaughtBatch:
    longest = max(len(turn.answer) for turn in turns)
    rows = [[*turn.answer, *[turn.answer[0]] * (longest - len(turn.answer))] for turn in turns]
    return TaughtBatch(piece_batch([turn.turn for turn in turns]), torch.tensor(rows))
