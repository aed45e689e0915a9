"""Who is the customer and who the agent.

What the caller says beats everything. A speaker whose label is a role word (`Customer`,
`Agent 2`) has that role. Otherwise roles are guessed from what people say when a talk opens,
marked as guesses, and left open where the evidence is thin.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from corpora.conversation import ROLES, Conversation, Role, Turn

OPENING = 30  # turns that are read for evidence: roles show early, and long chats stay cheap
# A guess needs two medium signs, or one strong one, more than what speaks against it.
LEAST_MARGIN = 2

CUSTOMER_WORDS = frozenset({
    "customer", "client", "caller", "visitor", "guest", "user", "requester", "member", "patient",
    "human", "buyer", "shopper", "passenger", "end-user", "enduser", "kunde", "kundin", "anrufer",
    "anruferin", "cliente",
})  # fmt: skip
AGENT_WORDS = frozenset({
    "agent", "support", "operator", "advisor", "adviser", "rep", "representative", "csr",
    "helpdesk", "service", "clerk", "assistant", "bot", "chatbot", "gpt", "chatgpt", "bard",
    "bing", "ivr", "supervisor", "consultant", "receptionist", "mitarbeiter", "mitarbeiterin",
    "berater", "beraterin", "asesor", "agente", "conseiller", "conseillère",
})  # fmt: skip
SYSTEM_WORDS = frozenset({"system", "developer", "automation"})
TOOL_WORDS = frozenset({"tool", "function", "function_call", "observation"})
# Words that stand beside a role word without making it a name: "Support Team", "Virtual Agent".
BESIDE = frozenset({
    "team", "desk", "centre", "center", "care", "virtual", "automated", "sales", "technical",
    "tech", "human", "live", "new", "the", "my", "our", "ai", "chat", "help", "customer",
    "support", "service",
})  # fmt: skip
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
PARENTHESES = re.compile(r"(?P<name>.*?)\s*[(\[](?P<inside>[^()\[\]]+)[)\]]\s*")

STRONG, MEDIUM = 2, 1
AGENT_SIGNS = (
    (
        STRONG,
        re.compile(
            r"thank(?:s| you) for (?:calling|contacting|reaching out|getting in touch|chatting)"
            r"|(?:how|what) (?:can|may|could) i (?:help|assist|do for)|you(?:'|’)re through to"
            r"|you have reached|(?:my name is|this is|i am|i(?:'|’)m) \w+ (?:from|with|at) "
            r"|call (?:may|might|will) be recorded|how may we help"
            r"|welcome to .{1,40}(?:support|help)"
        ),
    ),
    (
        MEDIUM,
        re.compile(
            r"anything else i can|apologi[sz]e for|sorry for the inconvenience"
            r"|(?:could|can|may) (?:you|i) (?:please )?(?:confirm|have) your|let me (?:check|look)"
            r"|bear with me|your (?:case|ticket|reference) number|i(?:'|’)ve (?:booked|escalated)"
            r"|would you like me to|booking was successful|reference number is"
        ),
    ),
)
CUSTOMER_SIGNS = (
    (
        STRONG,
        re.compile(
            r"\bi was charged|\brefund me|\bi want (?:a|my) (?:refund|money)"
            r"|my (?:order|parcel|package|delivery) (?:never|has ?n(?:'|’)t|did ?n(?:'|’)t|still)"
        ),
    ),
    (
        MEDIUM,
        re.compile(
            r"\bmy (?:order|account|parcel|package|bill|invoice|card|subscription|booking|router)\b"
            r"|\bi(?:'|’)?d? ?(?:need|would like|am looking for|(?:'|’)m looking for|want) "
            r"(?:a|an|to|some)\b|\bcan you (?:help|book|find)\b|\bi can(?:'|’)?t (?:log|pay|access)"
        ),
    ),
)


def role_of_word(word: str) -> Role | None:
    """The role that a source's own word for it means: `user`, `assistant`, `end-user`, `gpt`."""
    folded = word.strip().casefold()
    if folded in ROLES:
        return folded
    if folded in CUSTOMER_WORDS:
        return "customer"
    if folded in AGENT_WORDS:
        return "agent"
    if folded in SYSTEM_WORDS:
        return "system"
    return "tool" if folded in TOOL_WORDS else None


def role_of_label(label: str) -> Role | None:
    """The role that a speaker's label itself names: `Agent 2`, `Priya (Support)`, `Customer - Ana`.

    A name that merely holds a role word (`Agent Smith`) names none.
    """
    inside = PARENTHESES.fullmatch(label)
    parts = [inside["inside"], inside["name"]] if inside else label.split(" - ")
    return next(filter(None, map(_role_of_words, parts)), None)


def assign_roles(
    conversation: Conversation, roles: Mapping[str, str] | None = None, *, guess: bool = True
) -> Conversation:
    """Give each turn its speaker's role; one speaker has one role throughout.

    Args:
        conversation: Roles that its source names are kept unless `roles` says otherwise.
        roles: The caller's word: a speaker's name, or a source's word for a role, to a role.
        guess: Whether to infer from what is said where nothing else decides.

    Returns:
        The conversation with roles; inferred ones have `role_guessed`.

    Raises:
        ValueError: `roles` names a role that does not exist.
    """
    told = _check_roles(roles or {})
    turns = conversation.turns
    if not told and all(turn.role is not None for turn in turns):
        return conversation
    # Who guessed before had the same evidence: what was left open then stays open.
    guess = guess and not any(turn.role_guessed for turn in turns)
    known = {turn.speaker: turn.role for turn in turns if turn.role and not turn.role_guessed}
    open_speakers = dict.fromkeys(
        turn.speaker for turn in turns if turn.role is None and turn.speaker
    )
    labelled = {name: role_of_label(name) for name in open_speakers}
    certain = {name: role for name, role in labelled.items() if role is not None}
    certain |= {name: role for name in open_speakers if (role := known.get(name))}
    certain |= {name: role for name in open_speakers if (role := told.get(_fold(name)))}
    unclear = [name for name in open_speakers if name not in certain]
    guessed = _guess(turns, unclear, {*known.values(), *certain.values()}) if guess else {}
    assigned = tuple(_assign(turn, told, certain, guessed) for turn in turns)
    return replace(conversation, turns=assigned)


def _assign(
    turn: Turn, told: Mapping[str, Role], certain: Mapping[str, Role], guessed: Mapping[str, Role]
) -> Turn:
    if told:
        word = str(turn.meta.get("source_role", turn.role or ""))
        role = told.get(_fold(turn.speaker)) or told.get(_fold(word))
        if role is not None:
            return _with_role(turn, role)
    if turn.role is not None or not turn.speaker:
        return turn
    if (role := certain.get(turn.speaker)) is not None:
        return _with_role(turn, role)
    if (role := guessed.get(turn.speaker)) is not None:
        return _with_role(turn, role, is_guessed=True)
    return turn


def _with_role(turn: Turn, role: Role, *, is_guessed: bool = False) -> Turn:
    # Three times as fast as dataclasses.replace, and long chats have many turns.
    return Turn(turn.text, turn.speaker, role, is_guessed, turn.time, turn.line, turn.meta)


def _guess(turns: Iterable[Turn], unclear: list[str], taken: set[Role | None]) -> dict[str, Role]:
    """Roles of the speakers in `unclear` that the evidence decides, the pair jointly."""
    if not unclear:
        return {}
    margins = dict.fromkeys(unclear, 0)
    for index, turn in enumerate(turns):
        if index == OPENING:
            break
        if turn.speaker in margins:
            margins[turn.speaker] += _agent_evidence(turn.text)
    guessed: dict[str, Role] = {}
    for name, margin in margins.items():
        # Of two people who both sound like customers none is shown to be the agent, so what
        # counts is how far a speaker stands from the others.
        others = [other for speaker, other in margins.items() if speaker != name]
        distance = margin - sum(others) / len(others) if others else margin
        if min(distance, margin) >= LEAST_MARGIN:
            guessed[name] = "agent"
        elif max(distance, margin) <= -LEAST_MARGIN:
            guessed[name] = "customer"
    if len(unclear) == 2 and len(guessed) == 1 and not taken & {"customer", "agent"}:
        # Two people, one shown to be the agent: the other is the customer, and vice versa.
        role = next(iter(guessed.values()))
        other = next(name for name in unclear if name not in guessed)
        guessed[other] = "customer" if role == "agent" else "agent"
    if len(unclear) == 1 and not guessed and len(taken & {"customer", "agent"}) == 1:
        guessed[unclear[0]] = "customer" if "agent" in taken else "agent"
    return guessed


def _agent_evidence(text: str) -> int:
    """How much `text` sounds like an agent; negative where it sounds like a customer."""
    folded = text[:500].lower()
    evidence = sum(weight for weight, sign in AGENT_SIGNS if sign.search(folded))
    return evidence - sum(weight for weight, sign in CUSTOMER_SIGNS if sign.search(folded))


def _role_of_words(label: str) -> Role | None:
    words = [word.casefold() for word in WORD.findall(label)]
    roles = [role for word in words if (role := role_of_word(word))]
    if not roles or any(word not in BESIDE and role_of_word(word) is None for word in words):
        return None
    # "Customer Support" is the firm's side: the last word is what somebody is.
    return roles[-1]


def _check_roles(roles: Mapping[str, str]) -> dict[str, Role]:
    for speaker, role in roles.items():
        if role not in ROLES:
            raise ValueError(f"role {role!r} for {speaker!r} is none of {', '.join(ROLES)}")
    return {_fold(speaker): cast(Role, role) for speaker, role in roles.items()}


def _fold(name: str) -> str:
    return name.strip().casefold()
