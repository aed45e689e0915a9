"""What is measured of one trained network: quality, late and early, speed, memory."""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpora.conversation import Conversation, Turn
from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.component import Component
from nlp_lstm.scoring.ages import aged_values
from nlp_lstm.scoring.evaluation import annotated, score
from nlp_lstm.scoring.observations import FIGURES, observations
from nlp_lstm.sentiment.component import SentimentTagger
from nlp_lstm.sentiment.judging import main_metric
from nlp_lstm.text.words import count_words

# Turns of a conversation, whoever speaks, counted together from each.
TURNS = (1, 6, 11)
# A turn of so few words hardly tells what it is about: what was said before must.
FEW_WORDS = 3
# Turns since a value was said, of both speakers, counted together from each.
AGES = (0, 1, 6)
# Turns of the one conversation that is streamed.
STREAMED = 200
TIMED = 100  # conversations read at once
REPEATS = 3
SAME = 1e-4


@dataclass(frozen=True, slots=True)
class Case:
    """A figure over some of what was judged.

    Attributes:
        corpus: Where.
        name: Which: `turns 8 and later`, `said 6 or more turns ago`, or `all`.
        figure: What is measured.
        value: That.
        count: Over how many turns, spans or values.
    """

    corpus: str
    name: str
    figure: str
    value: float
    count: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What answering costs on this machine, one thread, in full precision.

    Attributes:
        whole: Turns a second, whole conversations at once.
        streamed: Milliseconds a turn, turn by turn: the median.
        memory: Bytes kept of a conversation of 1, 10 and 100 turns, as it is stored.
        same: Whether streaming gave the labels that reading at once gave.
        apart: The largest difference of a confidence between the two.
    """

    whole: float
    streamed: float
    memory: dict[int, int]
    same: bool
    apart: float


def cases(
    component: Component, corpus: str, gold: Sequence[LabelledConversation]
) -> Iterator[Case]:
    """The corpus's own figure over all, then early and late turns and values apart."""
    said = annotated(component, corpus, gold)
    figure = _main(component, corpus)
    observed = observations(component.task, gold, said)
    main = score(component, corpus, gold, said).metrics[figure]
    yield Case(corpus, "all", figure, main, len(observed))
    numbered = [(one.turn + 1, one.part, one.whole) for one in observed]
    if max((number for number, _, _ in numbered), default=0) > 1:
        yield from _buckets(corpus, FIGURES[component.task], "turns {}", TURNS, numbered)
        lengths = [
            (count_words(gold[one.conversation].conversation.turns[one.turn].text), one)
            for one in observed
            if one.turn
        ]
        short = [(words, one.part, one.whole) for words, one in lengths if words <= FEW_WORDS]
        name = f"later turns of at most {FEW_WORDS} words"
        yield from _buckets(corpus, FIGURES[component.task], name, (0,), short)
    if component.task == "states":
        aged = [(value.age, float(value.right), 1.0) for value in aged_values(gold, said)]
        yield from _buckets(corpus, "recall", "said {} turns ago", AGES, aged)


def costs(components: Sequence[Component], gold: Sequence[LabelledConversation]) -> list[Costs]:
    """Speed, memory, and whether streaming is reading at once, of components side by side.

    They take turns, and each one's best time counts: what else the machine does hits all alike.
    """
    conversations = [labelled.conversation for labelled in gold[:TIMED]]
    turns = sum(len(conversation.turns) for conversation in conversations)
    long = _joined(gold)
    wholes: list[list[float]] = [[] for _ in components]
    steps: list[list[float]] = [[] for _ in components]
    sizes: list[dict[int, int]] = [{} for _ in components]
    compared: list[tuple[float, bool]] = []
    for component in components:
        streamed, _, _ = _streamed(component, long)
        compared.append(_compared(streamed, component.annotate([long])[0]))
    for _ in range(REPEATS):
        for number, component in enumerate(components):
            started = time.perf_counter()
            component.annotate(conversations)
            wholes[number].append(time.perf_counter() - started)
            _, taken, sizes[number] = _streamed(component, long)
            steps[number].append(statistics.median(taken))
    return [
        Costs(turns / min(whole), 1000 * min(step), size, same, apart)
        for whole, step, size, (apart, same) in zip(wholes, steps, sizes, compared, strict=True)
    ]


def _streamed(
    component: Component, conversation: Conversation
) -> tuple[list[TurnLabels], list[float], dict[int, int]]:
    """A conversation turn by turn: answers, seconds, and bytes kept after some of the turns."""
    answers: list[TurnLabels] = []
    taken: list[float] = []
    sizes: dict[int, int] = {}
    memory = component.start()
    for number, turn in enumerate(conversation.turns, start=1):
        started = time.perf_counter()
        labels, memory = component.step(memory, turn)
        taken.append(time.perf_counter() - started)
        answers.append(labels)
        if number in (1, 10, 100):
            sizes[number] = len(memory.to_bytes())
    return answers, taken, sizes


def _main(component: Component, corpus: str) -> str:
    if isinstance(component, SentimentTagger):
        return main_metric(component.schemes[corpus])
    return {"states": "joint_goal_accuracy", "entities": "span_f1"}[component.task]


def _buckets(
    corpus: str,
    figure: str,
    name: str,
    edges: Sequence[int],
    counted: Sequence[tuple[int, float, float]],
) -> Iterator[Case]:
    """A figure for each stretch between edges that anything falls into."""
    for first, beyond in zip(edges, [*edges[1:], None], strict=True):
        within = [one for one in counted if first <= one[0] and (not beyond or one[0] < beyond)]
        whole = sum(one[2] for one in within)
        if whole:
            where = f"{first} or more" if beyond is None else _between(first, beyond - 1)
            value = sum(one[1] for one in within) / whole
            yield Case(corpus, name.format(where), figure, value, round(whole))


def _between(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _joined(gold: Sequence[LabelledConversation]) -> Conversation:
    """Some conversations after each other as one long one."""
    turns: list[Turn] = []
    for labelled in gold:
        turns += labelled.conversation.turns
        if len(turns) >= STREAMED:
            break
    return Conversation("long", tuple(turns[:STREAMED]))


def _compared(one: Sequence[TurnLabels], other: Sequence[TurnLabels]) -> tuple[float, bool]:
    """The largest difference of confidences, and whether all else is equal."""
    apart, same = 0.0, True
    for first, second in zip(one, other, strict=True):
        ours, theirs = _answers(first), _answers(second)
        same = same and ours.keys() == theirs.keys()
        gaps = (abs(ours[key] - theirs[key]) for key in ours.keys() & theirs.keys())
        apart = max(apart, *gaps, 0.0)
    return apart, same and apart < SAME


def _answers(labels: TurnLabels) -> dict[tuple[object, ...], float]:
    """Everything that a turn's labels say, and how sure of it they are."""
    said: dict[tuple[object, ...], float] = {}
    said |= {(span.start, span.end, span.label): span.confidence for span in labels.entities or ()}
    said |= {("state", one.slot, one.value): 1.0 for one in labels.state or ()}
    said |= {(c.operation, c.slot, c.value): c.confidence for c in labels.changes or ()}
    if labels.sentiment is not None:
        said["sentiment", labels.sentiment.label] = labels.sentiment.confidence
    return said
