"""The CRF against the sum over every tagging, enumerated."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import Tensor

from nlp_lstm.layers.bioes import BioesLayout
from nlp_lstm.layers.crf import BioesCrf

LABELS = 2
LAYOUT = BioesLayout(LABELS)
NAMES = ["I-a", "I-b", "B-a", "B-b", "O", "S-a", "S-b", "E-a", "E-b"]


def may_follow(before: str | None, after: str | None) -> bool:
    """The BIOES rules written down anew; None is a turn's border."""
    is_open = before is not None and before[0] in "BI"
    if after is None:
        return not is_open
    if is_open:
        return before is not None and after[0] in "IE" and before[2:] == after[2:]
    return after[0] in "BOS"


def legal_taggings(length: int) -> list[tuple[int, ...]]:
    return [
        path
        for path in itertools.product(range(LAYOUT.count), repeat=length)
        if all(
            may_follow(before, after)
            for before, after in itertools.pairwise([None, *(NAMES[tag] for tag in path), None])
        )
    ]


@pytest.fixture
def crf() -> BioesCrf:
    torch.manual_seed(3)
    crf = BioesCrf(LABELS).double()
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter)
    return crf


def path_score(crf: BioesCrf, scores: Tensor, path: tuple[int, ...]) -> float:
    """One tagging's score, transition by transition, read off the parameters."""
    closing = ["S-a", "S-b", "E-a", "E-b"]
    opening = ["B-a", "B-b", "S-a", "S-b"]
    edge = {"start": ["B-a", "B-b", "O", "S-a", "S-b"], "stop": ["O", "S-a", "S-b", "E-a", "E-b"]}
    names = [NAMES[tag] for tag in path]
    total = sum(float(scores[t, tag]) for t, tag in enumerate(path))
    total += crf.start[edge["start"].index(names[0])].item()
    total += crf.stop[edge["stop"].index(names[-1])].item()
    for before, after in itertools.pairwise(names):
        if before[0] in "BI":
            start, end = "IB".index(before[0]), "IE".index(after[0])
            total += crf.within[start, end, "ab".index(after[2])].item()
        elif before == after == "O":
            total += crf.stay_outside.item()
        elif before == "O":
            total += crf.from_outside[opening.index(after)].item()
        elif after == "O":
            total += crf.to_outside[closing.index(before)].item()
        else:
            total += (crf.leave[closing.index(before)] + crf.enter[opening.index(after)]).item()
    return total


@pytest.fixture
def turns() -> tuple[Tensor, Tensor]:
    torch.manual_seed(4)
    lengths = torch.tensor([1, 2, 3, 4])
    return torch.randn(4, 4, LAYOUT.count, dtype=torch.float64) * 2, lengths


def test_the_layout_numbers_every_tag_once() -> None:
    numbers = [
        [layout(label) for label in range(LABELS)]
        for layout in (LAYOUT.inside, LAYOUT.begin, LAYOUT.single, LAYOUT.end)
    ]

    flat = sorted([*itertools.chain(*numbers), LAYOUT.outside])
    assert flat == list(range(LAYOUT.count))
    assert [NAMES[number] for number in numbers[1]] == ["B-a", "B-b"]
    assert NAMES[LAYOUT.outside] == "O"


def test_the_partition_is_the_sum_over_every_legal_tagging(
    crf: BioesCrf, turns: tuple[Tensor, Tensor]
) -> None:
    scores, lengths = turns

    found = crf.log_partition(scores, lengths)

    for row, length in enumerate(lengths.tolist()):
        paths = [path_score(crf, scores[row], path) for path in legal_taggings(length)]
        assert found[row].item() == pytest.approx(math.log(sum(map(math.exp, paths))))


def test_what_is_allowed_is_the_sum_over_every_legal_tagging_of_it(
    crf: BioesCrf, turns: tuple[Tensor, Tensor]
) -> None:
    scores, lengths = turns
    # The second label may stand anywhere, the first at the first word alone; the last word of the
    # last turn is known to be the second label's, as one word or the end of more.
    allowed = torch.tensor([name == "O" or name.endswith("b") for name in NAMES]).repeat(4, 4, 1)
    allowed[:, 0] = True
    allowed[3, 3] = torch.tensor([name in ("S-b", "E-b") for name in NAMES])

    found = crf.negative_log_marginal(scores, allowed, lengths)

    for row, length in enumerate(lengths.tolist()):
        paths = legal_taggings(length)
        fitting = [p for p in paths if all(allowed[row, t, tag] for t, tag in enumerate(p))]
        assert 0 < len(fitting) < len(paths) or length == 1
        every, some = (
            sum(math.exp(path_score(crf, scores[row], path)) for path in among)
            for among in (paths, fitting)
        )
        assert found[row].item() == pytest.approx(-math.log(some / every), abs=1e-9)


def test_one_tag_a_word_leaves_one_tagging(crf: BioesCrf, turns: tuple[Tensor, Tensor]) -> None:
    scores, lengths = turns
    tags = torch.from_numpy(crf.decoder().paths(scores.numpy(), lengths.numpy()))
    allowed = torch.nn.functional.one_hot(tags, LAYOUT.count).bool()

    found = crf.negative_log_marginal(scores, allowed, lengths)

    assert torch.allclose(found, crf.negative_log_likelihood(scores, tags, lengths))
    found.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in crf.parameters())


def test_a_tagging_scores_the_sum_of_its_parts(crf: BioesCrf, turns: tuple[Tensor, Tensor]) -> None:
    scores, _ = turns
    for length in (1, 2, 3, 4):
        for path in legal_taggings(length):
            tags = torch.tensor([[*path, *[0] * (4 - length)]])
            found = crf.log_score(scores[:1], tags, torch.tensor([length]))
            assert found.item() == pytest.approx(path_score(crf, scores[0], path))


def test_decoding_finds_the_best_legal_tagging(crf: BioesCrf, turns: tuple[Tensor, Tensor]) -> None:
    scores, lengths = turns

    found = crf.decoder().paths(scores.numpy(), lengths.numpy())

    for row, length in enumerate(lengths.tolist()):
        best = max(legal_taggings(length), key=lambda path: path_score(crf, scores[row], path))
        assert tuple(found[row, :length].tolist()) == best
        assert (found[row, length:] == LAYOUT.outside).all()


def test_a_span_has_its_marginal(crf: BioesCrf, turns: tuple[Tensor, Tensor]) -> None:
    scores, lengths = turns
    every = legal_taggings(4)
    weights = {p: math.exp(path_score(crf, scores[3], p)) for p in every}
    total = sum(weights.values())
    for path in every:
        spans = crf.decoder().read(scores[3:].numpy(), np.array([path]), lengths[3:].numpy())
        for first, last, label, marginal in zip(
            spans.firsts.tolist(),
            spans.lasts.tolist(),
            spans.labels.tolist(),
            spans.log_marginals.tolist(),
            strict=True,
        ):
            assert NAMES[path[first]] in (f"B-{'ab'[label]}", f"S-{'ab'[label]}")
            same = sum(
                w for p, w in weights.items() if p[first : last + 1] == path[first : last + 1]
            )
            assert math.exp(marginal) == pytest.approx(same / total)
        assert math.exp(spans.log_taggings[0]) == pytest.approx(weights[path] / total)
        assert len(spans.turns) == sum(NAMES[tag][0] in "BS" for tag in path)


def test_padding_changes_nothing(crf: BioesCrf, turns: tuple[Tensor, Tensor]) -> None:
    decoder = crf.decoder()
    scores, lengths = (tensor.numpy() for tensor in turns)
    path = decoder.paths(scores, lengths)
    together = decoder.spans(scores, lengths)
    assert len(together.turns) > 2

    for row, length in enumerate(lengths.tolist()):
        alone = scores[row : row + 1, :length]
        one = np.array([length])
        assert decoder.paths(alone, one)[0].tolist() == path[row, :length].tolist()
        spans = decoder.spans(alone, one)
        of_row = together.turns == row
        assert spans.log_marginals == pytest.approx(together.log_marginals[of_row])
        assert spans.lasts.tolist() == together.lasts[of_row].tolist()


def test_turns_that_name_nothing_are_told_from_those_that_do(crf: BioesCrf) -> None:
    scores = np.zeros((3, 5, LAYOUT.count), np.float32)
    scores[:2, :, LAYOUT.outside] = 50
    scores[1, 2, LAYOUT.single(1)] = 120
    scores[2, :, LAYOUT.outside] = 50
    scores[2, 3, LAYOUT.single(0)] = 120  # behind the end of the turn

    found = crf.decoder().spans(scores, np.array([5, 5, 3]))

    assert found.turns.tolist() == [1]
    assert found.firsts.tolist() == found.lasts.tolist() == [2]
    assert found.labels.tolist() == [1]


def test_the_likelihood_of_all_taggings_sums_to_one_and_has_a_gradient(crf: BioesCrf) -> None:
    scores = torch.randn(1, 3, LAYOUT.count, dtype=torch.float64, requires_grad=True)
    losses = [
        crf.negative_log_likelihood(scores, torch.tensor([path]), torch.tensor([3]))
        for path in legal_taggings(3)
    ]

    assert sum(math.exp(-loss.item()) for loss in losses) == pytest.approx(1)
    losses[0].backward()
    assert scores.grad is not None
    assert scores.grad.isfinite().all()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in crf.parameters())


def test_hundreds_of_words_with_large_scores_stay_finite_and_exact() -> None:
    torch.manual_seed(5)
    crf = BioesCrf(LABELS)
    scores = torch.randn(1, 400, LAYOUT.count) * 30
    lengths = torch.tensor([400])

    spans = crf.decoder().spans(scores.numpy(), lengths.numpy())
    exact = crf.double().decoder().spans(scores.double().numpy(), lengths.numpy())

    assert crf.log_partition(scores.double(), lengths).isfinite().all()
    assert len(spans.turns) > 100
    assert (spans.log_marginals <= 1e-6).all()
    assert spans.log_marginals == pytest.approx(exact.log_marginals, abs=1e-6)
