"""Labelled conversations as steps and what is right at each: what training reads."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from corpora.labels import LabelledConversation, SlotValue, TurnLabels
from nlp_lstm.states.described.belief import Belief, Offer
from nlp_lstm.states.described.gold import Example, GoldStep, Right
from nlp_lstm.states.described.plan import SchemaPlan, spoken
from nlp_lstm.states.described.reading import Places, Step, StepReader
from nlp_lstm.states.described.situation import heard, situate
from nlp_lstm.states.reading import Pending, is_customer, remember


class ExampleReader:
    """Turns labelled conversations into examples of one schema."""

    def __init__(self, plan: SchemaPlan) -> None:
        self._plan = plan
        self._reader = StepReader(plan)
        self._numbers = plan.schema.slot_index

    def __call__(
        self,
        labelled: LabelledConversation,
        groups: Sequence[str] | None = None,
        *,
        lower: bool = False,
    ) -> list[Example]:
        """The examples of a conversation.

        Args:
            labelled: What to read.
            groups: Whose slots are followed; None takes all.
            lower: Whether it is read in lower case.
        """
        return list(self._examples(labelled, self._plan.view(groups), lower))

    def _examples(
        self, labelled: LabelledConversation, view: Sequence[int], lower: bool
    ) -> Iterator[Example]:
        turns = labelled.conversation.turns
        offers_labelled = any(
            labels.entities is not None and not is_customer(turn)
            for turn, labels in zip(turns, labelled.labels, strict=True)
        )
        pending: Sequence[Pending] = ()
        belief = Belief()
        for index, (turn, labels) in enumerate(zip(turns, labelled.labels, strict=True)):
            text = turn.text.lower() if lower and turn.text.isascii() else turn.text
            if not is_customer(turn):
                pending = remember(pending, index, text)
                continue
            for step, places in self._reader.steps(pending, index, text):
                offers = self._offers(labelled.labels, places, step)
                latest = _latest(offers, places, belief.step)
                belief = heard(step, places, belief, latest)
                situation = situate(self._plan, view, step, belief)
                marked = self._marked(labels, places, step)
                gold = self._gold(labels, view, belief)
                reading = GoldStep(self._plan, view, step, places, belief, situation, gold, marked)
                example = reading.example(
                    [(view.index(s), first, last) for s, first, last in offers if s in view]
                    if offers_labelled
                    else None,
                    self._requests(labels, view),
                )
                yield example if labels.state is not None else _of_no_state(example)
                belief = reading.after()
            pending = ()

    def _gold(
        self, labels: TurnLabels, view: Sequence[int], belief: Belief
    ) -> dict[int, list[SlotValue]]:
        """The labelled values of filled slots in view; what is believed where nobody labelled."""
        gold: dict[int, list[SlotValue]] = {}
        if labels.state is None:
            for known, values in belief.held.items():
                name = self._plan.slots[known].slot.name
                gold[known] = [SlotValue(name, one.value) for one in values]
        for value in labels.state or ():
            slot = self._numbers.get(value.slot)
            if slot is not None and slot in view:
                gold.setdefault(slot, []).append(value)
        return gold

    def _requests(self, labels: TurnLabels, view: Sequence[int]) -> list[int] | None:
        if labels.requests is None:
            return None
        asked = {self._numbers.get(name) for name in labels.requests}
        return [place for place, slot in enumerate(view) if slot in asked]

    def _offers(
        self, labels: Sequence[TurnLabels], places: Places, step: Step
    ) -> list[tuple[int, int, int]]:
        """What the other side names for slots of free values: slot and words."""
        found: list[tuple[int, int, int]] = []
        for turn in dict.fromkeys(source.turn for source in places.sources[1 : step.user_starts]):
            for span in labels[turn].entities or ():
                slot = self._numbers.get(span.label)
                if slot is None or self._plan.slots[slot].values:
                    continue
                inside = _inside(places, range(1, step.user_starts), turn, span.start, span.end)
                if inside:
                    found.append((slot, inside[0], inside[-1]))
        return found

    def _marked(
        self, labels: TurnLabels, places: Places, step: Step
    ) -> dict[int, list[tuple[int, int]]]:
        """Words of the customer that are labelled as a slot's value."""
        marked: dict[int, list[tuple[int, int]]] = {}
        own = range(step.user_starts + 1, len(step.forms))
        for span in labels.entities or ():
            slot = self._numbers.get(span.label)
            if slot is not None:
                turn = places.sources[step.user_starts].turn
                inside = _inside(places, own, turn, span.start, span.end)
                if inside:
                    marked.setdefault(slot, []).append((inside[0], inside[-1]))
        return marked


def _of_no_state(example: Example) -> Example:
    """An example of a turn whose state nobody labelled: it teaches nothing of any slot."""
    unknown: dict[int, list[Right]] = {place: [] for place in range(len(example.view))}
    return replace(example, right=unknown, spans=(), taken_back={})


def _latest(offers: Iterable[tuple[int, int, int]], places: Places, step: int) -> dict[int, Offer]:
    latest: dict[int, Offer] = {}
    for slot, first, last in offers:
        raw, evidence = places.said(first, last)
        latest[slot] = Offer(raw, evidence, step, spoken(raw))
    return latest


def _inside(places: Places, words: range, turn: int, start: int, end: int) -> list[int]:
    """The words among `words` that overlap [start, end) of a turn."""
    found: list[int] = []
    for word in words:
        source = places.sources[word]
        if source.turn == turn:
            first, last = source.start + places.starts[word], source.start + places.ends[word]
            if first < end and start < last:
                found.append(word)
    return found
