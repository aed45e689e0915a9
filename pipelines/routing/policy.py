"""What is asked of each task's answers, and where the others go: a file of settings."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpora.errors import InputError
from nlp_lstm.component import Component
from nlp_lstm.sentiment.alarm import ALARMING

# Below a half an answer is likelier wrong than right.
LEAST_CONFIDENCE = 0.5


class TaskPolicy(BaseModel):
    """What is asked of one task's answers.

    Attributes:
        least_confidence: Answers with less are routed; 0 routes none for that reason.
        longest_context: Words of conversation after which answers are routed; left out, it is
            the length for which the model was validated.
        route: Where the task's cases go; left out, the policy's own route.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_confidence: Annotated[float, Field(ge=0, le=1)] = LEAST_CONFIDENCE
    longest_context: Annotated[int, Field(ge=1)] | None = None
    route: Annotated[str, Field(min_length=1)] | None = None


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
    """What is asked of each task's answers, and where the others go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: Annotated[str, Field(min_length=1)] = "review"
    states: TaskPolicy = TaskPolicy()
    entities: TaskPolicy = TaskPolicy()
    sentiment: TaskPolicy = TaskPolicy()
    frustration: FrustrationPolicy = FrustrationPolicy()

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
                "route, and least_confidence, longest_context or route below a task, threshold or"
                " route below frustration"
            )
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            found, expected = " ".join(str(error).split()), "a policy in TOML, UTF-8"
        raise InputError(str(path), found=found, expected=expected, remedy="correct the policy")

    def limits(self, component: Component) -> "Limits":
        """What is asked of one component, with nothing left out."""
        asked: TaskPolicy = getattr(self, component.task)
        longest = asked.longest_context
        return Limits(
            least_confidence=asked.least_confidence,
            longest_context=component.validated_tokens if longest is None else longest,
            route=asked.route or self.route,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of one component's answers; exactly at a limit is within it."""

    least_confidence: float
    longest_context: int
    route: str = "review"
