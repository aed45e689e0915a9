"""What both trackers do before they train: corpora sorted, vectors placed, memory set aside."""

import gc
from collections.abc import Sequence

from torch import nn

from corpora.errors import InputError
from nlp_lstm.states.outside import has_states
from nlp_lstm.training.data import LoadedCorpus
from nlp_lstm.training.loop import ParameterGroup

VECTOR_SCALE = 0.5  # pretrained vectors have unit deviation, which drowns the other features
VECTOR_RATE = 0.5


def sorted_corpora(
    name: str, corpora: Sequence[LoadedCorpus]
) -> tuple[list[LoadedCorpus], list[LoadedCorpus]]:
    """Corpora whose labels hold belief states, which teach tracking, and the others.

    Args:
        name: The recipe's.
        corpora: What it names.

    Raises:
        InputError: None holds belief states, or one is to count more than another.
    """
    for corpus in corpora:
        if corpus.use.weight != 1:
            raise InputError(
                name,
                found=f"corpus {corpus.name} with a weight of {corpus.use.weight:g}",
                expected="none: every conversation of a tracker's corpora counts as much",
                remedy="leave `weight` out",
            )
    tracked = [corpus for corpus in corpora if has_states(corpus.train)]
    if not tracked:
        raise InputError(
            name,
            found="no corpus with belief states",
            expected="at least one",
            remedy="name one in the recipe's corpora",
        )
    return tracked, [corpus for corpus in corpora if not has_states(corpus.train)]


def parameter_groups(network: nn.Module) -> Sequence[ParameterGroup]:
    """Word vectors change more slowly and are not decayed."""
    named = dict(network.named_parameters())
    vectors = [named.pop("rows.pieces.weight")]
    return [
        ParameterGroup(list(named.values())),
        ParameterGroup(vectors, rate_scale=VECTOR_RATE, weight_decay=0.0),
    ]


def set_aside() -> None:
    """Spare the garbage collector millions of small objects that stay."""
    gc.collect()
    gc.freeze()
