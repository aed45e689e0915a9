"""The labelled conversations that a recipe learns from, through Arrow files on disk."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.arrow import from_dataset, to_dataset
from corpora.errors import InputError
from corpora.labels import LabelledConversation
from corpora.published import CORPORA, PUBLISHED_SPLITS, Split, corpus_root, read_corpus
from nlp_lstm.scoring.context import words_said
from nlp_lstm.training.own import OWN, cut, read_own
from nlp_lstm.training.recipe import CorpusUse

# A context is called validated up to the length that at least so many conversations reached.
ENOUGH_CONVERSATIONS = 30


@dataclass(frozen=True, slots=True)
class LoadedCorpus:
    """A corpus of a recipe, read.

    Attributes:
        use: What the recipe says of it.
        directory: Where its publisher's files lie.
        train: What is learnt from.
        dev: What judges; empty where the recipe names no dev split.
        unaligned: What a reader could not align and left out, counted by kind.
    """

    use: CorpusUse
    directory: Path
    train: Sequence[LabelledConversation]
    dev: Sequence[LabelledConversation]
    unaligned: Counter[str]

    @property
    def name(self) -> str:
        """As in the recipe."""
        return self.use.name


def load_corpus(use: CorpusUse, directory: Path, cache: Path | None = None) -> LoadedCorpus:
    """Read the splits that a recipe uses.

    Args:
        use: Which corpus and splits.
        directory: The publisher's files, the folder above them, or the user's labelled chats: a
            folder with a file for each split, or one file, a fifth of which judges.
        cache: Where the Arrow files lie; None keeps them for this process alone.

    Raises:
        InputError: Something is missing or not well formed, or a split is empty.
    """
    losses: Counter[str] = Counter()
    if use.name in OWN and directory.is_file():
        train, dev = cut(use.name, directory, losses)
        return LoadedCorpus(use, directory, train, dev if use.dev else (), losses)
    train = _split(use.name, directory, use.train, losses, cache)
    dev = _split(use.name, directory, use.dev, losses, cache) if use.dev else ()
    return LoadedCorpus(use, directory, train, dev, losses)


def read_split(
    name: str, directory: Path, split: Split, losses: Counter[str] | None = None
) -> Iterable[LabelledConversation]:
    """A split of a published corpus, or of the user's own labelled chats."""
    if name in OWN:
        return read_own(name, directory, split, losses)
    if name not in CORPORA:
        raise InputError(
            "corpus",
            found=repr(name),
            expected=f"one of {', '.join([*CORPORA, *OWN])}",
            remedy="check the name",
        )
    return read_corpus(name, directory, split, losses=losses)


def checked_split(name: str, split: str) -> Split:
    """`split` itself, which must be one that the corpus has.

    Raises:
        InputError: It has no such split.
    """
    splits = CORPORA[name].splits if name in CORPORA else PUBLISHED_SPLITS
    for known in splits:
        if known == split:
            return known
    raise InputError(
        name, found=f"split {split!r}", expected=f"one of {', '.join(splits)}", remedy="check it"
    )


def validated_tokens(conversations: Sequence[LabelledConversation]) -> int:
    """The context length, in words, that enough dev conversations reach to have been judged."""
    lengths = sorted(map(words_said, conversations), reverse=True)
    return lengths[min(ENOUGH_CONVERSATIONS, len(lengths)) - 1] if lengths else 0


def _split(
    name: str, directory: Path, split: Split, losses: Counter[str], cache: Path | None
) -> Sequence[LabelledConversation]:
    def read() -> Iterator[LabelledConversation]:
        conversations = iter(read_split(name, directory, split, losses))
        first = next(conversations, None)
        if first is None:
            raise InputError(
                str(directory),
                found=f"no conversation in split {split} of {name}",
                expected="at least one",
                remedy="check --data and the recipe's split names",
            )
        yield first
        yield from conversations

    key = _content_key(name, directory, split)
    return tuple(from_dataset(to_dataset(read, key=key, cache=cache)))


def _content_key(name: str, directory: Path, split: str) -> str:
    """Changes when a file of the corpus does, so that no stale Arrow file is read."""
    root = corpus_root(name, directory) if name in CORPORA else directory
    digest = hashlib.sha256(f"{name}/{split}".encode())
    for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
        if path.is_file():
            facts = path.stat()
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
