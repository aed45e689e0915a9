"""Words that say nothing: people put them in when they think while they talk."""

import random
import re
from collections.abc import Iterator, Sequence

from nlp_lstm.scoring.perturb.edits import Edit

SHARE = 0.1  # of the words that may have one before them
FILLERS = ("uh", "um", "you know", "like")
# Before a word; not after a number (`5 pm`), an apostrophe or within a tokenised short form.
PLACE = re.compile(r"(?:(?<=\s)(?<!\d\s)|\A)(?=[^\W\d_])(?!n['’]t\b)")


def filled(text: str, whole: Sequence[tuple[int, int]], rng: random.Random) -> Iterator[Edit]:
    """Yield insertions.

    Args:
        text: Of a turn.
        whole: Stretches that nothing is put into: names, values.
        rng: Decides everything.
    """
    for match in PLACE.finditer(text):
        place = match.start()
        if any(start < place < end for start, end in whole):
            continue
        if rng.random() < SHARE:
            mark = "," if rng.random() < 0.5 else ""
            yield Edit(place, place, f"{rng.choice(FILLERS)}{mark} ")
