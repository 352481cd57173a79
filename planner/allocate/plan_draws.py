"""Accuracy, dollars and GPUs of an allocation in every draw."""

from __future__ import annotations

import numpy as np

from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.books import fixed_usd_per_day
from planner.allocate.solvers.milp import Solution
from planner.allocate.table import Table
from planner.cost.supply import daily
from planner.domain.draws import CENTRAL


def plan_accuracy(table: Table, share: Array) -> Array:
    """Mean accuracy of an allocation over all queries, (draw,)."""
    class_, option = np.nonzero(share)
    weighted = share[class_, option] * table.problem.weight[class_]
    return np.asarray(table.accuracy[:, class_, option] @ weighted)


def cost_draws(table: Table, solution: Solution, wished: Problem | None = None) -> Array:
    """Dollars a day of the plan's shares, (draw,), every fleet sized for the load of its draw.

    Row 0 is what the plan buys. Engine efficiency and tokens move the load, and with it the
    replicas that would have to be rented to keep the same shares. Fleets of one supply share its
    blocks of GPUs, the cheapest first. `wished` is the problem that was solved, whose models and
    training cost the same in every draw; without it the table's.
    """
    problem = table.problem
    class_, option = np.nonzero(solution.share)
    served = solution.share[class_, option] * problem.queries_per_day[class_]
    usd: Array = table.direct_usd[:, class_, option] @ served
    for pool, gpus in gpu_draws(table, solution).items():
        supply = next(
            r.supply for r, p in zip(table.fleet_of, problem.fleets.pool, strict=True) if p == pool
        )
        usd = usd + supply.usd_per_day(gpus)
    running: float = problem.fleets.fixed_usd_per_day[solution.replicas > 0].sum()
    used = np.any(solution.share > 0, axis=0)
    return usd + running + fixed_usd_per_day(wished or problem, used)


def gpu_draws(table: Table, solution: Solution) -> dict[int, Array]:
    """Whole GPUs in service by pool, each (draw,), every fleet sized for the load of its draw.

    Row 0 is what the plan buys.
    """
    problem = table.problem
    class_, option = np.nonzero(solution.share)
    served = solution.share[class_, option] * problem.queries_per_day[class_]
    found: dict[int, Array] = {}
    for f, rented in enumerate(table.fleet_of):
        if solution.replicas[f] == 0:
            continue
        on = problem.fleet[option] == f
        gpu_s: Array = table.gpu_s[:, class_[on], option[on]] @ served[on]
        if problem.reader_fleet is not None:
            on = problem.reader_fleet[option] == f
            gpu_s = gpu_s + table.reader_gpu_s[:, class_[on], option[on]] @ served[on]
        gpus = daily(rented.fleet, rented.supply, gpu_s, 1.0).gpus.astype(np.float64)
        gpus[CENTRAL] = problem.fleets.gpus(solution.replicas)[f]
        pool = int(problem.fleets.pool[f])
        found[pool] = found.get(pool, 0.0) + gpus
    return found
