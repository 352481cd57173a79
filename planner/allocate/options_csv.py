"""A bare table of options: people bring their own numbers, and check the solver from outside.

Columns: query_class, queries_per_day, option, model, accuracy, cost_usd (dollars of one query);
optional latency_s and model_fixed_usd_per_day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.allocate.answer import conflict_fields
from planner.allocate.exact import printed_violations
from planner.allocate.plan import accounts, checked
from planner.allocate.problem import API_FLEET, Array, Problem
from planner.allocate.relax import Conflict
from planner.allocate.solvers.milp import Solution
from planner.domain.plan import STATUS_SENTENCE, AllocationRow, PlanAnswer


@dataclass(frozen=True)
class BareTable:
    """Options of a bare table against its classes."""

    classes: tuple[str, ...]
    options: tuple[str, ...]
    """(option,) names, unique."""
    models: tuple[str, ...]
    """(option,)"""
    latency_s: Array
    """(class_, option); nan where not given."""
    problem: Problem


def bare_table(rows: Sequence[Mapping[str, str | float | None]]) -> BareTable:
    """The table's rows, checked already, as arrays. An option of two models is two options."""
    classes = tuple(dict.fromkeys(str(r["query_class"]) for r in rows))
    pairs = tuple(dict.fromkeys((str(r["option"]), str(r["model"])) for r in rows))
    models = tuple(dict.fromkeys(model for _, model in pairs))
    shape = (len(classes), len(pairs))
    accuracy, usd = np.zeros(shape), np.zeros(shape)
    latency, allowed = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    queries, fixed = np.zeros(len(classes)), np.zeros(len(models))
    for row in rows:
        c = classes.index(str(row["query_class"]))
        o = pairs.index((str(row["option"]), str(row["model"])))
        accuracy[c, o], usd[c, o], allowed[c, o] = (
            _number(row, "accuracy"),
            _number(row, "cost_usd"),
            True,
        )
        queries[c] = _number(row, "queries_per_day")
        if row.get("latency_s") is not None:
            latency[c, o] = _number(row, "latency_s")
        if row.get("model_fixed_usd_per_day") is not None:
            fixed[models.index(str(row["model"]))] = _number(row, "model_fixed_usd_per_day")
    problem = Problem(
        queries_per_day=queries,
        accuracy=accuracy,
        allowed=allowed,
        gpu_s=np.zeros(shape),
        direct_usd=usd,
        flop=np.zeros(shape),
        fleet=np.full(len(pairs), API_FLEET),
        model=np.array([models.index(model) for _, model in pairs]),
        model_fixed_usd_per_day=fixed if fixed.any() else None,
    )
    return BareTable(
        classes, tuple(o for o, _ in pairs), tuple(m for _, m in pairs), latency, problem
    )


def bare_plan(
    table: BareTable, problem: Problem, solution: Solution, conflict: Conflict | None
) -> PlanAnswer:
    """The solution of a bare table as a plan; accuracies have no intervals, none were given."""
    if solution.status == "infeasible":
        return PlanAnswer(
            status="infeasible",
            status_sentence=STATUS_SENTENCE["infeasible"],
            objective=problem.objective,
            budget_usd_per_day=problem.budget_usd_per_day,
            **conflict_fields(conflict),
        )
    books = accounts(problem, solution.share, solution.replicas)
    share = solution.share
    accuracy = float((share * problem.accuracy * problem.weight[:, None]).sum())
    answer = PlanAnswer(
        status=solution.status,
        status_sentence=STATUS_SENTENCE[solution.status],
        solver=solution.solver,
        objective=problem.objective,
        gap=solution.gap,
        bound=solution.bound,
        accuracy=accuracy,
        cost_usd_per_day=books.cost_usd_per_day,
        fixed_usd_per_day=books.fixed_usd_per_day or None,
        queries_per_day=float(problem.queries_per_day.sum()),
        shadow_price_accuracy_per_usd_per_day=solution.shadow_price,
        budget_usd_per_day=problem.budget_usd_per_day,
        allocation=tuple(_rows(table, problem, share)),
    )
    return answer.model_copy(update={"feasibility": _checked(table, problem, solution, answer)})


def _checked(table: BareTable, problem: Problem, solution: Solution, answer: PlanAnswer) -> str:
    """The check of every plan and, if that finds nothing, one in fractions of the printed rows."""
    said = checked(problem, solution)
    fixed = problem.model_fixed_usd_per_day
    broken = printed_violations(
        problem,
        answer.allocation,
        dict(zip(table.classes, problem.queries_per_day.tolist(), strict=True)),
        {
            name: 0.0 if fixed is None else float(fixed[index])
            for name, index in zip(table.models, problem.model, strict=True)
        },
    )
    found = "; ".join(broken)
    return f"Broken: {found}" if found and not said.startswith("Broken") else said


def _rows(table: BareTable, problem: Problem, share: Array) -> list[AllocationRow]:
    cells: tuple[NDArray[np.int64], ...] = np.nonzero(share > 0)
    found = []
    for c, o in zip(*cells, strict=True):
        seconds = table.latency_s[c, o]
        found.append(
            AllocationRow(
                query_class=table.classes[c],
                bucket="all",
                queries_per_day=float(problem.queries_per_day[c]),
                share=float(share[c, o]),
                option=table.options[o],
                model=table.models[o],
                method="given",
                n_samples=1,
                accuracy=float(problem.accuracy[c, o]),
                cost_usd_per_query=float(problem.direct_usd[c, o]),
                marginal_cost_usd_per_query=float(problem.direct_usd[c, o]),
                latency_p95_s=float(seconds) if np.isfinite(seconds) else None,
            )
        )
    return found


def _number(row: Mapping[str, str | float | None], name: str) -> float:
    return float(row[name] or 0.0)
