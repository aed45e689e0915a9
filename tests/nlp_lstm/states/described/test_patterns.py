import pytest

from nlp_lstm.states.described.patterns import find_pattern, matches, pattern_fault

ORDER = r"[A-Z]{2}\d{6}"


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        pytest.param(ORDER, "my order is LH407199, ok", ["LH407199"], id="as written"),
        pytest.param(ORDER, "my order is lh407199", ["lh407199"], id="small letters"),
        pytest.param(ORDER, "é😀 LH407199 AB123456", ["LH407199", "AB123456"], id="code points"),
        pytest.param(ORDER, "XLH407199 LH4071990", [], id="never a part of a word"),
        pytest.param(r"#\d+", "room#12", ["#12"], id="a mark begins anywhere"),
        pytest.param(ORDER, "", [], id="empty"),
    ],
)
def test_what_a_pattern_finds(pattern: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in find_pattern(pattern, text)] == found


def test_a_value_matches_as_a_whole() -> None:
    assert matches(ORDER, "ab123456")
    assert not matches(ORDER, "ab123456 please")


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(a|aa)+$", r"(a|a?)+$", r"(.*a){12}$"])
def test_no_expression_takes_for_ever(pattern: str) -> None:
    """As it does in the standard library."""
    text = "a" * 20_000 + "!"

    assert find_pattern(pattern, text) in ([], [(0, 20_000)])


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        pytest.param(r"(a)\1", "invalid escape", id="backreference"),
        pytest.param(r"(?=a)b", "invalid perl operator", id="lookahead"),
        pytest.param(r"[a-", "missing ]", id="unfinished"),
        pytest.param(r"(\pL{50}){15}", "too large", id="too large when compiled"),
        pytest.param("a" * 501, "longer than 500", id="too long"),
        pytest.param(r"\d*", "empty text", id="matches nothing at all"),
        pytest.param(ORDER, None, id="sound"),
    ],
)
def test_what_is_wrong_with_a_pattern(pattern: str, fault: str | None) -> None:
    told = pattern_fault(pattern)

    assert (fault is None and told is None) or (told is not None and str(fault) in told)
