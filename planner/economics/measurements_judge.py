"""What knowing something is worth for the choice among a pool of plans.

Accuracies, what traffic adds to them, and costs are drawn independently, and the objective and the
margins are sums of a part of each (a ratio, the cost of a correct answer, nearly is). What knowing
a cost tells is therefore read with every accuracy in the middle, what a benchmark tells with costs
in the middle and the shifts of traffic averaged: noise that has nothing to do with the input would
otherwise drown it, or be taken for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.domain.draws import CENTRAL
from planner.domain.next import Worth
from planner.economics.value_of_information import (
    Choice,
    Information,
    Measurable,
    at_most,
    evpi,
    left_of,
)
from planner.economics.voi_pool import Pool, answered, averaged

Array = NDArray[np.float64]

Part = Literal["costs", "benchmark", "traffic"]
"""What varies: prices, lengths and engines; accuracies on the benchmark; those on real traffic."""


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
        self.choice = self._changing(pool)
        exact_usd = np.broadcast_to(pool.usd_per_day[CENTRAL], pool.usd_per_day.shape)
        middle = np.broadcast_to(pool.accuracy[CENTRAL], pool.accuracy.shape)
        on_benchmark = answered(averaged(pool.table), pool.plans)
        self._pools: dict[Part, Pool] = {
            "costs": replace(pool, accuracy=middle),
            "benchmark": replace(pool, accuracy=on_benchmark, usd_per_day=exact_usd),
            "traffic": replace(pool, usd_per_day=exact_usd),
        }
        changed, gained = self.choice.rule, None if self.counted is None else self.counted.rule
        self._changes = {
            part: replace(self._changing(one), rule=changed) for part, one in self._pools.items()
        }
        self._gains = {
            part: None if (found := one.by_value()) is None else replace(found, rule=gained)
            for part, one in self._pools.items()
        }

    @staticmethod
    def _changing(pool: Pool) -> Choice:
        counted = pool.by_value()
        return counted if pool.in_dollars and counted is not None else pool.choice()

    @property
    def unit(self) -> str | None:
        """Of a gain: "usd" over the horizon, "accuracy", or None."""
        if self.counted is None:
            return None
        return "usd" if self.pool.in_dollars else "accuracy"

    @property
    def everything(self) -> Worth:
        """Were nothing uncertain any more."""
        gained = None if self.counted is None else evpi(self.counted)
        return self.worth(evpi(self.choice), gained)

    def look(self, inputs: Array, part: Part) -> Look:
        """Inputs (draw, input) that might be found out, among what varies with them.

        A gain in accuracy is not told of costs: they decide which plans the budget has room for,
        and less accuracy may be what knowing them leads to.
        """
        one = Measurable.of(self._changes[part], inputs)
        gains = self._gains[part]
        if gains is None or self.pool.in_dollars:
            return Look(self, one, one)
        return Look(self, one, None if part == "costs" else Measurable.of(gains, inputs))

    def worth(self, changed: Information, gained: Information | None) -> Worth:
        """As it is told: gains in dollars last for the horizon."""
        gain = None if self.counted is None or gained is None else gained.gain
        usd = None
        if gain is not None and self.pool.in_dollars:
            usd = gain = gain * self.terms.horizon_days
        return Worth(
            probability_changes_decision=changed.probability_changes,
            expected_gain_usd=usd,
            expected_gain=gain,
        )

    def together(self, parts: Sequence[tuple[Part, Array, Array]]) -> Worth:
        """What measuring (part, inputs, error) of several parts is worth: their sums are chosen by.

        At most one of "benchmark" and "traffic", which share the benchmark's draws.
        """
        looks = [(self.look(inputs, part), error) for part, inputs, error in parts]
        changed = _summed(self.choice, [(look.changing, error) for look, error in looks])
        if self.counted is None or self.pool.in_dollars:
            return self.worth(changed, changed)
        accuracies = [(look.gaining, error) for look, error in looks if look.gaining is not None]
        gained = _summed(self.counted, accuracies) if accuracies else None
        return self.worth(changed, gained)


@dataclass(frozen=True)
class Look:
    """Regressions of what the decisions are worth on some inputs."""

    judge: Judge
    changing: Measurable
    gaining: Measurable | None
    """None where no gain is told."""

    @property
    def exact(self) -> Worth:
        """Were the inputs known exactly."""
        gained = None if self.gaining is None else self.gaining.exact
        return self.judge.worth(self.changing.exact, gained)

    def measured(self, error: Array) -> tuple[Worth, Information]:
        """(worth, which decisions it leads to) of a measurement with this error."""
        changed = self.changing.measured(error)
        if self.gaining is None or self.gaining is self.changing:
            return self.judge.worth(changed, None if self.gaining is None else changed), changed
        return self.judge.worth(changed, self.gaining.measured(error)), changed


def _summed(choice: Choice, made: Sequence[tuple[Measurable, Array]]) -> Information:
    """What is worth choosing by the sum of what several independent measurements move."""
    expected = [(one, one.expected(error)) for one, error in made]
    moved = choice.middle + sum(each - each.mean(axis=0) for _, each in expected)
    left = left_of(choice, lambda: np.asarray(sum(one.resolved(each) for one, each in expected)))
    return at_most(choice.worth(np.asarray(moved), left), evpi(choice))
