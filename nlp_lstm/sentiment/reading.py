"""Turn vectors from words, many turns at once."""

from collections.abc import Sequence

import torch
from torch import Tensor

from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.text.batches import nearly_equal_batches

# Words that are encoded at once: more gain nothing on a CPU and cost memory.
MOST_WORDS = 4096


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
    for batch in nearly_equal_batches(lengths, MOST_WORDS):
        table.bound()
        of_batch = torch.tensor([lengths[index] for index in batch])
        ids = torch.zeros(len(batch), lengths[batch[-1]], dtype=torch.int64)
        # One call for all: new forms go through the tokenizer together.
        flat = table.ids([form for index in batch for form in stretches[index]])
        ids[torch.arange(ids.shape[1]) < of_batch[:, None]] = torch.tensor(flat, dtype=torch.int64)
        vectors[batch] = network.encode(ids.to(device), of_batch.to(device))
    return vectors
