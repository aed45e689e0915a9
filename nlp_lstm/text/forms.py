"""Word forms and what can be told from their letters alone.

A form's pieces, character n-grams and shape depend on nothing but the form, so they are worked
out once and kept: nine words of ten in chat have been seen before.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Numbers = npt.NDArray[np.int64]

# A form is read up to here; a megabyte without a blank must not cost more than a word.
LONGEST_FORM = 64
MOST_PIECES = 12

_SHAPES: tuple[Callable[[str], bool], ...] = (
    str.islower,
    lambda form: form.isupper() and len(form) > 1,
    lambda form: form[:1].isupper() and form[1:].islower(),
    lambda form: form[:1].isupper() and len(form) == 1,
    lambda form: any(c.isdigit() for c in form),
    lambda form: form.isdigit() and len(form) == 1,
    lambda form: form.isdigit() and len(form) == 2,
    lambda form: form.isdigit() and len(form) == 3,
    lambda form: form.isdigit() and len(form) == 4,
    lambda form: form.isdigit() and 5 <= len(form) <= 8,
    lambda form: form.isdigit() and len(form) >= 9,
    lambda form: not form.isdigit() and form.isalnum() and any(c.isdigit() for c in form),
    lambda form: len(form) == 1 and not form.isalnum(),
    lambda form: "@" in form and len(form) > 1,
    lambda form: form.startswith("http"),
    lambda form: not form.isascii(),
    lambda form: len(form) == 1 and ord(form) >= 0x2190 and not form.isalnum(),  # emoji, arrows
    lambda form: re.search(r"([^\W\d])\1\1", form) is not None,  # soooo
)
SHAPES = len(_SHAPES)


@dataclass(frozen=True, slots=True)
class FormFeatures:
    """Features of F forms, ragged ones as flat values and how many each form has.

    Attributes:
        pieces: WordPiece ids of all forms, one after the other. int64
        piece_counts: How many each form has. (F,) int64
        grams: Buckets of character n-grams of all forms. int64
        gram_counts: How many each form has. (F,) int64
        shapes: 0 or 1 for each shape. (F, SHAPES) float32
    """

    pieces: Numbers
    piece_counts: Numbers
    grams: Numbers
    gram_counts: Numbers
    shapes: npt.NDArray[np.float32]


class FormTable:
    """Numbers for word forms, in the order in which they are met, and their features.

    Id 0 is padding, id 1 the unknown form that word dropout puts in a word's place.
    """

    PADDING = 0
    UNKNOWN = 1

    def __init__(self, tokenizer_json: str, gram_buckets: int) -> None:
        self.tokenizer_json = tokenizer_json
        self._tokenizer = _tokenizer(tokenizer_json)
        self._buckets = gram_buckets
        self.generation = 0
        self._forget()

    @property
    def piece_count(self) -> int:
        """WordPieces in the tokenizer's vocabulary."""
        return self._tokenizer.get_vocab_size()

    def __len__(self) -> int:
        return len(self._pieces)

    def ids(self, forms: Sequence[str]) -> list[int]:
        """The forms' numbers; forms not met before are added."""
        known = self._known
        try:
            return [known[form] for form in forms]
        except KeyError:
            self._add([form for form in dict.fromkeys(forms) if form not in known])
            return [known[form] for form in forms]

    def bound(self, limit: int = 100_000) -> None:
        """Forget every form when there are more than `limit`.

        Numbers handed out before mean nothing afterwards: call it between batches only.
        """
        if len(self) > limit:
            self.generation += 1
            self._forget()

    def features(self, ids: Sequence[int]) -> FormFeatures:
        """The features of the forms with these numbers."""
        pieces = [self._pieces[i] for i in ids]
        grams = [self._grams[i] for i in ids]
        return FormFeatures(
            pieces=_flat(pieces),
            piece_counts=_counts(pieces),
            grams=_flat(grams),
            gram_counts=_counts(grams),
            shapes=np.array([self._shapes[i] for i in ids], np.float32).reshape(len(ids), SHAPES),
        )

    def _forget(self) -> None:
        self._known: dict[str, int] = {}
        unknown = self._tokenizer.token_to_id("[UNK]") or 0
        nothing = [0.0] * SHAPES
        self._pieces: list[list[int]] = [[], [unknown]]
        self._grams: list[list[int]] = [[], []]
        self._shapes: list[list[float]] = [nothing, nothing]

    def _add(self, forms: list[str]) -> None:
        cut = [form[:LONGEST_FORM] for form in forms]
        for form, short in zip(forms, cut, strict=True):
            # Not in a batch: that wakes a pool of threads, which costs more than it saves, and
            # which a process that forks later must not have.
            encoding = self._tokenizer.encode(_spelt(short), add_special_tokens=False)
            self._known[form] = len(self._pieces)
            self._pieces.append(encoding.ids[:MOST_PIECES])
            self._grams.append(_grams(short, self._buckets))
            self._shapes.append([float(shape(short)) for shape in _SHAPES])


@lru_cache(maxsize=4)
def _tokenizer(tokenizer_json: str) -> Tokenizer:
    """Read once: several models of a pipeline cut words into the same pieces."""
    tokenizer = Tokenizer.from_str(tokenizer_json)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _spelt(form: str) -> str:
    """What the tokenizer reads: an emoji's name, "loudly crying face", else the form itself."""
    if len(form) == 1 and unicodedata.category(form) == "So":
        return unicodedata.name(form, form).lower()
    # Lone surrogates are legal in Python and illegal in UTF-8, which the tokenizer speaks.
    return form.encode("utf-8", "replace").decode()


def _grams(form: str, buckets: int) -> list[int]:
    # Digits count as one letter: what matters of a number is its pattern, not its value.
    letters = "<" + re.sub(r"\d", "0", form.lower()) + ">"
    return [
        crc32(letters[i : i + n].encode("utf-8", "replace")) % buckets
        for n in (2, 3, 4)
        for i in range(len(letters) - n + 1)
    ]


def _flat(ragged: list[list[int]]) -> Numbers:
    return np.array([value for row in ragged for value in row], dtype=np.int64)


def _counts(ragged: list[list[int]]) -> Numbers:
    return np.array([len(row) for row in ragged], dtype=np.int64)
