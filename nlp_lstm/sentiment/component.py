"""The sentiment component: turns in, how each of them sounds out."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain, islice, pairwise

import torch
from torch import Tensor

from corpora.conversation import Conversation, Turn
from corpora.labels import TurnLabels
from nlp_lstm.artefact import Artefact, load_weights
from nlp_lstm.component import Identity, Memory, Task
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.runtime.torch_stepping import TorchStepping
from nlp_lstm.sentiment.config import Scheme, SentimentConfig
from nlp_lstm.sentiment.decode import Calibration
from nlp_lstm.sentiment.frustration import Frustration
from nlp_lstm.sentiment.labelling import SentimentLabeller
from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.sentiment.reading import encode_turns
from nlp_lstm.sentiment.settings import sentiment_settings
from nlp_lstm.sentiment.speakers import speaker_key, speaker_runs
from nlp_lstm.sentiment.stepping import SentimentStepper
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.words import split_words


class SentimentTagger(TorchStepping[SentimentNetwork, SentimentStepper]):
    """How each turn sounds, knowing what was said before and by whom.

    Keeps `nlp_lstm.component.Component`.
    """

    task: Task = "sentiment"

    def __init__(
        self,
        config: SentimentConfig,
        network: SentimentNetwork,
        calibration: Calibration,
        *,
        identity: Identity,
        frustration: Frustration | None = None,
    ) -> None:
        super().__init__(network.eval(), identity)
        self.config = config
        self.calibration = calibration
        self.frustration = frustration
        self._labeller = SentimentLabeller(config, calibration, frustration)

    @classmethod
    def load(cls, artefact: Artefact) -> "SentimentTagger":
        """Build the component that an artefact holds.

        Raises:
            ArtefactError: Config, calibration and weights do not belong together.
        """
        settings = sentiment_settings(artefact)
        table = FormTable(artefact.tokenizer, settings.config.rows.gram_buckets)
        network = SentimentNetwork(settings.config, table)
        load_weights(network, artefact)
        return cls(
            settings.config,
            network,
            settings.calibration,
            identity=settings.identity,
            frustration=settings.frustration,
        )

    @property
    def schemes(self) -> Mapping[str, Scheme]:
        """The emotion schemes that `annotate` can be asked for, by name."""
        return {scheme.name: scheme for scheme in self.config.schemes}

    def decision(self, scheme: str) -> str:
        """In words, how the emotions of a scheme are decided.

        Raises:
            ValueError: The model has no such scheme.
        """
        if not self._labeller.scheme(scheme).several:
            return f"scheme {scheme}, the likeliest label"
        threshold = self.calibration[scheme].threshold
        if isinstance(threshold, tuple):
            least, most = min(threshold), max(threshold)
            return (
                f"scheme {scheme}, every label from a raw probability of its own, {least:.2f} to "
                f"{most:.2f}, chosen on training comments held out, and the likeliest"
            )
        return (
            f"scheme {scheme}, every label from raw probability {threshold:.2f}, "
            "one threshold for all, and the likeliest"
        )

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
        return self._stepper().step(memory, turn, scheme=scheme)

    @torch.inference_mode()
    def annotate(
        self, conversations: Sequence[Conversation], *, scheme: str | None = None
    ) -> list[list[TurnLabels]]:
        """Say how every turn of whole conversations sounds.

        Args:
            conversations: Any number, of any length.
            scheme: Which scheme names the emotions; None takes the model's own.

        Returns:
            One list a conversation, one `TurnLabels` a turn.

        Raises:
            ValueError: The model has no such scheme.
        """
        chosen = self._labeller.scheme(scheme)
        turns = list(chain.from_iterable(c.turns for c in conversations))
        labels = iter(self._labeller.labels(self.logits(conversations), chosen, turns))
        return [list(islice(labels, len(c.turns))) for c in conversations]

    @torch.inference_mode()
    def logits(self, conversations: Sequence[Conversation]) -> Mapping[str, Tensor]:
        """What every head says of each turn, uncalibrated.

        Returns:
            By scheme: one row a turn, conversation after conversation. (M, labels)
        """
        turns = [turn for conversation in conversations for turn in conversation.turns]
        forms = [split_words(turn.text).forms for turn in turns]
        vectors = encode_turns(self.network, forms, self.config.longest_stretch)
        bounds = accumulate((len(c.turns) for c in conversations), initial=0)
        sequences = [range(start, end) for start, end in pairwise(bounds)]
        runs = [
            [sequence[index] for index in run]
            for sequence, conversation in zip(sequences, conversations, strict=True)
            for run in speaker_runs(
                [speaker_key(turn) for turn in conversation.turns], self.config.most_speakers
            )
        ]
        return self.network.name(self.network.remember(vectors, sequences, runs))

    def _step_with(self, engine: Engine) -> SentimentStepper:
        return SentimentStepper(
            self.config,
            self.calibration,
            engine,
            identity=self.identity,
            frustration=self.frustration,
        )
