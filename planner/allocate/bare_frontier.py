"""The frontier of a bare table: every budget in one pass, by the planner's own solver."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from planner.allocate.knees import knee, samples_in, through
from planner.allocate.options_csv import BareTable
from planner.allocate.plan import accounts
from planner.allocate.problem import Array, Problem
from planner.allocate.relax import cheapest_relaxation
from planner.allocate.solvers import own
from planner.allocate.solvers.frontier_path import frontier_path
from planner.allocate.solvers.milp import Solution, solve_milp
from planner.allocate.solvers.one_budget import one_budget
from planner.allocate.solvers.subsets import Corners, Sets
from planner.domain.plan import Frontier, FrontierPoint
from planner.errors import InfeasibleError

LEAST = 1e-3
"""Of the dearest budget: the first one after a cheapest plan that costs nothing."""
HAIR = 1e-9
"""Relative addition to a knee's budget, so that its rounding does not lose the knee's plan."""


def bare_frontier(table: BareTable, problem: Problem, points: int) -> Frontier:
    """The most accuracy at `points` budgets, even in log, and the knees between.

    Where options are whole, or the sets of models too many to list (`subsets.MOST_MODELS`), the
    knees are those of the budgets alone, each solved for itself. Raises InfeasibleError where no
    budget is enough.
    """

    @cache
    def solved(budget_usd: float) -> Solution:
        return own.solve(replace(problem, budget_usd_per_day=budget_usd))

    instance, _ = one_budget(problem)
    sets = Sets.of(instance)
    path = None if sets is None else frontier_path(Corners.of(instance), sets)
    if path is not None:
        budgets = spread(float(path.budget_usd[0]), float(path.budget_usd[-1]), points)
    else:
        budgets = spread(*_ends(problem), points)
    if problem.whole:
        # Between two whole plans nothing can be had: the path is not theirs, but for its ends.
        path = None
    at = [_point(table, problem, solved(usd), usd) for usd in budgets.tolist()]
    gap = None if path is None else path.gap
    if path is None:
        path = through(budgets, np.array([point.accuracy for point in at]))
    names = [
        (option, model, samples_in(option, model))
        for option, model in zip(table.options, table.models, strict=True)
    ]
    knees = [
        knee(path, k, problem, solved(float(path.budget_usd[k]) * (1 + HAIR)).share, names)
        for k in path.knees().tolist()
    ]
    return Frontier(points=tuple(at), knees=tuple(knees), gap=gap)


def spread(least_usd: float, most_usd: float, points: int) -> Array:
    """(point,) budgets, even in log from the least to the most."""
    if most_usd <= least_usd:
        return np.array([least_usd])
    if least_usd > 0:
        found = np.geomspace(least_usd, most_usd, points)
    else:
        found = np.append(least_usd, np.geomspace(most_usd * LEAST, most_usd, points - 1))
    # The power of a logarithm is not the number itself, and the cheapest plan must fit the first.
    found[0], found[-1] = least_usd, most_usd
    return np.asarray(found, dtype=np.float64)


def _ends(problem: Problem) -> tuple[float, float]:
    """Dollars a day of the cheapest plan and of the most accurate one."""
    free = replace(problem, budget_usd_per_day=None)
    cheapest = solve_milp(replace(free, objective="cost"))
    if cheapest.status == "infeasible":
        raise InfeasibleError(f"No budget makes a plan possible. {cheapest_relaxation(free)}")
    best = solve_milp(free)
    return cheapest.value, accounts(problem, best.share, best.replicas).cost_usd_per_day


def _point(table: BareTable, problem: Problem, solution: Solution, usd: float) -> FrontierPoint:
    used = np.flatnonzero((solution.share > 0).any(axis=0))
    books = accounts(problem, solution.share, solution.replicas)
    return FrontierPoint(
        budget_usd_per_day=usd,
        accuracy=solution.value,
        cost_usd_per_day=books.cost_usd_per_day,
        options=tuple(table.options[o] for o in used),
    )
