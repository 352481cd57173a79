"""From which volume a second fleet pays for its rounding and its spare replica."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from planner.allocate.problem import Problem
from planner.allocate.solvers.milp import first_found, optimum
from planner.allocate.table import ClassLoad, Entry, option_table
from planner.domain.draws import CENTRAL
from planner.options import Candidate
from planner.units import format_count, format_usd

GAIN = 0.002
"""Accuracy that a second fleet must add at the same budget to be worth its name."""
VOLUMES = tuple(float(v) for v in np.geomspace(1e4, 1e9, 31))
"""Volumes tried, queries a day, the lowest first."""
BUDGETS = (1.0, 2.0, 4.0, 8.0)
"""Budgets a query tried, in units of what the reference costs on a full fleet."""


def second_fleet_volume(
    entries: Sequence[Entry], shares: Mapping[str, float], reference: tuple[Candidate, int]
) -> tuple[float | None, str]:
    """Lowest volume tried at which two models beat the best single one at the same budget.

    shares: difficulty buckets and their part of the traffic; every query's bucket is taken as
    known, which is the most that a second fleet can profit from. The budget a query stays the same
    at every volume, so that only rounding and spare replicas change; of BUDGETS the one that needs
    the least volume counts. Returns (queries a day or None, a sentence).
    """
    classes = [ClassLoad(bucket, bucket, {bucket: 1.0}, share) for bucket, share in shares.items()]
    problem = option_table(entries, classes).problem
    candidate, n = reference
    unit = float(candidate.full_usd([n])[CENTRAL, 0])
    told = " with the difficulty of each query known" if len(shares) > 1 else ""
    points = f"{GAIN * 100:.1f} points"
    best, first = 0.0, len(VOLUMES)
    for budget in BUDGETS:
        # A budget counts where it needs less volume than those before it.
        if first > 0 and _gain(problem, VOLUMES[first - 1], budget * unit) > GAIN:
            best, first = budget, _first_that_gains(problem, budget * unit, first - 1)
    if first == len(VOLUMES):
        return None, (
            f"A second fleet never pays here: at no budget tried do two models together gain"
            f" {points} over the better one{told}."
        )
    volume, usd = VOLUMES[first], best * unit
    most = _gain(problem, VOLUMES[-1], usd)
    return volume, (
        f"A second fleet beside the first pays for its rounding and its spare replica from about"
        f" {format_count(volume, 2)} queries a day{told}, on {format_usd(usd)} a query: two models"
        f" then gain over {points} on the better one, and up to {most * 100:.1f} points at"
        f" any larger volume."
    )


def _first_that_gains(problem: Problem, usd_per_query: float, gains: int) -> int:
    """Index of the lowest volume that gains, by bisection below one that does.

    The overhead of a fleet is fixed, so that what pays at one volume pays at a larger one, but for
    rounding near the edge.
    """
    low, high = 0, gains
    while low < high:
        middle = (low + high) // 2
        if _gain(problem, VOLUMES[middle], usd_per_query) > GAIN:
            high = middle
        else:
            low = middle + 1
    return low


def _gain(problem: Problem, queries_per_day: float, usd_per_query: float) -> float:
    """Accuracy of the best plan less that of the best plan with one model; 0 where neither is."""
    at_volume = replace(
        problem,
        queries_per_day=problem.weight * queries_per_day,
        budget_usd_per_day=usd_per_query * queries_per_day,
    )
    share = first_found(at_volume)
    if share is None:
        return 0.0
    if len(problem.models_used(np.flatnonzero((share > 0).any(axis=0)))) == 1:
        return 0.0  # the best plan is one with one model: half of the searches end here
    both = float(problem.weight @ (share * problem.accuracy).sum(axis=1))
    return both - (optimum(replace(at_volume, max_models=1)) or 0.0)
