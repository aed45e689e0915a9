"""A turn encoder that learns the vectors of a sentence transformer: where a training starts.

    start = "build/turn-encoder"        # in a recipe of sentiment

It holds the parts of a `SentimentNetwork` that read one turn; memories and heads are not in it.
`scripts/make_encoder.py` makes it.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from nlp_lstm.sentiment.config import Scheme, SentimentConfig
from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.vectors import PretrainedPieces
from nlp_lstm.text.words import split_words
from nlp_lstm.training.loop import ArtefactParts, ParameterGroup

# One turn in fifty judges what the others taught.
JUDGING_SHARE = 50
BATCH_TURNS = 96
# Batches among which turns are sorted by length.
SORTED_TOGETHER = 60
WORD_DROPOUT = 0.1
# What only a conversation or a corpus teaches, and how the way to the teacher's space is saved.
NOT_OF_A_TURN = ("conversation.", "speaker.", "heads.")
OUT = "out."


@dataclass(frozen=True, slots=True, eq=False)
class TaughtTurns:
    """Turns and the vectors of their sentence transformer.

    Attributes:
        ids: Numbers of each turn's word forms.
        vectors: Unit vectors. (M, V) float16
    """

    ids: Sequence[tuple[int, ...]]
    vectors: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class TurnBatch:
    """B turns: ids (B, T) int64 padded with 0, lengths (B,) int64, vectors (B, V) float32."""

    ids: Tensor
    lengths: Tensor
    vectors: Tensor


class TurnStudent(nn.Module):
    """A sentiment network and one matrix that takes its turn vectors to the teacher's space."""

    def __init__(self, config: SentimentConfig, table: FormTable, width: int) -> None:
        super().__init__()
        self.reader = SentimentNetwork(config, table)
        self.out = nn.Linear(config.turn_width, width)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Ids (B, T) and lengths (B,) to vectors (B, V), not normalised."""
        out: Tensor = self.out(self.reader.encode(ids, lengths))
        return out


class DistillingTrainee:
    """Keeps `nlp_lstm.training.loop.Trainee`: the mean cosine to the teacher's vectors grows."""

    metric = "cosine"

    def __init__(self, network: TurnStudent, learnt: TaughtTurns, judging: TaughtTurns) -> None:
        self.network = network
        self.learnt = learnt
        self.judging = judging

    def batch_count(self) -> int:
        """Steps in an epoch."""
        return -(-len(self.learnt.ids) // BATCH_TURNS)

    def batches(self, epoch: int, rng: random.Random) -> Iterator[TurnBatch]:
        """The turns in the order of chance, similar lengths together."""
        del epoch
        ids = self.learnt.ids
        order = rng.sample(range(len(ids)), len(ids))
        window = BATCH_TURNS * SORTED_TOGETHER
        for start in range(0, len(order), window):
            near = sorted(order[start : start + window], key=lambda index: len(ids[index]))
            batches = [near[i : i + BATCH_TURNS] for i in range(0, len(near), BATCH_TURNS)]
            rng.shuffle(batches)
            for batch in batches:
                yield _batch(self.learnt, batch)

    def loss(self, batch: TurnBatch, epoch: int) -> Tensor:
        """One less the mean cosine, some words being hidden from the student."""
        del epoch
        hidden = torch.rand(batch.ids.shape, device=batch.ids.device) < WORD_DROPOUT
        ids = batch.ids.masked_fill(hidden & (batch.ids > 0), FormTable.UNKNOWN)
        said = self.network(ids, batch.lengths)
        return 1 - cosine_similarity(said, batch.vectors, dim=1).mean()

    def validate(self) -> dict[str, float]:
        """The mean cosine over the turns that nothing was learnt from."""
        total = 0.0
        ids = self.judging.ids
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        with torch.inference_mode():
            for start in range(0, len(order), BATCH_TURNS):
                batch = _batch(self.judging, order[start : start + BATCH_TURNS])
                said = self.network(batch.ids, batch.lengths)
                total += float(cosine_similarity(said, batch.vectors, dim=1).sum())
        return {self.metric: total / len(order)}

    def parameter_groups(self) -> list[ParameterGroup]:
        """What reads a turn; word vectors half as fast, because they know something already."""
        named = {
            name: parameter
            for name, parameter in self.network.named_parameters()
            if not name.removeprefix("reader.").startswith(NOT_OF_A_TURN)
        }
        vectors = named.pop("reader.rows.pieces.weight")
        grams = named.pop("reader.rows.grams.weight")
        return [
            ParameterGroup([vectors], rate_scale=0.5, weight_decay=0.0),
            ParameterGroup([grams], weight_decay=0.0),
            ParameterGroup(list(named.values())),
        ]

    def describe(self, *, measured: bool = True) -> ArtefactParts:
        """Nothing beside the tokenizer: it is no model that answers."""
        del measured
        return ArtefactParts({}, self.network.reader.rows.table.tokenizer_json)

    def calibrate(self) -> dict[str, object]:
        """Nothing: it says nothing that could be sure."""
        return {}

    def tensors(self) -> dict[str, Tensor]:
        """The weights that read a turn, by their names in a `SentimentNetwork`, and the last."""
        out = {OUT + name: tensor for name, tensor in self.network.out.state_dict().items()}
        return out | {
            name: tensor
            for name, tensor in self.network.reader.state_dict().items()
            if not name.startswith(NOT_OF_A_TURN)
        }

    def take_over(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `tensors` of another training gave."""
        reader, student = self.network.reader.state_dict(), dict(tensors)
        out = {name: student.pop(OUT + name) for name in self.network.out.state_dict()}
        self.network.out.load_state_dict(out)
        self.network.reader.load_state_dict(reader | student)


def build_student(
    settings: dict[str, object],
    texts: Sequence[str],
    vectors: Tensor,
    pieces: PretrainedPieces,
    *,
    longest_turn: int,
    seed: int,
) -> DistillingTrainee:
    """Make a student for turns and their teacher's vectors.

    Args:
        settings: The recipe's `[network]`.
        texts: The turns, in the order of chance: the first fiftieth judges.
        vectors: The teacher's. (M, V)
        pieces: Pretrained WordPiece vectors.
        longest_turn: Words of a turn beyond so many are not read.
        seed: Decides the first weights.
    """
    none = Scheme(name="none", labels=("none",), several=False)
    config = SentimentConfig.model_validate({**settings, "emotions": "none", "schemes": (none,)})
    table = FormTable(pieces.tokenizer, config.rows.gram_buckets)
    torch.manual_seed(seed)
    network = TurnStudent(config, table, vectors.shape[1])
    network.reader.rows.pieces.weight.data.copy_(pieces.vectors)
    ids = [tuple(table.ids(split_words(text).forms[:longest_turn])) for text in texts]
    judging = max(1, len(ids) // JUDGING_SHARE)
    return DistillingTrainee(
        network,
        TaughtTurns(ids[judging:], vectors[judging:]),
        TaughtTurns(ids[:judging], vectors[:judging]),
    )


def _batch(turns: TaughtTurns, chosen: Sequence[int]) -> TurnBatch:
    rows = [turns.ids[index] for index in chosen]
    longest = max(1, *map(len, rows))
    ids = torch.tensor([[*row, *[FormTable.PADDING] * (longest - len(row))] for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    return TurnBatch(ids, lengths, turns.vectors[list(chosen)].float())
