"""From logits of all heads to what is said of a turn."""

from collections.abc import Mapping, Sequence

import numpy.typing as npt

from corpora.conversation import Turn
from corpora.labels import TurnLabels
from nlp_lstm.sentiment.config import THREE_WAY, Scheme, SentimentConfig
from nlp_lstm.sentiment.decode import (
    NOT_ASKED,
    Calibration,
    Feeling,
    Scores,
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
        shares = {scheme.name: self._shares(logits, scheme)}
        emotions = decode_emotions(
            *(logits[scheme.name], scheme, self._calibration[scheme.name]), shares[scheme.name]
        )
        sentiments = decode_sentiments(
            *(logits[THREE_WAY], self._calibration[THREE_WAY], emotions),
            self._of_customers(logits, turns, shares),
        )
        return [TurnLabels(sentiment=sentiment) for sentiment in sentiments]

    def _of_customers(
        self, logits: Logits, turns: Sequence[Turn], shares: Mapping[str, Scores]
    ) -> list[Feeling]:
        """Satisfaction and frustration of each turn, where a customer may have said it.

        Args:
            logits: As `labels` has them.
            turns: The same.
            shares: Of heads that were asked already, their labels' probabilities.
        """
        asked, rating = self._frustration, self._rating
        unknown: list[float | None] = [None] * len(turns)
        rated = (
            satisfaction(self._shares(logits, rating), rating).tolist()
            if rating is not None
            else unknown
        )
        chances = unknown
        if asked is not None:
            scheme = self._config.scheme(asked.scheme)
            known = shares.get(scheme.name)
            known = self._shares(logits, scheme) if known is None else known
            chances = asked.probability(known, scheme).tolist()
        return [
            pair if may_be_customer(turn) else NOT_ASKED
            for turn, pair in zip(turns, zip(rated, chances, strict=True), strict=True)
        ]

    def _shares(self, logits: Logits, scheme: Scheme) -> Scores:
        return label_probabilities(logits[scheme.name], scheme, self._calibration[scheme.name])
