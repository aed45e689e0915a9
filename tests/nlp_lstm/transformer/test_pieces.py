"""Turns as WordPieces: every word knows its first piece, and what was said before is cut short."""

from nlp_lstm.transformer.pieces import PIECES_BEFORE, PieceReader, by_length, piece_batch
from tests.nlp_lstm.tiny import PIECES, tiny_tokenizer


def reader() -> PieceReader:
    tokenizer = tiny_tokenizer().replace('"the"', '"[CLS]"').replace('"no"', '"[SEP]"')
    return PieceReader(tokenizer)


def test_words_know_their_first_piece() -> None:
    turn = reader()("", "booking tables, four")

    assert turn.words.forms == ["booking", "tables", ",", "four"]
    assert turn.second == 1
    assert turn.places == (1, 3, 5, 6)
    assert [turn.ids[place] for place in turn.places[:2]] == [
        PIECES.index("book"),
        PIECES.index("table"),
    ]
    assert len(turn.ids) == 1 + 6 + 1


def test_of_what_was_said_before_the_end_is_read() -> None:
    turn = reader()("cheap " * 40 + "table", "four")

    before = turn.ids[1 : turn.second - 1]
    assert len(before) == PIECES_BEFORE
    assert before[-1] == PIECES.index("table")
    assert turn.places == (turn.second,)


def test_a_word_that_has_no_piece_is_unknown_and_keeps_its_place() -> None:
    turn = reader()("", "book \u4e2d four")

    assert len(turn.places) == 3
    assert turn.ids[turn.places[1]] == PIECES.index("[UNK]")


def test_padding_is_no_part_of_a_turn() -> None:
    read = reader()
    batch = piece_batch([read("", "four"), read("cheap", "book table")])

    assert batch.ids.shape == batch.inside.shape == (2, 6)
    assert batch.inside.sum(dim=1).tolist() == [3, 6]
    assert batch.types[0].tolist() == [0, 1, 1, 0, 0, 0]
    assert batch.types[1].tolist() == [0, 0, 0, 1, 1, 1]
    assert batch.lengths.tolist() == [1, 2]


def test_turns_are_read_together_by_length_each_once() -> None:
    read = reader()
    turns = [read("", "four " * count) for count in (1, 9, 2, 30, 1)]

    groups = by_length(turns, 24)

    assert sorted(index for group in groups for index in group) == list(range(5))
    for group in groups:
        longest = max(len(turns[index].ids) for index in group)
        assert len(group) == 1 or longest * len(group) <= 24
