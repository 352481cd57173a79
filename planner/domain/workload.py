"""What has to be answered: volume, lengths, and query classes with their mix of difficulty."""

from __future__ import annotations

import datetime as dt
import math
from typing import Self

from pydantic import Field, field_validator, model_validator

from planner.domain.base import Strict
from planner.domain.objective import UsdPerAnswer
from planner.domain.observation import ALL
from planner.domain.over_time import OverTime
from planner.domain.quantity import Fraction, Seconds, TokensByBucket, VolumePerDay

SUM_TOLERANCE = 1e-6


class CheckerTerms(Strict):
    """A program that says whether an answer is right: unit tests, a proof assistant."""

    cost: float = Field(ge=0, allow_inf_nan=False)
    """Dollars of one check."""
    false_positive_rate: Fraction
    """Share of wrong answers that pass."""
    false_negative_rate: Fraction
    """Share of right answers that do not pass."""


class QueryClass(Strict):
    """Queries that share a mix of difficulty and the same demands."""

    name: str = Field(min_length=1)
    """What people call it: "homework"."""
    share: Fraction = 1.0
    """Part of the volume; the shares of all classes add up to 1."""
    mix: dict[str, Fraction] = {ALL: 1.0}
    """Difficulty bucket -> part of the class's queries; adds up to 1. Buckets are those of the
    observations; without a mix all queries are as the question set's whole."""
    min_accuracy: Fraction | None = None
    """Least mean accuracy of the class."""
    max_latency_p95_s: Seconds | None = Field(default=None, gt=0)
    """Longest time to the complete answer that 95% of its queries may take, seconds."""
    allow: tuple[str, ...] = ()
    """Models of the candidates that may answer this class; empty allows all."""
    forbid: tuple[str, ...] = ()
    """Models that may not."""
    checker: CheckerTerms | None = None
    """What checks its answers; with it the method checked_best_of_n may answer the class."""
    allow_licences: tuple[str, ...] = ()
    """Licences of models and verifiers that may answer, as their cards write them; what has none
    stated may not. Empty allows all."""
    forbid_licences: tuple[str, ...] = ()
    """Licences that may not."""
    allow_residencies: tuple[str, ...] = ()
    """Where its queries may be answered, as supply entries and price cards write it; what states
    none may not answer. Empty allows all."""
    forbid_residencies: tuple[str, ...] = ()
    """Where they may not."""
    value_per_correct_usd: UsdPerAnswer | None = None
    """What a correct answer is worth, for the objective net_value."""
    cost_per_wrong_usd: UsdPerAnswer | None = None
    """What a wrong answer costs, for the same."""

    @field_validator("mix")
    @classmethod
    def _mix_is_whole(cls, mix: dict[str, float]) -> dict[str, float]:
        total = math.fsum(mix.values())
        if abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(
                f"the parts of the mix add up to {total:.6g}, not to 1; correct them, or write "
                f'mix = {{ "{ALL}" = 1.0 }}'
            )
        return mix


class Workload(OverTime):
    """The queries of a mean day, and how they move over time. What is left out is None or empty:
    the planner's stated default stands for it, and the page can tell what was assumed from what was
    given.
    """

    queries_per_day: VolumePerDay = Field(alias="volume", gt=0)
    """Mean volume. In a file: volume = "1M queries/day", "40 qps", or a number a day."""
    prompt_tokens: TokensByBucket = {}
    """Prompt tokens of a query by difficulty bucket; `all` serves the buckets not named."""
    output_tokens: TokensByBucket = {}
    """Generated tokens of one sample by difficulty bucket; `all` serves the buckets not named."""
    day: dt.date | None = None
    """The day that is planned: which supply is still there. Without it the day of the newest price
    card."""
    peak_to_mean: float | None = Field(default=None, ge=1, allow_inf_nan=False)
    """Load of the busiest hour over the mean; fleets are sized for it."""
    classes: tuple[QueryClass, ...] = (QueryClass(name=ALL),)
    """Without classes, all queries are one."""

    @field_validator("classes")
    @classmethod
    def _classes_are_whole(cls, classes: tuple[QueryClass, ...]) -> tuple[QueryClass, ...]:
        names = [c.name for c in classes]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice is not None:
            raise ValueError(f"two classes are named {twice!r}; give each a name of its own")
        total = math.fsum(c.share for c in classes)
        if abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(
                f"the shares of the classes add up to {total:.6g}, not to 1; correct them"
            )
        return classes

    @model_validator(mode="after")
    def _tokens_name_known_buckets(self) -> Self:
        buckets = {bucket for c in self.classes for bucket in c.mix}
        for name in ("prompt_tokens", "output_tokens"):
            stray = sorted(set(getattr(self, name)) - buckets - {ALL})
            if stray:
                names = ", ".join(map(repr, stray))
                raise ValueError(f"{name} names {names}, which no mix has; correct the name")
        return self
