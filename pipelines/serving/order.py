"""Turns whose senders count them: one that comes again is known again, one that is missing told.

Whoever sends a turn and gets no answer cannot know whether it was read. Sent again with its index
it is answered as it was, and not read twice.
"""

from typing import Any

import orjson

from pipelines.serving.remembered import Remembered
from pipelines.serving.turns import LiveTurn, OutOfOrderError


def repeated_answer(live: LiveTurn, known: Remembered, source: str) -> dict[str, Any] | None:
    """What was answered before, where a turn is sent again; None where it is the next one.

    Args:
        live: The turn; one without an index is the next one.
        known: What is remembered of its conversation.
        source: What messages call where it came from.

    Raises:
        OutOfOrderError: It is neither the next turn nor the last one again.
    """
    following = known.memory.course.turns
    if live.index is None or live.index == following:
        return None
    is_last = live.index == following - 1 and live.digest() == known.heard
    if is_last and known.answer is not None:
        answer: dict[str, Any] = orjson.loads(known.answer)
        return answer
    if live.index > following:
        remedy = (
            "send the turns before it again"
            if following
            else "the conversation is not remembered: send it from its first turn"
        )
    else:
        remedy = "it was read before; go on with the next one"
    raise OutOfOrderError(
        source,
        line=live.turn.line,
        found=f"index {live.index}",
        expected=f"index {following}, the conversation's next",
        remedy=remedy,
    )
