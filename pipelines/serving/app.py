"""The service's paths, as FastAPI knows them; what they do stands in `service`."""

from typing import Annotated, Any

from fastapi import FastAPI, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from pipelines.record_models import Record
from pipelines.serving.forms import (
    AnswerSent,
    ConversationView,
    Fault,
    Health,
    LateTurnAnswer,
    NextTurn,
    TranscriptSent,
    TurnAnswer,
)
from pipelines.serving.metrics import Metrics
from pipelines.serving.page import page_of
from pipelines.serving.replies import JSON
from pipelines.serving.service import Service, mended_notes
from pipelines.serving.strict import StrictRoute, tell_refused, telling_invalid

ABOUT = """What a customer wants so far, what was named and how people feel, for every turn of a
conversation, as it is said or whole. Every error is an object with one line, `error`."""
# What can go wrong anywhere below /v1; each operation adds its own.
WRONG = {
    400: "the body is no JSON",
    401: "no token, or a wrong one",
    408: "the body did not arrive in time",
    413: "the body is too large",
    415: "the body is said to be something else than JSON",
    421: "the request names another host",
    422: "something unknown, missing, too long or of a wrong type",
    500: "the models failed at it",
    503: "too much is waiting, or what must be stored cannot be",
}
UNKNOWN = {404: "the conversation is not remembered"}
ORDER = {409: "it is not the conversation's next turn, or its stored memory cannot be used"}
CASE = {
    404: "the conversation is not remembered, or no such case waits",
    409: "the case was answered before; the first answer is kept",
}
# Nothing may be loaded from anywhere: the page is its own.
OWN_PAGE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}

Name = Annotated[str, Path(description="the conversation's id, of your choice; without a slash")]


def make_app(
    service: Service, metrics: Metrics, *, version: str, needs_token: bool, quotes: bool
) -> FastAPI:
    """The application, without its guard.

    Args:
        service: Does the work.
        metrics: What is counted.
        version: Of the toolkit.
        needs_token: Whether OpenAPI says that a token is asked for.
        quotes: Whether an error may repeat what was sent.
    """
    app = FastAPI(
        title="nlp-lstm",
        version=version,
        description=ABOUT,
        docs_url=None,  # it would load its scripts from elsewhere
        redoc_url=None,
        exception_handlers={
            RequestValidationError: telling_invalid(quotes=quotes),
            HTTPException: tell_refused,
        },
    )
    app.router.route_class = StrictRoute
    secured: dict[str, Any] | None = {"security": [{"token": []}]} if needs_token else None

    @app.post(
        "/v1/conversations/{id}/turns",
        summary="Annotate the next turn",
        responses=_answers(TurnAnswer, WRONG | ORDER),
        openapi_extra=secured,
    )
    async def add_turn(id: Name, sent: NextTurn, request: Request) -> Response:
        """Read the conversation's next turn; the conversation begins with its first one."""
        return await service.turn(id, sent, mended_notes(request.state))

    @app.post(
        "/v1/conversations/{id}/answers",
        summary="Bring a route's answer in",
        responses=_answers(LateTurnAnswer, WRONG | CASE),
        openapi_extra=secured,
    )
    async def add_answer(id: Name, sent: AnswerSent) -> Response:
        """Answer a case of an earlier turn; the turn comes back with the answer in it."""
        return await service.answer(id, sent)

    @app.get(
        "/v1/conversations/{id}",
        summary="What is remembered",
        responses=_answers(ConversationView, WRONG | UNKNOWN),
        openapi_extra=secured,
    )
    async def look_at(id: Name) -> Response:
        """Say how far a conversation has come, and what was answered last."""
        return await service.view(id)

    @app.delete(
        "/v1/conversations/{id}",
        summary="Forget a conversation",
        status_code=204,
        response_class=Response,
        responses={204: {"description": "it is forgotten"}, **_faults(WRONG | UNKNOWN)},
        openapi_extra=secured,
    )
    async def forget(id: Name) -> Response:
        """Forget a conversation, and delete what was stored of it."""
        return await service.forget(id)

    @app.post(
        "/v1/analyze",
        summary="Annotate a whole conversation",
        responses=_answers(Record, WRONG),
        openapi_extra=secured,
    )
    async def analyze(sent: TranscriptSent, request: Request) -> Response:
        """Give the record of a conversation; nothing of it is remembered."""
        return await service.analyse(sent, mended_notes(request.state))

    @app.get("/healthz", summary="Whether the service answers", responses=_answers(Health, {}))
    async def healthz() -> Response:
        """Say ok."""
        return Response(b'{"status":"ok"}\n', media_type=JSON)

    @app.get(
        "/metrics",
        summary="What was counted",
        response_class=Response,
        responses={
            200: {"content": {"text/plain": {}}, "description": "for Prometheus"},
            **_faults({401: WRONG[401]}),
        },
        openapi_extra=secured,
    )
    async def measure() -> Response:
        """Give counters in the text form of Prometheus."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        """What can be asked, as a page that needs nothing from elsewhere."""
        return Response(page_of(app.openapi()), media_type="text/html", headers=OWN_PAGE)

    if needs_token:
        schemes = app.openapi()["components"].setdefault("securitySchemes", {})
        schemes["token"] = {"type": "http", "scheme": "bearer"}
    return app


def _answers(kind: type[Any], wrong: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": kind, "description": "the answer"}} | _faults(wrong)


def _faults(wrong: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Fault, "description": told} for status, told in sorted(wrong.items())}
