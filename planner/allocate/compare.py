"""What else could be done: every figure of a plan stands beside these.

Each option for every query, the best one option for every query (uniform compute: no query is told
from another), and what the accuracy of that takes where queries are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.allocate.demands import Tie
from planner.allocate.plan import accounts, violations
from planner.allocate.problem import API_FLEET, Array, Problem
from planner.allocate.solvers.books import plan_value
from planner.allocate.solvers.milp import Solution, extreme, solve_milp
from planner.domain.why import Compared, SameAccuracy

Ints = NDArray[np.int64]

ENOUGH = 1e-9
"""Relative shortfall of an accuracy that is rounding."""


def uniform_compute(problem: Problem) -> Problem:
    """The problem in which one option answers every query, as if all were alike."""
    each = np.arange(len(problem.fleet))
    tie = Tie("one option for all", np.arange(len(problem.queries_per_day)), each)
    return replace(problem, whole=True, ties=(*(problem.ties or ()), tie))


def everywhere(problem: Problem, option: int) -> tuple[Array, Ints] | None:
    """(share, least replicas) of one option for every query; None where it may not answer all."""
    if not problem.allowed[:, option].all():
        return None
    share = np.zeros(problem.accuracy.shape)
    share[:, option] = 1.0
    f = problem.fleets
    idle = np.zeros(len(f), dtype=np.int64)
    load = accounts(problem, share, idle).load_gpu_s_per_day
    used = np.zeros(len(f), dtype=bool)
    for fleet, _ in problem.loads:
        if fleet[option] != API_FLEET:
            used[fleet[option]] = True
    # The small subtraction keeps an exact multiple from being rounded up.
    least = np.ceil(load / f.capacity_gpu_s_per_day - 1e-9).astype(np.int64)
    return share, np.where(used, np.maximum(least, f.min_replicas), 0)


def compared(problem: Problem, labels: Sequence[str]) -> tuple[Compared, ...]:
    """Uniform compute, then each option that may answer every query, cheapest first.

    labels: (option,). Whether one keeps every requirement is told, not required.
    """
    found = []
    for option, label in enumerate(labels):
        if (made := everywhere(problem, option)) is not None:
            found.append(_row(problem, "single option", label, *made))
    found.sort(key=lambda row: (row.cost_usd_per_day, -row.accuracy))
    uniform = solve_milp(uniform_compute(problem))
    if uniform.status == "infeasible":
        return tuple(found)
    label = labels[chosen(uniform)]
    return (_row(problem, "uniform compute", label, uniform.share, uniform.replicas), *found)


def chosen(solution: Solution) -> int:
    """The option that answers most of the first class."""
    return int(np.argmax(solution.share[0]))


def _row(problem: Problem, kind: str, label: str, share: Array, replicas: Ints) -> Compared:
    books = accounts(problem, share, replicas)
    net = None
    if problem.value_per_correct_usd is not None:
        net = plan_value(replace(problem, objective="net_value"), share, replicas)
    return Compared(
        kind=kind,
        label=label,
        accuracy=plan_value(replace(problem, objective="accuracy"), share, replicas),
        cost_usd_per_day=books.cost_usd_per_day,
        flop_per_day=books.flop_per_day if np.isfinite(books.flop_per_day) else None,
        gpus=books.gpus,
        net_value_usd_per_day=net,
        feasible=not violations(problem, share, replicas),
    )


def same_accuracy(problem: Problem, uniform: Compared | None) -> SameAccuracy | None:
    """The least compute and dollars that reach the accuracy of one option for every query.

    Its limits on shares, models and latency hold; its budgets do not, for they are what is saved.
    """
    if uniform is None:
        return None
    free = replace(
        problem,
        objective="cost",
        min_accuracy=None,
        min_accuracy_overall=uniform.accuracy * (1 - ENOUGH),
        budget_gpus=None,
        budget_kwh_per_day=None,
        budget_eflop_per_day=None,
        budget_usd_per_day=None,
        budget_flop_per_day=None,
    )
    usd = solve_milp(free)
    flop = None
    if uniform.flop_per_day:
        # The row of a budget measures it; what it is limited to does not matter.
        counted = replace(free, budget_flop_per_day=uniform.flop_per_day)
        flop = extreme(counted, "flop_per_day")
    spent = usd.value if usd.status != "infeasible" else None
    return SameAccuracy(
        accuracy=uniform.accuracy,
        label=uniform.label,
        flop_per_day=flop,
        flop_times_less=uniform.flop_per_day / flop if flop and uniform.flop_per_day else None,
        usd_per_day=spent,
        usd_times_less=uniform.cost_usd_per_day / spent if spent else None,
    )
