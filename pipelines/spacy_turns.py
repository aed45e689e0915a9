"""A conversation as a spaCy Doc, and the turns of any Doc.

    doc.spans["turns"]                     one span a turn
    span._.speaker  span._.role            who said it
    doc._.conversation_id                  which conversation it is

A Doc without that span group is one turn of nobody in particular.
"""

from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from corpora.conversation import ROLES, Conversation, Turn
from pipelines.records import SURROGATES

TURNS = "turns"
# Between two turns, and all there is of a turn without a word: spaCy has no empty spans.
BREAK = "\n"


def extend(kind: type[Doc] | type[Span], *names: str) -> None:
    """Make sure that `kind` has these attributes below `._.`; whoever was first defines them."""
    for name in names:
        if not kind.has_extension(name):
            kind.set_extension(name, default=None)


# Here, because spaCy's workers import this module before they meet a Doc.
extend(Doc, "conversation_id")
extend(Span, "speaker", "role")


@dataclass(frozen=True, slots=True)
class SpokenDoc:
    """A Doc read as a conversation: `starts` are the code points at which its turns start."""

    doc: Doc
    conversation: Conversation
    starts: list[int]


def conversation_doc(nlp: Language, conversation: Conversation, *, turns_key: str = TURNS) -> Doc:
    """A tokenised Doc of a conversation, to be given to `nlp` or `nlp.pipe`.

    Its turns stand one below the other; lone surrogates, which spaCy refuses, become U+FFFD.

    Args:
        nlp: Its tokenizer cuts each turn alone, so no token crosses from turn to turn.
        conversation: What was said.
        turns_key: Name of the span group of turns.

    Raises:
        ValueError: A turn is longer than `nlp.max_length`.
    """
    words: list[str] = []
    spaces: list[bool] = []
    bounds: list[tuple[int, int]] = []
    for turn in conversation.turns:
        said = nlp.make_doc(SURROGATES.sub("\ufffd", turn.text))
        start = len(words)
        words += [token.text for token in said]
        spaces += [bool(token.whitespace_) for token in said]
        bounds.append((start, len(words) if len(said) else start + 1))
        words.append(BREAK)
        spaces.append(False)
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    spans = [Span(doc, start, end) for start, end in bounds]
    for span, turn in zip(spans, conversation.turns, strict=True):
        if turn.speaker:
            span._.speaker = turn.speaker
        if turn.role is not None:
            span._.role = turn.role
    doc.spans[turns_key] = SpanGroup(doc, name=turns_key, spans=spans)
    doc._.conversation_id = conversation.id
    return doc


def spoken(doc: Doc, turns_key: str = TURNS) -> SpokenDoc:
    """Read a Doc as a conversation.

    Raises:
        ValueError: A turn's role is none of ours.
    """
    name = doc._.conversation_id or ""
    if turns_key not in doc.spans:
        return SpokenDoc(doc, Conversation(name, (Turn(doc.text),)), [0])
    spans = list(doc.spans[turns_key])
    turns = tuple(Turn(span.text, span._.speaker or "", span._.role) for span in spans)
    for turn in turns:
        if turn.role not in (None, *ROLES):
            raise ValueError(f"role {turn.role!r} of a turn is none of {', '.join(ROLES)}")
    return SpokenDoc(doc, Conversation(name, turns), [span.start_char for span in spans])
