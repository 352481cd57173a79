"""Why a plan is as it is: what is worth how much, what conflicts, and what else was possible."""

from __future__ import annotations

from planner.domain.base import Strict


class ShadowPrice(Strict):
    """What one more of a budget or a cap brings, or one point more of a floor takes, were GPUs
    divisible.
    """

    requirement: str
    value: float
    unit: str


class Relaxation(Strict):
    """How far one requirement would have to move by itself for a plan to exist."""

    requirement: str
    limit: float | None = None
    needed: float | None = None
    """None where it would have to go altogether."""
    sentence: str


class Compared(Strict):
    """What else could be done, with the figures of the plan."""

    kind: str
    """`today`, `single option`, or `uniform compute`: the best one option for every query."""
    label: str
    accuracy: float
    cost_usd_per_day: float
    flop_per_day: float | None = None
    gpus: int | None = None
    net_value_usd_per_day: float | None = None
    feasible: bool
    """Whether it keeps every requirement of the plan."""


class SameAccuracy(Strict):
    """The least that reaches an accuracy, beside what it takes with one option for every query."""

    accuracy: float
    label: str
    """The one option that reaches it."""
    flop_per_day: float | None = None
    flop_times_less: float | None = None
    """x of "the same accuracy at 1/x of the compute"."""
    usd_per_day: float | None = None
    usd_times_less: float | None = None


class RunnerUp(Strict):
    """The next best choice for a class and bucket, and what would make it the best."""

    query_class: str
    bucket: str
    chosen: str
    option: str
    """What answers most of its queries where the chosen options may not."""
    objective_lost: float
    """By how much the objective is worse then."""
    wins_below_price_factor: float | None = None
    """It has a share once its own work and price are below this part of what they are; None where
    not even free of charge."""
    wins_above_accuracy: float | None = None
    """It has a share once its accuracy there is above this; None where not even at 1."""
    wins_at_volume_factor: float | None = None
    """Nearest of the volumes tried, as a part of today's, at which it has a share."""


class Check(Strict):
    """What an independent reading of the printed plan found, in fractions."""

    ok: bool
    checked: tuple[str, ...]
    """Requirements that were looked at."""
    broken: tuple[str, ...] = ()
