"""What a question in words asks, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass

from planner.errors import Note

ANY_VERIFIER = "any"
"""`Side.verifier` where the question says "a verifier" and not which kind."""
VERIFIER_KINDS = ("PRM", "ORM", "OPRM", "GenRM")
"""Kinds of verifier that a question can ask for by kind, as verifier cards name them."""


@dataclass(frozen=True)
class Side:
    """One of the things compared: a model, or a size, and how compute is spent on it."""

    text: str
    """As it was asked."""
    size_b: float | None = None
    """Nominal parameters, billions, where a size was named."""
    model: str | None = None
    """The model's name as it was written; exactly one of this and `size_b` is there."""
    method: str | None = None
    """A name of `planner.domain.method.METHODS`; None where the question leaves it open."""
    verifier: str | None = None
    """One of VERIFIER_KINDS, ANY_VERIFIER, or a verifier's name as it was written."""
    verifier_size_b: float | None = None
    """Nominal parameters of the verifier, billions, where the question says."""
    n_samples: int | None = None
    """None where the question leaves it open."""
    thinking_tokens: int | None = None
    """Cap on the thinking tokens of each sample."""
    span: tuple[int, int] = (0, 0)
    """Columns of `text` in the question, first and one past the last, from 0."""


@dataclass(frozen=True)
class Question:
    """A question in words, understood. What was not said is None."""

    text: str
    sides: tuple[Side, ...]
    """One to six; a single side asks what it would cost."""
    queries_per_day: float | None = None
    horizon_days: float | None = None
    budget_usd_per_day: float | None = None
    min_accuracy: float | None = None
    """Smallest accuracy accepted, as a fraction."""
    max_latency_p95_s: float | None = None
    mix: dict[str, float] | None = None
    """Share of the traffic by difficulty bucket; adds up to 1."""
    accelerator: str | None = None
    """As it was written; cards know it by name or alias."""
    usd_per_gpu_hour: float | None = None
    notes: tuple[Note, ...] = ()
    """What was read as something else than it says."""
