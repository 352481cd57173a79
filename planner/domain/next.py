"""What `next` gives back: planner.next/1, the measurements that would change the decision."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from planner.domain.base import Strict
from planner.domain.plan import Assumption, Caution
from planner.domain.tornado import InputKind

MeasurementKind = Literal["benchmark", "pilot", "price", "tokens", "timing"]


class Worth(Strict):
    """What knowing something is worth."""

    probability_changes_decision: float
    expected_gain_usd: float | None = None
    """Over the horizon; None without a value per correct answer."""
    expected_gain: float | None = None
    """In `unit` of the answer; in accuracy of what is learned of accuracies, None of costs, which
    decide what the budget has room for. None where the objective does not say what missing a
    requirement costs."""


class InputWorth(Worth):
    """An input, known exactly."""

    input: str
    kind: InputKind


class Size(Worth):
    """A measurement at one number of questions."""

    questions: int
    cost_usd: float


class ProposedMeasurement(Worth):
    """Something that could be measured, and whether it pays."""

    what: str
    kind: MeasurementKind
    question_set: str | None = None
    bucket: str | None = None
    query_class: str | None = None
    model: str | None = None
    method: str | None = None
    verifier: str | None = None
    n_samples: tuple[int, ...] = ()
    """All are read off the samples of the largest."""
    questions: int | None = None
    """As many as pay most; without a value per correct answer as many as suffice."""
    questions_suffice: int | None = None
    """The fewest of those tried that tell nine tenths of what the most would tell."""
    unit: str | None = None
    cost_usd: float
    net_gain_usd: float | None = None
    """Expected gain less cost."""
    changes_to: str | None = None
    """The likeliest other decision, as far as it differs."""
    why: str
    by_questions: tuple[Size, ...] = ()


class Together(Worth):
    """Several measurements, made before anything is decided."""

    cost_usd: float
    net_gain_usd: float | None = None


class NextAnswer(Strict):
    """Which measurements are worth making before a plan is carried out."""

    schema_: Literal["planner.next/1"] = Field(default="planner.next/1", alias="schema")
    advice: str
    """One sentence."""
    measure_nothing: bool
    decision: str
    """The plan that is chosen as things are known now."""
    decided_by: str = ""
    """What plans are compared by; with a risk, gains are those in the risk."""
    unit: str | None = None
    """Of expected_gain: "usd" over the horizon, or "accuracy"."""
    horizon_days: float
    budget_usd: float | None = None
    """The most that measuring may cost."""
    cost_per_question_usd: float = 0.0
    """Of writing and grading a question, beside what answering it costs."""
    plans: int
    """Plans that were compared in every draw."""
    everything: Worth
    """Were nothing uncertain any more: no measurement is worth more."""
    inputs: tuple[InputWorth, ...] = ()
    measurements: tuple[ProposedMeasurement, ...] = ()
    """The most useful first."""
    buy: tuple[int, ...] = ()
    """Positions in `measurements` of what is worth buying together."""
    together: Together | None = None
    assumptions: tuple[Assumption, ...] = ()
    warnings: tuple[Caution, ...] = ()
    prices_as_of: str | None = None
    """Day on which the prices of the cards were read."""
    draws: int = 0
    seed: int = 0
