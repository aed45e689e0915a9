"""Batches by equal length."""

from hypothesis import given
from hypothesis import strategies as st

from nlp_lstm.text.batches import equal_length_batches


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 30))
def test_every_turn_once_all_of_one_length_and_no_batch_too_big(
    lengths: list[int], most_words: int
) -> None:
    batches = list(equal_length_batches(lengths, most_words))

    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[index] for index in batch}) == 1
        assert len(batch) == 1 or len(batch) * max(1, lengths[batch[0]]) <= most_words
