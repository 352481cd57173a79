"""Accuracy against budget, from the cheapest plan to the most accurate, with its knees.

Of a scenario one solve a budget, for whole replicas make steps; of a bare table in one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.allocate.knees import knee, through
from planner.allocate.plan import accounts
from planner.allocate.plan_draws import plan_accuracy
from planner.allocate.problem import Problem
from planner.allocate.relax import cheapest_relaxation
from planner.allocate.solvers.milp import Solution, solve_milp
from planner.allocate.table import Entry, Table
from planner.domain.draws import CENTRAL, interval90
from planner.domain.method import METHODS
from planner.domain.plan import Caution, Frontier, FrontierPoint, Knee
from planner.errors import InfeasibleError


def budget_frontier(
    table: Table, problem: Problem, points: int, warnings: Sequence[Caution] = ()
) -> Frontier:
    """The best accuracy at `points` budgets, even in log from the least to the most useful one.

    The least is the cheapest plan that keeps every requirement, the most what the most accurate
    plan costs. Whole replicas make steps: a point may spend less than its budget.
    Raises InfeasibleError where no budget is enough.
    """
    free = replace(problem, budget_usd_per_day=None)
    cheapest = solve_milp(replace(free, objective="cost"))
    if cheapest.status == "infeasible":
        raise InfeasibleError(
            f"No budget makes this scenario possible. {cheapest_relaxation(free)}"
        )
    best = solve_milp(replace(free, objective="accuracy"))
    low = max(cheapest.value, 1e-9)
    high = max(accounts(problem, best.share, best.replicas).cost_usd_per_day, low)
    # A hair over each budget, so that the cheapest plan fits the first.
    budgets = np.geomspace(low, high, points) * (1 + 1e-6)
    found, solutions = [], []
    for budget in budgets:
        at = replace(problem, budget_usd_per_day=float(budget), objective="accuracy")
        solution = solve_milp(at)
        if solution.status != "infeasible":
            found.append(_point(table, at, solution, float(budget)))
            solutions.append(solution)
    knees = _knees(table, problem, found, solutions)
    return Frontier(points=tuple(found), knees=knees, warnings=tuple(warnings))


def _knees(
    table: Table, problem: Problem, points: Sequence[FrontierPoint], solutions: Sequence[Solution]
) -> tuple[Knee, ...]:
    """The knees of the points' upper hull, by what is spent."""
    spent = np.array([point.cost_usd_per_day for point in points])
    path = through(spent, np.array([point.accuracy for point in points]))
    names = [(entry.label, entry.candidate.model, _samples(entry)) for entry in table.entries]
    return tuple(
        knee(path, k, problem, solutions[int(np.argmax(spent == path.budget_usd[k]))].share, names)
        for k in path.knees().tolist()
    )


def _samples(entry: Entry) -> int | None:
    return entry.n if METHODS[entry.candidate.method].samples else None


def _point(table: Table, problem: Problem, solution: Solution, budget: float) -> FrontierPoint:
    accuracy = plan_accuracy(table, solution.share)
    low, high = interval90(accuracy)
    used = np.flatnonzero((solution.share > 0).any(axis=0))
    return FrontierPoint(
        budget_usd_per_day=budget,
        accuracy=float(accuracy[CENTRAL]),
        accuracy_low=low,
        accuracy_high=high,
        cost_usd_per_day=accounts(problem, solution.share, solution.replicas).cost_usd_per_day,
        options=tuple(table.entries[o].label for o in used),
    )
