"""The entity tagger turn by turn: NumPy, and an engine that reads the words."""

import numpy as np

from corpora.conversation import Turn
from corpora.labels import TurnLabels
from nlp_lstm.component import Identity, Memory, Task, check_memory
from nlp_lstm.entities.config import EntitiesConfig, SpanCalibration
from nlp_lstm.entities.given import place_of, stretches
from nlp_lstm.entities.labelling import turn_labels
from nlp_lstm.entities.reading import ScoredTurns, SpanReader
from nlp_lstm.layers.bioes import TRANSITIONS, BioesDecoder
from nlp_lstm.layers.single import Floats, Linear
from nlp_lstm.native.kernels import TANH, in_full
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.runtime.stepping import Stepper
from nlp_lstm.text.words import split_words


class EntityStepper(Stepper):
    """Finds the entities of one turn at a time; answers as `EntityTagger` does.

    Dimensions: T words, H hidden width, K tags.
    """

    task: Task = "entities"

    def __init__(
        self,
        config: EntitiesConfig,
        calibration: SpanCalibration,
        engine: Engine,
        *,
        identity: Identity,
    ) -> None:
        super().__init__(identity)
        self.config = config
        self._engine = engine
        weights = engine.weights
        # All of it is the same to the last bit as in a batch: what it adds up is rounded again.
        exact = in_full(engine.kernels)
        self._roles: Floats = weights["roles.weight"]
        self._word = Linear.of(weights, "word", engine.kernels)
        self._context = Linear.of(weights, "context", exact)
        self._tags = Linear.of(weights, "tags", engine.kernels)
        self._turn = Linear.of(weights, "turn", exact)
        self._memory = engine.memory("memory")
        self._decoder = BioesDecoder({name: weights[f"crf.{name}"] for name in TRANSITIONS})
        self._read_spans = SpanReader(config.labels, calibration)

    def start(self) -> Memory:
        """The memory before the first turn."""
        hidden, cell = self._memory.start(1)
        return Memory(self.fingerprint, 0, 0, {"hidden": hidden, "cell": cell}, {})

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        """Tag the next turn of the conversation that `memory` has read.

        Raises:
            ArtefactError: `memory` is another model's.
        """
        check_memory(memory, self.fingerprint)
        self._engine.bound()
        words = split_words(turn.text)
        place = place_of(turn, memory.turns, memory.facts.get("heard"), self.config)
        arrays, facts = memory.arrays, memory.facts
        context = self._context(arrays["hidden"])
        scored: list[ScoredTurns] = []
        pooled: list[Floats] = []
        for part in stretches(len(words.forms)):
            forms = words.forms[part]
            states = self._encode(forms, place.role)
            joined = self._word(states[1:]) + context
            scores = self._tags(np.maximum(joined, 0, out=joined))[None]
            scored.append(ScoredTurns([0], [part.start], [len(forms)], scores))
            pooled.append(states.max(axis=0))
        (read,) = self._read_spans(self._decoder, scored, 1)
        if place.is_remembered:
            vector = self._turn(np.max(pooled, axis=0)[None], TANH)
            hidden, cell = self._memory(vector, (arrays["hidden"], arrays["cell"]))
            arrays, facts = {"hidden": hidden, "cell": cell}, {"heard": place.number}
        tokens = memory.tokens + len(words.forms)
        labels = turn_labels(turn, words, read, self.config)
        return labels, Memory(self.fingerprint, memory.turns + 1, tokens, arrays, facts)

    def _encode(self, forms: list[str], role: int) -> Floats:
        """States of the role's token and of the words: (1 + T, 2H)."""
        tokens = np.concatenate([self._roles[role : role + 1], self._engine.rows(forms)])
        return self._engine.encode(tokens)
