"""Why nothing is feasible, and the cheapest change that would make it so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.allocate.plan import accounts
from planner.allocate.problem import Problem
from planner.allocate.solvers.milp import solve_milp
from planner.units import format_count, format_flop, format_percent, format_usd


def cheapest_relaxation(problem: Problem) -> str:
    """Sentences naming, for each requirement alone, how far it would have to move.

    Each requirement is dropped by itself and the least it needs is found by solving for it; a
    requirement whose removal does not help is not named. Where no single one helps, says so.
    """
    found = [
        sentence
        for sentence in (_dollars(problem), _flop(problem), _gpus(problem), _accuracy(problem))
        if sentence
    ]
    if not found:
        return (
            "No single requirement can be relaxed to make a plan possible:"
            " at least two are in conflict."
        )
    return "Any one of these makes a plan possible: " + "; or ".join(found) + "."


def _dollars(problem: Problem) -> str | None:
    if problem.budget_usd_per_day is None:
        return None
    free = solve_milp(replace(problem, budget_usd_per_day=None, objective="cost"))
    if free.status == "infeasible":
        return None
    need = free.value - problem.budget_usd_per_day
    return (
        f"a budget of {format_usd(free.value)} a day instead of "
        f"{format_usd(problem.budget_usd_per_day)} ({format_usd(need)} more)"
    )


def _flop(problem: Problem) -> str | None:
    if problem.budget_flop_per_day is None:
        return None
    # FLOPs take the place of direct dollars, so that the least of them is found.
    as_cost = replace(
        problem,
        budget_flop_per_day=None,
        objective="cost",
        direct_usd=np.nan_to_num(problem.flop),
        allowed=problem.buyable,
        fleets=problem.fleets.free_of_charge(),
        model_fixed_usd_per_day=None,
        budget_usd_per_day=None,
    )
    if problem.budget_usd_per_day is not None and _infeasible_without_flop(problem):
        return None
    free = solve_milp(as_cost)
    if free.status == "infeasible":
        return None
    return f"{format_flop(free.value)} a day instead of {format_flop(problem.budget_flop_per_day)}"


def _infeasible_without_flop(problem: Problem) -> bool:
    return solve_milp(replace(problem, budget_flop_per_day=None)).status == "infeasible"


def _gpus(problem: Problem) -> str | None:
    if problem.budget_gpus is None:
        return None
    free = solve_milp(replace(problem, budget_gpus=None, objective="cost"))
    if free.status == "infeasible":
        return None
    gpus = accounts(problem, free.share, free.replicas).gpus
    return f"{format_count(gpus)} GPUs instead of {problem.budget_gpus}"


def _accuracy(problem: Problem) -> str | None:
    if problem.min_accuracy is None and problem.min_accuracy_overall is None:
        return None
    free = solve_milp(
        replace(problem, min_accuracy=None, min_accuracy_overall=None, objective="accuracy")
    )
    if free.status == "infeasible":
        return None
    return (
        f"an accuracy of {format_percent(free.value)}, the most that the other requirements allow"
    )
