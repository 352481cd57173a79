"""The allocation as the rows of a mixed-integer linear program.

Variables, in this order: share[cell] of every allowed cell (class_, option), replicas[fleet]
(integer), open[fleet] (0/1), kept[model] (0/1), bought[block] (GPUs; their sum over a pool is
whole, and so is each where stocks are whole, for the cheapest are used first). Rows:

    sum_option share = 1                                            every class is answered
    sum share * queries * gpu_s  <= capacity * replicas             every fleet carries its load
    min_replicas * open <= replicas <= stock / gpus * open
    sum replicas * gpus of a pool <= sum bought of the pool;  bought <= stock of the block
    share <= open[fleet of option], share <= kept[model of option]
    sum bought * usd + sum share * queries * direct_usd + open, kept * fixed <= budget
    sum share * queries * flop <= budget_flop; sum replicas * gpus <= budget_gpus
    sum share * accuracy >= floor, per class and overall;  sum kept <= max_models
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import API_FLEET, Array, Problem

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Index = NDArray[np.int64]

BUDGET_SLACK = 1e-9
"""Budgets are tightened by this fraction, so that the solver's absolute tolerance stays inside.
One of dollars that buys whole replicas is widened by it: rounding must not lose the last one."""
BIG_REPLICAS = 10_000_000
"""Upper bound of replicas where nothing else bounds them."""


class Rows:
    """Sparse rows `low <= A x <= high`, collected a block at a time."""

    def __init__(self) -> None:
        self._row: list[Index] = []
        self._col: list[Index] = []
        self._val: list[Array] = []
        self._low: list[Array] = []
        self._high: list[Array] = []
        self.count = 0

    def block(self, row: Index, col: Index, val: Array, low: Array, high: Array) -> int:
        """Adds len(low) rows; `row` counts from 0 within the block. Returns the first's index."""
        start = self.count
        self._row.append(row + start)
        self._col.append(col)
        self._val.append(val)
        self._low.append(low)
        self._high.append(high)
        self.count += len(low)
        return start

    def one(self, col: Index, val: Array, low: float, high: float) -> int:
        """Adds one row and returns its index."""
        row = np.zeros(len(col), dtype=np.int64)
        return self.block(row, col, val, np.array([low]), np.array([high]))

    def at_most_each(self, col: Index, other: Index, factor: Array) -> None:
        """Adds a row `x[col] <= factor * x[other]` for each pair."""
        k = len(col)
        row = np.tile(np.arange(k), 2)
        value = np.concatenate([np.ones(k), -factor])
        self.block(row, np.concatenate([col, other]), value, np.full(k, -np.inf), np.zeros(k))

    def matrix(self, n_variables: int) -> csr_array:
        """The rows as one sparse matrix (row, variable)."""
        from scipy.sparse import csr_array

        where = (np.concatenate(self._row), np.concatenate(self._col))
        return csr_array((np.concatenate(self._val), where), shape=(self.count, n_variables))

    def limits(self) -> tuple[Array, Array]:
        """(low, high) of every row, each (row,)."""
        return np.concatenate(self._low), np.concatenate(self._high)


@dataclass(frozen=True)
class Layout:
    """Where each variable stands."""

    cell_class: Index
    """(cell,)"""
    cell_option: Index
    """(cell,)"""
    replicas: Index
    """(fleet,)"""
    open: Index
    """(fleet,)"""
    kept: Index
    """(model,)"""
    bought: Index
    """(block,)"""
    n_variables: int

    @classmethod
    def of(cls, problem: Problem) -> Layout:
        """The layout of a problem's variables."""
        cell_class, cell_option = np.nonzero(problem.buyable)
        n_fleets, n_blocks = len(problem.fleets), len(problem.fleets.blocks)
        counts = [len(cell_class), n_fleets, n_fleets, problem.n_models, n_blocks]
        n_variables = sum(counts)
        _, replicas, opened, kept, bought = np.split(np.arange(n_variables), np.cumsum(counts)[:-1])
        return cls(cell_class, cell_option, replicas, opened, kept, bought, n_variables)

    @property
    def cells(self) -> Index:
        """Of each cell, (cell,)."""
        return np.arange(len(self.cell_class))


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
    budget_row: int | None
    accuracy_row: int


def program_of(problem: Problem) -> Program:
    """Writes a problem down as a program."""
    at = Layout.of(problem)
    rows = Rows()
    each = np.ones(len(problem.queries_per_day))
    rows.block(at.cell_class, at.cells, np.ones(len(at.cells)), each, each)
    if len(problem.fleets):
        _fleet_rows(rows, problem, at)
    model = problem.model[at.cell_option]
    rows.at_most_each(at.cells, at.kept[model], np.ones(len(at.cells)))
    if problem.also_model is not None:
        second = problem.also_model[at.cell_option]
        cells = at.cells[second >= 0]
        rows.at_most_each(cells, at.kept[second[second >= 0]], np.ones(len(cells)))
    usd = _usd(problem, at)
    budget_row = _budget_rows(rows, problem, at, usd)
    if problem.max_models is not None:
        rows.one(at.kept, np.ones(len(at.kept)), -np.inf, float(problem.max_models))
    accuracy_row = _accuracy_rows(rows, problem, at)

    accuracy = np.zeros(at.n_variables)
    measured = problem.accuracy[at.cell_class, at.cell_option]
    accuracy[at.cells] = measured * problem.weight[at.cell_class]
    objective = -accuracy if problem.objective == "accuracy" else usd
    upper = np.ones(at.n_variables)
    upper[at.replicas] = BIG_REPLICAS
    upper[at.bought] = problem.fleets.blocks.gpus
    integral = np.ones(at.n_variables, dtype=np.int64)
    integral[at.bought] = 0
    integral[at.cells] = int(problem.whole)
    lower = np.zeros(at.n_variables)
    return Program(
        at, objective, usd, accuracy, rows, lower, upper, integral, budget_row, accuracy_row
    )


def _usd(problem: Problem, at: Layout) -> Array:
    usd = np.zeros(at.n_variables)
    direct = problem.direct_usd[at.cell_class, at.cell_option]
    usd[at.cells] = direct * problem.queries_per_day[at.cell_class]
    usd[at.open] = problem.fleets.fixed_usd_per_day
    usd[at.bought] = problem.fleets.blocks.usd_per_gpu_day
    if problem.model_fixed_usd_per_day is not None:
        usd[at.kept] = problem.model_fixed_usd_per_day
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
    rows.at_most_each(cells, at.open[fleet], np.ones(len(cells)))
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


def _budget_rows(rows: Rows, problem: Problem, at: Layout, usd: Array) -> int | None:
    """Adds the budgets; returns the row of the one in dollars."""
    budget_row = None
    if problem.budget_usd_per_day is not None:
        # In units of the budget: HiGHS's tolerances are absolute, dollars and FLOPs are not.
        scale = problem.budget_usd_per_day or 1.0
        used = np.flatnonzero(usd)
        slack = BUDGET_SLACK if len(problem.fleets) else -BUDGET_SLACK
        limit = problem.budget_usd_per_day / scale * (1 + slack)
        budget_row = rows.one(used, usd[used] / scale, -np.inf, limit)
    if problem.budget_flop_per_day is not None:
        scale = problem.budget_flop_per_day or 1.0
        flop = problem.flop[at.cell_class, at.cell_option]
        used_flop = flop * problem.queries_per_day[at.cell_class] / scale
        limit = problem.budget_flop_per_day / scale * (1 - BUDGET_SLACK)
        rows.one(at.cells, used_flop, -np.inf, limit)
    if problem.budget_gpus is not None and len(problem.fleets):
        gpus = problem.fleets.gpus_per_replica.astype(float)
        rows.one(at.replicas, gpus, -np.inf, float(problem.budget_gpus))
    return budget_row


def _accuracy_rows(rows: Rows, problem: Problem, at: Layout) -> int:
    """Adds the floors; returns the row of the overall accuracy, which is always there."""
    accuracy = problem.accuracy[at.cell_class, at.cell_option]
    if problem.min_accuracy is not None:
        floors = np.where(np.isnan(problem.min_accuracy), -np.inf, problem.min_accuracy)
        of_group = accuracy * problem.weight_in_group[at.cell_class]
        group = problem.groups[at.cell_class]
        rows.block(group, at.cells, of_group, floors, np.full(len(floors), np.inf))
    overall = problem.min_accuracy_overall
    floor = -np.inf if overall is None else overall
    return rows.one(at.cells, accuracy * problem.weight[at.cell_class], floor, np.inf)
