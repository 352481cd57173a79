"""Plans and frontiers over a table of options that people bring with their own numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.domain.plan import Frontier, PlanAnswer


def solve_table(
    options: Path, *, budget: str | None, whole: bool = False, max_models: int | None = None
) -> PlanAnswer:
    """The best plan over a bare table of options (`planner.ingest.options_csv`).

    By the planner's own solver, and by HiGHS where that is not meant for the limits given.
    """
    from planner.allocate.explain import checked_alone
    from planner.allocate.limits import limited, needs_a_limit
    from planner.allocate.options_csv import bare_plan, bare_table
    from planner.allocate.relax import conflict_of
    from planner.allocate.solvers import own
    from planner.ingest.options_csv import read_options
    from planner.pipeline.made_of import made_of_table

    table = bare_table(read_options(options))
    problem = limited(table.problem, budget, whole, max_models)
    needs_a_limit(problem, options)
    solution = own.solve(problem)
    conflict = conflict_of(problem, table.classes) if solution.status == "infeasible" else None
    plan = checked_alone(bare_plan(table, problem, solution, conflict), problem)
    return plan.model_copy(update=made_of_table(options))


def frontier_table(
    options: Path, *, points: int = 12, whole: bool = False, max_models: int | None = None
) -> Frontier:
    """The most accuracy that each budget buys over a bare table of options, with the knees.

    Raises InputError for a table that cannot be used, InfeasibleError where no budget is enough.
    """
    from planner.allocate.bare_frontier import bare_frontier
    from planner.allocate.limits import limited
    from planner.allocate.options_csv import bare_table
    from planner.ingest.options_csv import read_options

    table = bare_table(read_options(options))
    return bare_frontier(table, limited(table.problem, None, whole, max_models), points)
