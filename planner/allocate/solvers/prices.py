"""Shadow prices: what one more of a budget, or of a floor, is worth in the objective."""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.program import Program


def shadow_prices(problem: Problem, program: Program) -> dict[str, float]:
    """Objective gained by one more of each budget, and lost by one more of each floor.

    Multipliers of the continuous relaxation, in which GPUs are divisible: milp itself returns
    none. By name of the requirement; in the objective's unit per dollar, FLOP, GPU or kWh a day,
    or per 1.0 of accuracy. Empty where nothing is limited.
    """
    if not program.named:
        return {}
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    rows = program.rows.matrix(program.layout.n_variables)
    low, high = program.rows.limits()
    equal = low == high
    above, below = np.isfinite(high) & ~equal, np.isfinite(low) & ~equal
    solve: Any = linprog  # its stubs know no sparse rows
    size = 1.0 if problem.objective == "accuracy" else float(np.abs(program.objective).max()) or 1.0
    outcome = solve(
        program.objective / size,
        A_ub=vstack([rows[above], -rows[below]]),
        b_ub=np.concatenate([high[above], -low[below]]),
        A_eq=rows[equal],
        b_eq=low[equal],
        bounds=np.column_stack([program.lower, program.upper]),
        method="highs",
    )
    if outcome.status != 0:
        return {}
    marginal: Array = np.zeros(len(low))
    n_above = int(above.sum())
    marginal[above] = outcome.ineqlin.marginals[:n_above]
    marginal[below] += outcome.ineqlin.marginals[n_above:]
    scale = row_scales(problem, program)
    return {
        name: max(0.0, -float(marginal[row]) * size) / scale.get(name, 1.0)
        for name, row in program.named.items()
    }


def row_scales(problem: Problem, program: Program) -> dict[str, float]:
    """What one unit of a budget's row is: rows of dollars, FLOPs and kWh are in their budget."""
    usd = problem.budget_usd_per_day
    limits = {
        "usd_per_day": None if usd is None else usd - program.constant_usd,
        "flop_per_day": problem.budget_flop_per_day,
        "eflop_per_day": problem.budget_eflop_per_day,
        "kwh_per_day": problem.budget_kwh_per_day,
    }
    return {name: abs(limit) or 1.0 for name, limit in limits.items() if limit is not None}
