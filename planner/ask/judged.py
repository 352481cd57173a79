"""What is told of a chosen plan beside its figures: optimism, chances, regret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from planner.allocate.baseline import accuracy_draws, label_of, usd_draws
from planner.allocate.plan_draws import plan_accuracy
from planner.allocate.problem import Array, Problem
from planner.allocate.robust import Decision
from planner.allocate.scenario import overall_mix
from planner.allocate.shrinking import measured_accuracy, plan_optimism
from planner.allocate.solvers.books import plan_cost_usd_per_day, plan_value
from planner.allocate.solvers.milp import Solution, first_found
from planner.allocate.sure import Beside, how_sure
from planner.allocate.table import Table
from planner.ask.routing import router_value
from planner.ask.stage import Stage
from planner.domain.draws import CENTRAL, interval90
from planner.domain.measured import row_key


def judged(
    stage: Stage, problem: Problem, decision: Decision, limited: Callable[[Problem], Problem]
) -> dict[str, Any]:
    """Fields of the plan's answer: accuracy after optimism, and what the draws say of it.

    limited: puts the limits of the command line on a problem. Optimism is that of choosing for the
    central case, of which choices over the draws have less.
    """
    table, share = stage.table, decision.solution.share
    optimism = plan_optimism(
        table,
        stage.shrinkage,
        problem,
        first_found,
        by_question=_known_by_question(stage),
    )
    accuracy = plan_accuracy(table, share) - optimism.accuracy
    low, high = interval90(accuracy)
    told = {
        **_on_the_benchmark(table, share, optimism.accuracy),
        **_dollars(problem, decision.solution, float(accuracy[CENTRAL]), optimism.accuracy),
    }
    return told | {
        "accuracy": float(accuracy[CENTRAL]),
        "accuracy_low": max(low, 0.0),
        "accuracy_high": max(high, 0.0),
        "optimism": optimism.accuracy,
        "optimism_by": optimism.by,
        "accuracy_unshrunk": measured_accuracy(table, share),
        "router_value": router_value(stage, problem, limited),
        "how_sure": how_sure(table, problem, decision, stage.scenario.uncertainty, _beside(stage)),
    }


def _dollars(
    problem: Problem, solution: Solution, accuracy: float, optimism: float
) -> dict[str, float | None]:
    """Dollars a correct answer and dollars left a day, at the accuracy that is told.

    By the estimates they would count answers that are not to be expected.
    """
    share, replicas, queries = solution.share, solution.replicas, problem.queries_per_day
    usd, correct = plan_cost_usd_per_day(problem, share, replicas), accuracy * queries.sum()
    found = {"cost_usd_per_correct": float(usd / correct) if correct > 0 else None}
    value, loss = problem.value_per_correct_usd, problem.cost_per_wrong_usd
    if value is None:
        return found
    worth = value if loss is None else value + loss
    estimated = plan_value(replace(problem, objective="net_value"), share, replicas)
    return found | {"net_value_usd_per_day": estimated - optimism * float(queries @ worth)}


def _known_by_question(stage: Stage) -> bool:
    """Whether every accuracy of the candidates was measured with the resamples of its questions."""
    models = {candidate.model for candidate in stage.scenario.candidates}
    rows = [row for row in stage.observations.rows if row.model in models]
    known = {key for table in stage.observations.replicates for key in table.column}
    return bool(rows) and all(row_key(row) in known for row in rows)


def _on_the_benchmark(table: Table, share: Array, optimism: float) -> dict[str, Any]:
    """The interval of accuracy without the transfer to traffic; nothing where there is none."""
    if table.benchmark is None:
        return {}
    accuracy = plan_accuracy(replace(table, accuracy=table.benchmark), share) - optimism
    low, high = interval90(accuracy)
    return {"benchmark_accuracy_low": max(low, 0.0), "benchmark_accuracy_high": max(high, 0.0)}


def _beside(stage: Stage) -> Beside | None:
    sides = stage.baseline
    if not sides:
        return None
    volume, mix = stage.scenario.workload.queries_per_day, overall_mix(stage.scenario)
    by_class = [accuracy_draws(sides, load.mix, load) for load in stage.table.classes]
    return Beside(label_of(sides), np.stack(by_class, axis=1), usd_draws(sides, volume, mix))
