"""The best plan over the models asked about, beside what the reference side would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.allocate.answer import plan_accuracy, plan_answer
from planner.allocate.relax import cheapest_relaxation
from planner.allocate.solvers.milp import Solution, solve_milp
from planner.allocate.table import ClassLoad, Entry, Table, option_label, option_table
from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL, interval90
from planner.domain.method import METHODS
from planner.domain.plan import PlanAnswer, Totals
from planner.options import Candidate


@dataclass(frozen=True)
class Wishes:
    """What the plan must keep to."""

    budget_usd_per_day: float
    min_accuracy: float | None = None
    max_latency_p95_s: float | None = None


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
    supply: Supply,
    queries_per_day: float,
    mix: Mapping[str, float],
    wishes: Wishes,
    baseline: tuple[Candidate, int],
) -> PlanAnswer:
    """Most accuracy under a budget; the difficulty of a query is taken as not known before it."""
    load = ClassLoad(
        "all queries",
        "all",
        mix,
        queries_per_day,
        min_accuracy=wishes.min_accuracy,
        max_latency_p95_s=wishes.max_latency_p95_s,
    )
    entries = [e for e in entries_of(candidates) if e.candidate.covers(mix)]
    table = option_table(entries, [load])
    if not table.problem.allowed.any():
        return PlanAnswer(
            status="infeasible",
            status_sentence="No plan meets every requirement.",
            objective="accuracy",
            relaxation="no option meets the latency cap: raise it, or name a faster accelerator",
        )
    problem = replace(table.problem, budget_usd_per_day=wishes.budget_usd_per_day)
    solution = solve_milp(problem)
    reference = totals_of(baseline[0], baseline[1], supply, queries_per_day, mix)
    relaxation = cheapest_relaxation(problem) if solution.status == "infeasible" else None
    plan = plan_answer(table, problem, solution, reference, relaxation)
    if solution.status == "infeasible":
        return plan
    beats = _probability_beats(table, solution, baseline, queries_per_day, mix)
    return plan.model_copy(update={"probability_beats_baseline": beats})


def totals_of(
    candidate: Candidate,
    n: int,
    supply: Supply,
    queries_per_day: float,
    mix: Mapping[str, float],
) -> Totals:
    """Headline figures of one option serving every query."""
    accuracy = candidate.accuracy([n], mix)[:, 0]
    served = candidate.served(candidate.gpu_s([n], mix)[:, 0], queries_per_day)
    central = float(accuracy[CENTRAL])
    usd = float(served.usd_per_day[CENTRAL])
    return Totals(
        label=option_label(candidate, n),
        accuracy=central,
        accuracy_low=interval90(accuracy)[0],
        accuracy_high=interval90(accuracy)[1],
        cost_usd_per_day=usd,
        cost_usd_per_day_low=interval90(served.usd_per_day)[0],
        cost_usd_per_day_high=interval90(served.usd_per_day)[1],
        cost_usd_per_correct=usd / queries_per_day / central if central > 0 else None,
        flop_per_day=float(candidate.flop([n], mix)[CENTRAL, 0]) * queries_per_day,
        gpus=int(served.gpus[CENTRAL]),
        latency_p95_s=float(candidate.latency_s([n])[1][CENTRAL, 0]),
    )


def _probability_beats(
    table: Table,
    solution: Solution,
    baseline: tuple[Candidate, int],
    queries_per_day: float,
    mix: Mapping[str, float],
) -> float:
    """Share of the draws in which the plan is more accurate on no more GPUs, or no less on fewer.

    The GPUs of both are those bought in the central case: they are the decision.
    """
    candidate, n = baseline
    gain = plan_accuracy(table, solution.share) - candidate.accuracy([n], mix)[:, 0]
    gpus = int((solution.replicas * table.problem.fleets.gpus_per_replica).sum())
    gpu_s = candidate.gpu_s([n], mix)[:, 0]
    rival = int(candidate.served(gpu_s, queries_per_day).gpus[CENTRAL])
    # One rent for both: the cheaper is the one with fewer GPUs.
    beats = (gain > 0) & (gpus <= rival) | (gain >= 0) & (gpus < rival)
    return float(np.mean(beats[1:]))
