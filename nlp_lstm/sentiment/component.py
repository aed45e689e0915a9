"""The sentiment component: turns in, how each of them sounds out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, chain, islice, pairwise

import torch
from torch import Tensor

from corpora.conversation import Conversation, Turn
from corpora.labels import TurnLabels
from nlp_lstm.artefact import Artefact, ArtefactError, load_weights
from nlp_lstm.component import Memory, Task, check_memory
from nlp_lstm.layers.memory import State
from nlp_lstm.sentiment.config import THREE_WAY, Scheme, SentimentConfig
from nlp_lstm.sentiment.decode import (
    Calibration,
    HeadCalibration,
    decode_emotions,
    decode_sentiments,
    label_probabilities,
)
from nlp_lstm.sentiment.frustration import (
    Frustration,
    may_be_customer,
    rates_satisfaction,
    satisfaction,
)
from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.sentiment.reading import encode_turns
from nlp_lstm.sentiment.speakers import remembered, speaker_key, speaker_runs
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.words import split_words


class SentimentTagger:
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
        name: str,
        fingerprint: str,
        validated_tokens: int,
        frustration: Frustration | None = None,
    ) -> None:
        self.config = config
        self.network = network.eval()
        self.calibration = calibration
        self.name = name
        self.fingerprint = fingerprint
        self.validated_tokens = validated_tokens
        self.frustration = frustration
        self._rating = next((s for s in config.schemes if rates_satisfaction(s)), None)

    @classmethod
    def load(cls, artefact: Artefact) -> "SentimentTagger":
        """Build the component that an artefact holds.

        Raises:
            ArtefactError: Config, calibration and weights do not belong together.
        """
        try:
            config = SentimentConfig.model_validate(artefact.config["network"])
            names = [THREE_WAY, *(scheme.name for scheme in config.schemes)]
            validated_tokens = int(artefact.config["validated_tokens"])
            calibration = {
                name: HeadCalibration.model_validate(artefact.calibration[name]) for name in names
            }
            frustration = _frustration(artefact.calibration.get("frustration"), config)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtefactError(
                f"{artefact.name}/config.json",
                found=f"settings that are none of a sentiment model ({_one_line(error)})",
                expected="what its training saved",
                remedy="copy the directory again, or train the model again",
            ) from error
        table = FormTable(artefact.tokenizer, config.rows.gram_buckets)
        network = SentimentNetwork(config, table)
        load_weights(network, artefact)
        return cls(
            config,
            network,
            calibration,
            name=artefact.name,
            fingerprint=artefact.fingerprint,
            validated_tokens=validated_tokens,
            frustration=frustration,
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
        if not self._scheme(scheme).several:
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

    def start(self) -> Memory:
        """The memory before the first turn."""
        conversation, speaker = self.network.conversation, self.network.speaker
        return self._memory(0, 0, conversation.start(1), [], speaker.start(0))

    @torch.inference_mode()
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
        chosen = self._scheme(scheme)
        forms = split_words(turn.text).forms
        vector = encode_turns(self.network, [forms], self.config.longest_stretch)
        tensors = {name: torch.from_numpy(array) for name, array in memory.arrays.items()}
        conversation = self.network.conversation.step(
            vector, (tensors["conversation.hidden"], tensors["conversation.cell"])
        )
        held: list[str] = memory.facts["speakers"]
        before = tensors["speaker.hidden"], tensors["speaker.cell"]
        key = speaker_key(turn)
        speaker = self.network.speaker.step(vector, self._heard_before(key, held, before))
        heard = torch.cat([vector, conversation[0], speaker[0]], dim=1)
        after = remembered(held, key, self.config.most_speakers)
        kept = [held.index(other) for other in after[:-1]]
        states = (
            torch.cat([before[0][kept], speaker[0]]),
            torch.cat([before[1][kept], speaker[1]]),
        )
        tokens = memory.tokens + len(forms)
        return (
            self._decode(self.network.name(heard), chosen, [turn])[0],
            self._memory(memory.turns + 1, tokens, conversation, after, states),
        )

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
        chosen = self._scheme(scheme)
        turns = list(chain.from_iterable(c.turns for c in conversations))
        labels = iter(self._decode(self.logits(conversations), chosen, turns))
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

    def _scheme(self, name: str | None) -> Scheme:
        return self.config.scheme(self.config.emotions if name is None else name)

    def _heard_before(self, key: str, held: list[str], states: State) -> State:
        if key not in held:
            return self.network.speaker.start(1)
        place = held.index(key)
        return states[0][place : place + 1], states[1][place : place + 1]

    def _decode(
        self, logits: Mapping[str, Tensor], scheme: Scheme, turns: Sequence[Turn]
    ) -> list[TurnLabels]:
        emotions = decode_emotions(logits[scheme.name], scheme, self.calibration[scheme.name])
        sentiments = decode_sentiments(logits[THREE_WAY], self.calibration[THREE_WAY], emotions)
        for index, (rating, chance) in self._customers(logits, turns).items():
            sentiments[index] = replace(sentiments[index], satisfaction=rating, frustration=chance)
        return [TurnLabels(sentiment=sentiment) for sentiment in sentiments]

    def _customers(
        self, logits: Mapping[str, Tensor], turns: Sequence[Turn]
    ) -> dict[int, tuple[float | None, float | None]]:
        """Satisfaction and frustration of the turns that a customer may have said, by place."""
        asked, rating = self.frustration, self._rating
        if asked is None and rating is None:
            return {}
        names = {scheme for scheme in (asked and asked.scheme, rating and rating.name) if scheme}
        shares = {
            name: label_probabilities(
                logits[name], self.config.scheme(name), self.calibration[name]
            )
            for name in names
        }
        return {
            index: (
                satisfaction(shares[rating.name][index], rating) if rating else None,
                asked.probability(shares[asked.scheme][index], self.config.scheme(asked.scheme))
                if asked
                else None,
            )
            for index, turn in enumerate(turns)
            if may_be_customer(turn)
        }

    def _memory(
        self, turns: int, tokens: int, conversation: State, speakers: list[str], states: State
    ) -> Memory:
        arrays = {
            "conversation.hidden": conversation[0].numpy(),
            "conversation.cell": conversation[1].numpy(),
            "speaker.hidden": states[0].numpy(),
            "speaker.cell": states[1].numpy(),
        }
        return Memory(self.fingerprint, turns, tokens, arrays, {"speakers": speakers})


def _frustration(stored: object, config: SentimentConfig) -> Frustration | None:
    if stored is None:
        return None
    frustration = Frustration.model_validate(stored)
    config.scheme(frustration.scheme)
    return frustration


def _one_line(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
