"""The sentiment tagger turn by turn: NumPy, and an engine that reads the words."""

import numpy as np

from corpora.conversation import Turn
from corpora.labels import TurnLabels
from nlp_lstm.component import Identity, Memory, Task, check_memory
from nlp_lstm.layers.single import Floats, Linear, State, softmax
from nlp_lstm.native.kernels import GELU, TANH, in_full
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.runtime.stepping import Stepper
from nlp_lstm.sentiment.config import THREE_WAY, SentimentConfig
from nlp_lstm.sentiment.decode import Calibration
from nlp_lstm.sentiment.frustration import Frustration
from nlp_lstm.sentiment.labelling import SentimentLabeller
from nlp_lstm.sentiment.speakers import remembered, speaker_key
from nlp_lstm.text.words import split_words


class SentimentStepper(Stepper):
    """How one turn at a time sounds; answers as `SentimentTagger` does.

    Dimensions: T words, E turn width.
    """

    task: Task = "sentiment"

    def __init__(
        self,
        config: SentimentConfig,
        calibration: Calibration,
        engine: Engine,
        *,
        identity: Identity,
        frustration: Frustration | None = None,
    ) -> None:
        super().__init__(identity)
        self.config = config
        self._engine = engine
        self._labeller = SentimentLabeller(config, calibration, frustration)
        weights = engine.weights
        self._first: Floats = weights["start"][None]
        self._key = Linear.of(weights, "attention.key", engine.kernels)
        self._query = Linear.of(weights, "attention.query")
        exact = in_full(engine.kernels)
        self._turn = Linear.of(weights, "turn", exact)
        self._conversation = engine.memory("conversation")
        self._speaker = engine.memory("speaker")
        names = [THREE_WAY, *(scheme.name for scheme in config.schemes)]
        self._heads = {name: Linear.of(weights, f"heads.{name}") for name in names}

    def start(self) -> Memory:
        """The memory before the first turn."""
        return self._memory(0, 0, self._conversation.start(1), [], self._speaker.start(0))

    def step(
        self, memory: Memory, turn: Turn, *, scheme: str | None = None
    ) -> tuple[TurnLabels, Memory]:
        """Say how the next turn sounds.

        Args:
            memory: Of the conversation so far.
            turn: What is said next.
            scheme: Which scheme names the emotions; None takes the model's own.

        Raises:
            ArtefactError: `memory` is another model's.
            ValueError: The model has no such scheme.
        """
        check_memory(memory, self.fingerprint)
        chosen = self._labeller.scheme(scheme)
        self._engine.bound()
        forms = split_words(turn.text).forms
        vector = self._vector(forms)
        arrays = memory.arrays
        conversation = self._conversation(
            vector, (arrays["conversation.hidden"], arrays["conversation.cell"])
        )
        held: list[str] = memory.facts["speakers"]
        before = arrays["speaker.hidden"], arrays["speaker.cell"]
        key = speaker_key(turn)
        speaker = self._speaker(vector, self._heard_before(key, held, before))
        heard = np.concatenate([vector, conversation[0], speaker[0]], axis=1)
        logits = {name: head(heard) for name, head in self._heads.items()}
        after = remembered(held, key, self.config.most_speakers)
        kept = [held.index(other) for other in after[:-1]]
        states = (
            np.concatenate([before[0][kept], speaker[0]]),
            np.concatenate([before[1][kept], speaker[1]]),
        )
        tokens = memory.tokens + len(forms)
        (labels,) = self._labeller.labels(logits, chosen, [turn])
        return labels, self._memory(memory.turns + 1, tokens, conversation, after, states)

    def _vector(self, forms: list[str]) -> Floats:
        """A turn's vector, of a long turn the mean of its stretches, weighted by words: (1, E)."""
        longest = self.config.longest_stretch
        stretches = [forms[i : i + longest] for i in range(0, max(1, len(forms)), longest)]
        vectors = [self._encode(stretch) for stretch in stretches]
        if len(vectors) == 1:
            return vectors[0]
        words = [max(1, len(stretch)) for stretch in stretches]
        mean: Floats = np.average(np.concatenate(vectors), axis=0, weights=words)[None]
        return mean.astype(np.float32)

    def _encode(self, forms: list[str]) -> Floats:
        """The vector of a turn or of a stretch of one: (1, E)."""
        states = self._engine.encode(np.concatenate([self._first, self._engine.rows(forms)]))
        shares = softmax(self._query(self._key(states, TANH))[:, 0])
        pooled = [shares @ states, states.max(axis=0), states.sum(axis=0) / np.float32(len(states))]
        return self._turn(np.concatenate(pooled)[None], GELU)

    def _heard_before(self, key: str, held: list[str], states: State) -> State:
        if key not in held:
            return self._speaker.start(1)
        place = held.index(key)
        return states[0][place : place + 1], states[1][place : place + 1]

    def _memory(
        self, turns: int, tokens: int, conversation: State, speakers: list[str], states: State
    ) -> Memory:
        arrays = {
            "conversation.hidden": conversation[0],
            "conversation.cell": conversation[1],
            "speaker.hidden": states[0],
            "speaker.cell": states[1],
        }
        return Memory(self.fingerprint, turns, tokens, arrays, {"speakers": speakers})
