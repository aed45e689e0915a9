"""Published corpora, each read from its publisher's own files into labelled conversations.

for labelled in read_corpus("woz2", "data/woz2.0", "dev"):
    ...
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from corpora.labels import LabelledConversation
from corpora.published import (
    btc,
    crossner,
    dailydialog,
    emorynlp,
    goemotions,
    irc,
    meld,
    multidogo,
    multidogo_states,
    multiwoz,
    restaurant8k,
    sgd,
    sim,
    star,
    uss,
    wnut17,
    woz,
)
from corpora.published.files import PUBLISHED_SPLITS, Reader, Split

__all__ = [
    "CORPORA",
    "PUBLISHED_SPLITS",
    "PublishedCorpus",
    "Split",
    "corpus_root",
    "read_corpus",
]


@dataclass(frozen=True, slots=True)
class PublishedCorpus:
    """Short facts of a corpus.

    Attributes:
        task: What is labelled.
        licence: Under which terms its publisher gives it away.
        folder: The name of its root folder, below the one that holds many corpora.
        read: Reads one split from that root.
        splits: Which there are.
    """

    task: str
    licence: str
    folder: str
    read: Reader
    splits: tuple[Split, ...] = PUBLISHED_SPLITS


WOZ = ("belief state and requests, restaurants", "Apache-2.0", "woz2.0")
DOGO_TERMS = ("CDLA-Permissive-1.0", "multidogo")
DOGO = ("entities and intents in service chats", *DOGO_TERMS)
BOOKING = ("entities in what is told a booking system", "CC BY 4.0", "restaurant8k")
CROSSNER = ("entities in encyclopaedic sentences", "MIT", "crossner")
RATED = ("satisfaction of customers, turn by turn", "none stated", "uss")

CORPORA: Mapping[str, PublishedCorpus] = MappingProxyType(
    {
        "multiwoz21": PublishedCorpus(
            "belief state, five domains", "MIT", "multiwoz2.1", star.read
        ),
        "multiwoz21-raw": PublishedCorpus(
            "belief state and entities, raw text", "MIT", "multiwoz2.1", multiwoz.read_raw
        ),
        "woz2": PublishedCorpus(*WOZ, woz.reader("en")),
        "woz2-de": PublishedCorpus(*WOZ, woz.reader("de")),
        "woz2-it": PublishedCorpus(*WOZ, woz.reader("it")),
        "multidogo": PublishedCorpus(*DOGO, multidogo.reader("sentence")),
        "multidogo-turn": PublishedCorpus(*DOGO, multidogo.reader("turn")),
        "multidogo-states": PublishedCorpus(
            "what customers have given in service chats", *DOGO_TERMS, multidogo_states.read
        ),
        "multidogo-support": PublishedCorpus(
            "the same in the slots of one desk", *DOGO_TERMS, multidogo_states.read_support
        ),
        "restaurant8k": PublishedCorpus(*BOOKING, restaurant8k.reader()),
        **{
            f"restaurant8k-{part}": PublishedCorpus(*BOOKING, restaurant8k.reader(part))
            for part in range(1, 9)
        },
        "wnut17": PublishedCorpus(
            "new and rare entities in posts", "CC BY 4.0", "wnut17", wnut17.read
        ),
        "btc": PublishedCorpus("entities in tweets", "CC BY 4.0", "btc", btc.read),
        "btc-signs": PublishedCorpus(
            "the same, signs marked like their names", "CC BY 4.0", "btc", btc.read_signs
        ),
        "btc-names": PublishedCorpus(
            "the same but for mentions and tags", "CC BY 4.0", "btc", btc.read_names
        ),
        "crossner": PublishedCorpus(*CROSSNER, crossner.reader()),
        **{
            f"crossner-{field}": PublishedCorpus(*CROSSNER, crossner.reader([field]))
            for field in crossner.FIELDS
        },
        "sgd": PublishedCorpus(
            "belief state, requests and entities, many services", "CC BY-SA 4.0", "sgd", sgd.read
        ),
        "sim-m": PublishedCorpus(
            "belief state and entities, cinema",
            "none stated",
            "sim",
            sim.reader("sim-M", "movies"),
        ),
        "sim-r": PublishedCorpus(
            "belief state and entities, restaurants",
            "none stated",
            "sim",
            sim.reader("sim-R", "restaurants"),
        ),
        "meld": PublishedCorpus("emotion and sentiment", "GPL-3.0", "meld", meld.read),
        "emorynlp": PublishedCorpus(
            "emotion", "Apache-2.0; the CSV files GPL-3.0", "emorynlp", emorynlp.read
        ),
        "dailydialog": PublishedCorpus(
            "emotion", "CC BY-NC-SA 4.0", "dailydialog", dailydialog.read
        ),
        "goemotions": PublishedCorpus(
            "emotions of comments", "Apache-2.0", "goemotions", goemotions.read
        ),
        "uss": PublishedCorpus(*RATED, uss.reader(*uss.FILES), uss.SPLITS),
        **{
            f"uss-{name}": PublishedCorpus(*RATED, uss.reader(name), uss.SPLITS)
            for name in uss.FILES
        },
        "irc": PublishedCorpus("none: long chats of many", "CC BY 4.0", "irc", irc.read),
    }
)


def read_corpus(
    name: str, directory: Path | str, split: Split, *, losses: Counter[str] | None = None
) -> Iterator[LabelledConversation]:
    """Read one split of a published corpus, one conversation at a time.

    Args:
        name: A key of `CORPORA`.
        directory: The publisher's root folder, or the folder above it.
        split: One of the corpus' `splits`: `train`, `dev` or `test` for most.
        losses: Counts, by reason, the labels that could not be aligned with the text and are
            left out; complete when the iterator is exhausted.

    Raises:
        InputError: A file is missing, or is not what its publisher gave away.
        ValueError: No such corpus or split.
    """
    if name not in CORPORA:
        raise ValueError(f"no corpus {name!r}; there are {', '.join(CORPORA)}")
    splits = CORPORA[name].splits
    if split not in splits:
        raise ValueError(f"no split {split!r} of {name}; there are {', '.join(splits)}")
    root = corpus_root(name, directory)
    return CORPORA[name].read(root, split, losses if losses is not None else Counter())


def corpus_root(name: str, directory: Path | str) -> Path:
    """The publisher's root folder of a corpus: `directory`, or the one of its name below it."""
    below = Path(directory) / CORPORA[name].folder
    return below if below.is_dir() else Path(directory)
