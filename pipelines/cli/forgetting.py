"""What is said when more conversations go on than are kept in mind."""

from collections.abc import Callable

from pipelines.cli.console import say


def tell_once(remember: int) -> Callable[[], None]:
    """Says, the first time that it is called, that conversations are being forgotten."""
    is_told = False

    def tell() -> None:
        nonlocal is_told
        if not is_told:
            is_told = True
            say(
                f"more than {remember} conversations: the longest silent ones are forgotten, and a"
                " later turn of theirs is read as a first one; --remember keeps more"
            )

    return tell
