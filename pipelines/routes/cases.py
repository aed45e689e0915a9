"""A case as a route takes it: what is doubted, with the conversation that led to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from pipelines.record_models import Case

# Why a route gave no answer: it failed or what it said did not fit, or its budget is used up.
Lack = Literal["component_error", "budget"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A route that the case was with before, and why it left it."""

    route: str
    reason: Lack
    why: str


@dataclass(frozen=True, slots=True)
class RoutedCase:
    """A case with what whoever takes it needs.

    Attributes:
        entry: A line of the queue, as `pipelines.queues.queue_entry` makes it.
        previous: Routes that did not answer it.
    """

    entry: Mapping[str, Any]
    previous: tuple[Earlier, ...] = ()

    @classmethod
    def from_line(cls, line: bytes) -> "RoutedCase":
        """Read a line of a queue."""
        return cls(orjson.loads(line))

    @property
    def case(self) -> Case:
        """What is doubted, and why."""
        return Case.model_validate({name: self.entry[name] for name in Case.model_fields})

    @property
    def id(self) -> str:
        """The case's id."""
        return str(self.entry["case"])

    @property
    def route(self) -> str:
        """Where it goes."""
        return str(self.entry["route"])

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The conversation up to the turn in question, which is the last."""
        return list(self.entry["payload"]["turns"])

    @property
    def text(self) -> str:
        """What the turn in question says."""
        return str(self.turns[-1]["text"])

    @property
    def entities(self) -> list[dict[str, Any]]:
        """Entities that the model found in the turn in question."""
        turn = self.entry["turn"]
        return [one for one in self.entry["payload"]["entities"] if one["turn"] == turn]

    @property
    def state(self) -> list[dict[str, str]]:
        """The belief state after it, as the model has it; empty where none looked."""
        return list(self.entry["payload"]["state"] or ())

    def after(self, earlier: Earlier, route: str) -> "RoutedCase":
        """The case on its way to another route."""
        previous = (*self.previous, earlier)
        told = [{"route": p.route, "reason": p.reason, "why": p.why} for p in previous]
        return replace(
            self, entry={**self.entry, "route": route, "previous": told}, previous=previous
        )


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A case that a route could not answer."""

    case: RoutedCase
    reason: Lack
    why: str
