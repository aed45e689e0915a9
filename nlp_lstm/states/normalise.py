"""Raw text to normalised words that remember where they stood.

    "I'd like a B&B at 5:30pm, not the theater's."
    i would like a bed and breakfast at 17:30 , not the theatre s .

The string is never rewritten: every word carries the stretch of the raw text it was read from.
Words of a corpus that is already normalised come out as they are.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nlp_lstm.states.schema import Rewrite
from nlp_lstm.text.lowered import lowered
from nlp_lstm.values.numbers import NUMBER_WORDS as SPOKEN
from nlp_lstm.values.times import day_time

# Labels write the numbers from one to ten as digits, and no others.
NUMBER_WORDS = {word: SPOKEN[word] for word in SPOKEN if 1 <= int(SPOKEN[word]) <= 10}

WRITTEN_OUT = {"m": "am", "re": "are", "ve": "have", "d": "would", "ll": "will"}
SHORTENED_AFTER = frozenset(
    {"i", "you", "he", "she", "it", "we", "they", "that", "there", "what", "who", "where"}
)
STEMS = {"wo": "will", "ca": "can", "sha": "shall"}

# In this order: what nine words of ten are, found without trying the rest; suffixes that a
# delexicalised corpus writes apart, which carry nothing; a clock time (a bare hour after a
# preposition is found later, by its neighbour); shortened words that a tokenised corpus writes
# apart (`I 'm`, `ca n't`); numbers and codes; words with what stands after their apostrophe; any
# other mark. Dashes and slashes are blanks.
TOKEN = re.compile(
    r"(?!(?:ca|wo|sha)\sn)[a-z]+(?=[ ,?!])"
    r"|(?P<suffix>(?<=\s)-(?:s|ly|er|est|ing)(?!\w))"
    r"|(?P<clock>(?<![\w.:])(?P<hour>[01]?\d|2[0-4])(?:[:.](?P<minute>[0-5]\d))?"
    r"\s?(?P<half>[ap])(?:m\b|\.m\b\.?))"
    r"|(?P<time>(?<![\w.:])(?:[01]?\d|2[0-4]):[0-5]\d(?![\w:]))"
    r"|(?P<military>(?<!\w)(?:[01]\d|2[0-3])[0-5]\d\s?(?:hrs|hours)\b)"
    r"|(?P<apart>(?<=\s)['’´`](?:m|re|ve|d|ll|s)(?!\w)|\b(?:ca|wo|sha)\s(?=n['’´`]t\b))"
    r"|(?P<word>\w+(?:[.:]\d+)*(?:['’´`]\w+)*)"
    r"|(?P<mark>[^\w\s/-])"
)
HOUR = re.compile(r"(?P<hour>[01]?[0-9]|2[0-4])(?:\.(?P<minute>[0-5][0-9]))?")
BEFORE_HOUR = frozenset({"at", "from", "by", "until", "after", "before"})
# What follows an hour that is none: a count or a price.
NO_HOUR = frozenset(
    {"people", "persons", "person", "nights", "night", "days", "day", "stars", "star", "pounds"}
    | {"of", "am", "pm"}
)

QUOTES = frozenset("'\"`’“”")


class Token(NamedTuple):
    """A normalised word and the code points of the raw text it was read from."""

    form: str
    start: int
    end: int


class Normaliser:
    """Splits and normalises text by general rules and a schema's own rewrites."""

    def __init__(self, rewrites: Iterable[Rewrite]) -> None:
        self._rewrites: dict[str, list[tuple[list[str], list[str]]]] = {}
        for rewrite in rewrites:
            words = rewrite.words.split()
            entry = (words, rewrite.read_as.split())
            self._rewrites.setdefault(words[0], []).append(entry)
        for entries in self._rewrites.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def __call__(self, text: str) -> list[Token]:
        """The normalised words of a text, in order."""
        tokens: list[Token] = []
        for match in TOKEN.finditer(lowered(text)):
            word = match[0]
            if word.isalpha():  # letters alone are a word, and stand for themselves
                tokens.append(Token(NUMBER_WORDS.get(word, word), *match.span()))
            elif match.lastgroup == "mark":
                # Typewriter quotes around words mean nothing here; all else may.
                if word not in QUOTES:
                    tokens.append(Token(word, *match.span()))
            else:
                tokens.extend(_read(match))
        return self._rewritten(_with_hours(tokens))

    def _rewritten(self, tokens: list[Token]) -> list[Token]:
        if self._rewrites.keys().isdisjoint(token.form for token in tokens):
            return tokens
        result: list[Token] = []
        place = 0
        while place < len(tokens):
            for words, read_as in self._rewrites.get(tokens[place].form, ()):
                said = tokens[place : place + len(words)]
                if [token.form for token in said] == words:
                    start, end = said[0].start, said[-1].end
                    result.extend(Token(form, start, end) for form in read_as)
                    place += len(words)
                    break
            else:
                result.append(tokens[place])
                place += 1
        return result


def _read(match: re.Match[str]) -> Iterator[Token]:
    start, end = match.span()
    match match.lastgroup:
        case "suffix":
            return
        case "clock":
            time = day_time(int(match["hour"]), int(match["minute"] or 0), match["half"])
            yield Token(time, start, end)
        case "time":
            hours, _, minutes = match[0].partition(":")
            yield Token(day_time(int(hours), int(minutes)), start, end)
        case "military":
            yield Token(f"{match[0][:2]}:{match[0][2:4]}", start, end)
        case "apart":
            short = match[0].rstrip()
            form = STEMS.get(short) or WRITTEN_OUT.get(short[1:], short[1:])
            yield Token(form, start, start + len(short))
        case _:
            yield from _words(match[0], start, end)


def _words(word: str, start: int, end: int) -> Iterator[Token]:
    plain = word.replace("’", "'").replace("´", "'").replace("`", "'")
    stem, _, short = plain.rpartition("'")
    if plain == "n't":
        yield Token("not", start, end)
    elif plain.endswith("n't"):
        yield Token(STEMS.get(plain[:-3], plain[:-3]), start, end - 3)
        yield Token("not", end - 3, end)
    elif short == "s" and stem:
        yield Token(NUMBER_WORDS.get(stem, stem), start, end - 2)
        yield Token("s", end - 1, end)
    elif short in WRITTEN_OUT and stem in SHORTENED_AFTER:
        yield Token(stem, start, end - len(short) - 1)
        yield Token(WRITTEN_OUT[short], end - len(short), end)
    else:
        yield Token(NUMBER_WORDS.get(plain, plain), start, end)


def _with_hours(tokens: list[Token]) -> list[Token]:
    """Read what stands after a preposition as a time: `at 5` as `at 05:00`, `by 17.30`."""
    before = [place for place, token in enumerate(tokens[:-1]) if token.form in BEFORE_HOUR]
    for place in (preposition + 1 for preposition in before):
        form, start, end = tokens[place]
        match = HOUR.fullmatch(form)
        if match is None:
            continue
        after = tokens[place + 1].form if place + 1 < len(tokens) else "."
        if after not in NO_HOUR and not after.isdigit():
            time = day_time(int(match["hour"]), int(match["minute"] or 0))
            tokens[place] = Token(time, start, end)
    return tokens
