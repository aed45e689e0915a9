"""Where cases go: files for people and review tools, other models, functions of one's own."""

from pipelines.routes.answers import Answer, Said
from pipelines.routes.cases import Earlier, RoutedCase, Unanswered
from pipelines.routes.dispatch import Route, Routes
from pipelines.routes.opening import open_routes
from pipelines.routes.vocabulary import Vocabulary

__all__ = [
    "Answer",
    "Earlier",
    "Route",
    "RoutedCase",
    "Routes",
    "Said",
    "Unanswered",
    "Vocabulary",
    "open_routes",
]
