"""The allocation solved exactly by HiGHS through scipy."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.program import Program, program_of
from planner.domain.plan import Status

TIE = 1e-7
"""Accuracies closer than this are equal: HiGHS tells no finer."""
NODE_LIMIT = 20_000
"""Searches are capped by nodes, never by seconds, so that two runs agree."""


@dataclass(frozen=True)
class Solution:
    """What the solver found; `plan.py` checks it."""

    status: Status
    share: Array
    """(class_, option)"""
    replicas: NDArray[np.int64]
    """(fleet,)"""
    value: float
    """Objective: accuracy, or dollars a day."""
    bound: float
    """No solution does better."""
    shadow_price: float | None
    """Accuracy per dollar a day at the budget, from the continuous relaxation; None without one."""

    @property
    def gap(self) -> float:
        """Relative distance between value and bound."""
        return abs(self.bound - self.value) / max(abs(self.value), 1e-12)


def solve_milp(problem: Problem) -> Solution:
    """The best allocation, its bound, and the shadow price of its dollar budget.

    Exact up to HiGHS's tolerances (relative gap 0) unless NODE_LIMIT is met. Of equally accurate
    plans the cheapest is taken, and of equally cheap fleets what they can do best. An infeasible
    problem gives status `infeasible` and nan values, never an exception.
    """
    program = program_of(problem)
    first = _run(program, program.objective, program.lower, program.upper)
    if first.x is None:
        return nothing(problem)
    x = first.x
    if problem.objective == "accuracy":
        # A cost term below HiGHS's tolerance of 1e-7 would go unseen: a second search breaks ties.
        value = -float(program.objective @ x)
        second = _run(program, program.usd, program.lower, program.upper, value - TIE)
        x = x if second.x is None else second.x
    x = _polish(problem, program, x)
    share, replicas = unpack(problem, program, x)
    value = plan_value(problem, share, replicas)
    dual = float(first.fun if first.mip_dual_bound is None else first.mip_dual_bound)
    bound = max(-dual, value) if problem.objective == "accuracy" else min(dual, value)
    status: Status = "optimal" if first.status == 0 else "node_limit"
    return Solution(status, share, replicas, value, bound, _shadow_price(problem, program))


def optimum(problem: Problem) -> float | None:
    """The best value alone, without its plan: one search. None where infeasible."""
    program = program_of(problem)
    outcome = _run(program, program.objective, program.lower, program.upper)
    if outcome.x is None:
        return None
    value = float(program.objective @ outcome.x)
    return -value if problem.objective == "accuracy" else value


@contextmanager
def solver_silenced() -> Iterator[None]:
    """Sends what HiGHS writes on file descriptor 1 to nowhere.

    Some of its debug lines ignore its own display option, and one of them would break `--json`.
    """
    sys.stdout.flush()
    try:
        saved = os.dup(1)
    except OSError:  # no standard output at all: nothing to protect
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(nowhere)


def _run(
    program: Program,
    objective: Array,
    lower: Array,
    upper: Array,
    accuracy_at_least: float = -np.inf,
    *,
    integral: bool = True,
) -> Any:
    from scipy.optimize import Bounds, LinearConstraint, milp

    low, high = program.rows.limits()
    low[program.accuracy_row] = max(low[program.accuracy_row], accuracy_at_least)
    # HiGHS scales nothing in the objective: dollars and FLOPs are brought near one.
    size = float(np.abs(objective).max()) or 1.0
    rows = program.rows.matrix(program.layout.n_variables)
    with solver_silenced():
        outcome = milp(
            objective / size,
            integrality=program.integral if integral else None,
            bounds=Bounds(lower, upper),
            constraints=LinearConstraint(rows, low, high),
            options={"mip_rel_gap": 0.0, "node_limit": NODE_LIMIT},
        )
    outcome.fun = None if outcome.fun is None else outcome.fun * size
    if outcome.mip_dual_bound is not None:
        outcome.mip_dual_bound *= size
    return outcome


def _polish(problem: Problem, program: Program, x: Array) -> Array:
    """Solves the shares again, every integer fixed: their tolerance then costs nothing.

    Where replicas are the whole cost, the shares are free: they then go to accuracy.
    """
    cells = program.layout.cells
    fixed = np.flatnonzero(program.integral)
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[fixed] = upper[fixed] = np.rint(x[fixed])
    paid_for = problem.objective == "cost" and not program.usd[cells].any()
    objective = -program.accuracy if paid_for else program.objective
    outcome = _run(program, objective, lower, upper, integral=False)
    return x if outcome.x is None else np.asarray(outcome.x)


def plan_value(problem: Problem, share: Array, replicas: NDArray[np.int64]) -> float:
    """The objective of an allocation: mean accuracy, or dollars a day."""
    if problem.objective == "accuracy":
        accuracy = np.where(problem.allowed, problem.accuracy, 0.0)
        return float((share * accuracy * problem.weight[:, None]).sum())
    return plan_cost_usd_per_day(problem, share, replicas)


def plan_cost_usd_per_day(problem: Problem, share: Array, replicas: NDArray[np.int64]) -> float:
    """Dollars a day: GPUs of whole replicas cheapest first, what is bought by the token, and the
    fixed cost of each fleet and model kept.
    """
    direct = np.where(problem.allowed, problem.direct_usd, 0.0)
    cost = float((share * problem.queries_per_day[:, None] * direct).sum())
    cost += float(problem.fleets.usd_per_day(replicas).sum())
    if problem.model_fixed_usd_per_day is not None:
        used = problem.models_used(share)
        cost += float(problem.model_fixed_usd_per_day[used].sum())
    return cost


def unpack(problem: Problem, program: Program, x: Array) -> tuple[Array, NDArray[np.int64]]:
    """(share, replicas) of a program's variables; shares that are rounding alone are dropped."""
    at = program.layout
    share = np.zeros(problem.accuracy.shape)
    share[at.cell_class, at.cell_option] = np.clip(x[at.cells], 0.0, 1.0)
    share[share < 1e-9] = 0.0
    share /= share.sum(axis=1, keepdims=True)
    return share, np.rint(x[at.replicas]).astype(np.int64)


def _shadow_price(problem: Problem, program: Program) -> float | None:
    """Multiplier of the dollar budget in the continuous relaxation: milp itself returns none."""
    if program.budget_row is None or problem.objective != "accuracy":
        return None
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    rows = program.rows.matrix(program.layout.n_variables)
    low, high = program.rows.limits()
    equal = low == high
    above, below = np.isfinite(high) & ~equal, np.isfinite(low) & ~equal
    solve: Any = linprog  # its stubs know no sparse rows
    outcome = solve(
        program.objective,
        A_ub=vstack([rows[above], -rows[below]]),
        b_ub=np.concatenate([high[above], -low[below]]),
        A_eq=rows[equal],
        b_eq=low[equal],
        bounds=np.column_stack([program.lower, program.upper]),
        method="highs",
    )
    if outcome.status != 0:
        return None
    position = int(np.flatnonzero(np.flatnonzero(above) == program.budget_row)[0])
    per_budget = max(0.0, -float(outcome.ineqlin.marginals[position]))
    return per_budget / (problem.budget_usd_per_day or 1.0)


def nothing(problem: Problem) -> Solution:
    """The solution of a problem that has none."""
    return Solution(
        "infeasible",
        np.zeros(problem.accuracy.shape),
        np.zeros(len(problem.fleets), dtype=np.int64),
        float("nan"),
        float("nan"),
        None,
    )


def first_found(problem: Problem) -> Array | None:
    """(class_, option) shares of a best plan from one search; ties are broken by nothing. None
    where infeasible.
    """
    program = program_of(problem)
    outcome = _run(program, program.objective, program.lower, program.upper)
    return None if outcome.x is None else unpack(problem, program, np.asarray(outcome.x))[0]
