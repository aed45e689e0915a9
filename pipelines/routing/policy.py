"""What is asked of each task's answers, and where the others go: a file of settings."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from corpora.errors import InputError, quoted
from nlp_lstm.component import Component, Task
from nlp_lstm.sentiment.alarm import ALARMING
from pipelines.record_models import Reason
from pipelines.routes.settings import AnyRoute, check_routes
from pipelines.routing.doubts import DoubtsPolicy
from pipelines.routing.promise import Band, Fit, Provenance, check_bands

# Below a half an answer is likelier wrong than right.
LEAST_CONFIDENCE = 0.5


class TaskPolicy(BaseModel):
    """What is asked of one task's answers.

    Attributes:
        least_confidence: Answers with less are routed; 0 routes none for that reason.
        bands: The same by length of the context, instead; `nlp-lstm policy fit` writes them.
        longest_context: Words of conversation after which answers are routed; left out, it is
            the length for which the model was validated.
        route: Where the task's cases go; left out, the policy's own route.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_confidence: Annotated[float, Field(ge=0, le=1)] = LEAST_CONFIDENCE
    bands: tuple[Band, ...] = ()
    longest_context: Annotated[int, Field(ge=1)] | None = None
    route: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _bands_follow_each_other(self) -> Self:
        check_bands(self.bands)
        if self.bands and "least_confidence" in self.model_fields_set:
            raise ValueError("both least_confidence and bands: leave one out")
        return self


class FrustrationPolicy(BaseModel):
    """When a customer's frustration is a case.

    Attributes:
        threshold: Strain from which the alarm sounds; at 1 it never does.
        route: Where these cases go; left out, where those of sentiment go.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threshold: Annotated[float, Field(gt=0, le=1)] = ALARMING
    route: Annotated[str, Field(min_length=1)] | None = None


class Policy(BaseModel):
    """What is asked of each task's answers, and where the others go.

    Attributes:
        route: Where cases go that nothing below says another route for.
        states: What is asked of the belief state.
        entities: What is asked of entities.
        sentiment: What is asked of sentiment.
        frustration: When a customer's frustration is a case.
        doubts: What else makes an answer a case.
        reasons: Routes of cases by their reason, before those of their task.
        routes: What the names of routes stand for; one that is not here is a name in the case.
        provenance: What thresholds were fitted to; None where they were all set by hand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: Annotated[str, Field(min_length=1)] = "review"
    states: TaskPolicy = TaskPolicy()
    entities: TaskPolicy = TaskPolicy()
    sentiment: TaskPolicy = TaskPolicy()
    frustration: FrustrationPolicy = FrustrationPolicy()
    doubts: DoubtsPolicy = DoubtsPolicy()
    reasons: dict[Reason, Annotated[str, Field(min_length=1)]] = {}
    routes: dict[str, AnyRoute] = {}
    provenance: Provenance | None = None

    @model_validator(mode="after")
    def _routes_lead_somewhere(self) -> Self:
        for_people = {
            "frustration": self.frustration_route,
            "explicit_request": self.route_of("explicit_request", None),
        }
        check_routes(self.routes, for_people)
        return self

    @property
    def frustration_route(self) -> str:
        """Where a frustrated customer's cases go."""
        own = self.frustration.route or self.reasons.get("frustration")
        return own or self.sentiment.route or self.route

    def route_of(self, reason: Reason, task: Task | None) -> str:
        """Where cases of a reason go."""
        asked: TaskPolicy | None = None if task is None else getattr(self, task)
        return self.reasons.get(reason) or (asked and asked.route) or self.route

    def named_routes(self) -> set[str]:
        """Every route that a case may be sent to at first."""
        tasks = (self.states, self.entities, self.sentiment)
        named = {self.route, self.frustration_route, *self.reasons.values()}
        return named | {task.route for task in tasks if task.route is not None}

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a policy from TOML.

        Raises:
            InputError: The file cannot be read, or a setting is unknown or out of range.
        """
        try:
            settings = tomllib.loads(Path(path).read_text(encoding="utf-8"))
            return cls.model_validate(settings)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            found = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            expected = (
                "route, and least_confidence or bands, longest_context or route below a task,"
                " threshold or route below frustration, a route for a reason, and kinds of routes"
                " with their settings"
            )
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            found, expected = " ".join(str(error).split()), "a policy in TOML, UTF-8"
        raise InputError(str(path), found=found, expected=expected, remedy="correct the policy")

    def limits(self, component: Component) -> "Limits":
        """What is asked of one component, with nothing left out.

        Raises:
            InputError: The thresholds were fitted to another model.
        """
        asked: TaskPolicy = getattr(self, component.task)
        fit = self.fit_of(component.task)
        if fit is not None and fit.fingerprint != component.fingerprint:
            over, remedy = "", f"fit one with `nlp-lstm policy fit {component.name}`"
            if fit.schema_name:
                over = f" over the schema {quoted(fit.schema_name)}"
                remedy += f", or name that schema: {fit.model}+SCHEMA.toml"
            raise InputError(
                "policy",
                found=f"thresholds fitted to {fit.model}{over} ({fit.fingerprint})",
                expected=f"ones of {component.name} ({component.fingerprint})",
                remedy=remedy,
            )
        longest = asked.longest_context
        return Limits(
            least_confidence=asked.least_confidence,
            longest_context=component.validated_tokens if longest is None else longest,
            route=asked.route or self.route,
            bands=asked.bands,
        )

    def fit_of(self, task: Task) -> Fit | None:
        """What the thresholds of a task were fitted to; None where they were set by hand."""
        fit: Fit | None = None if self.provenance is None else getattr(self.provenance, task)
        return fit


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of one component's answers; exactly at a limit is within it."""

    least_confidence: float
    longest_context: int
    route: str = "review"
    bands: tuple[Band, ...] = ()

    def least(self, context_tokens: int) -> float:
        """The least confidence that is asked after so many words."""
        for band in self.bands:
            if band.up_to is None or context_tokens <= band.up_to:
                return band.least_confidence
        return self.least_confidence
