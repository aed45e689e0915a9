"""A language model behind an endpoint that speaks as OpenAI's does.

What is personal is replaced before anything is sent, and the reply is believed as far as the
vocabulary and the words of the conversation allow. Whatever goes wrong, the first answer stays.
"""

import os
from collections.abc import Sequence

from corpora.errors import InputError
from pipelines.routes.answers import Answer
from pipelines.routes.asking import ReplyError, messages, said
from pipelines.routes.cases import RoutedCase, Unanswered
from pipelines.routes.chat_endpoint import ChatEndpoint, EndpointError, SpentError
from pipelines.routes.disguise import Disguise, redactor_for
from pipelines.routes.machine import FOR_PEOPLE, checked, unanswered
from pipelines.routes.settings import OpenAISettings
from pipelines.routes.spending import Spending
from pipelines.routes.vocabulary import Vocabulary

# After so many failures in a row nothing is asked any more: each may cost a minute.
MOST_FAILURES = 3


class OpenAIChat:
    """Asks an endpoint, case by case.

    Attributes:
        name: The route's.
        spending: What it has cost.
    """

    def __init__(
        self,
        name: str,
        settings: OpenAISettings,
        vocabulary: Vocabulary,
        endpoint: ChatEndpoint | None = None,
    ) -> None:
        self.name = name
        self.spending = Spending(settings.budget, settings.price_in, settings.price_out)
        self._settings = settings
        self._vocabulary = vocabulary
        self._endpoint = endpoint or ChatEndpoint.open(settings, _key(name, settings))
        self._redactor = redactor_for(vocabulary.slots) if settings.redact else None
        self._failures = 0
        self._last_failure = ""

    def send(self, cases: Sequence[RoutedCase]) -> list[Answer | Unanswered]:
        """Ask about each case, one after the other."""
        return [self._ask(case) for case in cases]

    def close(self) -> None:
        """Close connections."""
        self._endpoint.close()

    def _ask(self, case: RoutedCase) -> Answer | Unanswered:
        task = case.entry["task"]
        if task is None or case.entry["reason"] in FOR_PEOPLE:
            return unanswered(case, "a case for people, not for a machine")
        if self._failures >= MOST_FAILURES:
            return unanswered(
                case, f"given up after {MOST_FAILURES} failures: {self._last_failure}"
            )
        disguise = None
        turns = case.turns[-self._settings.most_turns :]
        if self._redactor is not None:
            disguise = Disguise(case, self._redactor, self._settings.most_turns)
            turns = list(map(dict, disguise.turns))
        try:
            asked = messages(case, list(turns), self._vocabulary)
            reply = self._endpoint.ask(asked, self.spending)
        except SpentError as error:
            return Unanswered(case, "budget", str(error))
        except EndpointError as error:
            self._failures += 1
            self._last_failure = str(error)
            return unanswered(case, str(error))
        self._failures = 0
        try:
            told = said(reply, task)
        except ReplyError as error:
            return unanswered(case, str(error))
        return checked(
            case,
            told if disguise is None else disguise.undo(told),
            settings=self._settings,
            route=self.name,
            by=self._settings.model,
            vocabulary=self._vocabulary,
        )


def _key(name: str, settings: OpenAISettings) -> str | None:
    """The key, out of the environment and nowhere else.

    Raises:
        InputError: It is not there, or cannot stand in a header.
    """
    if settings.key_env is None:
        return None
    key = os.environ.get(settings.key_env, "").strip()
    if key and key.isascii() and key.isprintable() and " " not in key:
        return key
    raise InputError(
        f"[routes.{name}] key_env",
        found=f"{'something that is no key' if key else 'nothing'} in {settings.key_env}",
        expected="the endpoint's key in the environment",
        remedy=f"export {settings.key_env}, or leave key_env out where no key is needed",
    )
