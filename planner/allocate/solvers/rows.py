"""Sparse rows of the program: variables, budgets, floors, shares and ties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import Array, Problem

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Index = NDArray[np.int64]

BUDGET_SLACK = 1e-9
"""Budgets are widened by this fraction, so that rounding loses no plan that costs the last dollar.
What a plan takes over the budget itself is drawn in again (`milp.draws_in`, `milp.solve_milp`)."""


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

    def at_most_together(self, col: Index, class_: Index, other: Index) -> None:
        """Adds a row `sum x[col] <= x[other]` for each class and other.

        Shares of a class add up to one: what is 0 or 1 bounds their sum as well as each, and the
        relaxation is tighter by rows that are fewer.
        """
        width = int(other.max(initial=0)) + 1
        pairs, row = np.unique(class_ * width + other, return_inverse=True)
        k = len(pairs)
        self.block(
            np.concatenate([row, np.arange(k)]),
            np.concatenate([col, pairs % width]),
            np.repeat([1.0, -1.0], [len(col), k]),
            np.full(k, -np.inf),
            np.zeros(k),
        )

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
    trained: Index
    """(training,)"""
    bought: Index
    """(block,)"""
    n_variables: int

    @classmethod
    def of(cls, problem: Problem) -> Layout:
        """The layout of a problem's variables."""
        cell_class, cell_option = np.nonzero(problem.buyable)
        n_fleets, n_blocks = len(problem.fleets), len(problem.fleets.blocks)
        n_trained = 0 if problem.training is None else len(problem.training.names)
        counts = [len(cell_class), n_fleets, n_fleets, problem.n_models, n_trained, n_blocks]
        n_variables = sum(counts)
        parts = np.split(np.arange(n_variables), np.cumsum(counts)[:-1])
        _, replicas, opened, kept, trained, bought = parts
        return cls(cell_class, cell_option, replicas, opened, kept, trained, bought, n_variables)

    @property
    def cells(self) -> Index:
        """Of each cell, (cell,)."""
        return np.arange(len(self.cell_class))


def budget_rows(
    rows: Rows, problem: Problem, at: Layout, usd: Array, constant_usd: float
) -> dict[str, int]:
    """Adds the budgets; returns the row of each by its name."""
    found: dict[str, int] = {}
    queries = problem.queries_per_day[at.cell_class]

    def add(name: str, limit: float, used: Array, col: Index) -> None:
        # In units of the budget: HiGHS's tolerances are absolute, dollars and FLOPs are not.
        scale = abs(limit) or 1.0
        found[name] = rows.one(col, used / scale, -np.inf, limit / scale + BUDGET_SLACK)

    if problem.budget_usd_per_day is not None:
        used = np.flatnonzero(usd)
        add("usd_per_day", problem.budget_usd_per_day - constant_usd, usd[used], used)
    if problem.budget_flop_per_day is not None:
        flop = problem.flop[at.cell_class, at.cell_option] * queries
        add("flop_per_day", problem.budget_flop_per_day, flop, at.cells)
    if problem.budget_eflop_per_day is not None and problem.eflop is not None:
        eflop = problem.eflop[at.cell_class, at.cell_option] * queries
        add("eflop_per_day", problem.budget_eflop_per_day, eflop, at.cells)
    if not len(problem.fleets):
        return found
    gpus = problem.fleets.gpus_per_replica.astype(float)
    if problem.budget_gpus is not None:
        found["gpus"] = rows.one(at.replicas, gpus, -np.inf, float(problem.budget_gpus))
    if problem.budget_kwh_per_day is not None and problem.kwh_per_gpu_day is not None:
        kwh = np.nan_to_num(problem.kwh_per_gpu_day) * gpus
        add("kwh_per_day", problem.budget_kwh_per_day, kwh, at.replicas)
    return found


def floor_rows(rows: Rows, problem: Problem, at: Layout, named: dict[str, int]) -> int:
    """Adds the floors; returns the row of the overall accuracy, which is always there."""
    accuracy = problem.accuracy[at.cell_class, at.cell_option]
    if problem.min_accuracy is not None:
        floors = np.where(np.isnan(problem.min_accuracy), -np.inf, problem.min_accuracy)
        of_group = accuracy * problem.weight_in_group[at.cell_class]
        group = problem.groups[at.cell_class]
        first = rows.block(group, at.cells, of_group, floors, np.full(len(floors), np.inf))
        named |= {f"min_accuracy {g}": first + int(g) for g in np.flatnonzero(np.isfinite(floors))}
    overall = problem.min_accuracy_overall
    floor = -np.inf if overall is None else overall
    row = rows.one(at.cells, accuracy * problem.weight[at.cell_class], floor, np.inf)
    if overall is not None:
        named["min_accuracy"] = row
    return row


def share_rows(rows: Rows, problem: Problem, at: Layout, named: dict[str, int]) -> None:
    """Adds the limits of shares, and what ties classes to each other."""
    for i, limit in enumerate(problem.shares or ()):
        weight = share_weight(problem, limit.classes)
        used = limit.options[at.cell_option] & limit.classes[at.cell_class]
        # Shares of the cells add up to one only within the solver's tolerance.
        high = np.inf if limit.high >= 1 else limit.high
        low = -np.inf if limit.low <= 0 else limit.low
        named[f"share {i}"] = rows.one(at.cells[used], weight[at.cell_class[used]], low, high)
    for tie in problem.ties or ():
        label = tie.label[at.cell_option]
        first = tie.classes[0]
        for other in tie.classes[1:]:
            for one in np.unique(label):
                here = at.cells[(at.cell_class == first) & (label == one)]
                there = at.cells[(at.cell_class == other) & (label == one)]
                sign = np.repeat([1.0, -1.0], [len(here), len(there)])
                if len(sign):
                    rows.one(np.concatenate([here, there]), sign, 0.0, 0.0)


def share_weight(problem: Problem, classes: NDArray[np.bool_]) -> Array:
    """(class_,) share of the queries of `classes`; 0 outside of them."""
    queries = np.where(classes, problem.queries_per_day, 0.0)
    if queries.sum() == 0:
        return np.asarray(classes / max(classes.sum(), 1))
    return np.asarray(queries / queries.sum())
