"""The best plan over the models asked about, beside what the reference side would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from planner.allocate.answer import plan_answer
from planner.allocate.baseline import Side, probability_beats, totals_of
from planner.allocate.relax import conflict_of
from planner.allocate.solvers.milp import solve_milp
from planner.allocate.table import ClassLoad, Entry, option_table
from planner.ask.wishes import Wishes
from planner.domain.method import METHODS
from planner.domain.plan import PlanAnswer
from planner.options import Candidate


def entries_of(candidates: Sequence[Candidate]) -> list[Entry]:
    """Every buyable option at each n that was measured."""
    return [
        Entry(candidate, n)
        for candidate in candidates
        if METHODS[candidate.method].buyable
        for n in candidate.measured_n()
    ]


def best_plan(
    candidates: Sequence[Candidate],
    queries_per_day: float,
    mix: Mapping[str, float],
    wishes: Wishes,
    baseline: tuple[Candidate, int],
) -> PlanAnswer:
    """Most accuracy under a budget, or least cost at an accuracy.

    The difficulty of a query is taken as not known before it is answered.
    """
    load = ClassLoad(
        "all queries",
        "all",
        mix,
        queries_per_day,
        max_latency_p95_s=wishes.max_latency_p95_s,
    )
    entries = [e for e in entries_of(candidates) if e.candidate.covers(mix)]
    table = option_table(entries, [load])
    problem = replace(
        table.problem,
        objective="accuracy" if wishes.budget_usd_per_day is not None else "cost",
        budget_usd_per_day=wishes.budget_usd_per_day,
        min_accuracy_overall=wishes.min_accuracy,
    )
    solution = solve_milp(problem)
    today = [Side(*baseline)]
    reference = totals_of(today, queries_per_day, mix)
    if solution.status == "infeasible":
        found = conflict_of(problem)
        plan = plan_answer(table, problem, solution, reference, found)
        slow = table.too_slow()
        return plan if slow is None else plan.model_copy(update={"relaxation": slow})
    plan = plan_answer(table, problem, solution, reference)
    beats = probability_beats(table, solution, today, queries_per_day, mix)
    return plan.model_copy(update={"probability_beats_baseline": beats})
