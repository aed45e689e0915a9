"""Things that chats name and hardly any corpus marks, made up: addresses of mail and web, amounts.

    you can reach me at jo.adams84@mailbox.org        email
    that took an hour and a half                      duration
    my order number is KX-20418                       identifier

Every word of such a sentence is known to name something or nothing, so what stands around it in a
turn teaches nothing wrong. Names and numbers are drawn by chance and belong to nobody.
"""

import random
import string

from corpora.labels import EntitySpan
from nlp_lstm.entities.made_up_values import VALUES
from nlp_lstm.entities.made_up_words import ANSWERS, ASKED, SAID


def sentence(rng: random.Random) -> tuple[str, list[EntitySpan]]:
    """A sentence that names something, and where."""
    return _filled(rng.choice(SAID), rng)


def exchange(rng: random.Random) -> tuple[str, tuple[str, list[EntitySpan]]]:
    """A question of an agent, and the customer's answer with what it names."""
    kind = rng.choice(tuple(ASKED))
    question = rng.choice(ASKED[kind]) + rng.choice(("?", "?", "", " ?", " please?"))
    if rng.random() < 0.7:
        question = question[0].upper() + question[1:]
    return question, _filled(rng.choice(ANSWERS).replace("{}", f"{{{kind}}}"), rng)


def _filled(template: str, rng: random.Random) -> tuple[str, list[EntitySpan]]:
    text = ""
    spans: list[EntitySpan] = []
    for literal, kind, _, _ in string.Formatter().parse(template):
        text += literal
        if kind is not None:
            value = _cased(kind, VALUES[kind](rng), rng)
            spans.append(EntitySpan(len(text), len(text) + len(value), kind))
            text += value
    return text, spans


def _cased(kind: str, value: str, rng: random.Random) -> str:
    if kind in ("person", "place", "address", "date") and rng.random() < 0.5:
        return string.capwords(value)
    return value
