"""The loop behind `analyze`: documents through the pipeline and the router into outlets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.annotation import AnnotatedConversation
from pipelines.cli.console import say
from pipelines.cli.documents import Documents
from pipelines.pipeline import ConversationPipeline
from pipelines.record_models import Case
from pipelines.records import conversation_record, model_parts
from pipelines.routes import Routes, Vocabulary
from pipelines.routing import Router


@dataclass(frozen=True, slots=True)
class Result:
    """One analysed conversation.

    Attributes:
        annotated: It and what the models say of it.
        cases: Answers routed onward.
        record: What is written of it.
        origin: Which of the command's inputs it comes from, from 0.
    """

    annotated: AnnotatedConversation
    cases: list[Case]
    record: dict[str, Any]
    origin: int


Outlet = Callable[[Result], None]


def analyse(
    documents: Documents,
    pipeline: ConversationPipeline,
    router: Router,
    outlets: Sequence[Outlet],
    redact: Callable[[AnnotatedConversation], AnnotatedConversation] | None = None,
    routes: Routes | None = None,
) -> None:
    """Hand every conversation that can be analysed to every outlet, in the order of the inputs."""
    models = model_parts(pipeline)
    words = Vocabulary.of(pipeline.components.values())
    found = pipeline.annotate(documents.conversations())
    for annotated in found if redact is None else map(redact, found):
        origin = documents.origin()
        failure, conversation = annotated.failure, annotated.conversation
        if failure is not None:
            documents.fail(f"{conversation.source or conversation.id}: {failure.reason}")
            continue
        cases = router.cases(annotated)
        for note in conversation.meta.get("notes", ()):
            say(str(note))  # the view has no place for what was mended, the record has
        record = conversation_record(annotated, models, cases=cases)
        if routes is not None and cases:
            record = routes.answered(record, cases, words)
        for outlet in outlets:
            outlet(Result(annotated, cases, record, origin))
