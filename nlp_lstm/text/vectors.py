"""Pretrained WordPiece vectors: the token embeddings of all-MiniLM-L6-v2, projected.

The matrix is centred, projected on its first principal components and scaled to unit standard
deviation; no transformer runs afterwards. `scripts/make_vectors.py` makes the file.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from nlp_lstm.artefact import ArtefactError


@dataclass(frozen=True, slots=True, eq=False)
class PretrainedPieces:
    """Vectors of a WordPiece vocabulary and the tokenizer that cuts words into it.

    Attributes:
        vectors: One row a piece, in the tokenizer's order. (V, W) float32
        tokenizer: `tokenizer.json` as text.
    """

    vectors: Tensor
    tokenizer: str


def project(embeddings: Tensor, width: int) -> Tensor:
    """The rows of `embeddings` on their first principal components, unit standard deviation.

    Args:
        embeddings: One row a piece. (V, E)
        width: How many components to keep, at most E.

    Returns:
        (V, width), deterministic up to nothing: each component's largest loading is positive.
    """
    centred = embeddings.double() - embeddings.double().mean(dim=0)
    _, axes = torch.linalg.eigh(centred.T @ centred)
    axes = axes.flip(1)[:, :width]
    # An eigenvector's sign is arbitrary and differs between libraries; fix it.
    largest = axes.abs().argmax(dim=0)
    axes = axes * axes[largest, torch.arange(width)].sign()
    projected: Tensor = centred @ axes
    return (projected / projected.std()).float()


def save_pieces(pieces: PretrainedPieces, path: Path) -> None:
    """Write vectors, in half precision, and tokenizer into one safetensors file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"vectors": pieces.vectors.half()}, path, metadata={"tokenizer": pieces.tokenizer})


def load_pieces(path: Path) -> PretrainedPieces:
    """Read what `save_pieces` wrote.

    Raises:
        ArtefactError: There is no such file, or it is none of ours.
    """
    try:
        with safe_open(path, framework="pt") as stored:
            metadata = stored.metadata() or {}
            return PretrainedPieces(stored.get_tensor("vectors").float(), metadata["tokenizer"])
    except (SafetensorError, OSError, KeyError) as error:
        raise ArtefactError(
            str(path),
            found=f"no WordPiece vectors ({error})",
            expected="a file made by scripts/make_vectors.py",
            remedy="pip install 'nlp-lstm[vectors]' and run python scripts/make_vectors.py",
        ) from error
