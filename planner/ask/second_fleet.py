"""From which volume a second fleet pays for its rounding and its spare replica."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.allocate.problem import Problem
from planner.allocate.solvers.milp import solve_milp
from planner.allocate.table import ClassLoad, Entry, option_table
from planner.cost.supply import Supply
from planner.options import WHOLE
from planner.units import format_count, format_usd

GAIN = 0.002
"""Accuracy that a second fleet must add at the same budget to be worth its name."""
VOLUMES = tuple(float(v) for v in np.geomspace(1e4, 1e9, 16))
"""Volumes tried, queries a day, the lowest first."""


def second_fleet_volume(
    entries: Sequence[Entry], supply: Supply, usd_per_query: float
) -> tuple[float | None, str]:
    """Lowest volume tried at which two models beat the best single one at the same budget.

    The budget is usd_per_query for each query, whatever the volume, so that only rounding and
    spare replicas change with it. Returns (queries a day or None, a sentence).
    """
    table = option_table(entries, [ClassLoad("all", "all", WHOLE, 1.0)], supply)
    tried = [v for v in VOLUMES]
    low, high = 0, len(tried)
    # A second fleet that pays at one volume pays at any larger one: its overhead is fixed.
    while low < high:
        middle = (low + high) // 2
        if _gains(table.problem, tried[middle], usd_per_query):
            high = middle
        else:
            low = middle + 1
    budget = f"at {format_usd(usd_per_query)} a query"
    if low == len(tried):
        return None, (
            f"Up to {format_count(tried[-1])} queries a day a second fleet gains under"
            f" {GAIN * 100:.1f} points over the best single one {budget}: one fleet is enough."
        )
    return tried[low], (
        f"From about {format_count(tried[low])} queries a day a second fleet pays for its rounding"
        f" and its spare replica {budget}; below, one fleet does as well for the money."
    )


def _gains(problem: Problem, queries_per_day: float, usd_per_query: float) -> bool:
    budget = usd_per_query * queries_per_day
    at_volume = replace(
        problem,
        queries_per_day=np.array([queries_per_day]),
        budget_usd_per_day=budget,
    )
    both = solve_milp(at_volume)
    if both.status == "infeasible":
        return False
    one = solve_milp(replace(at_volume, max_models=1))
    return one.status == "infeasible" or both.value > one.value + GAIN
