"""Second thoughts within a turn: what somebody takes back at once is not read.

    a table for six, no wait, make that four   →  a table for four
    a 3 star hotel, sorry, I meant 4           →  a 4 star hotel

A repair has three parts (Levelt 1983): what is taken back, words that say so, what is meant. Both
values must be ones that the same slot can take; otherwise nothing is left out.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

from nlp_lstm.states.mentions import Mention, MentionFinder
from nlp_lstm.states.normalise import Token

# One of these has to be said between the two values…
CUES = frozenset(
    {"no", "nope", "nah", "wait", "actually", "sorry", "oops", "whoops", "rather", "scratch"}
    | {"correction", "mean", "meant", "misspoke", "mind", "thought", "make", "hang", "instead"}
)
# … and besides only these.
AROUND = frozenset(
    {",", ".", ";", "i", "am", "my", "a", "an", "the", "it", "that", "this", "is", "to", "on", "at"}
    | {"in", "for", "from", "by", "or", "well", "oh", "uh", "um", "let", "us", "s", "say", "said"}
    | {"second", "changed", "better", "should", "be", "hold", "not", "my", "bad", "and"}
)
MOST_BETWEEN = 8  # words from what is taken back to the cue: the rest of its clause
MOST_REPAIRS = 4

Takers = Callable[[int], Sequence[int]]  # the slots that can take a value


def repaired(tokens: list[Token], find: MentionFinder, takers: Takers) -> list[Token]:
    """The words of a customer's turn without what it takes back.

    Args:
        tokens: All of the turn.
        find: Where values are said.
        takers: Which slots can take each.
    """
    for _ in range(MOST_REPAIRS):
        if CUES.isdisjoint(token.form for token in tokens):
            return tokens
        shorter = _repaired_once(tokens, find([token.form for token in tokens]), takers)
        if shorter is None:
            return tokens
        tokens = shorter
    return tokens


def _repaired_once(
    tokens: list[Token], mentions: Sequence[Mention], takers: Takers
) -> list[Token] | None:
    # A schema may have words like `no` for values; between two others they take one back.
    named = [one for one in mentions if not _is_cue(tokens[one.first : one.last + 1])]
    said = [list(same) for _, same in groupby(named, key=lambda mention: mention.first)]
    for place, meant in enumerate(said):
        cue = _cue_before(tokens, meant[0].first)
        if cue is None:
            continue
        slots = _slots(meant, takers)
        for earlier in reversed(said[:place]):
            last = earlier[0].last
            if last >= cue or cue - last > MOST_BETWEEN + 1:
                continue
            if slots.isdisjoint(_slots(earlier, takers)):
                continue
            if {one.value for one in earlier} == {one.value for one in meant}:
                break
            return _without(tokens, earlier[0], cue, meant[0])
    return None


def _is_cue(words: Sequence[Token]) -> bool:
    return all(word.form in CUES or word.form in AROUND for word in words)


def _cue_before(tokens: Sequence[Token], place: int) -> int | None:
    """Where the words begin that take something back right before `place`, if there are any."""
    start, is_cue = place, False
    while start and _is_cue(tokens[start - 1 : start]):
        start -= 1
        is_cue = is_cue or tokens[start].form in CUES
    return start if is_cue else None


def _slots(mentions: Sequence[Mention], takers: Takers) -> set[int]:
    return {slot for mention in mentions for slot in takers(mention.value)}


def _without(tokens: list[Token], taken_back: Mention, cue: int, meant: Mention) -> list[Token]:
    rest = tokens[taken_back.last + 1 : cue]
    after = tokens[meant.last + 1 :]
    if rest and after and rest[0].form == after[0].form:
        rest = []  # the clause was begun anew: `2 people, no, 4 people`
    named = tokens[meant.first : meant.last + 1]
    return [*tokens[: taken_back.first], *named, *rest, *after]
