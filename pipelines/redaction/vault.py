"""What has been redacted in one conversation, and which placeholder stands for which texts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from corpora.conversation import ROLES
from corpora.roles import AGENT_WORDS, BESIDE, CUSTOMER_WORDS, SYSTEM_WORDS, TOOL_WORDS
from nlp_lstm.values.checks import check
from nlp_lstm.values.forms import listed
from pipelines.redaction.labels import CHECKS
from pipelines.redaction.occurrences import Occurrences, Place, keys_of, words_of
from pipelines.redaction.rewriting import Rewritten, rewrite

# Texts of one conversation, names' parts included; beyond that the oldest are forgotten.
MOST_KEYS = 2_000
PERSON, PASSWORD = "PERSON", "PASSWORD"

# A tagger that calls one of these a name is wrong, and would have it replaced everywhere.
NO_NAMES = frozenset(
    listed(
        "a an the my your his her its our their this that these those i me you he she it we they"
        " is am are was were be been do does did have has had of in on at to for from with by and"
        " or but not no yes yeah ok okay please thanks thank hi hello hey bye name names mr mrs ms"
        " miss dr prof sir madam so as if then there here what which who how when where why can"
        " could would should shall want need number card account order email phone address"
    )
)
# Parts of names that are words as well: only the whole name tells that a person is meant.
_ALSO_WORDS = frozenset(
    listed(
        "will may mark bill grace hope joy faith art rich sue pat drew chase grant frank rose dawn"
        " june april august summer guy page price young long white black brown green king best good"
        " day case bond cash love power major miles van von de la le al el bin del der di da"
    )
)
_ROLE_WORDS = (
    frozenset(ROLES) | CUSTOMER_WORDS | AGENT_WORDS | SYSTEM_WORDS | TOOL_WORDS | BESIDE
) | frozenset(listed("speaker participant person you unknown me anonymous channel"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A text that was replaced, as it was written, and by what."""

    placeholder: str
    text: str


class Vault:
    """Placeholders of one conversation: the same text, however cased, always has the same."""

    def __init__(self) -> None:
        self._occurrences = Occurrences()
        self._counts: dict[str, int] = {}
        self._persons: dict[str, set[frozenset[str]]] = {}
        self._speakers: dict[str, str] = {}
        # What was replaced, and whether somebody has asked since.
        self._entries: dict[Entry, bool] = {}

    def hide(self, kind: str, said: str, value: str | None = None) -> str | None:
        """Have a text replaced from now on.

        Args:
            kind: What its placeholder is called.
            said: The text.
            value: Its normalised form, which is replaced too.

        Returns:
            Its placeholder; None where the text is too little to tell anything: no name, one
            letter, two digits. A password is always replaced.
        """
        keys = [key for key in keys_of(said) if kind == PASSWORD or _tells(key)]
        if not keys or (kind == PERSON and not _name_words(said)):
            return None
        if kind in CHECKS:
            value = value or check(CHECKS[kind], said).value
        forms = [*keys, *filter(_tells, keys_of(value or ""))]
        known = next(filter(None, map(self._occurrences.get, forms)), None)
        if known is None and kind == PERSON:
            known = self._same_person(said)
        placeholder = known or self._new(kind)
        for key in forms:
            if self._occurrences.get(key) is None:
                self._occurrences.set(key, placeholder)
        if kind == PERSON:
            self._learn_name(placeholder, said)
        return self._told(placeholder, said)

    def hide_speaker(self, name: str) -> str | None:
        """Have a speaker's name replaced; two speakers are never one person.

        Returns:
            The placeholder; None for a name that only says the role, `Agent 2`.
        """
        words = [word.key for word in words_of(name)]
        if words and all(word in _ROLE_WORDS or word.isdecimal() for word in words):
            return None
        key = _speaker_key(name)
        if key not in self._speakers:
            known = self._occurrences.get(key)
            is_taken = known is None or known in self._speakers.values()
            placeholder = self._new(PERSON) if known is None or is_taken else known
            self._speakers[key] = placeholder
            for each in keys_of(name):
                self._occurrences.set(each, placeholder)
            self._learn_name(placeholder, name)
        return self._told(self._speakers[key], name)

    def speaker(self, name: str) -> str:
        """What a turn's speaker is called."""
        return self._speakers.get(_speaker_key(name)) or self.scrub(name)

    def places(self, text: str) -> Iterator[Place]:
        """Where something stands in a text that must be replaced."""
        return self._occurrences.find(text)

    def rewrite(self, text: str) -> Rewritten:
        """A text with everything replaced that is known."""
        return rewrite(text, self.places(text))

    def scrub(self, text: str) -> str:
        """A text with everything replaced that is known."""
        return self.rewrite(text).text

    def take_fresh(self) -> list[Entry]:
        """What was replaced for the first time since this was last asked."""
        fresh = [entry for entry, is_old in self._entries.items() if not is_old]
        self._entries.update(dict.fromkeys(fresh, True))
        return fresh

    def bound(self) -> None:
        """Forget the oldest texts where there are too many; their numbers are not used again."""
        while len(self._occurrences) > MOST_KEYS:
            forgotten = self._occurrences.forget_oldest()
            self._persons.pop(forgotten, None)
            self._speakers = {k: p for k, p in self._speakers.items() if p != forgotten}
        while len(self._entries) > MOST_KEYS:
            del self._entries[next(iter(self._entries))]

    def to_facts(self) -> dict[str, Any]:
        """As JSON types; `from_facts` undoes it."""
        return {
            "occurrences": self._occurrences.to_facts(),
            "counts": self._counts,
            "persons": [
                [person, sorted(map(sorted, names))] for person, names in self._persons.items()
            ],
            "speakers": self._speakers,
            "entries": [
                [entry.placeholder, entry.text, is_old] for entry, is_old in self._entries.items()
            ],
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """What `to_facts` wrote.

        Raises:
            KeyError, TypeError, ValueError: It did not write that.
        """
        vault = cls()
        vault._occurrences = Occurrences.from_facts(facts["occurrences"])
        vault._counts = {kind: int(count) for kind, count in facts["counts"].items()}
        vault._persons = {person: set(map(frozenset, names)) for person, names in facts["persons"]}
        vault._speakers = dict(facts["speakers"])
        vault._entries = {Entry(hidden, text): is_old for hidden, text, is_old in facts["entries"]}
        return vault

    def _new(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}_{self._counts[kind]}"

    def _told(self, placeholder: str, said: str) -> str:
        self._entries.setdefault(Entry(placeholder, said), False)
        return placeholder

    def _same_person(self, said: str) -> str | None:
        """The one person who was so far called by some of the words of a name, or by that name.

        `Mr. Petrov` is who `Petrov` stands for, where `Ana Petrov` was said before.
        """
        words = _name_words(said)
        if len(words) == 1 and (known := self._occurrences.get(*words)):
            return known
        candidates = [
            person
            for person, names in self._persons.items()
            if any(name <= words for name in names)
        ]
        return candidates[0] if len(candidates) == 1 else None

    def _learn_name(self, placeholder: str, said: str) -> None:
        """Let parts of a name stand for the person, and ones that two persons share for neither."""
        words = _name_words(said)
        if words:
            self._persons.setdefault(placeholder, set()).add(words)
        for word in sorted(words - _ALSO_WORDS - _ROLE_WORDS) if len(words) > 1 else ():
            known = self._occurrences.get(word)
            if known is None:
                self._occurrences.set(word, placeholder)
            elif known != placeholder and self._is_part_only(known, word):
                self._occurrences.set(word, self._new(PERSON))

    def _is_part_only(self, placeholder: str, word: str) -> bool:
        names = self._persons.get(placeholder, set())
        return bool(names) and frozenset({word}) not in names


def _speaker_key(name: str) -> str:
    return "".join(word.key for word in words_of(name)) or name  # a name may be an emoji


def _tells(key: str) -> bool:
    if key in NO_NAMES:
        return False
    return len(key) >= (3 if key.isdecimal() else 2)


def _name_words(said: str) -> frozenset[str]:
    return frozenset(
        word.key
        for word in words_of(said)
        if len(word.key) > 1 and word.key not in NO_NAMES and not word.key.isdecimal()
    )
