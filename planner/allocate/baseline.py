"""What a plan is compared with: one option serving every query."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from planner.allocate.answer import cost_draws, finite, plan_accuracy
from planner.allocate.problem import Array
from planner.allocate.solvers.milp import Solution
from planner.allocate.table import Table, option_label
from planner.domain.draws import CENTRAL, interval90
from planner.domain.plan import Totals
from planner.options import Candidate


def totals_of(
    candidate: Candidate,
    n: int,
    queries_per_day: float,
    mix: Mapping[str, float],
) -> Totals:
    """Headline figures of one option serving every query."""
    accuracy = candidate.accuracy([n], mix)[:, 0]
    served = candidate.served(candidate.load([n], mix)[:, 0], queries_per_day)
    central = float(accuracy[CENTRAL])
    usd = float(served.usd_per_day[CENTRAL])
    _, p95 = candidate.latency_s([n], mix, float(served.busy[CENTRAL]))
    return Totals(
        label=option_label(candidate, n),
        accuracy=central,
        accuracy_low=interval90(accuracy)[0],
        accuracy_high=interval90(accuracy)[1],
        cost_usd_per_day=usd,
        cost_usd_per_day_low=interval90(served.usd_per_day)[0],
        cost_usd_per_day_high=interval90(served.usd_per_day)[1],
        cost_usd_per_correct=usd / queries_per_day / central if central > 0 else None,
        flop_per_day=finite(float(candidate.flop([n], mix)[CENTRAL, 0]) * queries_per_day),
        gpus=int(served.gpus[CENTRAL]),
        latency_p95_s=finite(float(p95[0])),
    )


def probability_beats(
    table: Table,
    solution: Solution,
    baseline: tuple[Candidate, int],
    queries_per_day: float,
    mix: Mapping[str, float],
) -> float:
    """Share of the draws in which the plan is more accurate for no more, or no less for less.

    The fleets of both are sized for the load of the draw: a plan that fills its GPUs to the brim
    needs another replica sooner than its baseline.
    """
    candidate, n = baseline
    gain = plan_accuracy(table, solution.share) - candidate.accuracy([n], mix)[:, 0]
    plan_usd = cost_draws(table, solution)
    usd = usd_draws(candidate, n, queries_per_day, mix)
    slack = 1 + 1e-9
    beats = (gain > 0) & (plan_usd <= usd * slack) | (gain >= 0) & (plan_usd * slack < usd)
    return float(np.mean(beats[1:]))


def usd_draws(
    candidate: Candidate, n: int, queries_per_day: float, mix: Mapping[str, float]
) -> Array:
    """Dollars a day of one option serving everything, (draw,)."""
    return candidate.served(candidate.load([n], mix)[:, 0], queries_per_day).usd_per_day
