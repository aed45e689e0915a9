"""What hypothesis draws from: texts as people and machines write them, turns, conversations."""

from hypothesis import strategies as st

from corpora.conversation import ROLES, Conversation, Turn

# Everything that UTF-8 can hold. Emoji, right-to-left and zero-width characters are drawn often,
# since those are what offsets and line ends trip over.
AWKWARD = "\u200b\u200d\u200e\u202e\ufeff\u2028\u2029\x85\x0b\x0c\x1b\0\u00a0😀👩‍👩‍👧אب́"
CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from(AWKWARD)


def texts() -> st.SearchStrategy[str]:
    """What a turn can say: any text, line ends included, empty too."""
    return st.text(CHARACTERS, max_size=40)


def single_lines() -> st.SearchStrategy[str]:
    """Texts that hold no character at which a document's line ends."""
    return st.text(CHARACTERS.filter(lambda character: character not in "\r\n"), max_size=40)


def turns() -> st.SearchStrategy[Turn]:
    """Turns of speakers with any name or none, in any role or none."""
    return st.builds(
        Turn,
        text=texts(),
        speaker=st.text(CHARACTERS, max_size=8),
        role=st.none() | st.sampled_from(ROLES),
    )


def conversations() -> st.SearchStrategy[Conversation]:
    """Conversations of a few turns."""
    return st.builds(
        Conversation,
        id=st.text(CHARACTERS, min_size=1, max_size=8),
        turns=st.lists(turns(), min_size=1, max_size=5).map(tuple),
    )
