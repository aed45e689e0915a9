"""A turn, and the end of what was said before it, as WordPieces that know their words."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from nlp_lstm.text.words import Words, split_words

# What an answer refers to stands at the end of a question.
PIECES_BEFORE = 24
# Beyond so many letters of what was said before, nothing is kept.
LETTERS_KEPT = 400
WORDS_READ = 120
# Pieces of one word beyond so many add nothing.
PIECES_A_WORD = 6


@dataclass(frozen=True, slots=True)
class PieceTurn:
    """A turn to be read.

    Attributes:
        ids: Pieces: [CLS] before [SEP] turn [SEP].
        second: Where the turn itself begins.
        places: Of each word that is read, its first piece.
        words: All words of the turn.
    """

    ids: tuple[int, ...]
    second: int
    places: tuple[int, ...]
    words: Words


@dataclass(frozen=True, slots=True, eq=False)
class PieceBatch:
    """B turns padded to the longest: T pieces, W words.

    Attributes:
        ids: (B, T) int64
        types: 0 before the turn, 1 in it. (B, T) int64
        inside: Whether a piece is one. (B, T) int64
        places: First pieces of words, 0 where there is none. (B, W) int64
        lengths: Words in each turn, at least 1. (B,) int64
    """

    ids: Tensor
    types: Tensor
    inside: Tensor
    places: Tensor
    lengths: Tensor


class PieceReader:
    """Cuts turns into the pieces of a tokenizer, word by word."""

    def __init__(self, tokenizer_json: str) -> None:
        self._tokenizer = Tokenizer.from_str(tokenizer_json)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._known: dict[str, tuple[int, ...]] = {}
        numbers = self._tokenizer.get_vocab()
        self._start, self._end, self._unknown = (numbers[n] for n in ("[CLS]", "[SEP]", "[UNK]"))

    def __call__(self, before: str, text: str) -> PieceTurn:
        """Args: before, what was said last; text, the turn's. Returns: its pieces."""
        words = split_words(text)
        ids = [self._start]
        if before:
            told = [piece for form in split_words(before).forms for piece in self._pieces(form)]
            ids += [*told[-PIECES_BEFORE:], self._end]
        second = len(ids)
        places: list[int] = []
        for form in words.forms[:WORDS_READ]:
            places.append(len(ids))
            ids += self._pieces(form)
        return PieceTurn((*ids, self._end), second, tuple(places), words)

    def _pieces(self, form: str) -> tuple[int, ...]:
        known = self._known.get(form)
        if known is None:
            cut = self._tokenizer.encode(form, add_special_tokens=False).ids[:PIECES_A_WORD]
            known = self._known[form] = tuple(cut) or (self._unknown,)
        return known

    def forget(self) -> None:
        """Forget the word forms that were cut: between batches, where there may be any number."""
        self._known.clear()


def remembered(before: str, text: str) -> str:
    """What is kept of all that was said, once a turn was."""
    return f"{before} {text}"[-LETTERS_KEPT:]


def piece_batch(turns: Sequence[PieceTurn]) -> PieceBatch:
    """Pad turns to one size."""
    longest = max(len(turn.ids) for turn in turns)
    most = max(1, *(len(turn.places) for turn in turns))
    rows = range(longest)
    return PieceBatch(
        ids=torch.tensor([[*turn.ids, *[0] * (longest - len(turn.ids))] for turn in turns]),
        types=torch.tensor(
            [[int(turn.second <= place < len(turn.ids)) for place in rows] for turn in turns]
        ),
        inside=torch.tensor([[int(place < len(turn.ids)) for place in rows] for turn in turns]),
        places=torch.tensor([[*turn.places, *[0] * (most - len(turn.places))] for turn in turns]),
        lengths=torch.tensor([max(1, len(turn.places)) for turn in turns]),
    )


def by_length(turns: Sequence[PieceTurn], pieces: int) -> list[list[int]]:
    """Which turns to read together: similar lengths, at most so many pieces with their padding."""
    order = sorted(range(len(turns)), key=lambda index: len(turns[index].ids))
    batches: list[list[int]] = []
    for index in order:
        if batches and (len(batches[-1]) + 1) * len(turns[index].ids) <= pieces:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
