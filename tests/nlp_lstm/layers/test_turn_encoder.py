"""The BiLSTM of a turn: padding changes nothing, and it is what torch calls bidirectional."""

import pytest
import torch
from torch import Tensor, nn

from nlp_lstm.layers.dropout import LockedDropout
from nlp_lstm.layers.pooling import AttentionPool, masked_max, masked_mean
from nlp_lstm.layers.turn_encoder import TurnEncoder, TurnEncoderConfig

LENGTHS = torch.tensor([4, 1, 6, 3])


def encoder(layers: int = 1) -> TurnEncoder:
    torch.manual_seed(1)
    config = TurnEncoderConfig(token_width=5, hidden_width=3, layers=layers, dropout=0.5)
    return TurnEncoder(config).eval()


@pytest.fixture
def tokens() -> Tensor:
    torch.manual_seed(2)
    return torch.randn(4, 6, 5)


@pytest.mark.parametrize("layers", [1, 2])
def test_padding_changes_nothing(tokens: Tensor, layers: int) -> None:
    encode = encoder(layers)

    together = encode(tokens, LENGTHS)

    for row, length in enumerate(LENGTHS.tolist()):
        alone = encode(tokens[row : row + 1, :length], torch.tensor([length]))
        assert torch.allclose(together[row, :length], alone[0], atol=1e-6)
        assert not together[row, length:].any()


def test_one_layer_is_torchs_packed_bidirectional_lstm(tokens: Tensor) -> None:
    encode = encoder()
    judge = nn.LSTM(5, 3, batch_first=True, bidirectional=True)
    for ours, suffix in ((encode.forwards[0], ""), (encode.backwards[0], "_reverse")):
        for name, parameter in ours.named_parameters():
            getattr(judge, name + suffix).data.copy_(parameter.data)
    packed = nn.utils.rnn.pack_padded_sequence(tokens, LENGTHS, True, enforce_sorted=False)

    expected, _ = nn.utils.rnn.pad_packed_sequence(judge(packed)[0], batch_first=True)

    assert torch.allclose(encode(tokens, LENGTHS), expected, atol=1e-6)


def test_pooling_looks_at_a_turns_own_words(tokens: Tensor) -> None:
    torch.manual_seed(3)
    attention = AttentionPool(5, 4)
    for row, length in enumerate(LENGTHS.tolist()):
        own = tokens[row, :length]
        one = own[None], torch.tensor([length])
        assert torch.equal(masked_max(tokens, LENGTHS)[row], own.amax(0))
        assert torch.allclose(masked_mean(tokens, LENGTHS)[row], own.mean(0), atol=1e-6)
        pooled = attention(tokens, LENGTHS)[row]
        assert torch.allclose(pooled, attention(*one)[0], atol=1e-6)


def test_locked_dropout_keeps_one_mask_a_row_and_the_expected_value() -> None:
    torch.manual_seed(4)
    ones = torch.ones(2000, 3, 4)

    dropped = LockedDropout(0.25).train()(ones)

    assert torch.equal(dropped[:, 0], dropped[:, 2])
    assert dropped.unique().tolist() == pytest.approx([0, 4 / 3])
    assert dropped.mean().item() == pytest.approx(1, abs=0.05)
    assert LockedDropout(0.25).eval()(ones) is ones
