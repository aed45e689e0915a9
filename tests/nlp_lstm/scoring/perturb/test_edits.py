import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.conversation import Conversation, Turn
from corpora.labels import EntitySpan, Evidence, LabelledConversation, StateChange, TurnLabels
from nlp_lstm.scoring.perturb.edits import Edit, apply_edits, rewrite

TEXT = "to Leeds at 5"


@pytest.mark.parametrize(
    ("edits", "text", "marked"),
    [
        pytest.param([], "to Leeds at 5", "Leeds", id="none"),
        pytest.param([Edit(0, 0, "uh ")], "uh to Leeds at 5", "Leeds", id="put in before"),
        pytest.param([Edit(3, 3, "um ")], "to um Leeds at 5", "Leeds", id="right before"),
        pytest.param([Edit(8, 8, ", no")], "to Leeds, no at 5", "Leeds", id="right after"),
        pytest.param([Edit(3, 8, "LEEDS!")], "to LEEDS! at 5", "LEEDS!", id="replaced whole"),
        pytest.param([Edit(4, 5, "")], "to Leds at 5", "Leds", id="a letter left out"),
        pytest.param([Edit(3, 4, "L"), Edit(7, 8, "z")], "to Leedz at 5", "Leedz", id="its ends"),
        pytest.param([Edit(2, 5, "-Lx")], "to-Lxeds at 5", "-Lxeds", id="over its start"),
    ],
)
def test_what_was_marked_stays_marked(edits: list[Edit], text: str, marked: str) -> None:
    edited = apply_edits(TEXT, edits)

    start, end = edited.span(3, 8)
    assert edited.text == text
    assert edited.text[start:end] == marked


@given(st.lists(st.tuples(st.integers(0, 13), st.integers(0, 3), st.text(max_size=3)), max_size=5))
def test_words_that_nothing_touches_are_still_themselves(drawn: list[tuple[int, int, str]]) -> None:
    edits: list[Edit] = []
    for start, width, text in sorted(drawn):
        end = min(start + width, len(TEXT))
        touches = start < 8 and end > 3
        if not touches and (not edits or edits[-1].end <= start):
            edits.append(Edit(start, end, text))

    edited = apply_edits(TEXT, edits)

    start, end = edited.span(3, 8)
    assert edited.text[start:end] == "Leeds"


def test_edits_that_overlap_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply_edits(TEXT, [Edit(0, 4, "a"), Edit(3, 5, "b")])


def test_evidence_moves_with_the_turn_it_points_at() -> None:
    turns = (Turn("to Leeds"), Turn("at 5"))
    change = StateChange("set", "to", "leeds", evidence=Evidence(0, 3, 8))
    labels = (
        TurnLabels(entities=(EntitySpan(3, 8, "city"),)),
        TurnLabels(changes=(change,)),
    )
    labelled = LabelledConversation(Conversation("c", turns), labels)

    moved = rewrite(labelled, [[Edit(0, 0, "uh ")], []])

    assert moved.labels[0].entities == (EntitySpan(6, 11, "city"),)
    assert [one.evidence for one in moved.labels[1].changes or ()] == [Evidence(0, 6, 11)]
