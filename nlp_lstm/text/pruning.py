"""A WordPiece vocabulary without the pieces that a model will hardly meet.

Special marks that are never asked for, reserved places and scripts that a model was not trained
on make up a tenth of a vocabulary, and of the file it ships in.
"""

import json

import torch

from nlp_lstm.text.vectors import PretrainedPieces

UNKNOWN = "[UNK]"


def ascii_pieces(pieces: PretrainedPieces) -> PretrainedPieces:
    """The pieces made of ASCII characters alone, and the one for everything unknown."""
    tokenizer = json.loads(pieces.tokenizer)
    vocabulary: dict[str, int] = tokenizer["model"]["vocab"]
    in_order = sorted(vocabulary, key=vocabulary.__getitem__)
    kept = [
        piece
        for piece in in_order
        if piece == UNKNOWN
        or (piece.isascii() and not (piece.startswith("[") and piece.endswith("]")))
    ]
    tokenizer["model"]["vocab"] = {piece: number for number, piece in enumerate(kept)}
    tokenizer["added_tokens"] = [
        {**token, "id": kept.index(UNKNOWN)}
        for token in tokenizer["added_tokens"]
        if token["content"] == UNKNOWN
    ]
    tokenizer["post_processor"] = None
    rows = torch.tensor([vocabulary[piece] for piece in kept])
    return PretrainedPieces(pieces.vectors[rows], json.dumps(tokenizer, ensure_ascii=False))
