"""Turn vectors from words, many turns at once."""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import torch
from torch import Tensor

from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.text.batches import nearly_equal_batches

# Words that are encoded at once: more gain nothing on a CPU and cost memory.
MOST_WORDS = 4096
# Words whose distinct ones are looked up at once.
CHUNK_WORDS = 40_000


def encode_turns(
    network: SentimentNetwork, turns: Sequence[Sequence[str]], longest_stretch: int
) -> Tensor:
    """Vectors of turns, which are never cut short.

    A turn longer than a stretch is read in stretches, and is their mean weighted by words: the
    BiLSTM was trained on short turns, and 100,000 words one after the other take minutes.

    Args:
        network: In evaluation mode.
        turns: Word forms of each; none for a blank turn.
        longest_stretch: In words.

    Returns:
        (M, E)
    """
    stretches: list[Sequence[str]] = []
    owners: list[int] = []
    for index, forms in enumerate(turns):
        for start in range(0, max(1, len(forms)), longest_stretch):
            stretches.append(forms[start : start + longest_stretch])
            owners.append(index)
    lengths = [len(stretch) for stretch in stretches]
    vectors = _encode_stretches(network, stretches, lengths)
    if len(stretches) == len(turns):
        return vectors
    words = torch.tensor(lengths, device=vectors.device).clamp(min=1).to(vectors)[:, None]
    owner = torch.tensor(owners, device=vectors.device)
    sums = vectors.new_zeros(len(turns), vectors.shape[1]).index_add_(0, owner, vectors * words)
    totals = vectors.new_zeros(len(turns), 1).index_add_(0, owner, words)
    return sums / totals


def _encode_stretches(
    network: SentimentNetwork, stretches: Sequence[Sequence[str]], lengths: Sequence[int]
) -> Tensor:
    device, table = network.start.device, network.rows.table
    vectors = torch.empty(len(stretches), network.turn.out_features, device=device)
    for some in _chunks(lengths):
        table.bound()
        # One call for all: new forms go through the tokenizer together.
        flat = table.ids([form for index in some for form in stretches[index]])
        numbers = torch.tensor([0, *flat])
        told = network.told(numbers)
        ends = dict(zip(some, accumulate(lengths[index] for index in some), strict=True))
        for batch in nearly_equal_batches([lengths[index] for index in some], MOST_WORDS):
            chosen = [some[place] for place in batch]
            of_batch = torch.tensor([lengths[index] for index in chosen])
            # Each turn's numbers stand behind the first, 0, which is padding's.
            ahead = torch.arange(int(of_batch[-1]))
            starts = torch.tensor([ends[index] - lengths[index] + 1 for index in chosen])
            inside = ahead < of_batch[:, None]
            ids = numbers[torch.where(inside, starts[:, None] + ahead, 0)]
            vectors[chosen] = network.encode(ids.to(device), of_batch.to(device), told)
    return vectors


def _chunks(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of stretches, together of at most `CHUNK_WORDS` words or one stretch."""
    chunk: list[int] = []
    held = 0
    for index, length in enumerate(lengths):
        if chunk and held + length > CHUNK_WORDS:
            yield chunk
            chunk, held = [], 0
        chunk.append(index)
        held += length
    if chunk:
        yield chunk
