"""A smaller vocabulary cuts plain words as the whole one does."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from nlp_lstm.text.pruning import ascii_pieces
from nlp_lstm.text.vectors import PretrainedPieces
from tests.nlp_lstm.tiny import tiny_tokenizer


def whole() -> PretrainedPieces:
    """The tiny vocabulary with a mark that is never asked for, and a letter of another script."""
    tokenizer = json.loads(tiny_tokenizer())
    vocabulary = tokenizer["model"]["vocab"]
    for piece in ("[unused1]", "ש", "##ש"):
        vocabulary[piece] = len(vocabulary)
    tokenizer["added_tokens"] = []
    vectors = torch.arange(3.0 * len(vocabulary)).view(-1, 3)
    return PretrainedPieces(vectors, json.dumps(tokenizer))


def cut(pieces: PretrainedPieces, text: str) -> tuple[list[str], torch.Tensor]:
    encoding = Tokenizer.from_str(pieces.tokenizer).encode(text, add_special_tokens=False)
    return encoding.tokens, pieces.vectors[torch.tensor(encoding.ids, dtype=torch.int64)]


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12))
def test_ascii_text_keeps_its_pieces_and_their_vectors(text: str) -> None:
    tokens, vectors = cut(whole(), text)
    fewer_tokens, fewer_vectors = cut(ascii_pieces(whole()), text)

    assert fewer_tokens == tokens
    assert torch.equal(fewer_vectors, vectors)


@pytest.mark.parametrize("text", ["ש", "שש"])
def test_other_scripts_are_unknown(text: str) -> None:
    assert cut(whole(), text)[0] != ["[UNK]"]
    assert cut(ascii_pieces(whole()), text)[0] == ["[UNK]"]


def test_what_is_never_asked_for_is_gone() -> None:
    pruned = ascii_pieces(whole())

    assert "[unused1]" not in json.loads(pruned.tokenizer)["model"]["vocab"]
    assert len(pruned.vectors) == Tokenizer.from_str(pruned.tokenizer).get_vocab_size()
