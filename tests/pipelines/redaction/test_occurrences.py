import pytest

from pipelines.redaction.occurrences import Occurrences, keys_of
from pipelines.redaction.rewriting import rewrite
from pipelines.redaction.vault import Vault


def occurrences(*texts: str) -> Occurrences:
    known = Occurrences()
    for number, text in enumerate(texts, start=1):
        for key in keys_of(text):
            known.set(key, f"X_{number}")
    return known


@pytest.mark.parametrize(
    ("known", "text", "found"),
    [
        ("4111 1111 1111 1111", "it is 4111-1111-1111-1111!", "4111-1111-1111-1111"),
        ("4111-1111", "41111111", "41111111"),
        ("José Núñez", "JOSE  NUNEZ called", "JOSE  NUNEZ"),
        ("jose", "Jose\u0301!", "Jose"),
        ("王伟", "我叫王伟。", "王伟"),
        ("Straße 5", "STRASSE 5", "STRASSE 5"),
        ("o'neil", "O'NEIL's", "O'NEIL"),
    ],
)
def test_case_marks_and_accents_do_not_matter(known: str, text: str, found: str) -> None:
    assert [text[p.start : p.end] for p in occurrences(known).find(text)] == [found]


def test_only_whole_words_are_occurrences_and_the_longest_wins() -> None:
    known = occurrences("an", "ana lee", "lee")
    text = "another ana-lee, an Lee leeward"
    assert [(text[p.start : p.end], p.placeholder) for p in known.find(text)] == [
        ("ana-lee", "X_2"),
        ("an", "X_1"),
        ("Lee", "X_3"),
    ]


def test_what_stands_far_apart_is_no_occurrence() -> None:
    assert not list(occurrences("ana lee").find("ana\n\n\n\nlee"))


def test_a_long_text_is_replaced_by_its_parts() -> None:
    said = " ".join(f"word{n}" for n in range(200))
    vault = Vault()
    vault.hide("ADDRESS", said)
    assert set(vault.scrub(f"at {said}").split()) == {"at", "ADDRESS_1"}


@pytest.mark.parametrize("piece", ["a ", "aa ", "a", "aa-", "4 ", "👍"])
def test_a_hundred_thousand_characters_are_replaced(piece: str) -> None:
    """What takes steps for each pair of characters would not end here."""
    vault = Vault()
    for length in range(1, 100):
        vault.hide("PASSWORD", (piece * length).strip())
    assert vault.scrub((piece * 100_000)[:100_000])


def test_offsets_are_moved_and_what_touches_a_placeholder_covers_it() -> None:
    text = "call Ana Lee now"
    rewritten = rewrite(text, occurrences("Ana Lee").find(text))
    assert rewritten.text == "call X_1 now"
    assert rewritten.span(0, 4) == (0, 4)
    assert rewritten.span(13, 16) == (9, 12)
    assert rewritten.span(5, 12) == rewritten.span(9, 12) == rewritten.span(6, 7) == (5, 8)
    assert rewritten.span(0, 6) == (0, 8)
    assert rewritten.span(9, 16) == (5, 12)


def test_one_person_is_one_placeholder_and_two_are_two() -> None:
    vault = Vault()
    assert vault.hide("PERSON", "John Smith") == "PERSON_1"
    assert vault.hide("PERSON", "SMITH") == "PERSON_1"
    assert vault.hide("PERSON", "john a. smith") == "PERSON_1"
    assert vault.hide("PERSON", "Mary Jones") == "PERSON_2"
    assert vault.scrub("Mr. Smith, MARY and jones's") == "Mr. PERSON_1, PERSON_2 and PERSON_2's"
    assert vault.hide("PERSON", "Mr. Smith") == "PERSON_1"


def test_a_name_that_two_persons_share_stands_for_neither() -> None:
    vault = Vault()
    vault.hide("PERSON", "John Smith")
    vault.hide("PERSON", "Mary Smith")
    assert vault.scrub("John or Mary or Smith") == "PERSON_1 or PERSON_2 or PERSON_3"


def test_two_speakers_are_never_one_person() -> None:
    vault = Vault()
    assert vault.hide_speaker("Ana Lee") == "PERSON_1"
    assert vault.hide_speaker("Ana") == "PERSON_2"
    assert vault.hide_speaker("ANA LEE") == "PERSON_1"
    assert vault.hide_speaker("Support Agent 2") is None
    assert vault.hide_speaker("🦊") == "PERSON_3"


def test_one_address_in_two_forms_is_one_placeholder() -> None:
    vault = Vault()
    vault.hide("EMAIL", "Ana@Example.org")
    vault.hide("PHONE", "+44 (0)20 7946 0018")
    assert vault.hide("EMAIL", "ana at example dot org") == "EMAIL_1"
    assert vault.hide("PHONE", "0044 20 7946 0018") == "PHONE_1"


def test_words_that_name_nobody_are_left() -> None:
    vault = Vault()
    assert vault.hide("PERSON", "the") is None
    assert vault.hide("ACCOUNT", "12") is None
    assert vault.hide("PASSWORD", "12") == "PASSWORD_1"


def test_the_oldest_texts_are_forgotten_where_there_are_too_many() -> None:
    vault = Vault()
    for number in range(10_000, 13_000):
        vault.hide("ACCOUNT", str(number))
    vault.bound()
    assert vault.scrub("10000 12999") == "10000 ACCOUNT_3000"
