"""Tiny stand-ins for what trained models are made of."""

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from nlp_lstm.text.config import WordRowsConfig
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.rows import WordRows

ROWS = WordRowsConfig(piece_width=6, gram_width=4, gram_buckets=64)
PIECES = ["[PAD]", "[UNK]", "the", "cheap", "book", "##ing", "##s", "table", "north", "no", "four"]


def tiny_tokenizer() -> str:
    """A WordPiece tokenizer of a few words and every ASCII letter and digit, as JSON."""
    letters = [chr(code) for code in range(33, 127)]
    pieces = [*PIECES, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer.to_str()


def tiny_table() -> FormTable:
    """A form table over the tiny tokenizer."""
    return FormTable(tiny_tokenizer(), ROWS.gram_buckets)


def tiny_rows() -> WordRows:
    """Word rows with random weights."""
    return WordRows(ROWS, tiny_table())
