"""`planner next`: what is proposed is what decides, costs what it says, and no more than it may."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from planner.allocate.solvers.books import plan_value
from planner.allocate.solvers.milp import solve_milp
from planner.allocate.sure import plan_name
from planner.cli import app
from planner.domain.next import NextAnswer
from planner.economics.measurements import inputs_worth, joint, proposals
from planner.economics.measurements_bought import ADDS, LOOKED_AT, bought
from planner.economics.measurements_judge import Judge, Terms
from planner.economics.voi_inputs import known_inputs, measured_inputs
from planner.economics.voi_pool import pool_of
from planner.errors import InputError
from planner.pipeline import next_measurements, solve
from planner.pipeline.solving import staged

HEAD = "model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b,output_tokens\n"
NET = '[objective]\nkind = "net_value"\nvalue_per_correct_usd = 0.02\n'
PRICES = 'price = ["$2/h", "$3/h"]\nengine_efficiency = [0.5, 0.7]\n'


def written(
    folder: Path, rows: str, objective: str, classes: str = "", prices: str = PRICES
) -> Path:
    """A scenario of two models without cards, on one accelerator."""
    (folder / "obs.csv").write_text(HEAD + rows, encoding="utf-8")
    models = dict.fromkeys(line.split(",")[0] for line in rows.split())
    methods = {line.split(",")[0]: set[str]() for line in rows.split()}
    for line in rows.split():
        methods[line.split(",")[0]].add(line.split(",")[1])
    text = 'schema = "planner.scenario/1"\n[data]\nobservations = ["obs.csv"]\n'
    text += '[workload]\nvolume = "1M queries/day"\nprompt_tokens = 200\n'
    text += f'horizon = "100 days"\n{classes}'
    for model in models:
        named = ", ".join(f'"{m}"' for m in sorted(methods[model]))
        text += f'[[candidates]]\nmodel = "{model}"\nmethods = [{named}]\n'
    text += f'[[supply]]\naccelerator = "h200-sxm"\n{prices}{objective}'
    (folder / "s.toml").write_text(text, encoding="utf-8")
    return folder / "s.toml"


CLOSE = """\
small,majority_vote,set,all,1,0.50,200,7,300
small,majority_vote,set,all,4,0.56,200,7,300
small,majority_vote,set,all,8,0.58,200,7,300
large,greedy,set,all,1,0.575,200,30,300
"""
CLEAR = """\
small,majority_vote,set,all,1,0.80,2000,7,300
large,greedy,set,all,1,0.30,2000,70,300
"""


@pytest.fixture(scope="module")
def close(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("close"), CLOSE, NET)


@pytest.fixture(scope="module")
def found(close: Path) -> NextAnswer:
    return next_measurements(close, draws=200)


def test_a_close_call_is_worth_measuring_and_dollars_add_up(found: NextAnswer) -> None:
    assert not found.measure_nothing
    assert found.horizon_days == 100
    assert found.unit == "usd"
    best = found.measurements[0]
    assert best.net_gain_usd == pytest.approx(best.expected_gain_usd - best.cost_usd)
    assert best.net_gain_usd == max(m.net_gain_usd or -1e9 for m in found.measurements)
    assert found.together is not None
    assert found.together.net_gain_usd >= best.net_gain_usd * (1 - 1e-9)
    assert f"${found.together.cost_usd:.2f}"[:3] in found.advice


def test_no_measurement_is_worth_more_than_knowing_its_input_or_everything(
    found: NextAnswer,
) -> None:
    most = found.everything.expected_gain_usd
    exact = {one.input: one.expected_gain_usd for one in found.inputs}
    assert all(0 <= gain <= most * (1 + 1e-9) for gain in exact.values())
    assert found.together.expected_gain_usd <= most * (1 + 1e-9)
    for row in found.measurements:
        assert row.expected_gain_usd <= most * (1 + 1e-9)
        if row.kind == "benchmark":
            gains = [size.expected_gain_usd for size in row.by_questions]
            # More questions tell more: the regression's noise may cost a hundredth.
            assert np.all(np.diff(gains) >= -0.01 * max(gains))


def test_a_run_costs_what_answering_its_questions_does(close: Path, found: NextAnswer) -> None:
    table = staged(close, None, 200, 0).table
    dearer = next_measurements(close, draws=200, cost_per_question_usd=3.0)
    for answer, more in ((found, 0.0), (dearer, 3.0)):
        for row in answer.measurements:
            if row.kind != "benchmark":
                continue
            one = next(e.candidate for e in table.entries if e.candidate.model == row.model)
            each = float(one.full_usd([float(max(row.n_samples))])[0, 0]) + more
            for size in row.by_questions:
                assert size.cost_usd == pytest.approx(size.questions * each)
            assert row.cost_usd == pytest.approx(row.questions * each)


def test_the_budget_for_measuring_is_kept(close: Path) -> None:
    answer = next_measurements(close, draws=200, cost_per_question_usd=1.0, budget_usd=250.0)
    assert answer.together is None or answer.together.cost_usd <= 250.0
    assert all(row.cost_usd <= 250.0 for row in answer.measurements)
    assert {row.questions for row in answer.measurements if row.kind == "benchmark"} <= {
        50, 100, 200, None,
    }  # fmt: skip


def test_all_that_adds_more_than_it_costs_is_bought_and_nothing_that_adds_less(
    close: Path,
) -> None:
    stage = staged(close, None, 200, 0)
    pool = pool_of(stage.table, stage.problem, solve_milp(stage.problem))
    judge = Judge(pool, Terms(horizon_days=100.0, cost_per_question_usd=2.0))
    inputs = inputs_worth(judge, measured_inputs(stage.table), known_inputs(stage.table))
    made = proposals(judge, inputs)
    found = bought(judge, made)

    def left(positions: Sequence[int]) -> float:
        worth, usd = joint(judge, [made[i] for i in positions])
        assert worth.expected_gain_usd is not None
        return worth.expected_gain_usd - usd

    assert found.together is not None
    assert found.together.net_gain_usd == pytest.approx(left(found.positions))
    for i in range(min(LOOKED_AT, len(made))):
        if i not in found.positions:
            assert left([*found.positions, i]) <= (1 + ADDS) * left(found.positions)
    for count in range(1, len(found.positions)):
        before, after = found.positions[:count], found.positions[: count + 1]
        assert left(after) > (1 + ADDS) * left(before)


def test_a_gain_in_accuracy_is_told_of_accuracies_and_not_of_costs(tmp_path: Path) -> None:
    path = written(tmp_path, CLOSE, '[objective]\nkind = "accuracy"\n[budget]\nusd_per_day = 400\n')
    answer = next_measurements(path, draws=100)
    assert answer.unit == "accuracy"
    kinds = {row.kind for row in answer.measurements}
    assert {"benchmark", "timing"} <= kinds
    for row in answer.measurements:
        assert (row.expected_gain is None) == (row.kind in ("price", "timing", "tokens"))
        assert row.expected_gain_usd is None
        for size in row.by_questions:
            # The fewest that gain nine tenths of what the most do, not that change as much.
            enough = size.expected_gain >= 0.9 * row.by_questions[-1].expected_gain
            assert enough == (size.questions >= row.questions_suffice)
    assert {answer.measurements[i].kind for i in answer.buy} == {"pilot", "price"}
    assert "by what it tells of accuracies, gains" in answer.advice


def test_where_nothing_is_in_doubt_nothing_is_measured(tmp_path: Path) -> None:
    exact = 'price = "$2.50/h"\nengine_efficiency = 0.6\n'
    answer = next_measurements(written(tmp_path, CLEAR, NET, prices=exact), draws=100)
    assert answer.measure_nothing
    assert answer.buy == ()
    assert answer.advice.startswith("Measure nothing: knowing everything would gain $0")
    assert answer.plans == 1
    shown = CliRunner().invoke(app, ["next", str(tmp_path / "s.toml"), "--draws", "60"])
    assert "No other plan was the best" in shown.stdout


def test_questions_that_cost_more_than_they_gain_are_not_bought(close: Path) -> None:
    answer = next_measurements(close, draws=200, cost_per_question_usd=1e6)
    bought = [answer.measurements[i] for i in answer.buy]
    assert all(row.kind in ("price", "timing") for row in bought)


def test_without_a_worth_the_probability_of_another_plan_ranks(tmp_path: Path) -> None:
    floor = '[[workload.classes]]\nname = "all"\nmin_accuracy = 0.56\n'
    path = written(tmp_path, CLOSE, '[objective]\nkind = "cost"\n', floor)
    answer = next_measurements(path, draws=200)
    chances = [row.probability_changes_decision for row in answer.measurements]
    assert chances == sorted(chances, reverse=True)
    assert all(row.expected_gain_usd is None for row in answer.measurements)
    # The plan just keeps its floor with the small model: half the time it does not.
    run = next(m for m in answer.measurements if m.kind == "benchmark" and m.model == "small")
    assert run.probability_changes_decision > 0.3
    assert run.changes_to is not None
    assert not answer.measure_nothing


def test_the_json_has_the_names_that_other_tools_rely_on(close: Path) -> None:
    run = CliRunner().invoke(app, ["next", str(close), "--json", "--draws", "60"])
    assert run.exit_code == 0, run.output
    told = json.loads(run.stdout)
    assert told["schema"] == "planner.next/1"
    assert {
        "what", "question_set", "bucket", "model", "method", "n_samples", "questions",
        "probability_changes_decision", "expected_gain_usd", "cost_usd",
    } <= set(told["measurements"][0])  # fmt: skip
    again = CliRunner().invoke(app, ["next", str(close), "--json", "--draws", "60"])
    assert again.stdout == run.stdout


def test_the_terminal_gives_the_advice_first(close: Path) -> None:
    run = CliRunner().invoke(app, ["next", str(close), "--draws", "60", "--quiet"])
    assert run.exit_code == 0, run.output
    assert re.match(r"Measure (first|nothing): ", run.stdout)
    wrong = CliRunner().invoke(app, ["next", str(close), "--budget", "-3"])
    assert wrong.exit_code == 2


def test_an_impossible_scenario_has_no_decision_to_measure_for(tmp_path: Path) -> None:
    floor = '[[workload.classes]]\nname = "all"\nmin_accuracy = 0.99\n'
    path = written(tmp_path, CLOSE, '[objective]\nkind = "cost"\n', floor)
    with pytest.raises(InputError, match="no plan meets every requirement"):
        next_measurements(path, draws=60)


def test_the_plan_of_the_central_case_is_first_in_the_pool_and_worth_what_it_says(
    close: Path,
) -> None:
    stage = staged(close, None, 60, 0)
    base = solve_milp(stage.problem)
    pool = pool_of(stage.table, stage.problem, base)
    assert pool.plans[0] is base
    assert len(pool.plans) > 3
    for plan, value in zip(pool.plans, pool.value[0], strict=True):
        assert value == pytest.approx(plan_value(stage.problem, plan.share, plan.replicas))
    assert pool.choice().taken == int(np.argmax(pool.value[0]))
    assert pool.value[0, 0] >= pool.value[0].max() * (1 - 1e-6)
    names = [plan_name(stage.table, plan.share) for plan in pool.plans]
    assert all(names)
    # Each curve is one input, whatever it is run on.
    assert [one.name for one in measured_inputs(stage.table)] == [
        "accuracy of small majority vote on set",
        "accuracy of large greedy on set",
    ]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ('risk = "cvar"\nlevel = 0.8', "the mean regret of the worst 20% of the draws"),
        ("floor_holds_in = 0.8", "what is expected of each plan, floors holding in 80% of the"),
    ],
)
def test_next_decides_as_solve_does_where_the_draws_count(
    tmp_path: Path, wish: str, said: str
) -> None:
    objective = '[objective]\nkind = "cost"\n[constraints]\nmin_accuracy = 0.4\n'
    risky = "risk" in wish
    path = written(tmp_path, CLOSE, NET if risky else objective)
    path.write_text(path.read_text() + f"[uncertainty]\n{wish}\ndraws = 40\n", encoding="utf-8")
    found = next_measurements(path, draws=60)
    plan = solve(path, draws=60, for_page=False)
    assert {row.option for row in plan.allocation} == set(found.decision.split(" and "))
    assert found.decided_by.startswith(said)
    if risky:
        # A plan of the mean would have one option: small regret is that of two.
        assert " and " in found.decision
        assert "off the mean regret of the worst 20% of the draws" in found.advice
    best = found.measurements[0]
    assert best.probability_changes_decision <= found.everything.probability_changes_decision + 0.05
