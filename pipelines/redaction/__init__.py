"""What tells who somebody is, replaced by placeholders before anything leaves."""

from dataclasses import replace

from pipelines.annotation import AnnotatedConversation, failure_of
from pipelines.redaction.discreet import discreet_failure, discretion
from pipelines.redaction.labels import Redaction
from pipelines.redaction.mapping import MappingFile, mapping_line
from pipelines.redaction.redactor import Redacted, Redactor

__all__ = [
    "MappingFile",
    "Redacted",
    "Redaction",
    "Redactor",
    "discretion",
    "redacted_into",
    "redacted_with_line",
]


def redacted_with_line(
    redactor: Redactor, annotated: AnnotatedConversation
) -> tuple[AnnotatedConversation, bytes]:
    """A conversation as it may leave, its failure included, and the line of its mapping."""
    if any("entities" in turn.failed for turn in annotated.turns):
        # Nobody knows what is personal: nothing of it may leave.
        reason = "no entities could be told, so nothing could be redacted"
        failure = failure_of(annotated.conversation, reason)
        annotated = AnnotatedConversation(annotated.conversation, (), failure)
    redacted = redactor.conversation(annotated)
    original, left = annotated.conversation, redacted.annotated
    line = mapping_line(original.id, left.conversation.id, original.source, redacted.entries)
    if left.failure is not None:
        left = replace(left, failure=discreet_failure(left.failure))
    return left, line if redacted.entries else b""


def redacted_into(
    redactor: Redactor, mapping: MappingFile | None, annotated: AnnotatedConversation
) -> AnnotatedConversation:
    """A conversation as it may leave, after its mapping has been written."""
    redacted, line = redacted_with_line(redactor, annotated)
    if mapping is not None:
        mapping.write(line, sync=False)
    return redacted
