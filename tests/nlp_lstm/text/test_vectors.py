"""The pretrained vectors' projection and file."""

from pathlib import Path

import pytest
import torch
from sklearn.decomposition import PCA

from nlp_lstm.artefact import ArtefactError
from nlp_lstm.text.vectors import PretrainedPieces, load_pieces, project, save_pieces


def test_the_projection_is_principal_components_up_to_scale() -> None:
    embeddings = torch.randn(200, 12) @ torch.randn(12, 12)
    reference = PCA(n_components=5).fit_transform(embeddings.double().numpy())

    projected = project(embeddings, 5).double()

    assert projected.std() == pytest.approx(1, abs=1e-5)
    theirs = torch.from_numpy(reference / reference.std(ddof=1))
    torch.testing.assert_close(projected.abs(), theirs.abs(), rtol=1e-4, atol=1e-4)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    pieces = PretrainedPieces(torch.randn(7, 3).half().float(), "{}")
    save_pieces(pieces, tmp_path / "made" / "pieces.safetensors")

    loaded = load_pieces(tmp_path / "made" / "pieces.safetensors")

    assert loaded.tokenizer == "{}"
    assert torch.equal(loaded.vectors, pieces.vectors)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="make_vectors"):
        load_pieces(tmp_path / "none")
