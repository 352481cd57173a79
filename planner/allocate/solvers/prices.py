"""Shadow prices: what one more of a budget, or of a floor, is worth in the objective."""

from __future__ import annotations

from planner.allocate.problem import Problem
from planner.allocate.solvers.continuous import continuous
from planner.allocate.solvers.program import Program


def shadow_prices(problem: Problem, program: Program) -> dict[str, float]:
    """Objective gained by one more of each budget, and lost by one more of each floor.

    Multipliers of the continuous relaxation, in which GPUs are divisible: milp itself returns
    none. By name of the requirement; in the objective's unit per dollar, FLOP, GPU or kWh a day,
    or per 1.0 of accuracy. Empty where nothing is limited.
    """
    if not program.named:
        return {}
    found = continuous(program, program.objective, program.lower, program.upper, tolerance=None)
    if found is None:
        return {}
    scale = row_scales(problem, program)
    return {
        name: float(max(0.0, -found.marginal[row]) / scale.get(name, 1.0))
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
