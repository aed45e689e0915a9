"""Yes and no, in the many ways people say them."""

import re

from nlp_lstm.text.lowered import lowered
from nlp_lstm.values.forms import listed

_YES = listed(
    "yes yeah yep yup ya yea y sure ok okay true correct right absolutely definitely certainly"
    " indeed affirmative exactly gladly"
)
_NO = listed("no nope nah n false never not incorrect wrong negative don't doesn't")
# What is said along with either, and changes neither.
_ALONG = listed(
    "please thanks thank you i do does it is that that's it's the a would like want to need with"
    " sir madam of course for me very much"
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def normalise_boolean(raw: str) -> str | None:
    """`true`, `false`, or None for what is neither, both or more than an answer."""
    words = [word.replace("’", "'") for word in _WORD.findall(lowered(raw))]
    said_yes = any(word in _YES for word in words) or words == ["of", "course"]
    said_no = any(word in _NO for word in words)
    known = all(word in _YES or word in _NO or word in _ALONG for word in words)
    if not known or said_yes == said_no:
        return None
    return "true" if said_yes else "false"
