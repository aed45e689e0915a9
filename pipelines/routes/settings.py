"""The routes of a policy: one table each, with the settings of its kind.

[routes.review]
kind = "jsonl"
file = "cases.jsonl"

[routes.llm]
kind = "openai"
url = "https://api.example.org/v1"
model = "some-model"
key_env = "EXAMPLE_API_KEY"
fallback = "review"
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# What a machine's answer is worth where nobody has measured it: as likely right as wrong.
UNMEASURED = 0.5


class RouteSettings(BaseModel):
    """What every kind has.

    Attributes:
        fallback: Route of what this one does not answer; left out, nobody's: the first answer
            stands.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fallback: Name | None = None


class JsonLinesSettings(RouteSettings):
    """A queue in a file; see `pipelines.queues`."""

    kind: Literal["jsonl"]
    file: Name


class LabelStudioSettings(RouteSettings):
    """Tasks for Label Studio; the labelling configuration is written beside them.

    Attributes:
        file: Ends in `.json`; the configuration has its name, and ends in `.xml`.
    """

    kind: Literal["label-studio"]
    file: Annotated[str, Field(pattern=r"\.json$")]


class ArgillaSettings(RouteSettings):
    """Records for Argilla, in a folder with the settings of their dataset."""

    kind: Literal["argilla"]
    folder: Name


class ProdigySettings(RouteSettings):
    """Tasks for Prodigy, and the session's settings beside them.

    Attributes:
        file: Ends in `.jsonl`.
    """

    kind: Literal["prodigy"]
    file: Annotated[str, Field(pattern=r"\.jsonl$")]


class MachineSettings(RouteSettings):
    """A route that answers at once.

    Attributes:
        confidence: What its answers are worth: the share that is right, where somebody measured.
    """

    confidence: Share = UNMEASURED


class Budget(BaseModel):
    """What a route may cost in a run; what is left out is not bounded.

    Attributes:
        calls: Requests, retries included.
        tokens: Of prompts and answers together.
        money: In the currency of the prices.
        seconds: Spent waiting.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: Annotated[int, Field(ge=0)] = 1000
    tokens: Annotated[int, Field(ge=0)] | None = None
    money: Annotated[float, Field(ge=0)] | None = None
    seconds: Annotated[float, Field(gt=0)] | None = None


class OpenAISettings(MachineSettings):
    """A chat endpoint that speaks as OpenAI's does.

    Attributes:
        url: Up to what stands before `/chat/completions`; https, unless it is this machine.
        model: Whatever the endpoint calls it.
        key_env: Environment variable that holds the key; left out, none is sent.
        connect_seconds: To reach it.
        read_seconds: Without a byte.
        total_seconds: One request, from its start to the last byte.
        retries: After the first request, where trying again can help.
        longest_answer: Tokens asked for at most.
        most_turns: Latest turns of the conversation that it is shown.
        redact: Whether names, numbers and the like are replaced before anything is sent.
        proxy: Through which it is reached; the environment's is not looked at.
        budget: For a run.
        price_in: Of a million tokens of prompts.
        price_out: Of a million tokens of answers.
    """

    kind: Literal["openai"]
    url: Name
    model: Name
    key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    connect_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    read_seconds: Annotated[float, Field(gt=0, le=600)] = 30
    total_seconds: Annotated[float, Field(gt=0, le=600)] = 60
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    longest_answer: Annotated[int, Field(ge=16, le=32_000)] = 600
    most_turns: Annotated[int, Field(ge=1, le=200)] = 40
    redact: bool = True
    proxy: str | None = None
    budget: Budget = Budget()
    price_in: Annotated[float, Field(ge=0)] = 0.0
    price_out: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _is_reached_safely(self) -> Self:
        parts = urlsplit(self.url)
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("url must hold no password, query or fragment: keys go in key_env")
        is_here = parts.hostname in LOOPBACK
        if not parts.hostname or parts.scheme not in ("https", "http"):
            raise ValueError("url must be https://HOST/PATH")
        if parts.scheme == "http" and not is_here:
            raise ValueError(f"url must be https: {parts.hostname} is not this machine")
        if self.budget.money is not None and not (self.price_in or self.price_out):
            raise ValueError("a budget of money needs price_in and price_out")
        return self


class SpacySettings(MachineSettings):
    """Another spaCy pipeline, for entities, and for sentiment by its categories.

    Attributes:
        model: A package's name or a directory, as `spacy.load` takes it.
        labels: Its entity labels by ours; what is not named is left as it is called.
    """

    kind: Literal["spacy"]
    model: Name
    labels: dict[str, str] = {}


class PythonSettings(MachineSettings):
    """A function that somebody installed under the entry point group `nlp_lstm.routes`.

    Attributes:
        function: The entry point's name.
    """

    kind: Literal["python"]
    function: Name


AnyRoute = Annotated[
    JsonLinesSettings
    | LabelStudioSettings
    | ArgillaSettings
    | ProdigySettings
    | OpenAISettings
    | SpacySettings
    | PythonSettings,
    Field(discriminator="kind"),
]


# Routes that only machines take: whoever asks for a person is not for them.
MACHINES = ("openai", "spacy")


def check_routes(routes: Mapping[str, AnyRoute], for_people: Mapping[str, str]) -> None:
    """Refuse routes that lead in a circle, to nowhere, or people's cases to a machine.

    Args:
        routes: By name.
        for_people: Reasons of cases that only people can take, and where they go.

    Raises:
        ValueError: Says which.
    """
    for name, route in routes.items():
        if route.fallback is not None and route.fallback not in routes:
            raise ValueError(
                f"fallback {route.fallback!r} of route {name!r} is none of"
                f" {', '.join(sorted(routes))}"
            )
    loop = loop_in(routes)
    if loop is not None:
        raise ValueError(f"the fallbacks {' -> '.join(loop)} are a loop")
    for reason, name in for_people.items():
        found = routes.get(name)
        if found is not None and found.kind in MACHINES:
            raise ValueError(f"{reason} goes to {name!r}, a machine: name a route to people for it")


def loop_in(routes: Mapping[str, AnyRoute]) -> list[str] | None:
    """The names of a loop of fallbacks, its first repeated at its end; None where there is none."""
    for first in routes:
        path = [first]
        while (after := _fallback(routes, path[-1])) is not None:
            if after in path:
                return [*path[path.index(after) :], after]
            path.append(after)
    return None


def _fallback(routes: Mapping[str, AnyRoute], name: str) -> str | None:
    route = routes.get(name)
    return None if route is None else route.fallback
