"""MultiDoGO as state tracking: what was given accumulates, corrections replace."""

from pathlib import Path

import pytest

from corpora.labels import EntitySpan, LabelledConversation, SlotValue
from corpora.published import read_corpus
from corpora.published.multidogo import DOMAINS
from corpora.published.multidogo_states import SEVERAL, add

SAMPLES = Path(__file__).parents[2] / "samples"
HEADER = "conversationId\tturnNumber\tutteranceId\tutterance\tslot-labels\tintent"


def read_turns(root: Path, domain: str, *turns: tuple[str, str]) -> LabelledConversation:
    """One conversation of a domain, its turns given as utterances and their labels."""
    folder = root / "data" / "paper_splits" / "splits_annotated_at_turn_level"
    rows = [f'c\t{i}\tu\t"{text}"\t{labels}\tcontentonly' for i, (text, labels) in enumerate(turns)]
    for name in DOMAINS:
        path = folder / name / "dev.tsv"
        path.parent.mkdir(parents=True)
        lines = [HEADER, *(rows if name == domain else [])]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (labelled,) = read_corpus("multidogo-states", root, "dev")
    return labelled


def states(labelled: LabelledConversation) -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = []
    for labels in labelled.labels:
        found.append({})
        for held in labels.state or ():
            found[-1].setdefault(held.slot, []).append(held.value)
    return found


def test_what_was_given_stays_to_the_end() -> None:
    boarding, *_ = read_corpus("multidogo-states", SAMPLES, "train")

    assert boarding.conversation.meta == {"domain": "airline", "services": ["airline"]}
    assert all(turn.meta["services"] == ["airline"] for turn in boarding.conversation.turns)
    given = [{}, {}, *[{"airline-booking_confirmation_number": ["kyf 176"]}] * 3]
    assert states(boarding) == given


def test_a_correction_replaces(tmp_path: Path) -> None:
    turns = [("it is kavi", "O O name"), ("no", "O"), ("kavisri", "name")]

    labelled = read_turns(tmp_path, "airline", *turns)

    assert states(labelled) == [{"airline-name": [name]} for name in ("kavi", "kavi", "kavisri")]


def test_the_last_of_two_in_one_turn_is_meant(tmp_path: Path) -> None:
    labelled = read_turns(tmp_path, "insurance", ("not audi but benz", "O car_brand O car_brand"))

    assert states(labelled) == [{"insurance-car_brand": ["benz"]}]
    assert len(labelled.labels[0].entities or ()) == 2


def test_a_second_drink_does_not_take_the_first_one_back(tmp_path: Path) -> None:
    turns = [("tea and cola", "drink_item O drink_item"), ("one more tea", "O O drink_item")]

    labelled = read_turns(tmp_path, "fastfood", *turns)

    assert states(labelled) == [{"fastfood-drink_item": ["cola", "tea"]}] * 2


@pytest.mark.parametrize(
    ("domain", "label", "spans"),
    [
        pytest.param("finance", "address", [(0, 13)], id="a line break inside an address"),
        pytest.param("fastfood", "food_item", [(0, 6), (9, 13)], id="two dishes in two lines"),
    ],
)
def test_what_a_line_break_cuts(
    tmp_path: Path, domain: str, label: str, spans: list[tuple[int, int]]
) -> None:
    labelled = read_turns(tmp_path, domain, ("pizzas \n cola", f"{label} O {label}"))

    slot = f"{domain}-{label}"
    assert labelled.labels[0].entities == tuple(EntitySpan(*span, slot) for span in spans)


def test_words_between_two_labels_keep_them_apart(tmp_path: Path) -> None:
    labelled = read_turns(
        tmp_path, "finance", ("main st or elm st", "address address O address address")
    )

    assert states(labelled) == [{"finance-address": ["elm st"]}]


@pytest.mark.parametrize("slot", [min(SEVERAL), "airline-name"])
def test_the_same_value_again_changes_nothing(slot: str) -> None:
    held = [SlotValue(slot, "as it was"), SlotValue("other", "1")]

    assert sorted(add(held, SlotValue(slot, "as it was"))) == sorted(held)


def test_one_desk_calls_a_name_a_name() -> None:
    by_domain = list(read_corpus("multidogo-states", SAMPLES, "train"))

    desk = list(read_corpus("multidogo-support", SAMPLES, "train"))

    held = [labels.state or () for labelled in desk for labels in labelled.labels]
    before = [labels.state or () for labelled in by_domain for labels in labelled.labels]
    assert any(one.slot == "name" for state in held for one in state)
    assert [{one.value for one in state} for state in held] == [
        {one.value for one in state} for state in before
    ]
    assert all("services" not in labelled.conversation.meta for labelled in desk)
