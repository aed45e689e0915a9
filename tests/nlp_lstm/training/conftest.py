from pathlib import Path

import pytest

from tests.nlp_lstm.training.labelled_chats import write_chats


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """A folder of labelled chats, a schema guide and word vectors."""
    folder = tmp_path / "chats"
    folder.mkdir()
    return write_chats(folder)
