import io
from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from rich.console import Console

from corpora.conversation import Conversation, Turn
from corpora.labels import (
    Emotion,
    EntitySpan,
    Evidence,
    Sentiment,
    SlotValue,
    StateChange,
    TurnLabels,
)
from pipelines.annotation import AnnotatedConversation, TurnAnnotation
from pipelines.cli.console import Look
from pipelines.cli.view import view
from pipelines.record_models import Case

PIPED = Look(layout="lines", width=None, colour=False, glyphs=True)


def annotated(*turns: tuple[Turn, TurnLabels]) -> AnnotatedConversation:
    return AnnotatedConversation(
        Conversation("booking", tuple(turn for turn, _ in turns), "chats/booking.txt"),
        tuple(TurnAnnotation(i, labels, 10 * (i + 1)) for i, (_, labels) in enumerate(turns)),
    )


def feels(label: str, valence: float, *emotions: str) -> Sentiment:
    return Sentiment(label, valence, 0.8, tuple(Emotion(e, 0.5) for e in emotions))  # type: ignore[arg-type]  # one of three


ANA = Turn("A train to Cambridge on Monday, please.", "Ana", "customer", role_guessed=True)
BEN = Turn("Sure! Where from?", "Ben", "agent")
ANA_AGAIN = Turn("No, make that Tuesday!", "Ana", "customer", role_guessed=True)
MONDAY = (SlotValue("train-day", "monday"), SlotValue("train-destination", "cambridge"))
TUESDAY = (SlotValue("train-day", "tuesday"),)
CHAT = annotated(
    (
        ANA,
        TurnLabels(
            entities=(EntitySpan(11, 20, "place"), EntitySpan(24, 30, "date")),
            state=MONDAY,
            changes=(
                StateChange("set", "train-day", "monday"),
                StateChange("set", "train-destination", "cambridge"),
            ),
            requests=(),
            sentiment=feels("neutral", 0.1, "calm"),
        ),
    ),
    (BEN, TurnLabels((), MONDAY, (), (), feels("positive", 0.6, "joy"))),
    (
        ANA_AGAIN,
        TurnLabels(
            entities=(EntitySpan(14, 21, "date"),),
            state=TUESDAY,
            changes=(
                StateChange("replace", "train-day", "tuesday"),
                StateChange("delete", "train-destination", None),
            ),
            requests=("train-price",),
            sentiment=feels("negative", -0.7, "anger"),
        ),
    ),
)
UNSURE = Case(
    case="c0ffee",
    turn=2,
    task="states",
    reason="low_confidence",
    confidence=0.41,
    threshold=0.6,
    context_tokens=30,
    route="review",
    turns=1,
)


def shown(chat: AnnotatedConversation, look: Look = PIPED, cases: Sequence[Case] = ()) -> list[str]:
    file = io.StringIO()
    console = Console(
        file=file,
        width=look.width or 80,
        color_system="standard" if look.colour else None,
        force_terminal=look.colour,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=True,
    )
    for line in view(chat, cases, look, console):
        console.print(line)
    return file.getvalue().split("\n")[:-1]


def test_piped_each_turn_is_one_line_that_holds_all_of_it() -> None:
    assert shown(CHAT, cases=[UNSURE]) == [
        "chats/booking.txt  3 turns",
        "1   Ana, customer?  :|        A train to [Cambridge](place) on [Monday](date), please."
        "  + train-day = monday  + train-destination = cambridge",
        "2   Ben, agent      :) joy    Sure! Where from?",
        "3↗  Ana, customer?  :( anger  No, make that [Tuesday](date)!"
        "  ~ train-day = monday → tuesday  - train-destination  ? train-price",
        "wants   train-day = tuesday  (turn 3)",
        "mood    Ana  ▄▂  +0.10 → -0.70",
        "mood    Ben  ▆  +0.60 → +0.60",
        "routed  states at turn 3: low confidence (0.41 < 0.60) → review",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(StateChange("set", "s", "v"), "+ s = v", id="nobody knows why"),
        pytest.param(
            StateChange("set", "s", "v", 1, Evidence(2, 0, 1), "said"), "+ s = v", id="said here"
        ),
        pytest.param(
            StateChange("set", "s", "v", 1, Evidence(0, 0, 1), "said"),
            "+ s = v (said in turn 1)",
            id="said before",
        ),
        pytest.param(
            StateChange("replace", "s", "v", 1, Evidence(1, 0, 1), "accepted"),
            "~ s = old → v (offered in turn 2)",
            id="accepted",
        ),
        pytest.param(
            StateChange("set", "s", "v", 1, Evidence(0, 0, 1), "copied"),
            "+ s = v (copied)",
            id="copied",
        ),
        pytest.param(
            StateChange("append", "s", "v", 1, None, "implied"), "+ s = v (implied)", id="implied"
        ),
        pytest.param(
            StateChange("remove", "s", "v", 1, Evidence(0, 0, 1), "said"), "- s = v", id="removed"
        ),
        pytest.param(StateChange("delete", "s", None, 1, None, "implied"), "- s", id="deleted"),
        pytest.param(
            StateChange("dontcare", "s", "x", 1, None, "implied"), "* s = any", id="any will do"
        ),
    ],
)
def test_a_change_says_where_its_value_comes_from(change: StateChange, told: str) -> None:
    old = TurnLabels(state=(SlotValue("s", "old"),))
    chat = annotated((Turn("a"), old), (Turn("b"), old), (Turn("c"), TurnLabels(changes=(change,))))

    assert shown(chat)[3] == f"3   ?  c  {told}"


def test_a_table_sets_changes_beside_what_was_said() -> None:
    lines = shown(CHAT, Look(layout="table", width=100, colour=False, glyphs=True))

    assert lines[1].split() == ["#", "speaker", "mood", "said", "state"]
    first = lines.index(next(line for line in lines if "A train to" in line))
    assert lines[first].endswith("+ train-day = monday")
    assert lines[first + 1].endswith("+ train-destination = cambridge")
    assert "|" not in "".join(lines).replace(":|", "")


@pytest.mark.parametrize("width", [20, 30, 40, 71, 72, 80, 200])
@pytest.mark.parametrize("layout", ["table", "lines"])
def test_no_line_is_wider_than_the_terminal(width: int, layout: str) -> None:
    look = Look(layout=layout, width=width, colour=False, glyphs=True)  # type: ignore[arg-type]  # one of two

    lines = shown(CHAT, look, [UNSURE])

    assert max(map(cell_len, lines)) <= width
    words = " ".join(" ".join(lines).split())
    for said in ("Cambridge", "Tuesday", "tuesday", "anger", "review"):
        assert said in words


def test_without_glyphs_everything_is_ascii() -> None:
    lines = shown(CHAT, Look("lines", None, colour=False, glyphs=False), [UNSURE])

    assert all(line.isascii() for line in lines)
    assert "~ train-day = monday -> tuesday" in lines[3]


def test_colour_replaces_brackets() -> None:
    lines = shown(CHAT, Look("lines", None, colour=True, glyphs=True))

    assert "\x1b[" in lines[1]
    assert "[Cambridge](place)" not in lines[1]
    assert "(place)" in lines[1]


def test_text_can_neither_draw_nor_pretend_to_be_a_turn() -> None:
    said = "[red]x[/red]\x1b[2J\n9   Boss, agent  :)  pay him"
    lines = shown(annotated((Turn(said, "A\x1b]0;t\x07"), TurnLabels(entities=()))))

    assert lines[1] == ("1   A\\x1b]0;t\\x07  [red]x[/red]\\x1b[2J\\n9   Boss, agent  :)  pay him")
    assert len(lines) == 2


def test_spans_are_marked_at_code_points_beside_emoji_and_escapes() -> None:
    said = "👍🏽\x07 Ana 😀"
    at = said.index("Ana")
    lines = shown(
        annotated((Turn(said, "B"), TurnLabels(entities=(EntitySpan(at, at + 3, "name"),))))
    )

    assert lines[1] == "1   B  👍🏽\\x07 [Ana](name) 😀"


def test_right_to_left_text_is_isolated_from_what_stands_beside_it() -> None:
    chat = annotated(
        (
            Turn("שלום עולם", "Ana"),
            TurnLabels(
                state=(SlotValue("a", "b"),), changes=(StateChange("set", "a", "b"),), requests=()
            ),
        )
    )

    assert shown(chat)[1] == "1   Ana  \u2068שלום עולם\u2069  + a = b"
    for line in shown(chat, Look("table", 80, colour=False, glyphs=True)):
        assert line.count("\u2068") == line.count("\u2069")


def test_an_overlong_turn_says_how_much_is_not_shown() -> None:
    lines = shown(annotated((Turn("word " * 20_000, "Ana"), TurnLabels(entities=()))))

    assert lines[1].endswith("(98,000 more characters)")
    assert len(lines[1]) < 2100


@pytest.mark.parametrize(
    ("turn", "who"),
    [
        pytest.param(Turn("x", "Ana", "customer"), "Ana, customer", id="read"),
        pytest.param(Turn("x", "Ana", "customer", True), "Ana, customer?", id="guessed"),
        pytest.param(Turn("x", "", "agent"), "agent", id="role only"),
        pytest.param(Turn("x", "Agent", "agent"), "Agent", id="name says it"),
        pytest.param(Turn("x", "Ana"), "Ana", id="role unknown"),
        pytest.param(Turn("x"), "?", id="nobody"),
    ],
)
def test_who_speaks(turn: Turn, who: str) -> None:
    assert shown(annotated((turn, TurnLabels(entities=()))))[1] == f"1   {who}  x"


def test_an_empty_conversation_has_a_view() -> None:
    assert shown(AnnotatedConversation(Conversation("c", ()), ())) == ["c  0 turns"]


def test_a_tracker_that_heard_nothing_says_so() -> None:
    lines = shown(annotated((Turn("hi", "Ana"), TurnLabels(state=(), changes=(), requests=()))))

    assert lines[-1] == "wants   nothing that the model has a slot for"
