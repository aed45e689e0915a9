"""Small letters for matching, without moving anything."""


def lowered(text: str) -> str:
    """`text` in small letters, of the same length: offsets into one are offsets into the other."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    # A few letters lower to two: keep those, so that offsets still fit.
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
