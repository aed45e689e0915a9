"""What a benchmark says where its peers are missing."""

import pytest

from tests.benchmarks import systems


def test_without_spacy_there_is_one_line_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(systems, "find_spec", lambda name: None)

    with pytest.raises(SystemExit, match=r"pip install 'nlp-lstm\[peers\]'"):
        systems.spacy_systems([])
