"""A sentiment network in training: several corpora at once, a head each, one three-way head."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch
from pydantic import BaseModel
from torch import Tensor

from corpora.labels import LabelledConversation
from nlp_lstm.component import Identity
from nlp_lstm.scoring.context import MeasuredContext, measure_context
from nlp_lstm.sentiment.component import SentimentTagger
from nlp_lstm.sentiment.config import THREE_WAY, THREE_WAY_LABELS, SentimentConfig
from nlp_lstm.sentiment.decode import HeadCalibration, Threshold, label_probabilities
from nlp_lstm.sentiment.examples import Batch, cut_batches, make_batch
from nlp_lstm.sentiment.fitting import (
    best_thresholds,
    fit_frustration,
    fit_several,
    fit_shift,
    fit_single,
)
from nlp_lstm.sentiment.frustration import Frustration, rates_satisfaction
from nlp_lstm.sentiment.judging import (
    dev_logits,
    emotion_metrics,
    emotion_rows,
    main_metric,
    sentiment_rows,
    three_way_f1,
)
from nlp_lstm.sentiment.loss import UNLABELLED, several_loss, single_loss, single_weights
from nlp_lstm.sentiment.network import SentimentNetwork
from nlp_lstm.sentiment.sources import ExampleSettings, Source
from nlp_lstm.text.forms import FormTable
from nlp_lstm.training.loop import ArtefactParts, ParameterGroup

# What learns where the encoder of turns is frozen.
AFTER_ENCODER = ("conversation.", "speaker.", "heads.")


class SentimentTrainee:
    """Keeps `nlp_lstm.training.loop.Trainee`."""

    metric = "judged"

    def __init__(
        self,
        config: SentimentConfig,
        network: SentimentNetwork,
        settings: ExampleSettings,
        sources: Sequence[Source],
    ) -> None:
        self.config = config
        self.network = network
        self.settings = settings
        self.sources = {source.scheme.name: source for source in sources}
        self._vectors: dict[str, list[Tensor]] = {}
        seen = torch.zeros(len(THREE_WAY_LABELS))
        for source in sources:
            for example in source.examples:
                for number in example.sentiments:
                    if number != UNLABELLED:
                        seen[number] += source.visits
        self.sentiment_weights = single_weights((seen / seen.sum().clamp(min=1)).tolist())

    def batch_count(self) -> int:
        """Steps in an epoch."""
        return sum(1 for _ in self._cut(random.Random(0)))

    def batches(self, epoch: int, rng: random.Random) -> Iterator[Batch]:
        """The corpora's batches of an epoch, in the order of chance."""
        del epoch
        for name, chosen in self._cut(rng):
            source = self.sources[name]
            read = [
                source.typed[index]
                if source.typed and rng.random() < self.settings.typed
                else source.examples[index]
                for index in chosen
            ]
            batch = make_batch(read, source.scheme)
            if self.settings.frozen:
                vectors = self._encoded(source)
                batch = replace(batch, vectors=torch.cat([vectors[index] for index in chosen]))
            yield batch

    def loss(self, batch: Batch, epoch: int) -> Tensor:
        """What the heads that know the batch's labels get wrong, weighted as the recipe says."""
        del epoch
        network, source = self.network, self.sources[batch.scheme]
        device = network.start.device
        if batch.vectors is None:
            hidden = (torch.rand(batch.ids.shape) < self.settings.word_dropout) & (batch.ids > 0)
            ids = batch.ids.masked_fill(hidden, FormTable.UNKNOWN).to(device)
            vectors = network.encode(ids, batch.lengths.to(device))
        else:
            vectors = network.dropout(batch.vectors.to(device))
        heard = network.remember(vectors, batch.conversations, batch.runs)
        logits = network.name(heard)
        emotions = batch.emotions.to(device)
        if source.scheme.several:
            kept = batch.labelled.to(device)
            named = several_loss(
                logits[batch.scheme][kept], emotions[kept], source.weights.to(device)
            )
        else:
            named = single_loss(logits[batch.scheme], emotions, source.weights.to(device))
        sounding = single_loss(
            logits[THREE_WAY], batch.sentiments.to(device), self.sentiment_weights.to(device)
        )
        weights = self.settings.losses
        return weights[batch.scheme] * named + weights[THREE_WAY] * sounding

    def validate(self) -> dict[str, float]:
        """Dev figures of every corpus, and what the recipe's judges say."""
        figures: dict[str, float] = {}
        judged: list[float] = []
        tagger = self._tagger()
        for name, source in self.sources.items():
            if not source.dev:
                continue
            logits = dev_logits(tagger, source.dev)
            threshold = self._threshold(tagger, source)
            rows = emotion_rows(source.dev, source.scheme)
            metrics = emotion_metrics(logits[name], rows, source.scheme, threshold)
            main = main_metric(source.scheme)
            figures[f"{name}/{main}"] = metrics[main]
            figures[f"{name}/three_way_macro_f1"] = three_way_f1(logits[THREE_WAY], source.dev)
            if name in self.settings.judges:
                judged.append(metrics[main])
        figures[self.metric] = sum(judged) / len(judged)
        return figures

    def parameter_groups(self) -> list[ParameterGroup]:
        """Word vectors learn half as fast, because they know something already, and decay not."""
        named = dict(self.network.named_parameters())
        if self.settings.frozen:
            return [ParameterGroup([p for n, p in named.items() if n.startswith(AFTER_ENCODER)])]
        vectors = named.pop("rows.pieces.weight")
        grams = named.pop("rows.grams.weight")
        return [
            ParameterGroup([vectors], rate_scale=0.5, weight_decay=0.0),
            ParameterGroup([grams], weight_decay=0.0),
            ParameterGroup(list(named.values())),
        ]

    def describe(self, *, measured: bool = True) -> ArtefactParts:
        """The network's config, the tokenizer of its word rows, the context it bears."""
        config = {"network": self.config.model_dump(mode="json")}
        context = self._measured_context() if measured else None
        return ArtefactParts(config, self.network.rows.table.tokenizer_json, context)

    def calibrate(self) -> dict[str, object]:
        """Thresholds from what was held out, temperatures from dev, by head."""
        tagger = self._tagger()
        fitted: dict[str, HeadCalibration] = {}
        three_way: list[tuple[Tensor, Tensor]] = []
        for name, source in self.sources.items():
            threshold = self._threshold(tagger, source)
            judge = source.dev or source.held_out
            if not judge:
                fitted[name] = HeadCalibration.untouched()
                continue
            logits, rows = dev_logits(tagger, judge), emotion_rows(judge, source.scheme)
            if source.scheme.several:
                bias = source.weights.log()
                fitted[name] = fit_several(logits[name], rows, bias, threshold)
            else:
                right = [row[0] if row else UNLABELLED for row in rows]
                fitted[name] = fit_single(logits[name], right, source.weights)
                if rates_satisfaction(source.scheme):
                    shift = fit_shift(logits[name], right, source.scheme)
                    fitted[name] = fitted[name].model_copy(update={"shift": shift})
            three_way.append((logits[THREE_WAY], torch.tensor(sentiment_rows(judge))))
        fitted[THREE_WAY] = (
            fit_single(
                torch.cat([logits for logits, _ in three_way]),
                torch.cat([targets for _, targets in three_way]).tolist(),
            )
            if three_way
            else HeadCalibration.untouched()
        )
        parts: dict[str, BaseModel] = {**fitted}
        frustration = self._frustration(tagger, fitted)
        if frustration is not None:
            parts["frustration"] = frustration
        return {name: part.model_dump(mode="json") for name, part in parts.items()}

    def _frustration(
        self, tagger: SentimentTagger, fitted: Mapping[str, HeadCalibration]
    ) -> Frustration | None:
        """From ratings where they were learnt, else from the model's own emotions."""
        rated = [name for name, source in self.sources.items() if rates_satisfaction(source.scheme)]
        name = rated[0] if rated else self.config.emotions
        source = self.sources[name]
        judge = source.held_out or source.dev
        if not judge:
            return None
        logits = dev_logits(tagger, judge)[name]
        shares = label_probabilities(logits, source.scheme, fitted[name])
        return fit_frustration(shares, emotion_rows(judge, source.scheme), source.scheme)

    def _measured_context(self) -> MeasuredContext | None:
        for name, source in self.sources.items():
            if source.scheme.several or rates_satisfaction(source.scheme):
                continue
            if all(len(c.labels) < 2 for c in source.dev):
                continue
            tagger = self._tagger()

            def weighted_f1(
                chained: Sequence[LabelledConversation],
                name: str = name,
                source: Source = source,
                tagger: SentimentTagger = tagger,
            ) -> float:
                logits = dev_logits(tagger, chained)[name]
                rows = emotion_rows(chained, source.scheme)
                return emotion_metrics(logits, rows, source.scheme, 0.5)["weighted_f1"]

            judged = f"the conversations of {name} dev"
            return measure_context(judged, source.dev, "weighted_f1", weighted_f1)
        return None

    def _encoded(self, source: Source) -> list[Tensor]:
        """The turns of each example of a source, as the frozen encoder reads them: (N, E)."""
        name = source.scheme.name
        if name not in self._vectors:
            network, training = self.network, self.network.training
            network.eval()
            with torch.no_grad():
                self._vectors[name] = [
                    network.encode(batch.ids.to(network.start.device), batch.lengths).cpu()
                    for batch in (make_batch([one], source.scheme) for one in source.examples)
                ]
            network.train(training)
        return self._vectors[name]

    def _cut(self, rng: random.Random) -> Iterator[tuple[str, list[int]]]:
        cut: list[tuple[str, list[int]]] = []
        for name, source in self.sources.items():
            size = len(source.examples)
            wanted = round(size * source.visits)
            order = [i for _ in range(-(-wanted // size)) for i in rng.sample(range(size), size)]
            batches = cut_batches(source.examples, order[:wanted], self.settings.batch_turns, rng)
            cut += [(name, batch) for batch in batches]
        rng.shuffle(cut)
        yield from cut

    def _tagger(self) -> SentimentTagger:
        calibration = {name: HeadCalibration.untouched() for name in (*self.sources, THREE_WAY)}
        return SentimentTagger(
            self.config,
            self.network,
            calibration,
            identity=Identity("in training", "", 0),
        )

    def _threshold(self, tagger: SentimentTagger, source: Source) -> Threshold:
        if not source.scheme.several or not source.held_out:
            return 0.5
        logits = dev_logits(tagger, source.held_out)[source.scheme.name]
        return best_thresholds(logits, emotion_rows(source.held_out, source.scheme))
