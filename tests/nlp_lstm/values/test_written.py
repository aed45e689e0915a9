from itertools import pairwise

import pytest
from hypothesis import given

from nlp_lstm.values.kinds import Formed
from nlp_lstm.values.written import find_written
from tests.strategies import texts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mail ana.lee+x@mail.example.co.uk, please", [("ana.lee+x@mail.example.co.uk", "email")]),
        ("<ana@example.org>.", [("ana@example.org", "email")]),
        ("john dot smith at gmail dot com", [("john dot smith at gmail dot com", "email")]),
        ("see https://example.org/a?b=c#d.", [("https://example.org/a?b=c#d", "url")]),
        (
            "www.example.org and example.co.uk/x)",
            [("www.example.org", "url"), ("example.co.uk/x", "url")],
        ),
        ("thanks.it works.me too, e.g. 3.com", [("3.com", "url")]),
        ("DE89 3704 0044 0532 0130 00 is it", [("DE89 3704 0044 0532 0130 00", "iban")]),
        ("gb82west12345698765432", [("gb82west12345698765432", "iban")]),
        ("card 4111-1111-1111-1111 and 4111 1111 1111 1112", [("4111-1111-1111-1111", "card")]),
        (
            "call +44 20 7946 0018 or 0044 20 7946 0018.",
            [("+44 20 7946 0018", "phone"), ("0044 20 7946 0018", "phone")],
        ),
        ("order 1234567890123, +1 555", []),
        ("meet me at noon, look at dot com", []),
        ("@ana, 5@10, a@b", []),
        ("", []),
    ],
)
def test_what_is_found_by_its_form(text: str, found: list[tuple[str, str]]) -> None:
    assert [(text[one.start : one.end], one.kind) for one in find_written(text)] == found


def test_only_the_kinds_that_are_asked_for() -> None:
    text = "ana@example.org www.example.org"
    kinds: tuple[Formed, ...] = ("url",)
    assert [one.kind for one in find_written(text, kinds)] == ["url"]


@given(texts())
def test_found_places_lie_apart_and_in_order(text: str) -> None:
    found = find_written(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(0 <= one.start < one.end <= len(text) for one in found)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a@",
        "@",
        "a.",
        "a.b@",
        "www.",
        "1",
        "1 ",
        "4-",
        "+1 ",
        "de00 ",
        "de",
        "a at b dot ",
        "http://",
        "x-",
        "👍",
        " ",
        "+",
        "00",
        "é.com/",
    ],
)
def test_a_hundred_thousand_characters_are_searched(piece: str) -> None:
    """What takes steps for each pair of characters would not end here."""
    text = (piece * 100_000)[:100_000]
    assert all(0 <= one.start < one.end <= len(text) for one in find_written(text))
