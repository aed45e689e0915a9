"""Batches of examples: the steps that the network reads, and what is true of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nlp_lstm.states.batches import StepBatch, WordDropout, batch_steps
from nlp_lstm.states.examples import Example
from nlp_lstm.states.lessons import Lessons, batch_lessons
from nlp_lstm.states.schema import EMPTY, Schema
from nlp_lstm.text.forms import FormTable


@dataclass(frozen=True, slots=True, eq=False)
class TrainingBatch:
    """Steps, and what is true of them; rows as in `StepBatch`.

    Attributes:
        steps: What the network reads.
        gold: Value numbers after each step. (T, C, S) int64
        before: Value numbers before it. (T, C, S) int64
        exists: Which rows are steps. (T, C) bool
        asked: Requested slots. (T, C, Q)
        own: Conversations that go on from the tracker's own state. (C,) bool
        lessons: What teachers think; None without teachers.
    """

    steps: StepBatch
    gold: Tensor
    before: Tensor
    exists: Tensor
    asked: Tensor
    own: Tensor
    lessons: Lessons | None


def training_batch(
    group: Sequence[Sequence[Example]],
    schema: Schema,
    table: FormTable,
    *,
    dropout: WordDropout | None = None,
    own: Sequence[bool] | None = None,
) -> TrainingBatch:
    """Lay out whole conversations.

    Args:
        group: The examples of each conversation.
        schema: Of the examples.
        table: Where word forms get their numbers.
        dropout: For training.
        own: Which conversations go on from the tracker's own state; None for none.
    """
    steps = batch_steps(
        [[(example.step, example.update) for example in examples] for examples in group],
        table,
        carried=False,
        dropout=dropout,
    )
    T, C, S = steps.steps, len(group), len(schema.slots)
    gold = torch.full((T, C, S), EMPTY)
    exists = torch.zeros(T, C, dtype=torch.bool)
    asked = torch.zeros(T, C, len(schema.requests))
    for c, examples in enumerate(group):
        gold[: len(examples), c] = torch.tensor([example.gold for example in examples])
        exists[: len(examples), c] = True
        for t, example in enumerate(examples):
            asked[t, c, example.requests] = 1
    before = torch.cat([torch.full((1, C, S), EMPTY), gold[:-1]])
    lessons = [[example.lesson for example in examples if example.lesson] for examples in group]
    return TrainingBatch(
        steps,
        gold,
        before,
        exists,
        asked,
        own=torch.tensor(own or [False] * C),
        lessons=batch_lessons(lessons, S) if any(lessons) else None,
    )
