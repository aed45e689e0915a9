"""A whole conversation, annotated turn by turn, so that others can have the models in between."""

from collections.abc import Callable, Generator
from typing import Any

from corpora.conversation import Conversation
from pipelines.annotation import AnnotatedConversation, TurnAnnotation
from pipelines.pipeline import ConversationPipeline
from pipelines.records import conversation_record, model_parts
from pipelines.routing import Router


def analysing(
    conversation: Conversation,
    pipeline: ConversationPipeline,
    router: Router,
    redact: Callable[[AnnotatedConversation], AnnotatedConversation] | None = None,
) -> Generator[None, None, dict[str, Any]]:
    """The record of a conversation, as annotating it whole gives it; yields after each turn.

    Args:
        conversation: What was said.
        pipeline: Annotates.
        router: Says which answers go onward.
        redact: Replaces what is personal.
    """
    memory = pipeline.start()
    annotations: list[TurnAnnotation] = []
    for turn in conversation.turns:
        annotation, memory = pipeline.step(memory, turn)
        annotations.append(annotation)
        yield
    annotated = AnnotatedConversation(conversation, tuple(annotations))
    if redact is not None:
        annotated = redact(annotated)
    return conversation_record(annotated, model_parts(pipeline), cases=router.cases(annotated))
