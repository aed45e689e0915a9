"""Who speaks in captions that have no voice tags.

    Mo: Noted: the 10:30 slot.              before a colon, as Zoom writes it
    [SPEAKER_00]: Tern Bank, hello.         in brackets, as WhisperX does

Captions say many things before a colon, so a label is a speaker only where it comes again.
"""

import re
from collections import Counter
from collections.abc import Sequence

from corpora.transcripts.speakers import is_label, is_sure_label, read_header

# Names of meetings hold pronouns, commas and masked numbers: "Ana Lee (she/her)", "1555***1234".
MEETING = re.compile(r"(?P<label>[^:?!;\"<>{}]{1,60}):\s+(?=\S)")
MOST_WORDS = 7


class Speakers:
    """The speakers of one recording.

    Args:
        cues: The lines of its cues, without tags.

    Attributes:
        stand_above: Whether the first line of every cue is a name.
    """

    def __init__(self, cues: Sequence[Sequence[str]]) -> None:
        filled = [cue for cue in cues if cue]
        labels = [_header(cue[0]) for cue in filled]
        counts = Counter(found[0] for found in labels if found)
        if labels and all(labels):
            self._names = set(counts)
        else:
            self._names = {
                label for label, count in counts.items() if count >= 2 or is_sure_label(label)
            }
        self.stand_above = not self._names and _are_names_above(filled)

    def split(self, said: str) -> tuple[str, str]:
        """The speaker whose name `said` starts with, or "", and what remains."""
        found = _header(said)
        if found is None or found[0] not in self._names:
            return "", said
        label, start = found
        return label, said[start:]


def _header(line: str) -> tuple[str, int] | None:
    """A label that `line` starts with, and where what is said begins."""
    if not line:
        return None
    header = None if line[0].isdigit() else read_header(line)
    if header is not None:
        return header.label, header.text_start
    match = MEETING.match(line)
    if match is None or len(match["label"].split()) > MOST_WORDS:
        return None
    return match["label"].strip(), match.end()


def _are_names_above(cues: Sequence[Sequence[str]]) -> bool:
    """Whether each cue has a name on its first line; wrapped sentences do not come again."""
    names = [cue[0] for cue in cues]
    return (
        len(cues) >= 2
        and all(len(cue) >= 2 and is_label(cue[0]) for cue in cues)
        and 2 * len(set(names)) <= len(names)
    )
