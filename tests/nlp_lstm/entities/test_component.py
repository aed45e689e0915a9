"""What the entity component promises, with random weights."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.conversation import ROLES, Conversation, Turn
from corpora.labels import EntitySpan, TurnLabels
from nlp_lstm.artefact import ArtefactError, load_artefact, save_artefact
from nlp_lstm.entities import component as component_module
from nlp_lstm.entities import given as given_module
from nlp_lstm.entities.component import EntityTagger
from tests.nlp_lstm.entities.tiny_entities import CONFIG, chat, tiny_network, tiny_tagger
from tests.nlp_lstm.tiny import tiny_tokenizer

TAGGER = tiny_tagger()
TURNS = st.builds(Turn, st.text(max_size=30), role=st.none() | st.sampled_from(ROLES))
CHATS = st.lists(st.lists(TURNS, max_size=10).map(tuple), max_size=4)


def spans(labels: TurnLabels) -> tuple[EntitySpan, ...]:
    assert labels.entities is not None
    return labels.entities


def step_through(tagger: EntityTagger, turns: Sequence[Turn]) -> list[TurnLabels]:
    memory = tagger.start()
    labels = []
    for turn in turns:
        label, memory = tagger.step(memory, turn)
        labels.append(label)
    return labels


def assert_alike(found: Sequence[TurnLabels], expected: Sequence[TurnLabels]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert [(s.start, s.end, s.label) for s in spans(one)] == [
            (s.start, s.end, s.label) for s in spans(other)
        ]
        for span, same in zip(spans(one), spans(other), strict=True):
            assert span.confidence == pytest.approx(same.confidence, abs=1e-5)


@settings(deadline=None, max_examples=60)
@given(CHATS)
def test_stepping_gives_what_annotating_gives(chats: list[tuple[Turn, ...]]) -> None:
    conversations = [Conversation(str(i), turns) for i, turns in enumerate(chats)]

    for conversation, labels in zip(conversations, TAGGER.annotate(conversations), strict=True):
        assert_alike(step_through(TAGGER, conversation.turns), labels)


def test_a_chat_of_thirty_turns_beside_a_single_blank_one() -> None:
    long = chat(
        *(f"book table {i} no" * (i % 4) for i in range(30)), roles=("customer", "agent", None)
    )
    blank = chat("   ")

    (alone,) = TAGGER.annotate([long])
    first, second = TAGGER.annotate([blank, long])

    assert spans(first[0]) == ()
    assert sum(len(spans(labels)) for labels in alone) > 10
    assert_alike(second, alone)
    assert_alike(step_through(TAGGER, long.turns), alone)


def test_chunks_of_conversations_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    conversations = [chat(*(f"table {i} north {n}" for i in range(n))) for n in range(1, 6)]
    together = TAGGER.annotate(conversations)

    monkeypatch.setattr(component_module, "CHUNK_WORDS", 5)
    monkeypatch.setattr(component_module, "BATCH_WORDS", 1)

    for labels, expected in zip(TAGGER.annotate(conversations), together, strict=True):
        assert_alike(labels, expected)


def test_a_very_long_turn_is_read_in_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = chat("table 4 north book 44 no cheap", "four 4")
    monkeypatch.setattr(given_module, "LONGEST_STRETCH", 3)

    (labels,) = TAGGER.annotate([whole])
    alone = TAGGER.annotate([chat("table 4 north"), chat("book 44 no"), chat("cheap")])

    assert_alike(step_through(TAGGER, whole.turns), labels)
    starts = [0, 14, 25]
    assert [(s.start, s.end, s.label) for s in spans(labels[0])] == [
        (start + s.start, start + s.end, s.label)
        for start, (part,) in zip(starts, alone, strict=True)
        for s in spans(part)
    ]


def test_what_a_customer_said_before_matters_and_what_comes_after_does_not() -> None:
    question = "four 44 no"
    after = TAGGER.annotate([chat("the cheap book", question)])[0][1]
    fresh = TAGGER.annotate([chat(question)])[0][0]
    longer = TAGGER.annotate([chat("the cheap book", question, "table 4")])[0][1]

    assert_alike([after], [longer])
    assert [s.confidence for s in spans(after)] != [s.confidence for s in spans(fresh)]


def test_agents_are_tagged_but_not_remembered() -> None:
    with_agent = chat(
        "book 4",
        "the cheap table north 4 book 44",
        "table 4 north book 44 no cheap",
        roles=("customer", "agent"),
    )
    without = chat("book 4", "table 4 north book 44 no cheap")

    heard, skipped = TAGGER.annotate([with_agent, without])

    assert_alike([heard[0], heard[2]], skipped)
    assert spans(heard[1])
    assert spans(heard[2])


def test_spans_lie_in_the_text_and_do_not_overlap() -> None:
    text = "ana@example.org table—44  north, נועה 😀 cheap"
    (labels,) = TAGGER.annotate([chat(text)])

    ends = 0
    for span in spans(labels[0]):
        assert ends <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        assert span.label in CONFIG.labels
        assert 0 <= span.confidence <= 1
        ends = span.end
    assert ends


def test_a_turn_of_a_hundred_thousand_characters_is_read_to_its_end() -> None:
    text = "table 44 north " * 6_700

    (labels,) = TAGGER.annotate([chat(text, "four")])

    assert spans(labels[0])[-1].end > 99_000


def test_an_artefact_gives_the_tagger_back(tmp_path: Path) -> None:
    network = tiny_network()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())
    directory = tmp_path / "tiny"
    fingerprint = save_artefact(
        directory,
        task="entities",
        config={"network": CONFIG.model_dump(mode="json"), "validated_tokens": 50},
        tensors=network.state_dict(),
        tokenizer=tiny_tokenizer(),
        calibration={"slope": 0.8, "offset": -0.1},
        metrics={},
        card="",
    )

    tagger = EntityTagger.load(load_artefact(directory))

    assert (tagger.name, tagger.fingerprint, tagger.validated_tokens) == ("tiny", fingerprint, 50)
    assert_alike(*tagger.annotate([chat("book 4 north"), chat("book 4 north")]))


def test_an_artefact_whose_config_lacks_a_width_is_refused(tmp_path: Path) -> None:
    config = CONFIG.model_dump(mode="json")
    del config["turn_width"]
    directory = tmp_path / "tiny"
    save_artefact(
        directory,
        task="entities",
        config={"network": config},
        tensors=tiny_network().state_dict(),
        tokenizer=tiny_tokenizer(),
        calibration={"slope": 0.8, "offset": -0.1},
        metrics={},
        card="",
    )

    with pytest.raises(ArtefactError, match=r"config\.json: found settings .*turn_width"):
        EntityTagger.load(load_artefact(directory))
