"""The optimum of problems without whole numbers, by an exact simplex in fractions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from planner.allocate.check import exact
from planner.allocate.problem import Problem
from planner.units import significant

Row = tuple[Sequence[Fraction], str, Fraction]
"""Coefficients, `<`, `=` or `>`, right side."""


def rational(problem: Problem) -> Fraction | None:
    """The optimum of a problem without replicas or fixed costs, by an exact simplex."""
    classes, options = np.nonzero(problem.allowed)
    cells = list(zip(classes.tolist(), options.tolist(), strict=True))
    queries = [exact(float(q)) for q in problem.queries_per_day]
    total = sum(queries)
    accuracy = [exact(float(problem.accuracy[c, o])) for c, o in cells]
    usd = [queries[c] * exact(float(problem.direct_usd[c, o])) for c, o in cells]
    rows: list[Row] = [
        ([Fraction(int(k == c)) for k, _ in cells], "=", Fraction(1)) for c in range(len(queries))
    ]
    if problem.budget_usd_per_day is not None:
        rows.append((usd, "<", exact(problem.budget_usd_per_day)))
    for values, budget in ((problem.flop, problem.budget_flop_per_day),
                           (problem.eflop, problem.budget_eflop_per_day)):  # fmt: skip
        if budget is not None:
            assert values is not None
            used = [queries[c] * exact(float(values[c, o])) for c, o in cells]
            rows.append((used, "<", exact(float(budget))))
    mean = [queries[c] * a / total for (c, _), a in zip(cells, accuracy, strict=True)]
    if problem.min_accuracy_overall is not None:
        rows.append((mean, ">", exact(problem.min_accuracy_overall)))
    for c, floor in enumerate([] if problem.min_accuracy is None else problem.min_accuracy):
        if np.isfinite(floor):
            own = [a if k == c else Fraction(0) for (k, _), a in zip(cells, accuracy, strict=True)]
            rows.append((own, ">", exact(float(floor))))
    rows += shares_and_ties(problem, cells, queries)
    worth = [queries[c] * exact(significant(float(problem.worth_usd[c, o]), 12)) for c, o in cells]
    cost = {
        "accuracy": [-m for m in mean],
        "cost": usd,
        "net_value": [u - w for u, w in zip(usd, worth, strict=True)],
    }[problem.objective]
    value = simplex(cost, rows)
    return None if value is None else (-value if problem.maximised else value)


def shares_and_ties(
    problem: Problem, cells: Sequence[tuple[int, int]], queries: Sequence[Fraction]
) -> list[Row]:
    rows: list[Row] = []
    for limit in problem.shares or ():
        among = sum(q for c, q in enumerate(queries) if limit.classes[c])
        part = [
            queries[c] / among if limit.classes[c] and limit.options[o] else Fraction(0)
            for c, o in cells
        ] if among else [Fraction(0)] * len(cells)  # fmt: skip
        rows += [(part, "<", exact(limit.high)), (part, ">", exact(limit.low))]
    for tie in problem.ties or ():
        for label, other in itertools.product(set(tie.label.tolist()), tie.classes[1:].tolist()):
            sign = {int(tie.classes[0]): 1, other: -1}
            row = [Fraction(sign.get(c, 0) * int(tie.label[o] == label)) for c, o in cells]
            rows.append((row, "=", Fraction(0)))
    return rows


def simplex(cost: Sequence[Fraction], rows: Sequence[Row]) -> Fraction | None:
    """Least cost @ x, x >= 0, in fractions: two phases, Bland's rule. None where infeasible."""
    n, m = len(cost), len(rows)
    slacks = [i for i, (_, kind, _) in enumerate(rows) if kind != "="]
    width = n + len(slacks) + m
    table: list[list[Fraction]] = []
    for i, (row, kind, right) in enumerate(rows):
        line = [*row, *([Fraction(0)] * (len(slacks) + m)), right]
        if kind != "=":
            line[n + slacks.index(i)] = Fraction(1 if kind == "<" else -1)
        if right < 0:
            line = [-x for x in line]
        line[n + len(slacks) + i] = Fraction(1)
        table.append(line)
    basis = [n + len(slacks) + i for i in range(m)]
    first = [Fraction(int(j >= n + len(slacks))) for j in range(width)]
    if pivoted(table, basis, first, width) > 0:
        return None
    for i, at in enumerate(basis):  # artificial variables that stayed, at zero
        if at >= n + len(slacks):
            new = next((j for j in range(n + len(slacks)) if table[i][j] != 0), None)
            if new is not None:
                pivot(table, basis, i, new)
    second = [*cost, *([Fraction(0)] * (len(slacks) + m))]
    return pivoted(table, basis, second, n + len(slacks))


def pivoted(
    table: list[list[Fraction]], basis: list[int], cost: Sequence[Fraction], columns: int
) -> Fraction:
    while True:
        reduced = (
            (j, cost[j] - sum(cost[b] * row[j] for b, row in zip(basis, table, strict=True)))
            for j in range(columns)
        )
        enter = next((j for j, price in reduced if price < 0), None)
        if enter is None:
            return sum(
                (cost[b] * row[-1] for b, row in zip(basis, table, strict=True)), Fraction(0)
            )
        ratios = [
            (row[-1] / row[enter], basis[i], i) for i, row in enumerate(table) if row[enter] > 0
        ]
        pivot(table, basis, min(ratios)[2], enter)


def pivot(table: list[list[Fraction]], basis: list[int], i: int, j: int) -> None:
    table[i] = [x / table[i][j] for x in table[i]]
    for k, row in enumerate(table):
        if k != i and row[j] != 0:
            factor = row[j]
            table[k] = [x - factor * y for x, y in zip(row, table[i], strict=True)]
    basis[i] = j
