"""Who asks for a person: "let me speak to a human", "is there a real agent", "manager, please".

Patterns over words, because the price of missing somebody who asks is high and the ways of asking
are few. `docs/routing.md` says how often they are right.
"""

import re

# Who is asked for. A bare "agent" is asked for too, but an estate agent, or the agent of before,
# is not: the verbs around it tell.
_PERSON = (
    r"(?:(?:a|an|the|your|some|any|another|one)\s+)?"
    r"(?:(?:real|live|actual|human|proper|different|senior|customer|support|service|care|duty)\s+){0,3}"
    r"(?:human(?:\s+being)?s?|person|people|agents?|representatives?|rep|operators?|advis[eo]rs?"
    r"|manager|supervisor|boss|superior|someone|somebody|specialist|colleague|staff(?:\s+member)?|one\s+of\s+your\s+\w+"
    r"|(?:support|service)\s+team|customer\s+(?:service|support|care))"
)
_REAL = (
    r"(?:(?:a|an|the)\s+)?(?:(?:real|live|actual)\s+)+(?:human(?:\s+being)?s?|person|people|agents?"
    r"|representatives?|operators?|advis[eo]r)|(?:a\s+)?human\s+(?:being|agent|operator|please)"
    r"|an?\s+actual\s+human"
)
_TALK = r"(?:speak|talk|chat|connect(?:ed)?|transfer(?:red)?|put\s+through|escalate(?:d)?)"
_MANAGER = (
    r"(?:(?:a|an|the|your)\s+)?(?:(?:real|live|actual|human|customer|support|senior)\s+){0,3}"
    r"(?:human(?:\s+being)?|person|agent|representative|operator|manager|supervisor|boss|advis[eo]r)"
)
_ASKED = [
    # "I want to speak to a person", "can I talk with someone", "let me chat to an agent"
    rf"\b(?:speak|talk|chat|complain)(?:ing)?\s+(?:directly\s+)?(?:to|with)\s+{_PERSON}\b",
    # "transfer me to a manager", "put me through to somebody", "connect me with an agent"
    rf"\b(?:transfer|connect|escalate|switch|redirect|forward|pass|put|hand|get)\s+(?:me|us|this|it"
    rf"|my\s+\w+)\s+(?:over\s+|on\s+|through\s+|straight\s+|back\s+)*(?:to|with)\s+{_PERSON}\b",
    rf"\bbe\s+(?:transferred|connected|put\s+through|passed(?:\s+on)?|escalated)\s+(?:to|with)"
    rf"\s+{_PERSON}\b",
    # "I need a human", "I want a real person", "give me a manager", "get me your supervisor"
    rf"\b(?:i\s+(?:just\s+)?(?:want|need|demand|require)|i(?:'|’)?d\s+(?:like|prefer|rather\s+have)"
    rf"|give\s+me|get\s+me|(?:can|could|may)\s+i\s+(?:have|get|see)|i\s+would\s+like)\s+{_MANAGER}\b(?!['’]s|\s+(?:manual|number|name|id)\b)",
    # "get someone on the phone", "have somebody call me", "could someone from support contact me"
    r"\b(?:someone|somebody|a\s+(?:person|human|manager|colleague)|an?\s+agent)\s+(?:from\s+(?:\w+\s+){1,2})?"
    r"(?:to\s+)?(?:on\s+the\s+(?:phone|line)|(?:call|contact|phone|ring|reach)\s+(?:me|us)\b)",
    # "how do I reach a human", "how can I contact customer service"
    rf"\bhow\s+(?:do|can|could)\s+(?:i|we)\s+(?:reach|contact|get\s+(?:hold\s+of|to|through\s+to))\s+(?:{_PERSON}"
    r"|(?:customer\s+)?(?:service|support|care))\b",
    r"\b(?:deal|interact)\s+with\s+an?\s+(?:real\s+|live\s+|actual\s+)?(?:person|human|agent)\b",
    # "need human support", "put a manager on", "where can I find a human"
    r"\b(?:need|want)\s+(?:some\s+)?human\s+(?:support|help|assistance)\b",
    rf"\bput\s+{_MANAGER}\s+on\b|\bfind\s+(?:{_REAL}|a\s+human)\b|\bcan\s+i\s+call\s+some(?:one|body)\b",
    # "can a human look at this"
    r"\b(?:can|could|may|let|have|get)\s+(?:a|an\s+actual)\s+(?:real\s+|live\s+)?(?:human|person)\s+(?:please\s+)?"
    r"(?:look|help|check|handle|take|answer|read|see|deal)\b",
    # "stop. human. now", "hello? real person please", "transfer me": a sentence of its own
    rf"\A\W*(?:please\W+)?(?:{_REAL}|human|transfer\s+me)(?:\W+(?:please|pls|now|asap))*\W*\Z",
    r"\banyone\s+(?:there\s+|here\s+)?who\s+can\s+(?:actually|really)\s+help\b",
    # "is there a real person there", "are there any humans", "any real people here"
    rf"\b(?:is|are)\s+there\s+(?:{_REAL}|any\s+(?:human|real|live)\s*\w*)",
    rf"\bany\s+(?:{_REAL}|humans?\b)",
    # "stop this bot, I want someone real"; "not a bot", "not a robot", where that is wished for
    r"\b(?:someone|somebody|anyone)\s+(?:real|human|who\s+is\s+not\s+a\s+(?:ro)?bot)\b",
    r"\b(?:want|need|prefer|like|rather)\b[^.?!]{0,40}\bnot\s+(?:with\s+|to\s+)?(?:a|an|the|this)\s+"
    r"(?:stupid\s+|dumb\s+)?(?:ro)?(?:bot|machine|computer|robot|ai)\b",
    r"\b(?:tired|sick)\s+of\s+(?:talking\s+to\s+)?(?:a|an|the|this|these)\s+(?:ro)?bots?\b",
]
# "real person please", "human!", "agent", as all there is to the turn.
_ALONE = re.compile(
    rf"\W*(?:please\W+)?(?:{_REAL}|human|agent|representative|operator|manager|supervisor)"
    r"(?:\W+(?:please|pls|now|asap))*\W*",
    re.IGNORECASE,
)
_ASKS = re.compile("|".join(f"(?:{one})" for one in _ASKED), re.IGNORECASE)
# What looks like it and is none: declined, done, about others, or about a thing of that name.
_NOT = re.compile(
    r"\b(?:do(?:n(?:'|’)?t| not)|never|no need to|need not|needn(?:'|’)?t|rather not|without)\s+"
    r"(?:really\s+|want\s+|need\s+|have\s+|to\s+|wish\s+|even\s+|wanna\s+|like\s+|having\s+|me\s+)*"
    rf"(?:{_TALK}|human|a\s+human|an\s+agent|agent|transfer)"
    rf"|\b(?:was|were|been|already|just|yesterday|last\s+\w+|have|had|after)\s+(?:\w+\s+)?"
    r"(?:talking|speaking|chatting|spoke|spoken|talked|chatted|transferred|connected)\b"
    r"|\bi\s+(?:spoke|talked|chatted)\b|\bdo\s+(?:i|we)\s+(?:need|have)\s+to\b"
    r"|\b(?:estate|travel|insurance|ticket(?:ing)?|booking|letting|rental)\s+agents?\b",
    re.IGNORECASE,
)
# Longer turns are rants, or pasted mails: the request stands at their beginning or their end.
MOST_CHARACTERS = 2_000


def asks_for_a_person(text: str) -> bool:
    """Whether a customer's turn asks to be given to somebody."""
    if len(text) > MOST_CHARACTERS:
        return asks_for_a_person(text[:1_000]) or asks_for_a_person(text[-1_000:])
    return _ALONE.fullmatch(text) is not None or any(
        _ASKS.search(sentence) is not None and _NOT.search(sentence) is None
        for sentence in _sentences(text)
    )


def _sentences(text: str) -> list[str]:
    """Sentences, and parts of them that a contrast begins: "I don't want a bot but a person"."""
    return [
        part
        for part in re.split(r"[.?!;\n]+|\bbut\b|,\s*(?=i\s)", text, flags=re.IGNORECASE)
        if part
    ]
