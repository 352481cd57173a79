"""Plans over a sample of draws: floors that hold in chosen draws, least CVaR or greatest regret.

The program of a problem with rows and variables more, exact for the sample. With a_d the
accuracy of draw d and best_d what the best plan of that draw has:

    floors       a_d @ x >= floor                               for every draw it is to hold in
    cvar         least t + sum_d z_d / ((1 - level) D)          z_d >= best_d - a_d @ x - t and 0
                 (Rockafellar and Uryasev 2000, doi:10.21314/JOR.2000.038)
    minimax      least t                                        t >= best_d - a_d @ x
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.books import plan_value
from planner.allocate.solvers.highs import highs
from planner.allocate.solvers.milp import (
    TIE,
    Solution,
    draws_in,
    nothing,
    of_program,
    overspent,
    unpack,
)
from planner.allocate.solvers.program import Program, program_of
from planner.allocate.solvers.ratio import least_ratio
from planner.domain.plan import Status
from planner.domain.uncertainty import Risk

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Held:
    """Sums of shares that have to reach a floor: one row a draw."""

    weights: Array
    """(row, class_, option)"""
    floor: Array
    """(row,)"""


@dataclass(frozen=True)
class Regretted:
    """What the regret of a plan is measured by."""

    accuracy: Array
    """(draw, class_, option)"""
    weight: Array
    """(class_,) share of all queries."""
    best: Array
    """(draw,) mean accuracy of the best plan of each draw."""
    risk: Risk
    level: float


def solve_held(problem: Problem, held: Held, regretted: Regretted | None = None) -> Solution:
    """The best plan of the problem's objective, or that of least regret, that keeps all rows.

    Of plans of equal regret the cheapest. Status and bound are those of what was made least; value
    is the problem's objective.
    """
    if problem.objective == "cost_per_correct" and regretted is None:
        return least_ratio(problem, lambda priced: solve_held(priced, held))
    program = program_of(problem)
    rows = _Widened(program, held, regretted)
    first = rows.run(rows.objective)
    if first.x is None:
        return nothing(problem)
    x = np.asarray(first.x)
    if regretted is not None:
        tied = rows.run(rows.usd, at_most=float(rows.objective @ x) + TIE)
        x = x if tied.x is None else np.asarray(tied.x)
    x = _polished(rows, program, x)
    share, replicas = unpack(problem, program, x)
    value = plan_value(problem, share, replicas)
    status: Status = "optimal" if first.status == 0 else "node_limit"
    bound = value
    if regretted is None and status == "node_limit" and first.mip_dual_bound is not None:
        bound = of_program(problem, program, float(first.mip_dual_bound) * rows.size)
    return Solution(status, share, replicas, value, bound)


def _polished(rows: _Widened, program: Program, x: Array) -> Array:
    """Shares solved again with every integer fixed, within the budgets to the last digit."""
    best = x
    for less in draws_in(program):
        found = rows.run(rows.objective, fixed=x, drawn_in=less)
        if found.x is not None:
            best = np.asarray(found.x)
            break
    over = overspent(program, best[: program.layout.n_variables])
    if not over.any():
        return best
    narrower = rows.run(rows.objective, fixed=x, drawn_in=2 * over)
    return best if narrower.x is None else np.asarray(narrower.x)


class _Widened:
    """A program with the rows of draws."""

    def __init__(self, program: Program, held: Held, regretted: Regretted | None) -> None:
        from scipy.sparse import csr_array, vstack

        self.program = program
        n = program.layout.n_variables
        draws = 0 if regretted is None else len(regretted.best)
        tail = regretted is not None and regretted.risk == "cvar"
        more = 0 if regretted is None else 1 + (draws if tail else 0)
        wide = n + more
        blocks = [program.rows.matrix(wide)]
        low, high = program.rows.limits()
        lows, highs = [low], [high]
        if len(held.floor):
            blocks.append(self._cells(held.weights, wide))
            lows.append(held.floor)
            highs.append(np.full(len(held.floor), np.inf))
        self.objective = np.r_[program.objective, np.zeros(more)]
        if regretted is not None:
            more_of = np.zeros((draws, wide))
            more_of[:, n] = 1.0
            if tail:
                more_of[np.arange(draws), n + 1 + np.arange(draws)] = 1.0
            gain = self._cells(regretted.accuracy * regretted.weight[:, None], wide)
            blocks.append(csr_array(gain + csr_array(more_of)))
            lows.append(regretted.best)
            highs.append(np.full(draws, np.inf))
            self.objective = np.zeros(wide)
            self.objective[n] = 1.0
            if tail:
                self.objective[n + 1 :] = 1.0 / ((1.0 - regretted.level) * draws)
        self.matrix = csr_array(vstack(blocks))
        self.low, self.high = np.concatenate(lows), np.concatenate(highs)
        self.lower = np.r_[program.lower, np.zeros(more)]
        if more:
            self.lower[n] = -1.0  # of the worst draws even the best may lie below 0
        self.upper = np.r_[program.upper, np.full(more, np.inf)]
        self.integral = np.r_[program.integral, np.zeros(more, dtype=np.int64)]
        self.usd = np.r_[program.usd, np.zeros(more)]
        self.size = float(np.abs(self.objective).max()) or 1.0

    def _cells(self, weights: Array, wide: int) -> csr_array:
        """Weights (row, class_, option) as rows over the program's cells."""
        from scipy.sparse import csr_array

        at = self.program.layout
        rows = np.zeros((len(weights), wide))
        rows[:, at.cells] = weights[:, at.cell_class, at.cell_option]
        return csr_array(rows)

    def run(
        self,
        objective: Array,
        at_most: float | None = None,
        fixed: Array | None = None,
        drawn_in: Array | None = None,
    ) -> Any:
        """HiGHS on the rows; at_most: of the objective that came first; fixed: its integers;
        drawn_in: of the limits of the program's own rows.
        """
        high = self.high.copy()
        if drawn_in is not None:
            high[: len(drawn_in)] -= drawn_in
        limits = [(self.matrix, self.low, high)]
        if at_most is not None:
            limits.append((self.objective[None, :], np.array([-np.inf]), np.array([at_most])))
        lower, upper = self.lower, self.upper
        if fixed is not None:
            whole = self.integral == 1
            lower, upper = (np.where(whole, np.rint(fixed), bound) for bound in (lower, upper))
        size = float(np.abs(objective).max()) or 1.0
        integral = self.integral if fixed is None else None
        return highs(objective / size, (lower, upper), limits, integral)
