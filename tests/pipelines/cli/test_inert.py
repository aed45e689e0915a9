import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cli.inert import inert, inert_data, isolated


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain [bold]text[/bold]", "plain [bold]text[/bold]", id="markup is text"),
        pytest.param("\x1b[2Jgone", "\\x1b[2Jgone", id="escape sequences are shown"),
        pytest.param("a\nb\r\nc", "a\\nb\\r\\nc", id="line ends are shown"),
        pytest.param("a\tb", "a b", id="a tab is a blank"),
        pytest.param("\u202eevil", "\\u202eevil", id="overrides are shown"),
        pytest.param("\u200b\ufeff", "\\u200b\\ufeff", id="hidden characters are shown"),
        pytest.param("👩\u200d👧 é שלום", "👩\u200d👧 é שלום", id="emoji and scripts stay"),
        pytest.param("\ud83d", "\\ud83d", id="half a character is shown"),
        pytest.param("\x9b31m", "\\x9b31m", id="C1 controls are shown"),
    ],
)
def test_what_a_terminal_gets(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_data_on_a_terminal_stays_data() -> None:
    assert inert_data('{"a": "é\tb"}\n'.encode()) == '{"a": "é\tb"}\n'.encode()
    assert inert_data('{"a": "\x9b2J\u202e"}\n'.encode()) == b'{"a": "\\u009b2J\\u202e"}\n'
    assert inert_data(b"a,\x1b[2J,\rb\r\n") == b"a,\\u001b[2J,\\u000db\n"
    assert inert_data("\U000e0041\n".encode()) == b"\\udb40\\udc41\n"


@given(st.text(st.characters(codec=None)))
def test_inert_text_holds_no_control_and_one_line(text: str) -> None:
    shown = inert(text)

    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    shown.encode()  # a lone surrogate would raise


def test_right_to_left_text_is_isolated_and_other_text_is_not() -> None:
    assert isolated("שלום") == "\u2068שלום\u2069"
    assert isolated("hello") == "hello"
