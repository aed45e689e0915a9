"""What holds for all published corpora, read from a few pieces of each."""

from collections import Counter
from pathlib import Path

import pytest

from corpora.errors import InputError
from corpora.labels import LabelledConversation
from corpora.published import CORPORA, Split, read_corpus
from corpora.published.crossner import FIELDS
from corpora.published.multidogo_states import SEVERAL

SAMPLES = Path(__file__).parents[2] / "samples"
SAMPLED: dict[str, Split] = {
    "multiwoz21": "train",
    "multiwoz21-raw": "dev",
    "woz2": "train",
    "woz2-de": "train",
    "woz2-it": "train",
    "multidogo": "train",
    "multidogo-turn": "train",
    "multidogo-states": "train",
    "multidogo-support": "train",
    "sgd": "train",
    "sim-m": "train",
    "sim-r": "dev",
    "meld": "train",
    "emorynlp": "train",
    "dailydialog": "train",
    "goemotions": "train",
    "uss": "all",
    "uss-mwoz": "all",
    "uss-sgd": "all",
    "uss-redial": "all",
    "uss-ccpe": "all",
    "irc": "dev",
    "restaurant8k": "train",
    **{f"restaurant8k-{part}": "train" for part in range(1, 9)},
    "wnut17": "train",
    "btc": "dev",
    "btc-names": "dev",
    "btc-signs": "dev",
    "crossner": "train",
    **{f"crossner-{field}": "dev" for field in FIELDS},
}


def read(name: str, directory: Path = SAMPLES) -> list[LabelledConversation]:
    return list(read_corpus(name, directory, SAMPLED[name]))


def test_every_corpus_is_sampled() -> None:
    assert SAMPLED.keys() == CORPORA.keys()


@pytest.mark.parametrize("name", CORPORA)
def test_ids_differ_and_lines_ascend(name: str) -> None:
    made = read(name)

    assert len({labelled.conversation.id for labelled in made}) == len(made) > 0
    for labelled in made:
        lines = [turn.line for turn in labelled.conversation.turns if turn.line is not None]
        assert lines == sorted(lines)
        assert Path(labelled.conversation.source or "").is_file()


@pytest.mark.parametrize("name", CORPORA)
def test_labels_keep_their_promises(name: str) -> None:
    several = SEVERAL | {slot.partition("-")[2] for slot in SEVERAL}
    for labelled in read(name):
        for turn, labels in zip(labelled.conversation.turns, labelled.labels, strict=True):
            spans = labels.entities or ()
            ends = [0, *(span.end for span in spans)]
            assert all(end <= span.start for end, span in zip(ends, spans, strict=False))
            assert all(turn.text[span.start : span.end].strip() for span in spans)
            assert max(ends) <= len(turn.text)
            assert list(labels.state or ()) == sorted(set(labels.state or ()))
            slots = [held.slot for held in labels.state or () if held.slot not in several]
            assert len(set(slots)) == len(slots)
            assert list(labels.requests or ()) == sorted(set(labels.requests or ()))
            felt = labels.sentiment.emotions if labels.sentiment else ()
            assert all(emotion.label == emotion.label.lower() for emotion in felt)


@pytest.mark.parametrize("name", CORPORA)
def test_its_own_folder_is_as_good_as_the_one_above(name: str) -> None:
    assert read(name, SAMPLES / CORPORA[name].folder) == read(name)


@pytest.mark.parametrize("name", CORPORA)
def test_a_missing_corpus_is_reported_at_once_with_the_path_expected(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(InputError, match="no such file") as caught:
        read_corpus(name, tmp_path, CORPORA[name].splits[-1])

    assert caught.value.source.startswith(str(tmp_path))
    assert "test" in caught.value.source


def test_an_unknown_name_or_split_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no corpus 'woz3'; there are multiwoz21, "):
        read_corpus("woz3", SAMPLES, "dev")
    with pytest.raises(ValueError, match="no split 'validate' of woz2; there are train, dev, test"):
        read_corpus("woz2", SAMPLES, "validate")  # type: ignore[arg-type] # the mistake tested


def test_losses_need_not_be_counted() -> None:
    losses: Counter[str] = Counter()

    counted = list(read_corpus("multiwoz21-raw", SAMPLES, "dev", losses=losses))

    assert counted == read("multiwoz21-raw")
    assert losses == {"spans whose words are not their value": 1}
