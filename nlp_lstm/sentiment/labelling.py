"""From logits of all heads to what is said of a turn."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy.typing as npt

from corpora.conversation import Turn
from corpora.labels import TurnLabels
from nlp_lstm.sentiment.config import THREE_WAY, Scheme, SentimentConfig
from nlp_lstm.sentiment.decode import (
    Calibration,
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

Logits = Mapping[str, npt.ArrayLike]


class SentimentLabeller:
    """Says how turns sound, given what the heads of one model say."""

    def __init__(
        self, config: SentimentConfig, calibration: Calibration, frustration: Frustration | None
    ) -> None:
        self._config = config
        self._calibration = calibration
        self._frustration = frustration
        self._rating = next((s for s in config.schemes if rates_satisfaction(s)), None)

    def scheme(self, name: str | None) -> Scheme:
        """The scheme of that name, or the model's own for None.

        Raises:
            ValueError: The model has no such scheme.
        """
        return self._config.scheme(self._config.emotions if name is None else name)

    def labels(self, logits: Logits, scheme: Scheme, turns: Sequence[Turn]) -> list[TurnLabels]:
        """How each turn sounds.

        Args:
            logits: Of every head, by scheme; one row a turn. (M, labels)
            scheme: Which names the emotions.
            turns: The M turns.
        """
        emotions = decode_emotions(logits[scheme.name], scheme, self._calibration[scheme.name])
        sentiments = decode_sentiments(logits[THREE_WAY], self._calibration[THREE_WAY], emotions)
        for index, (rating, chance) in self._customers(logits, turns).items():
            sentiments[index] = replace(sentiments[index], satisfaction=rating, frustration=chance)
        return [TurnLabels(sentiment=sentiment) for sentiment in sentiments]

    def _customers(
        self, logits: Logits, turns: Sequence[Turn]
    ) -> dict[int, tuple[float | None, float | None]]:
        """Satisfaction and frustration of the turns that a customer may have said, by place."""
        asked, rating = self._frustration, self._rating
        if asked is None and rating is None:
            return {}
        names = {scheme for scheme in (asked and asked.scheme, rating and rating.name) if scheme}
        shares = {
            name: label_probabilities(
                logits[name], self._config.scheme(name), self._calibration[name]
            )
            for name in names
        }
        return {
            index: (
                satisfaction(shares[rating.name][index], rating) if rating else None,
                asked.probability(shares[asked.scheme][index], self._config.scheme(asked.scheme))
                if asked
                else None,
            )
            for index, turn in enumerate(turns)
            if may_be_customer(turn)
        }
