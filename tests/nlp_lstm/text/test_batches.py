"""Batches by nearly equal length."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_lstm.text.batches import LITTLE, nearly_equal_batches


@given(st.lists(st.integers(0, 40), max_size=300), st.integers(1, 400))
@settings(deadline=None)
def test_every_turn_once_little_padding_and_no_batch_too_big(
    lengths: list[int], most_words: int
) -> None:
    batches = list(nearly_equal_batches(lengths, most_words))

    assert sorted(itertools.chain(*batches)) == list(range(len(lengths)))
    for batch in batches:
        held = [lengths[index] for index in batch]
        assert held == sorted(held)
        assert held[-1] <= held[0] * LITTLE
        assert len(held) == 1 or len(held) * held[-1] <= most_words


def test_enough_turns_of_one_length_stay_among_themselves() -> None:
    batches = list(nearly_equal_batches([7] * 70 + [8] * 3, 10_000))

    assert [len(batch) for batch in batches] == [70, 3]
