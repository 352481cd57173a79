"""A program with every integer fixed or none asked for: a linear program, solved closely.

`scipy.optimize.milp` keeps rows within 1e-7 and takes no other tolerance. `linprog` does, and hands
out the multipliers as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.postponed import postpone_unused
from planner.allocate.solvers.program import Program

CLOSE = 1e-10
"""Rows and bounds are kept within this: HiGHS's least."""


@dataclass(frozen=True)
class Continuous:
    """What came of it."""

    x: Array
    """(variable,)"""
    marginal: Array
    """(row,) change of the objective by one more of each row's limit; 0 where it does not bind."""


def continuous(
    program: Program,
    objective: Array,
    lower: Array,
    upper: Array,
    drawn_in: Array | None = None,
    tolerance: float | None = CLOSE,
) -> Continuous | None:
    """The least objective @ x within bounds and rows; None where there is none.

    drawn_in: (row,) what upper limits are lowered by. tolerance: of rows; None for HiGHS's own.
    """
    postpone_unused()
    from scipy.optimize import linprog
    from scipy.sparse import vstack

    rows = program.rows.matrix(program.layout.n_variables)
    low, high = program.rows.limits()
    equal = low == high
    if drawn_in is not None:
        high = high - drawn_in
    above, below = np.isfinite(high) & ~equal, np.isfinite(low) & ~equal
    solve: Any = linprog  # its stubs know no sparse rows
    size = float(np.abs(objective).max()) or 1.0
    options = {} if tolerance is None else {"primal_feasibility_tolerance": tolerance}
    outcome = solve(
        objective / size,
        A_ub=vstack([rows[above], -rows[below]]),
        b_ub=np.concatenate([high[above], -low[below]]),
        A_eq=rows[equal],
        b_eq=low[equal],
        bounds=np.column_stack([lower, upper]),
        method="highs",
        options=options,
    )
    if outcome.status != 0:
        return None
    marginal: Array = np.zeros(len(low))
    n_above = int(above.sum())
    marginal[above] = outcome.ineqlin.marginals[:n_above]
    marginal[below] += outcome.ineqlin.marginals[n_above:]
    return Continuous(np.asarray(outcome.x), marginal * size)
