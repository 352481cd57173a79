"""The allocation solved exactly by HiGHS through scipy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.books import ROUNDING, overspent_budgets, plan_value
from planner.allocate.solvers.continuous import continuous
from planner.allocate.solvers.highs import highs
from planner.allocate.solvers.prices import row_scales, shadow_prices
from planner.allocate.solvers.program import Program, program_of
from planner.allocate.solvers.ratio import least_ratio
from planner.allocate.solvers.rows import BUDGET_SLACK
from planner.domain.plan import SolverName, Status

TIE = 1e-7
"""Accuracies closer than this are equal: HiGHS tells no finer."""
TIGHTER = (2 * BUDGET_SLACK, 2e-7, 2e-6)
"""Fractions by which budgets that a plan passes are lowered in turn: the slack, and beyond it what
HiGHS lets pass of continuous and of whole variables."""


@dataclass(frozen=True)
class Solution:
    """What the solver found; `plan.py` checks it."""

    status: Status
    share: Array
    """(class_, option)"""
    replicas: NDArray[np.int64]
    """(fleet,)"""
    value: float
    """Objective: accuracy, dollars a day, or dollars a correct answer."""
    bound: float
    """No solution does better."""
    priced: Callable[[], Mapping[str, float]] = dict
    """Computes `prices`, which few plans are asked for."""
    solver: SolverName = "HiGHS"

    @cached_property
    def prices(self) -> Mapping[str, float]:
        """Shadow prices by the name of each budget and floor, from the continuous relaxation:
        objective gained by one more of a budget, or lost by one more of a floor.
        """
        return self.priced()

    @property
    def shadow_price(self) -> float | None:
        """Objective gained by one more dollar a day; None without a budget of dollars."""
        return self.prices.get("usd_per_day")

    @property
    def gap(self) -> float:
        """Relative distance between value and bound."""
        return abs(self.bound - self.value) / max(abs(self.value), 1e-12)


def solve_milp(problem: Problem) -> Solution:
    """The best allocation, its bound, and the shadow prices of its budgets and floors.

    Exact up to HiGHS's tolerances (relative gap 0) unless NODE_LIMIT is met. Of equally accurate
    plans the cheapest is taken, and of equally cheap fleets what they can do best. An infeasible
    problem gives status `infeasible` and nan values, never an exception. No budget is passed: a
    plan that costs it to the last dollar is found, one that costs a rounding more is not.
    """
    if problem.objective == "cost_per_correct":
        return least_ratio(problem, solve_milp)
    solution = _searched(problem)
    for fraction in TIGHTER:
        over = overspent_budgets(problem, solution.share, solution.replicas)
        if solution.status == "infeasible" or not over:
            break
        tightened: dict[str, Any] = {name: limit * (1 - fraction) for name, limit in over.items()}
        again = _searched(replace(problem, **tightened))
        outer = max if problem.maximised else min
        bound = again.bound if np.isnan(again.bound) else outer(again.bound, solution.bound)
        solution = replace(again, bound=bound)
    return solution


def _searched(problem: Problem) -> Solution:
    """`solve_milp` of a linear objective, within its budgets but for BUDGET_SLACK of them."""
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
    bound = of_program(problem, program, dual)
    bound = max(bound, value) if problem.maximised else min(bound, value)
    status: Status = "optimal" if first.status == 0 else "node_limit"
    priced = partial(shadow_prices, problem, program)
    return Solution(status, share, replicas, value, bound, priced)


def optimum(problem: Problem) -> float | None:
    """The best value alone, without its plan: one search. None where infeasible."""
    if problem.objective == "cost_per_correct":
        found = solve_milp(problem)
        return None if found.status == "infeasible" else found.value
    program = program_of(problem)
    outcome = _run(program, program.objective, program.lower, program.upper)
    if outcome.x is None:
        return None
    return of_program(problem, program, float(program.objective @ outcome.x))


def relaxed(problem: Problem) -> float | None:
    """The best value where nothing has to be whole, be it shares or replicas; None: infeasible.

    Not for cost_per_correct, which is no linear objective.
    """
    program = program_of(problem)
    found = continuous(program, program.objective, program.lower, program.upper)
    if found is None:
        return None
    return of_program(problem, program, float(program.objective @ found.x))


def feasible(problem: Problem) -> bool:
    """Whether any plan keeps every requirement."""
    program = program_of(replace(problem, objective="cost"))
    nothing = np.zeros_like(program.objective)
    return _run(program, nothing, program.lower, program.upper).x is not None


def extreme(problem: Problem, name: str, *, most: bool = False) -> float | None:
    """The least (or most) of what one requirement is about, were it not there; None where the
    others cannot be kept.

    name: of a row of the program, in the unit of its limit; "pool 0" for the GPUs of a pool.
    """
    program = program_of(replace(problem, objective="cost"))
    at = program.layout
    low, high = program.rows.limits()
    scale, constant = 1.0, 0.0
    if name.startswith("pool "):
        in_pool = problem.fleets.pool == int(name.removeprefix("pool "))
        weights = np.zeros(at.n_variables)
        weights[at.replicas] = np.where(in_pool, problem.fleets.gpus_per_replica, 0)
    else:
        row = program.named[name]
        weights = program.rows.matrix(at.n_variables)[[row]].toarray()[0]
        low[row], high[row] = -np.inf, np.inf
        scale = row_scales(problem, program).get(name, 1.0)
        constant = program.constant_usd if name == "usd_per_day" else 0.0
    sign = -1.0 if most else 1.0
    outcome = _run(program, sign * weights, program.lower, program.upper, limits=(low, high))
    if outcome.x is None:
        return None
    value = float(weights @ np.where(program.integral == 1, np.rint(outcome.x), outcome.x))
    return value * scale + constant


def of_program(problem: Problem, program: Program, value: float) -> float:
    """The problem's objective from its program's, which is made least and has no constant."""
    if problem.objective == "accuracy":
        return -value
    usd = value + program.constant_usd
    return -usd if problem.objective == "net_value" else usd


def _run(
    program: Program,
    objective: Array,
    lower: Array,
    upper: Array,
    accuracy_at_least: float = -np.inf,
    *,
    limits: tuple[Array, Array] | None = None,
) -> Any:
    low, high = limits or program.rows.limits()
    low[program.accuracy_row] = max(low[program.accuracy_row], accuracy_at_least)
    # HiGHS scales nothing in the objective: dollars and FLOPs are brought near one.
    size = float(np.abs(objective).max()) or 1.0
    rows = program.rows.matrix(program.layout.n_variables)
    outcome = highs(objective / size, (lower, upper), [(rows, low, high)], program.integral)
    outcome.fun = None if outcome.fun is None else outcome.fun * size
    if outcome.mip_dual_bound is not None:
        outcome.mip_dual_bound *= size
    return outcome


def _polish(problem: Problem, program: Program, x: Array) -> Array:
    """Solves the shares again, every integer fixed: their tolerance then costs nothing.

    Where replicas are the whole cost, the shares are free: they then go to accuracy. HiGHS keeps
    rows within a tolerance: where that is over a budget, the budget is drawn in by as much.
    """
    cells = program.layout.cells
    fixed = np.flatnonzero(program.integral)
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[fixed] = upper[fixed] = np.rint(x[fixed])
    paid_for = problem.objective == "cost" and not program.usd[cells].any()
    objective = -program.accuracy if paid_for else program.objective
    best = None
    inside, exactly, widened = draws_in(program)
    for less in (exactly, inside):
        found = continuous(program, objective, lower, upper, less)
        if found is not None:
            best = found.x
            if (overspent(program, best, exactly) <= ROUNDING).all():
                return best
    if best is None:
        found = continuous(program, objective, lower, upper, widened)
        best = x if found is None else found.x
    over = overspent(program, best)
    if not over.any():
        return best
    narrower = continuous(program, objective, lower, upper, 2 * over)
    return best if narrower is None else narrower.x


def draws_in(program: Program) -> Iterator[Array]:
    """(row,) what budgets that were widened are drawn in by: to stay within them by as much, and,
    where what is whole takes them to the last dollar, not at all.
    """
    widened = [
        row for name, row in program.named.items() if row in program.budgets and name != "gpus"
    ]
    for slacks in (2, 1, 0):
        by = np.zeros(program.rows.count)
        by[widened] = slacks * BUDGET_SLACK
        yield by


def overspent(program: Program, x: Array, drawn_in: Array | None = None) -> Array:
    """(row,) by how much each budget's row is over its limit, drawn in or not; 0 elsewhere."""
    matrix = program.rows.matrix(program.layout.n_variables)
    _, high = program.rows.limits()
    over = np.zeros(len(high))
    high = high if drawn_in is None else high - drawn_in
    over[program.budgets] = np.maximum(0.0, (matrix @ x - high)[program.budgets])
    return over


def unpack(problem: Problem, program: Program, x: Array) -> tuple[Array, NDArray[np.int64]]:
    """(share, replicas) of a program's variables; shares that are rounding alone are dropped."""
    at = program.layout
    share = np.zeros(problem.accuracy.shape)
    share[at.cell_class, at.cell_option] = np.clip(x[at.cells], 0.0, 1.0)
    share[share < 1e-9] = 0.0
    share /= share.sum(axis=1, keepdims=True)
    return share, np.rint(x[at.replicas]).astype(np.int64)


def nothing(problem: Problem) -> Solution:
    """The solution of a problem that has none."""
    return Solution(
        "infeasible",
        np.zeros(problem.accuracy.shape),
        np.zeros(len(problem.fleets), dtype=np.int64),
        float("nan"),
        float("nan"),
    )


def first_found(problem: Problem) -> Array | None:
    """(class_, option) shares of a best plan from one search; ties are broken by nothing. None
    where infeasible.
    """
    if problem.objective == "cost_per_correct":
        best = solve_milp(problem)
        return None if best.status == "infeasible" else best.share
    program = program_of(problem)
    outcome = _run(program, program.objective, program.lower, program.upper)
    return None if outcome.x is None else unpack(problem, program, np.asarray(outcome.x))[0]
