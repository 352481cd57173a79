"""The verb `next`: which measurement would change the decision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.allocate.problem import Problem as Demands
    from planner.allocate.robust import Decision
    from planner.ask.stage import Stage
    from planner.domain.next import NextAnswer
    from planner.domain.plan_next import PlanNext

MOST_TOLD = 12
"""Measurements and inputs that are listed."""
MOST_ON_A_PAGE = 6
"""Measurements that the page of a plan shows."""


def next_measurements(
    scenario: str | Path,
    *,
    budget_usd: float | None = None,
    cost_per_question_usd: float = 0.0,
    profile: str | None = None,
    models: Path | None = None,
    draws: int = 400,
    seed: int = 0,
) -> NextAnswer:
    """Which measurements are worth buying before the plan of a scenario is carried out.

    budget_usd: the most that measuring may cost. cost_per_question_usd: of writing and grading a
    question, beside what answering it costs.

    Raises InputError for what cannot be used, and where no plan meets every requirement.
    """
    from planner.allocate.limits import needs_a_limit
    from planner.allocate.robust import decide
    from planner.pipeline.solving import staged

    scenario = Path(scenario)
    stage = staged(scenario, models, draws, seed, None, profile)
    needs_a_limit(stage.problem, scenario)
    names = [query_class.name for query_class in stage.scenario.workload.classes]
    decision = decide(stage.table, stage.problem, stage.scenario.uncertainty, names)
    if decision.solution.status == "infeasible":
        raise InputError(
            Problem(
                str(scenario),
                "no plan meets every requirement, so that there is no decision to measure for",
                remedy="`planner solve` names the cheapest change that makes one possible",
            )
        )
    return measurements_of(stage, stage.problem, decision, budget_usd, cost_per_question_usd)


def measurements_of(
    stage: Stage,
    problem: Demands,
    decision: Decision,
    budget_usd: float | None = None,
    cost_per_question_usd: float = 0.0,
) -> NextAnswer:
    """Which measurements would change a decision; as `next_measurements`."""
    from planner.allocate.sure import plan_name
    from planner.cost.settings import HORIZON_DAYS
    from planner.domain.next import NextAnswer
    from planner.economics.measurements import inputs_worth, order, proposals, rank
    from planner.economics.measurements_bought import advice, bought, decided_by
    from planner.economics.measurements_judge import Judge, Terms
    from planner.economics.measurements_pilot import pilots, transfers_worth
    from planner.economics.voi_inputs import known_inputs, measured_inputs
    from planner.economics.voi_pool import pool_of

    horizon_days = stage.scenario.workload.horizon_days or HORIZON_DAYS
    terms = Terms(horizon_days, cost_per_question_usd, budget_usd)
    wish, base = stage.scenario.uncertainty, decision.solution
    others = () if decision.hindsight is None else decision.hindsight.plans
    pool = pool_of(stage.table, problem, base, wish=wish, others=others)
    judge = Judge(pool, terms)
    drawn = stage.table.entries[0].candidate.supply.draws
    inputs = inputs_worth(judge, measured_inputs(stage.table), known_inputs(stage.table))
    made = sorted([*proposals(judge, inputs), *pilots(judge)], key=lambda one: order(one.row))
    found = bought(judge, made)
    rows = tuple(one.row for one in made)
    everything = judge.everything
    told = sorted([*(worth for worth, _ in inputs), *transfers_worth(judge)], key=rank)
    return NextAnswer(
        advice=advice(rows, found, everything, horizon_days, pool),
        measure_nothing=found.together is None,
        decision=plan_name(stage.table, base.share),
        decided_by=decided_by(pool),
        unit=judge.unit,
        horizon_days=horizon_days,
        budget_usd=budget_usd,
        cost_per_question_usd=cost_per_question_usd,
        plans=len(judge.pool.plans),
        everything=everything,
        inputs=tuple(told[:MOST_TOLD]),
        measurements=rows[:MOST_TOLD],
        buy=found.positions,
        together=found.together,
        assumptions=stage.assumptions,
        warnings=stage.warnings,
        prices_as_of=stage.prices_as_of,
        draws=drawn.n,
        seed=drawn.seed,
    )


def told_of_plan(found: NextAnswer) -> PlanNext:
    """The best rows, as the page of a plan tells them."""
    from planner.domain.plan_next import NextRow, PlanNext

    rows = tuple(
        NextRow(
            what=row.what,
            why=row.why,
            buy=place in found.buy,
            questions=row.questions,
            probability_changes_decision=row.probability_changes_decision,
            expected_gain_usd=row.expected_gain_usd,
            cost_usd=row.cost_usd,
        )
        for place, row in enumerate(found.measurements[:MOST_ON_A_PAGE])
    )
    return PlanNext(advice=found.advice, rows=rows)
