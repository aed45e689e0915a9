"""From a recipe and its corpora to a schema-reading tracker in training."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import torch

from corpora.changes import DONTCARE
from corpora.errors import InputError, quoted
from corpora.labels import LabelledConversation
from corpora.published import CORPORA, Split, corpus_root
from nlp_lstm.artefact import Artefact, load_weights
from nlp_lstm.scoring.perturb import Perturbation, perturbed, slot_values
from nlp_lstm.states.described.config import DescribedExamples, DescribedNetworkConfig
from nlp_lstm.states.described.examples import ExampleReader
from nlp_lstm.states.described.gold import Example
from nlp_lstm.states.described.network import DescribedNetwork
from nlp_lstm.states.described.plainer import MARK, plainer, plainly
from nlp_lstm.states.described.plan import NAMES, SchemaPlan
from nlp_lstm.states.described.published import published_labels, published_schema
from nlp_lstm.states.described.removals import with_removal
from nlp_lstm.states.described.renaming import renamed, words_of
from nlp_lstm.states.described.schema import DescribedSchema, read_schema
from nlp_lstm.states.described.trainee import DescribedTrainee
from nlp_lstm.states.described.validation import Judge
from nlp_lstm.states.outside import outside_pieces
from nlp_lstm.states.starting import VECTOR_SCALE, set_aside, sorted_corpora
from nlp_lstm.text.forms import FormTable
from nlp_lstm.text.pruning import ascii_pieces
from nlp_lstm.text.vectors import PretrainedPieces
from nlp_lstm.training.data import LoadedCorpus
from nlp_lstm.training.recipe import Recipe
from nlp_lstm.training.starting import settings_of, tokenizer_of

JUDGED = 300  # dev conversations that choose among epochs
# How conversations are read as people type them, and which share of their turns.
PERTURBED: tuple[Perturbation, ...] = ("typos", "casing", "fillers", "corrections")
PERTURBED_TURNS = 0.5
RENAMED_SLOTS = 0.5  # of the slots of names of a conversation that has other names


def build_trainee(
    recipe: Recipe,
    corpora: Sequence[LoadedCorpus],
    pieces: PretrainedPieces | None,
    start: Artefact | None,
    seed: int,
) -> DescribedTrainee:
    """Prepare a recipe: schema, examples and network.

    Corpora whose labels hold belief states teach tracking; the others teach keeping quiet.

    Raises:
        InputError: The recipe does not suit a tracker.
    """
    settings = settings_of(recipe.name, DescribedExamples, recipe.examples)
    config = settings_of(recipe.name, DescribedNetworkConfig, recipe.network)
    rng = random.Random(seed)
    tracked, others = sorted_corpora(recipe.name, corpora)
    schemas = [_schema(recipe, corpus, corpus.use.train) for corpus in tracked]
    schema = united(recipe.name, schemas)
    for corpus, own in zip(tracked, schemas, strict=True):
        if corpus.name not in CORPORA:
            corpus.unaligned.update(strangers(own, corpus.train))
    whole = united(recipe.name, [schema, plainer(schema)]) if settings.plain else schema
    plan = SchemaPlan(whole)
    read = ExampleReader(plan)
    train = [
        examples
        for corpus, own in zip(tracked, schemas, strict=True)
        for examples in _read(read, schema, own, _labels(corpus, own, corpus.train), settings, rng)
    ]
    pieces_wanted = round(settings.outside * len(train))
    train += [
        read(piece)
        for piece in outside_pieces([corpus.train for corpus in others], pieces_wanted, rng)
    ]
    judges = [_judge(recipe, corpus, rng) for corpus in tracked if corpus.dev]
    pieces = ascii_pieces(pieces) if pieces else None
    tokenizer = tokenizer_of(recipe.name, pieces, start)
    network = DescribedNetwork(config, FormTable(tokenizer, config.rows.gram_buckets))
    if start is not None:
        load_weights(network, start)
    elif pieces is not None:
        with torch.no_grad():
            network.rows.pieces.weight.copy_(pieces.vectors * VECTOR_SCALE)
    trainee = DescribedTrainee(
        network,
        config,
        settings,
        schema,
        plan,
        train=train,
        judges=judges,
    )
    set_aside()
    return trainee


def united(name: str, schemas: Iterable[DescribedSchema]) -> DescribedSchema:
    """The slots of several schemas, each once, in one."""
    slots = {slot.name: slot for schema in schemas for slot in schema.slots}
    return DescribedSchema(name=name, slots=tuple(slots.values()))


def strangers(
    schema: DescribedSchema, conversations: Iterable[LabelledConversation]
) -> Counter[str]:
    """Labels that a schema knows nothing of, counted: they teach nothing, and stop nothing."""
    found: Counter[str] = Counter()
    listed = {
        slot.name: {value.name for value in slot.values} | {DONTCARE}
        for slot in schema.slots
        if slot.kind == "category"
    }
    for labelled in conversations:
        held = {one for labels in labelled.labels for one in labels.state or ()}
        for one in held:
            if one.slot not in schema.slot_index:
                found[f"slot {quoted(one.slot)} that is not in the schema"] += 1
            elif one.value not in listed.get(one.slot, {one.value}):
                found[f"value {quoted(one.value)} that {one.slot} does not list"] += 1
    return found


def _read(
    read: ExampleReader,
    schema: DescribedSchema,
    own: DescribedSchema,
    conversations: Sequence[LabelledConversation],
    settings: DescribedExamples,
    rng: random.Random,
) -> Iterator[list[Example]]:
    values = slot_values(conversations) if settings.perturbed else {}
    words = words_of(conversations) if settings.renamed else []
    names = frozenset(slot.name for slot in own.slots if slot.kind in NAMES)
    groups, every = _groups(own), _groups(schema)
    several = frozenset(slot.name for slot in own.slots if slot.several)
    times = -(-settings.at_least // max(1, len(conversations)))
    for labelled in [*conversations] * max(1, times):
        services = list(labelled.conversation.meta.get("services", groups))
        if rng.random() < settings.bystanders:
            others = [group for group in every if group not in services]
            services += rng.sample(others, min(1, len(others)))
        chosen = labelled
        if rng.random() < settings.removals:
            chosen = with_removal(labelled, several, rng)
        if rng.random() < settings.renamed:
            some = frozenset(name for name in sorted(names) if rng.random() < RENAMED_SLOTS)
            chosen = renamed(chosen, some, words, rng)
        if rng.random() < settings.perturbed:
            chosen = perturbed(chosen, rng, PERTURBED, values, share=PERTURBED_TURNS)
        # Recipes without it go on drawing what they drew.
        if settings.plain and rng.random() < settings.plain:
            chosen, services = plainly(chosen), [MARK + service for service in services]
        yield read(chosen, services, lower=rng.random() < settings.lower)


def _groups(schema: DescribedSchema) -> list[str]:
    return list(dict.fromkeys(slot.group for slot in schema.slots))


def _judge(recipe: Recipe, corpus: LoadedCorpus, rng: random.Random) -> Judge:
    schema = _schema(recipe, corpus, corpus.use.dev)
    chosen = rng.sample(corpus.dev, min(JUDGED, len(corpus.dev)))
    return Judge(corpus.name, schema, _labels(corpus, schema, chosen))


def _labels(
    corpus: LoadedCorpus, schema: DescribedSchema, conversations: Sequence[LabelledConversation]
) -> Sequence[LabelledConversation]:
    """Labels as the schema spells them."""
    if corpus.name in CORPORA:
        return list(published_labels(corpus.name, schema, conversations))
    return conversations


def _schema(recipe: Recipe, corpus: LoadedCorpus, split: Split | None) -> DescribedSchema:
    if corpus.name in CORPORA:
        root = corpus_root(corpus.name, corpus.directory)
        return published_schema(corpus.name, root, split or corpus.use.train)
    if recipe.schema_file is None:
        raise InputError(
            recipe.name,
            found="labelled chats without a schema",
            expected="a TOML file that describes their slots",
            remedy="name it with --schema",
        )
    return read_schema(Path(recipe.schema_file))
