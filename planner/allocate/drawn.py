"""Plans of single draws: what would have been best had one draw been known to be the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.allocate.plan import violations
from planner.allocate.plan_draws import cost_draws
from planner.allocate.problem import API_FLEET, Array, Problem
from planner.allocate.rented import fleets_in
from planner.allocate.solvers.milp import Solution, solve_milp
from planner.allocate.table import Table

TOLERANCE = 1e-6
"""Regret, as a fraction of the value, under which a plan is as good as the best."""


@dataclass(frozen=True)
class Hindsight:
    """The best plans of some draws."""

    plans: tuple[Solution, ...]
    """Each once."""
    of_draw: NDArray[np.int64]
    """(draw,) which is the best of each."""
    best: Array
    """(draw,) value of the best plan of each draw, in the unit of the objective."""

    @property
    def draws(self) -> int:
        """Draws that were solved: the first ones after the central case."""
        return len(self.best)

    def regret(self, table: Table, problem: Problem, plan: Solution) -> Array:
        """(draw,) what a plan loses in each draw against the best there."""
        return self.regret_of(problem, values(table, problem, plan)[1 : self.draws + 1])

    def regret_of(self, problem: Problem, value: Array) -> Array:
        """(draw,) the same of values (draw,) known otherwise; below 0 where a requirement of the
        problem is not kept.
        """
        lost = self.best - value if problem.maximised else value - self.best
        return np.where(np.abs(lost) <= TOLERANCE * np.abs(self.best), 0.0, lost)


def in_hindsight(table: Table, problem: Problem, draws: int) -> Hindsight:
    """The best plan of each of the first draws after the central case.

    Where accuracy is the objective, accuracies are drawn and what is bought is that of the central
    case; floors do not bind then. Where it is cost, costs are drawn (prices, tokens and engine
    efficiency; fleets sized for the load of the draw) under the accuracies of the central case.
    Else both are.
    """
    found: dict[bytes, int] = {}
    plans: list[Solution] = []
    of_draw = np.zeros(draws, dtype=np.int64)
    for d in range(draws):
        plan = solve_milp(problem_in(table, problem, d + 1))
        if plan.status == "infeasible":
            plan = solve_milp(problem)
        key = np.round(plan.share, 9).tobytes() + plan.replicas.tobytes()
        if key not in found:
            found[key] = len(plans)
            plans.append(plan)
        of_draw[d] = found[key]
    worth = np.array([values(table, problem, plan)[1 : draws + 1] for plan in plans])
    pick = worth.argmax(axis=0) if problem.maximised else worth.argmin(axis=0)
    best = worth[pick, np.arange(draws)]
    own = worth[of_draw, np.arange(draws)]
    same = np.abs(own - best) <= TOLERANCE * np.abs(best)
    bought = [rebought(problem, plan) for plan in plans]
    return Hindsight(tuple(bought), np.where(same, of_draw, pick), best)


def problem_in(table: Table, problem: Problem, draw: int) -> Problem:
    """A problem as it would be were a draw the truth."""
    drawn = replace(problem, allowed=problem.permitted)
    if problem.objective != "cost":
        accuracy = np.nan_to_num(table.accuracy[draw])
        drawn = replace(drawn, accuracy=accuracy, min_accuracy=None, min_accuracy_overall=None)
    if problem.objective == "accuracy":
        return drawn
    reads = None if problem.reader_gpu_s is None else table.reader_gpu_s[draw]
    return replace(
        drawn,
        gpu_s=table.gpu_s[draw],
        direct_usd=table.direct_usd[draw],
        reader_gpu_s=reads,
        fleets=fleets_in(table.fleet_of, draw),
    )


def values(table: Table, problem: Problem, plan: Solution) -> Array:
    """(draw,) the objective of a plan in every draw; see `in_hindsight`."""
    answered: Array = np.where(plan.share > 0, table.accuracy * plan.share, 0.0).sum(axis=2)
    if problem.objective == "accuracy":
        return answered @ problem.weight
    return objective_of(problem, answered, cost_draws(table, rebought(problem, plan), problem))


def objective_of(problem: Problem, accuracy: Array, usd_per_day: Array) -> Array:
    """(draw,) the objective from accuracies (draw, class_) and dollars a day (draw,)."""
    if problem.objective == "accuracy":
        return accuracy @ problem.weight
    if problem.objective == "cost":
        return usd_per_day
    correct = accuracy @ problem.queries_per_day
    if problem.objective == "cost_per_correct":
        return np.divide(
            usd_per_day, correct, out=np.full_like(usd_per_day, np.inf), where=correct > 0
        )
    value, loss = (
        np.zeros(len(problem.queries_per_day)) if usd is None else usd
        for usd in (problem.value_per_correct_usd, problem.cost_per_wrong_usd)
    )
    worth = accuracy * value - (1.0 - accuracy) * loss
    return worth @ problem.queries_per_day - usd_per_day


def rebought(problem: Problem, plan: Solution) -> Solution:
    """The shares of a plan with the replicas that the central case needs for them."""
    needed = np.zeros(len(problem.fleets))
    used = np.zeros(len(problem.fleets), dtype=np.bool_)
    live = plan.share > 0
    served = plan.share * problem.queries_per_day[:, None]
    for fleet, gpu_s in problem.loads:
        owned = fleet != API_FLEET
        load = np.where(live, served * gpu_s, 0.0).sum(axis=0)
        np.add.at(needed, fleet[owned], load[owned])
        used[fleet[owned & np.any(live, axis=0)]] = True
    f = problem.fleets
    count = np.ceil(needed / np.maximum(f.capacity_gpu_s_per_day, 1e-300) * (1 - 1e-9))
    replicas = np.where(used, np.maximum(count, np.maximum(f.min_replicas, 1)), 0)
    return replace(plan, replicas=replicas.astype(np.int64))


def feasible(problem: Problem, plan: Solution, weights: Array, floor: Array) -> bool:
    """Whether a plan keeps the requirements of the central case, and its floors in given draws:
    weights (row, class_, option) of shares, each at least floor (row,).
    """
    if violations(problem, plan.share, plan.replicas):
        return False
    reached = (weights * plan.share).sum(axis=(1, 2))
    return bool((reached >= floor - 1e-7).all())
