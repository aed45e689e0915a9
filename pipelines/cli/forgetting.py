"""What is said when more conversations go on than are kept."""

from collections.abc import Callable
from pathlib import Path

from pipelines.cli.console import say


def tell_once(most: int, folder: Path | None) -> Callable[[], None]:
    """Says, the first time that it is called, that conversations are being forgotten.

    Args:
        most: How many are kept.
        folder: Where; None in memory.
    """
    is_told = False

    def tell() -> None:
        nonlocal is_told
        if not is_told:
            is_told = True
            option = "--remember" if folder is None else "--keep"
            say(
                f"more than {most} conversations: the longest silent ones are forgotten, and a"
                f" later turn of theirs is read as a first one; {option} keeps more"
            )

    return tell
