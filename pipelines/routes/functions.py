"""A function of somebody's own, installed under the entry point group `nlp_lstm.routes`.

    [project.entry-points."nlp_lstm.routes"]
    ours = "our_package:answer"

    def answer(cases: list[dict]) -> list[dict | None]:
        return [{"sentiment": {"label": "negative"}} for _ in cases]

It is given lines of a queue, and gives for each what is said of it, or None.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from copy import deepcopy
from importlib.metadata import entry_points
from typing import Any

from corpora.errors import InputError, quoted
from pipelines.routes.answers import Answer
from pipelines.routes.cases import RoutedCase, Unanswered
from pipelines.routes.machine import checked, unanswered
from pipelines.routes.settings import PythonSettings
from pipelines.routes.vocabulary import Vocabulary

GROUP = "nlp_lstm.routes"
Function = Callable[[list[dict[str, Any]]], Sequence[Any]]
# A function that analyses with the same policy would call itself.
_inside: ContextVar[tuple[str, ...]] = ContextVar("routes under way", default=())


class PythonFunction:
    """Calls the function with all cases at once.

    Attributes:
        name: The route's.
    """

    def __init__(
        self,
        name: str,
        settings: PythonSettings,
        vocabulary: Vocabulary,
        function: Function | None = None,
    ) -> None:
        self.name = name
        self._settings = settings
        self._vocabulary = vocabulary
        self._function = function or _found(name, settings.function)

    def send(self, cases: Sequence[RoutedCase]) -> list[Answer | Unanswered]:
        """Ask about all cases; whatever the function raises, the first answers stand."""
        called = self._settings.function
        if called in _inside.get():
            return [unanswered(case, f"{called} routes to itself: a loop") for case in cases]
        token = _inside.set((*_inside.get(), called))
        try:
            told = list(self._function([deepcopy(dict(case.entry)) for case in cases]))
        except Exception as error:  # somebody else's code
            return [unanswered(case, f"{type(error).__name__} in {called}") for case in cases]
        finally:
            _inside.reset(token)
        if len(told) != len(cases):
            why = f"{len(told)} answers to {len(cases)} cases from {called}"
            return [unanswered(case, why) for case in cases]
        return [self._checked(case, one) for case, one in zip(cases, told, strict=True)]

    def close(self) -> None:
        """Nothing is held open."""

    def _checked(self, case: RoutedCase, told: object) -> Answer | Unanswered:
        if told is None:
            return unanswered(case, f"nothing from {self._settings.function}")
        return checked(
            case,
            told,
            settings=self._settings,
            route=self.name,
            by=self._settings.function,
            vocabulary=self._vocabulary,
        )


def _found(name: str, function: str) -> Function:
    """The installed function.

    Raises:
        InputError: None is called so, it cannot be imported, or is no function.
    """
    installed = {point.name: point for point in entry_points(group=GROUP)}
    place = f"[routes.{name}] function"
    if function not in installed:
        raise InputError(
            place,
            found=quoted(function),
            expected=f"one of {', '.join(sorted(installed))}" if installed else "an installed one",
            remedy=f"install a package with an entry point of that name in {GROUP}",
        )
    try:
        loaded = installed[function].load()
    except Exception as error:
        raise InputError(
            place,
            found=f"{installed[function].value} ({type(error).__name__}: {error})",
            expected="a function that can be imported",
            remedy="repair or reinstall its package",
        ) from error
    if not callable(loaded):
        raise InputError(
            place,
            found=f"{installed[function].value}, a {type(loaded).__name__}",
            expected="a function",
            remedy="name a function in the entry point",
        )
    called: Function = loaded
    return called
