"""What a plan is compared with: one option serving every query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.allocate.answer import finite
from planner.allocate.plan_draws import cost_draws, plan_accuracy
from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.milp import Solution
from planner.allocate.table import ClassLoad, Table, option_label
from planner.allocate.transferred import traffic_accuracy
from planner.domain.draws import CENTRAL, interval90
from planner.domain.plan import Totals
from planner.options import Candidate
from planner.options.transferred import Shifts
from planner.units import format_percent


@dataclass(frozen=True)
class Side:
    """One option of today's allocation."""

    candidate: Candidate
    n: int
    share: float = 1.0
    """Of all queries."""
    shifts: Shifts | None = None
    """From the benchmark to the traffic of `loads`; None: there is none."""
    loads: tuple[ClassLoad, ...] = ()

    def accuracy(self, mix: Mapping[str, float], load: ClassLoad | None = None) -> Array:
        """Accuracy on all queries, or on those of one class, (draw,)."""
        if self.shifts is None or self.shifts.transfer.nothing:
            return self.candidate.accuracy([self.n], mix)[:, 0]
        loads = self.loads if load is None else (load,)
        return traffic_accuracy(self.candidate, self.n, loads, self.shifts)


def totals_of(sides: Sequence[Side], queries_per_day: float, mix: Mapping[str, float]) -> Totals:
    """Headline figures of today's allocation: each option serves its share of every bucket."""
    accuracy = accuracy_draws(sides, mix)
    usd, gpus, latency_s = _served(sides, queries_per_day, mix)
    flop = sum(s.share * float(s.candidate.flop([s.n], mix)[CENTRAL, 0]) for s in sides)
    central = float(accuracy[CENTRAL])
    return Totals(
        label=label_of(sides),
        accuracy=central,
        accuracy_low=interval90(accuracy)[0],
        accuracy_high=interval90(accuracy)[1],
        cost_usd_per_day=float(usd[CENTRAL]),
        cost_usd_per_day_low=interval90(usd)[0],
        cost_usd_per_day_high=interval90(usd)[1],
        cost_usd_per_correct=(
            float(usd[CENTRAL]) / queries_per_day / central if central > 0 else None
        ),
        flop_per_day=finite(flop * queries_per_day),
        gpus=gpus,
        latency_p95_s=finite(latency_s),
    )


def label_of(sides: Sequence[Side]) -> str:
    """Today's allocation as it is named: with the share of each option where there are several."""
    labels = [option_label(s.candidate, s.n) for s in sides]
    if len(sides) == 1:
        return labels[0]
    shares = [format_percent(s.share, 0) for s in sides]
    return " and ".join(f"{share} {label}" for share, label in zip(shares, labels, strict=True))


def probability_beats(
    table: Table,
    solution: Solution,
    baseline: Sequence[Side],
    queries_per_day: float,
    mix: Mapping[str, float],
    problem: Problem | None = None,
) -> float:
    """Share of the draws in which the plan is more accurate for no more, or no less for less.

    The fleets of both are sized for the load of the draw: a plan that fills its GPUs to the brim
    needs another replica sooner than its baseline.
    """
    gain = plan_accuracy(table, solution.share) - accuracy_draws(baseline, mix)
    plan_usd = cost_draws(table, solution, problem)
    usd = usd_draws(baseline, queries_per_day, mix)
    slack = 1 + 1e-9
    beats = (gain > 0) & (plan_usd <= usd * slack) | (gain >= 0) & (plan_usd * slack < usd)
    return float(np.mean(beats[1:]))


def accuracy_draws(
    sides: Sequence[Side], mix: Mapping[str, float], load: ClassLoad | None = None
) -> Array:
    """Mean accuracy of all sides on all queries, or on those of one class, (draw,)."""
    parts = [s.share * s.accuracy(mix, load) for s in sides]
    return np.asarray(sum(parts[1:], start=parts[0]))


def usd_draws(sides: Sequence[Side], queries_per_day: float, mix: Mapping[str, float]) -> Array:
    """Dollars a day of today's allocation, (draw,)."""
    return _served(sides, queries_per_day, mix)[0]


def _served(
    sides: Sequence[Side], queries_per_day: float, mix: Mapping[str, float]
) -> tuple[Array, int, float]:
    """(dollars a day (draw,), GPUs in the central case, longest p95 in seconds).

    Sides of one fleet share its replicas: their loads add up.
    """
    fleets: dict[int, list[Side]] = {}
    for side in sides:
        fleets.setdefault(id(side.candidate.fleet or side.candidate), []).append(side)
    usd: Array = np.zeros(sides[0].candidate.supply.draws.rows)
    gpus, latency_s = 0, 0.0
    for together in fleets.values():
        loads = [s.share * s.candidate.load([s.n], mix)[:, 0] for s in together]
        served = together[0].candidate.served(sum(loads[1:], start=loads[0]), queries_per_day)
        usd = usd + served.usd_per_day
        gpus += int(served.gpus[CENTRAL])
        for s in together:
            _, p95 = s.candidate.latency_s([s.n], mix, float(served.busy[CENTRAL]))
            latency_s = float(np.maximum(latency_s, p95[0]))
    return usd, gpus, latency_s
