"""What measuring would tell and cost: errors, prices, and measurements that are made together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.allocate.robust import decide
from planner.domain.draws import CENTRAL
from planner.economics.measurements import Proposal, inputs_worth, joint, proposals
from planner.economics.measurements_bought import bought
from planner.economics.measurements_judge import Judge, Terms
from planner.economics.measurements_pilot import piloting, pilots
from planner.economics.voi_inputs import known_inputs, measured_inputs
from planner.economics.voi_pool import pool_of
from planner.pipeline.solving import staged

ROWS = """model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b
small,majority_vote,set,all,1,0.50,200,7
small,majority_vote,set,all,4,0.56,200,7
small,majority_vote,set,all,8,0.58,200,7
large,greedy,set,all,1,0.575,200,30
"""
SCENARIO = """schema = "planner.scenario/1"
[data]
observations = ["obs.csv"]
[workload]
volume = "1M queries/day"
prompt_tokens = 200
output_tokens = [200, 400]
horizon = "100 days"
[[candidates]]
model = "small"
methods = ["majority_vote"]
[[candidates]]
model = "large"
methods = ["greedy"]
[[supply]]
accelerator = "h200-sxm"
price = ["$2/h", "$3.5/h"]
engine_efficiency = [0.4, 0.75]
[objective]
kind = "net_value"
value_per_correct_usd = 0.003
cost_per_wrong_usd = 0.001
"""


def judge_of(folder: Path, wish: str, terms: Terms) -> Judge:
    (folder / "obs.csv").write_text(ROWS, encoding="utf-8")
    (folder / "s.toml").write_text(SCENARIO + wish, encoding="utf-8")
    stage = staged(folder / "s.toml", None, 200, 0)
    wished = stage.scenario.uncertainty
    decision = decide(stage.table, stage.problem, wished, ["all"])
    others = () if decision.hindsight is None else decision.hindsight.plans
    pool = pool_of(stage.table, stage.problem, decision.solution, wish=wished, others=others)
    return Judge(pool, terms)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return judge_of(tmp_path_factory.mktemp("m"), "", Terms(100.0, cost_per_question_usd=0.5))


def made_by(judge: Judge) -> list[Proposal]:
    table = judge.pool.table
    inputs = inputs_worth(judge, measured_inputs(table), known_inputs(table))
    return [*proposals(judge, inputs), *pilots(judge)]


@pytest.fixture(scope="module")
def made(judge: Judge) -> list[Proposal]:
    return made_by(judge)


def relative_sd(one: Proposal) -> float:
    assert one.error is not None
    return float(np.sqrt(one.error[0, 0]) / one.inputs.mean())


def test_timing_an_engine_errs_by_four_percent_and_costs_a_replica_for_an_hour(
    made: list[Proposal], judge: Judge
) -> None:
    timed = [one for one in made if one.row.kind == "timing"]
    assert timed
    gpus = {r.model: r.fleet.gpus_per_replica for r in judge.pool.table.fleet_of}
    for one in timed:
        assert relative_sd(one) == pytest.approx(0.04, abs=0.003)
        assert one.row.model is not None
        # The middle of $2 to $3.50 an hour is their geometric mean.
        assert one.row.cost_usd == pytest.approx(gpus[one.row.model] * 7**0.5)


def test_counting_tokens_errs_by_the_spread_of_lengths_over_200_queries(
    made: list[Proposal],
) -> None:
    (counted,) = [one for one in made if one.row.kind == "tokens"]
    assert counted.row.questions == 200
    assert relative_sd(counted) == pytest.approx(0.48 / 200**0.5)


def test_a_pilot_pays_for_the_answers_of_the_other_plan_and_for_grading(
    made: list[Proposal], judge: Judge
) -> None:
    (pilot,) = [one for one in made if one.row.kind == "pilot"]
    known = piloting(judge, "all")
    assert known.rival is not None
    share = judge.pool.plans[known.rival].share[0]
    entries = judge.pool.table.entries
    answering = sum(
        part * float(entries[o].candidate.full_usd([float(entries[o].n)])[CENTRAL, 0])
        for o, part in enumerate(share)
        if part > 0
    )
    assert answering > 0
    assert pilot.row.questions is not None
    assert pilot.row.cost_usd == pytest.approx(pilot.row.questions * (answering + 0.5))


def test_the_budget_holds_for_what_is_bought_together(judge: Judge, made: list[Proposal]) -> None:
    free = bought(judge, made)
    assert free.together is not None
    assert len(free.positions) > 1
    budget = 0.9 * free.together.cost_usd
    terms = replace(judge.terms, budget_usd=budget)
    held = bought(Judge(judge.pool, terms), made)
    assert held.together is None or held.together.cost_usd <= budget
    assert set(held.positions) != set(free.positions)


@pytest.mark.parametrize("wish", ["", '[uncertainty]\nrisk = "cvar"\nlevel = 0.8\ndraws = 40\n'])
def test_one_measurement_is_worth_together_what_it_is_worth_alone(
    tmp_path: Path, wish: str
) -> None:
    judge = judge_of(tmp_path, wish, Terms(100.0))
    made = made_by(judge)
    assert {one.part for one in made} == {"costs", "benchmark", "traffic"}
    for one in made:
        worth, usd = joint(judge, [one])
        assert usd == one.row.cost_usd
        assert worth.probability_changes_decision == pytest.approx(
            one.row.probability_changes_decision, abs=0.02
        )
        most = judge.everything.expected_gain_usd
        assert most is not None
        assert worth.expected_gain_usd == pytest.approx(one.row.expected_gain_usd, abs=0.02 * most)


def test_a_wrong_answer_costs_what_the_scenario_says(judge: Judge) -> None:
    pool = judge.pool
    accuracy = pool.accuracy[CENTRAL] @ pool.problem.weight
    earned = 1e6 * (0.003 * accuracy - 0.001 * (1 - accuracy))
    assert pool.value[CENTRAL] == pytest.approx(earned - pool.usd_per_day[CENTRAL])
