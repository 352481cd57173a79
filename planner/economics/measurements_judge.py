"""What knowing something is worth for the choice among a pool of plans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.domain.next import Worth
from planner.economics.value_of_information import Information, Measurable
from planner.economics.voi_pool import Pool

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Terms:
    """What measuring costs, and for how long what it gains lasts."""

    horizon_days: float
    cost_per_question_usd: float = 0.0
    budget_usd: float | None = None


class Judge:
    """What knowing something is worth for the choice among a pool of plans."""

    def __init__(self, pool: Pool, terms: Terms) -> None:
        self.pool = pool
        self.terms = terms
        self.counted = pool.by_value()
        self.choice = self.counted if pool.in_dollars and self.counted else pool.choice()

    @property
    def unit(self) -> str | None:
        """Of a gain: "usd" over the horizon, "accuracy", or None."""
        if self.counted is None:
            return None
        return "usd" if self.pool.in_dollars else "accuracy"

    def look(self, inputs: Array) -> Look:
        """Inputs (draw, input) that might be found out."""
        one = Measurable.of(self.choice, inputs)
        other = one
        if self.counted is not None and self.counted is not self.choice:
            other = Measurable.of(self.counted, inputs)
        return Look(self, one, other)

    def worth(self, changed: Information, gained: Information) -> Worth:
        """As it is told: gains in dollars last for the horizon."""
        gain = gained.gain if self.counted is not None else None
        usd = None
        if gain is not None and self.pool.in_dollars:
            usd = gain = gain * self.terms.horizon_days
        return Worth(
            probability_changes_decision=changed.probability_changes,
            expected_gain_usd=usd,
            expected_gain=gain,
        )


@dataclass(frozen=True)
class Look:
    """Regressions of what the decisions are worth on some inputs."""

    judge: Judge
    changing: Measurable
    gaining: Measurable

    @property
    def exact(self) -> Worth:
        """Were the inputs known exactly."""
        return self.judge.worth(self.changing.exact, self.gaining.exact)

    def measured(self, error: Array) -> tuple[Worth, Information]:
        """(worth, which decisions it leads to) of a measurement with this error."""
        changed = self.changing.measured(error)
        same = self.changing is self.gaining
        gained = changed if same else self.gaining.measured(error)
        return self.judge.worth(changed, gained), changed
