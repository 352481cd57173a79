"""A plan with what stands beside it: other choices, runners-up and its independent check."""

from __future__ import annotations

from planner.allocate.caps import latency_prices
from planner.allocate.check import Limits, check_plan
from planner.allocate.compare import compared, same_accuracy
from planner.allocate.problem import Problem
from planner.allocate.runner_up import runners_up
from planner.allocate.solvers.milp import Solution
from planner.allocate.table import Table
from planner.allocate.wished import called
from planner.domain.plan import PlanAnswer
from planner.domain.scenario import Scenario


def explained(
    plan: PlanAnswer, table: Table, problem: Problem, solution: Solution, scenario: Scenario
) -> PlanAnswer:
    """The plan with its comparisons, runners-up and check; an infeasible one as it is."""
    if solution.status == "infeasible":
        return plan
    labels = [entry.label for entry in table.entries]
    rows = compared(problem, labels)
    uniform = next((row for row in rows if row.kind == "uniform compute"), None)
    limits = Limits.of(
        scenario,
        problem.whole,
        problem.max_models,
        {entry.label: frozenset(called(entry)) for entry in table.entries},
    )
    names = [(load.query_class, load.bucket) for load in table.classes]
    return plan.model_copy(
        update={
            "shadow_prices": (*plan.shadow_prices, *latency_prices(problem, solution)),
            "compared": rows,
            "same_accuracy": same_accuracy(problem, uniform),
            "runners_up": runners_up(problem, solution, labels, names),
            "checked": check_plan(plan.model_dump(mode="json"), limits),
        }
    )


def checked_alone(plan: PlanAnswer, problem: Problem) -> PlanAnswer:
    """A plan over a bare table with its check: such tables can be large, and are not compared."""
    if plan.status == "infeasible":
        return plan
    limits = Limits(floors={}, max_models=problem.max_models, whole=problem.whole)
    return plan.model_copy(update={"checked": check_plan(plan.model_dump(mode="json"), limits)})
