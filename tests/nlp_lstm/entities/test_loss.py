"""The cost of a name that was missed, and what a second layer leaves as it was."""

import pytest
import torch

from nlp_lstm.entities.decode import tag_numbers
from nlp_lstm.entities.loss import choices_of, tagging_loss
from nlp_lstm.entities.network import EntityNetwork
from nlp_lstm.layers.crf import BioesCrf
from nlp_lstm.layers.turn_encoder import TurnEncoder
from tests.nlp_lstm.entities.tiny_entities import CONFIG, chat, tiny_tagger
from tests.nlp_lstm.tiny import tiny_table

LABELS = ("city", "name")
TAGS = tag_numbers(LABELS)
CHOICES = choices_of(LABELS, [frozenset({"name"})])
OPEN = CHOICES.anything + 1


def loss(numbers: list[int], miss_cost: float) -> float:
    torch.manual_seed(1)
    scores = torch.randn(1, len(numbers), len(TAGS))
    chosen, lengths = torch.tensor([numbers]), torch.tensor([len(numbers)])
    with torch.no_grad():
        crf = BioesCrf(len(LABELS))
        return float(tagging_loss(crf, [scores], [chosen], [lengths], CHOICES, miss_cost))


@pytest.mark.parametrize(
    ("numbers", "dearer"),
    [
        pytest.param([TAGS["O"], TAGS["S-city"]], True, id="a name"),
        pytest.param([TAGS["O"], TAGS["O"]], False, id="nothing named"),
        pytest.param([TAGS["O"], OPEN], False, id="nothing marked, one kind left open"),
        pytest.param([OPEN, TAGS["S-city"]], True, id="a name beside what is left open"),
        pytest.param([TAGS["O"], CHOICES.anything], False, id="nobody knows what"),
    ],
)
def test_silence_costs_where_something_is_named(numbers: list[int], dearer: bool) -> None:
    assert (loss(numbers, miss_cost=1.0) > loss(numbers, miss_cost=0.0) + 1e-3) == dearer


def test_a_margin_is_what_it_costs_to_be_sure() -> None:
    """One word and one label: a classifier of two, the other class that much better."""
    scores = torch.tensor([[[0.0, 0.0, 0.3, 1.1, 0.0]]])  # I, B, O, S, E
    crf, choices = BioesCrf(1), choices_of(("city",), [])
    given = [scores], [torch.tensor([[3]])], [torch.tensor([1])]

    found = tagging_loss(crf, *given, choices, miss_cost=0.5)

    expected = -torch.tensor([0.3 + 0.5, 1.1]).log_softmax(0)[1]
    torch.testing.assert_close(found, expected)


def test_more_layers_are_a_matter_of_config() -> None:
    config = CONFIG.model_copy(update={"layers": 2})

    network = EntityNetwork(config, tiny_table())

    assert _layers(network) == 2
    assert _layers(tiny_tagger().network) == 1
    assert tiny_tagger().annotate([chat("a city")])


def _layers(network: EntityNetwork) -> int:
    assert isinstance(network.encoder, TurnEncoder)
    return len(network.encoder.forwards)
