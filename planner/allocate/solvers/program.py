"""The allocation as the rows of a mixed-integer linear program.

Variables, in this order: share[cell] of every allowed cell (class_, option), replicas[fleet]
(integer), open[fleet] (0/1), kept[model] (0/1), trained[training] (0/1), bought[block] (GPUs;
their sum over a pool is whole, and so is each where stocks are whole, for the cheapest are used
first). Rows:

    sum_option share = 1                                            every class is answered
    sum share * queries * gpu_s  <= capacity * replicas             every fleet carries its load
    min_replicas * open <= replicas <= stock / gpus * open
    sum replicas * gpus of a pool <= sum bought of the pool;  bought <= stock of the block
    sum of a class's shares on a fleet <= open[fleet], of a model or second model <= kept[model],
    of what needs a training <= trained[training]
    sum bought * usd + sum share * queries * direct_usd + open, kept, trained * fixed <= budget
    sum share * queries * flop <= budget_flop, and of eFLOPs; sum replicas * gpus <= budget_gpus
    sum replicas * gpus * kwh <= budget_kwh;  sum kept <= max_models
    sum share * accuracy >= floor, per class and overall
    low <= sum share * weight of some options and classes <= high
    sum share of a label in one class = its sum in a class that is tied to it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.allocate.problem import API_FLEET, Array, Problem
from planner.allocate.solvers.rows import (
    Index,
    Layout,
    Rows,
    budget_rows,
    floor_rows,
    share_rows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


BIG_REPLICAS = 10_000_000
"""Upper bound of replicas where nothing else bounds them."""


@dataclass(frozen=True)
class Program:
    """A mixed-integer linear program: least objective @ x with low <= A x <= high."""

    layout: Layout
    objective: Array
    usd: Array
    """(variable,) dollars a day of each variable."""
    accuracy: Array
    """(variable,) mean accuracy that each variable brings."""
    rows: Rows
    lower: Array
    upper: Array
    integral: Index
    accuracy_row: int
    named: Mapping[str, int]
    """Row of every budget and floor, by the name of the requirement."""
    constant_usd: float
    """Dollars a day beside those of the variables."""
    budgets: Index
    """(row,) rows that no rounding may pass."""


def program_of(problem: Problem) -> Program:
    """Writes a problem down as a program."""
    at = Layout.of(problem)
    rows = Rows()
    each = np.ones(len(problem.queries_per_day))
    rows.block(at.cell_class, at.cells, np.ones(len(at.cells)), each, each)
    if len(problem.fleets):
        _fleet_rows(rows, problem, at)
    model = problem.model[at.cell_option]
    rows.at_most_together(at.cells, at.cell_class, at.kept[model])
    if problem.also_model is not None:
        second = problem.also_model[at.cell_option]
        cells = at.cells[second >= 0]
        rows.at_most_together(cells, at.cell_class[cells], at.kept[second[second >= 0]])
    if problem.training is not None:
        item, cell = np.nonzero(problem.training.needed[:, at.cell_option])
        rows.at_most_together(cell, at.cell_class[cell], at.trained[item])
    usd = _usd(problem, at)
    # The first model is not extra; one is always kept.
    constant_usd = -(problem.extra_model_usd_per_day or 0.0)
    named = budget_rows(rows, problem, at, usd, constant_usd)
    budgets = np.array(sorted(named.values()), dtype=np.int64)
    if problem.max_models is not None:
        most = float(problem.max_models)
        named["max_models"] = rows.one(at.kept, np.ones(len(at.kept)), -np.inf, most)
    accuracy_row = floor_rows(rows, problem, at, named)
    share_rows(rows, problem, at, named)

    accuracy = np.zeros(at.n_variables)
    measured = problem.accuracy[at.cell_class, at.cell_option]
    accuracy[at.cells] = measured * problem.weight[at.cell_class]
    upper = np.ones(at.n_variables)
    upper[at.replicas] = BIG_REPLICAS
    upper[at.bought] = problem.fleets.blocks.gpus
    integral = np.ones(at.n_variables, dtype=np.int64)
    integral[at.bought] = 0
    integral[at.cells] = int(problem.whole)
    return Program(
        layout=at,
        objective=_objective(problem, at, usd, accuracy),
        usd=usd,
        accuracy=accuracy,
        rows=rows,
        lower=np.zeros(at.n_variables),
        upper=upper,
        integral=integral,
        accuracy_row=accuracy_row,
        named=named,
        constant_usd=constant_usd,
        budgets=budgets,
    )


def _objective(problem: Problem, at: Layout, usd: Array, accuracy: Array) -> Array:
    """(variable,) what is made least."""
    if problem.objective == "accuracy":
        return -accuracy
    if problem.objective == "cost":
        return usd
    if problem.objective == "cost_per_correct":
        raise ValueError("a ratio is no linear objective: solve_milp makes it one")
    loss = usd.copy()
    worth = problem.worth_usd[at.cell_class, at.cell_option]
    loss[at.cells] -= worth * problem.queries_per_day[at.cell_class]
    return loss


def _usd(problem: Problem, at: Layout) -> Array:
    usd = np.zeros(at.n_variables)
    direct = problem.direct_usd[at.cell_class, at.cell_option]
    usd[at.cells] = direct * problem.queries_per_day[at.cell_class]
    usd[at.open] = problem.fleets.fixed_usd_per_day
    usd[at.bought] = problem.fleets.blocks.usd_per_gpu_day
    if problem.model_fixed_usd_per_day is not None:
        usd[at.kept] = problem.model_fixed_usd_per_day
    usd[at.kept] += problem.extra_model_usd_per_day or 0.0
    if problem.training is not None:
        usd[at.trained] = problem.training.usd_per_day
    return usd


def _fleet_rows(rows: Rows, problem: Problem, at: Layout) -> None:
    f = problem.fleets
    n = len(f)
    cells, fleet, load = _loads(problem, at)
    rows.block(
        np.concatenate([fleet, np.arange(n)]),
        np.concatenate([cells, at.replicas]),
        np.concatenate([load / f.capacity_gpu_s_per_day[fleet], -np.ones(n)]),
        np.full(n, -np.inf),
        np.zeros(n),
    )
    rows.block(
        np.tile(np.arange(n), 2),
        np.concatenate([at.replicas, at.open]),
        np.concatenate([np.ones(n), -f.min_replicas.astype(float)]),
        np.zeros(n),
        np.full(n, np.inf),
    )
    # The small addition keeps a stock that is an exact multiple from being rounded down.
    stock = f.blocks.pool_gpus[f.pool]
    most = np.minimum(np.floor(stock / f.gpus_per_replica + 1e-9), BIG_REPLICAS)
    rows.at_most_each(at.replicas, at.open, most)
    rows.at_most_together(cells, at.cell_class[cells], at.open[fleet])
    n_pools = len(f.blocks.pool_gpus)
    rows.block(
        np.concatenate([f.pool, f.blocks.pool]),
        np.concatenate([at.replicas, at.bought]),
        np.concatenate([f.gpus_per_replica.astype(float), -np.ones(len(f.blocks))]),
        np.full(n_pools, -np.inf),
        np.zeros(n_pools),
    )


def _loads(problem: Problem, at: Layout) -> tuple[Index, Index, Array]:
    """(cell, fleet, GPU-seconds a day if it answers all) of every cell and fleet that it uses."""
    cells, fleets, loads = [], [], []
    for fleet_of, gpu_s in problem.loads:
        fleet = fleet_of[at.cell_option]
        used = fleet != API_FLEET
        c, o = at.cell_class[used], at.cell_option[used]
        cells.append(at.cells[used])
        fleets.append(fleet[used])
        loads.append(gpu_s[c, o] * problem.queries_per_day[c])
    return np.concatenate(cells), np.concatenate(fleets), np.concatenate(loads)
