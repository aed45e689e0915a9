"""Pieces of a batch: what is read together, worked on together and made safe together."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field

from corpora.conversation import Conversation
from pipelines.annotation import Failure, reason_of
from pipelines.inputs import Position, Reading, read_items
from pipelines.pipeline import ConversationPipeline
from pipelines.redaction import Redaction
from pipelines.routing import Policy

# Turns annotated, sent to a worker and made safe on the disk together: as few as cost no speed,
# since what is under way when a batch is killed is done again.
CHUNK_TURNS = 500
# Failures and empty conversations have no turns, and must not gather without end.
CHUNK_ITEMS = 2000

MakePipeline = Callable[[], ConversationPipeline]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbouring conversations that are annotated together.

    Attributes:
        conversations: In the order of the inputs.
        failures: What could not be read among them.
        position: How far the inputs are done when the chunk is.
    """

    conversations: list[Conversation]
    failures: list[Failure]
    position: Position


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What became of a chunk's conversations.

    Attributes:
        records: Lines of records, in the order of the conversations.
        turns: How many turns they hold.
        conversations: How many records there are.
        failures: Of the conversations without a record.
        cases: Ids and queue lines.
        mapping: Lines that say what was redacted.
        reasons: How many cases there are for each reason.
    """

    records: bytes
    turns: int
    conversations: int
    failures: list[Failure]
    cases: list[tuple[str, bytes]]
    mapping: bytes = b""
    reasons: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "ChunkResult") -> "ChunkResult":
        return ChunkResult(
            self.records + other.records,
            self.turns + other.turns,
            self.conversations + other.conversations,
            self.failures + other.failures,
            self.cases + other.cases,
            self.mapping + other.mapping,
            self.reasons + other.reasons,
        )


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is told once: how to make its pipeline, and what to do with the answers."""

    make: MakePipeline
    policy: Policy
    redaction: Redaction | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """The chunks of some inputs, read while they are iterated over; picklable.

    Attributes:
        inputs: Existing paths.
        reading: How they are read.
        start: Where to go on.
        turns: How many make a chunk, and a conversation more.
        told: How errors are told.
    """

    inputs: Sequence[str]
    reading: Reading
    start: Position = field(default_factory=Position)
    turns: int = CHUNK_TURNS
    told: Callable[[Exception], str] = reason_of

    def __iter__(self) -> Iterator[Chunk]:
        conversations: list[Conversation] = []
        failures: list[Failure] = []
        turns = 0
        position = self.start
        for item in read_items(self.inputs, self.reading, self.start, told=self.told):
            position = item.position
            if isinstance(item.found, Failure):
                failures.append(item.found)
            else:
                conversations.append(item.found)
                turns += len(item.found.turns)
            if turns >= self.turns or len(conversations) + len(failures) >= CHUNK_ITEMS:
                yield Chunk(conversations, failures, position)
                conversations, failures, turns = [], [], 0
        if conversations or failures:
            yield Chunk(conversations, failures, position)


Done = tuple[Chunk, ChunkResult]
# Who annotates: from chunks and work to results, in the order of the chunks.
Engine = Callable[[Feed, Work], Generator[Done, None, None]]
NOTHING = ChunkResult(b"", 0, 0, [], [])
