"""A schema from a corpus: the values of its training labels and database files.

How they are said there is learnt from training turns too.

Nothing of a dev or test split is read, nor any published ontology that lists their values.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.errors import InputError, quoted
from corpora.labels import LabelledConversation
from nlp_lstm.states.guide import Guide
from nlp_lstm.states.mentions import MentionFinder, squash
from nlp_lstm.states.normalise import Normaliser
from nlp_lstm.states.reading import is_customer
from nlp_lstm.states.schema import TIME, Kind, Schema, Slot, Value

MOST_OFFERED = 20
OFFERED_COVERAGE = 0.997
CLOSED_VALUES = 10
KNOWN_FROM = 12  # occurrences in training from which a word is no misspelling
COMMON_SHARE = 0.01  # of customer turns, from which a word cannot be a name by itself
ALIAS_SEEN = 4
ALIAS_CERTAINTY = 0.55
ALIAS_WORDS = 3


@dataclass(frozen=True, slots=True)
class Set:
    """A label change in training: a slot gets a value."""

    slot: str
    value: str
    user_words: tuple[str, ...]
    system_words: tuple[str, ...]


def build_schema(train: Iterable[LabelledConversation], guide: Guide, directory: Path) -> Schema:
    """Derive a schema from training conversations.

    Args:
        train: Training conversations with belief states.
        guide: What the labels do not say.
        directory: The publisher's root, for the guide's database files.

    Raises:
        InputError: A database file cannot be read.
    """
    normalise = Normaliser(guide.rewrites)
    conversations = list(train)
    sets = list(_sets(conversations, guide, normalise))
    occurrences, turns_with, turns = _words(conversations, normalise)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for change in sets:
        counts[change.slot][change.value] += 1
    listed = _listed(guide, directory, normalise)
    names = guide.slots or tuple(sorted(counts))
    for slot, found in listed.items():
        spelt = {squash(value.split(), guide.dropped) for value in counts[slot]}
        new = (value for value in found if squash(value.split(), guide.dropped) not in spelt)
        counts[slot].update(dict.fromkeys(new, 0))
    slots = tuple(
        Slot(
            name=name,
            kind=_kind(counts[name]),
            offered=() if _kind(counts[name]) == "time" else _offered(counts[name]),
            related=_related(name, guide, names),
        )
        for name in names
    )
    schema = Schema(
        slots=slots,
        values=_values(slots, counts, guide),
        requests=_requests(conversations),
        dontcare=guide.dontcare,
        rewrites=guide.rewrites,
        dropped=guide.dropped,
        tails=guide.tails,
        common_words=tuple(
            sorted(word for word, n in turns_with.items() if n >= COMMON_SHARE * turns)
        ),
        known_words=tuple(sorted(word for word, n in occurrences.items() if n >= KNOWN_FROM)),
    )
    return _with_aliases(schema, sets, conversations, normalise)


def state_of(labels: Iterable[tuple[str, str]], guide: Guide) -> dict[str, str]:
    """A labelled state as slot → value, in the spelling training uses."""
    return {slot: guide.spelling.get(value, value) for slot, value in labels}


def _sets(
    conversations: Sequence[LabelledConversation], guide: Guide, normalise: Normaliser
) -> Iterator[Set]:
    for labelled in conversations:
        before: dict[str, str] = {}
        heard: list[str] = []
        for turn, labels in zip(labelled.conversation.turns, labelled.labels, strict=True):
            words = [token.form for token in normalise(turn.text)]
            if not is_customer(turn) or labels.state is None:
                heard += words
                continue
            state = state_of(((v.slot, v.value) for v in labels.state), guide)
            for slot, value in state.items():
                # Two values in one label are nothing that a tracker could predict.
                if before.get(slot) != value and value != guide.dontcare and "|" not in value:
                    yield Set(slot, value, tuple(words), tuple(heard))
            before, heard = state, []


def _words(
    conversations: Sequence[LabelledConversation], normalise: Normaliser
) -> tuple[Counter[str], Counter[str], int]:
    """How often each word occurs, in how many customer turns it does, and how many there are."""
    occurrences: Counter[str] = Counter()
    turns_with: Counter[str] = Counter()
    turns = 0
    for labelled in conversations:
        for turn in labelled.conversation.turns:
            words = [token.form for token in normalise(turn.text)]
            occurrences.update(words)
            if is_customer(turn):
                turns_with.update(set(words))
                turns += 1
    return occurrences, turns_with, turns


def _listed(guide: Guide, directory: Path, normalise: Normaliser) -> dict[str, list[str]]:
    """The values that the database files list for each slot."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for database in guide.databases:
        path = directory / database.file
        try:
            records = json.loads(path.read_text(encoding="utf-8"))
            for record in records:
                for field, slot in database.fields.items():
                    words = [token.form for token in normalise(str(record[field]))]
                    found[slot].append(" ".join(words))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InputError(
                str(path),
                found=quoted(str(error)),
                expected=f"a JSON list of records with the fields {', '.join(database.fields)}",
                remedy="unpack the whole corpus, or take the file out of the schema guide",
            ) from error
    return found


def _kind(counts: Counter[str]) -> Kind:
    total = sum(counts.values())
    if total and sum(n for value, n in counts.items() if TIME.fullmatch(value)) > total / 2:
        return "time"
    if counts.keys() <= {"true", "false", "yes", "no"}:
        return "boolean"
    if total and sum(n for value, n in counts.items() if value.isdigit()) > total / 2:
        return "number"
    return "closed" if len(counts) <= CLOSED_VALUES else "open"


def _offered(counts: Counter[str]) -> tuple[str, ...]:
    """The values that nearly cover a slot's labels, if they are few."""
    total = sum(counts.values())
    covered = 0
    offered: list[str] = []
    for value, count in counts.most_common(MOST_OFFERED):
        if covered >= OFFERED_COVERAGE * total:
            break
        covered += count
        offered.append(value)
    return tuple(offered) if total and covered >= OFFERED_COVERAGE * total else ()


def _related(name: str, guide: Guide, names: Sequence[str]) -> tuple[str, ...]:
    related = [
        other
        for group in guide.copies
        if name in group.slots
        for other in (group.copied_from or group.slots)
    ]
    return tuple(dict.fromkeys(other for other in related if other != name and other in names))


def _values(
    slots: Sequence[Slot], counts: defaultdict[str, Counter[str]], guide: Guide
) -> tuple[Value, ...]:
    takers: defaultdict[str, set[int]] = defaultdict(set)
    totals: Counter[str] = Counter()
    index = {slot.name: i for i, slot in enumerate(slots)}
    for slot in slots:
        for value, count in counts[slot.name].items():
            if slot.kind == "time" and TIME.fullmatch(value):
                continue  # every time slot takes every time
            takers[value].add(index[slot.name])
            totals[value] += count
    for shared in guide.shared:
        for source in shared.values_from:
            for value in counts[source]:
                takers[value] |= {index[slot] for slot in shared.slots}
    return tuple(
        Value(name=value, slots=tuple(sorted(takers[value])), count=count, aliases=())
        for value, count in sorted(totals.items(), key=lambda item: (-item[1], item[0]))
        if not TIME.fullmatch(value)
    )


def _requests(conversations: Sequence[LabelledConversation]) -> tuple[str, ...]:
    asked = {
        slot
        for labelled in conversations
        for labels in labelled.labels
        for slot in labels.requests or ()
    }
    return tuple(sorted(asked))


def _with_aliases(
    schema: Schema,
    sets: Sequence[Set],
    conversations: Sequence[LabelledConversation],
    normalise: Normaliser,
) -> Schema:
    """Add what customers said in training where a value was set that nobody had named."""
    find = MentionFinder(schema)
    spoken = {slot.name for slot in schema.slots if slot.kind not in ("boolean", "time")}
    numbers = schema.value_number
    unnamed: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for change in sets:
        if change.slot not in spoken or change.value not in numbers:
            continue
        said = {m.value for side in (change.user_words, change.system_words) for m in find(side)}
        if numbers[change.value] not in said:
            for ngram in _ngrams(change.user_words, schema.dropped):
                unnamed[ngram][change.value] += 1
    likely = {
        ngram: counts.most_common(1)[0]
        for ngram, counts in unnamed.items()
        if counts.most_common(1)[0][1] >= ALIAS_SEEN
    }
    turns_with: Counter[str] = Counter()
    for labelled in conversations:
        for turn in labelled.conversation.turns:
            if is_customer(turn):
                words = [token.form for token in normalise(turn.text)]
                turns_with.update(
                    ngram for ngram in _ngrams(words, schema.dropped) if ngram in likely
                )
    aliases: defaultdict[str, list[str]] = defaultdict(list)
    for ngram in sorted(likely, key=lambda ngram: (ngram.count(" "), ngram)):
        value, count = likely[ngram]
        # `in the center` says no more than `center`, which comes first.
        if any(f" {shorter} " in f" {ngram} " for shorter in aliases[value]):
            continue
        if count >= ALIAS_CERTAINTY * turns_with[ngram] and not find(ngram.split()):
            aliases[value].append(ngram)
    values = tuple(
        value.model_copy(update={"aliases": tuple(aliases[value.name])}) for value in schema.values
    )
    return schema.model_copy(update={"values": values})


def _ngrams(words: Sequence[str], dropped: Container[str]) -> set[str]:
    """Runs of up to `ALIAS_WORDS` words that neither start nor end with one matching ignores."""
    return {
        " ".join(words[i : i + n])
        for n in range(1, ALIAS_WORDS + 1)
        for i in range(len(words) - n + 1)
        if words[i] not in dropped and words[i + n - 1] not in dropped
    }
