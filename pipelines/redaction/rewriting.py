"""A text with placeholders in it, and where what stood in the old one stands in the new.

call Ana Lee now      [5, 12) → PERSON_1      call PERSON_1 now      [13, 16) → [14, 17)
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.redaction.occurrences import Place


@dataclass(frozen=True, slots=True)
class Cut:
    """[start, end) of the old text gave way to a placeholder at [new_start, new_end)."""

    start: int
    end: int
    new_start: int
    new_end: int
    placeholder: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text in which placeholders stand, and what was cut for them, in reading order."""

    text: str
    cuts: tuple[Cut, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where [start, end) of the old text stands; what touches a cut covers its placeholder."""
        shift_start = shift_end = 0
        new_start = new_end = None
        for cut in self.cuts:
            if cut.start >= end:
                break
            if cut.end <= start:
                shift_start = cut.new_end - cut.end
            elif cut.start <= start:
                new_start = cut.new_start
            if cut.end <= end:
                shift_end = cut.new_end - cut.end
            else:
                new_end = cut.new_end
        return (
            start + shift_start if new_start is None else new_start,
            end + shift_end if new_end is None else new_end,
        )

    def touched(self, start: int, end: int) -> Cut | None:
        """The first cut that [start, end) of the old text touches."""
        return next((cut for cut in self.cuts if cut.start < end and start < cut.end), None)


def rewrite(text: str, places: Iterable[Place]) -> Rewritten:
    """Put placeholders into a text.

    Places that overlap become one, as does one person's name in two neighbouring pieces; the
    placeholder of the longest stands for them.
    """
    cuts: list[Cut] = []
    parts: list[str] = []
    at = length = 0
    for place in _apart(text, sorted(places)):
        kept = text[at : place.start]
        new_start = length + len(kept)
        length = new_start + len(place.placeholder)
        parts += [kept, place.placeholder]
        cuts.append(Cut(place.start, place.end, new_start, length, place.placeholder))
        at = place.end
    parts.append(text[at:])
    return Rewritten("".join(parts), tuple(cuts))


def _apart(text: str, places: list[Place]) -> list[Place]:
    apart: list[Place] = []
    widest = 0  # of the places that the last of `apart` is made of
    for place in places:
        width = place.end - place.start
        before = apart[-1] if apart else None
        if before is not None and (
            place.start < before.end
            or (
                place.placeholder == before.placeholder
                and not text[before.end : place.start].strip()
            )
        ):
            name = place.placeholder if width > widest else before.placeholder
            apart[-1] = Place(before.start, max(before.end, place.end), name)
            widest = max(widest, width)
        else:
            apart.append(place)
            widest = width
    return apart
