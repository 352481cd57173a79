"""Wishes of a scenario beside the objective: tags, ties, today's shares, conflicts, the check."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import planner
from planner.allocate.check import Limits, check_plan
from planner.allocate.limits import budgets_of
from planner.errors import InputError

OBSERVATIONS = """\
model,method,question_set,bucket,n_samples,accuracy,n_questions,output_tokens
gpt-4o-mini,majority_vote,our-set,all,1,0.70,500,600
gpt-4o-mini,majority_vote,our-set,all,5,0.76,500,600
llama-3-8b-instruct,majority_vote,our-set,all,1,0.30,500,500
llama-3-8b-instruct,majority_vote,our-set,all,16,0.44,500,500
"""
SCENARIO = """
[data]
observations = ["obs.csv"]
[[candidates]]
model = "llama-3-8b-instruct"
methods = ["majority_vote"]
[[candidates]]
model = "gpt-4o-mini"
methods = ["majority_vote"]
[[supply]]
accelerator = "h100-sxm"
price = "$2.50/h"
{gpu}
[[supply]]
kind = "api"
provider = "openai"
{api}
[workload]
volume = "100k queries/day"
prompt_tokens = 200
[[workload.classes]]
name = "homework"
share = 0.6
[[workload.classes]]
name = "exams"
share = 0.4
{exams}
"""
BUDGET = "[budget]\nusd_per_day = 200\n"


def written(tmp_path: Path, tail: str, **parts: str) -> Path:
    (tmp_path / "obs.csv").write_text(OBSERVATIONS, encoding="utf-8")
    path = tmp_path / "scenario.toml"
    filled = {"gpu": "", "api": "", "exams": ""} | parts
    path.write_text(SCENARIO.format(**filled) + tail, encoding="utf-8")
    return path


def solved(tmp_path: Path, tail: str = BUDGET, **parts: str) -> Any:
    return planner.solve(written(tmp_path, tail, **parts), draws=30)


def serves(plan: Any, query_class: str) -> set[str]:
    return {row.model for row in plan.allocation if row.query_class == query_class}


def test_a_licence_that_is_not_allowed_answers_only_where_it_is(tmp_path: Path) -> None:
    free = solved(tmp_path)
    assert serves(free, "exams") == {"gpt-4o-mini"}
    licence = 'allow_licences = ["llama 3 community license"]'
    plan = solved(tmp_path, exams=licence)
    assert serves(plan, "exams") == {"llama-3-8b-instruct"}
    assert serves(plan, "homework") == {"gpt-4o-mini"}
    barred = solved(tmp_path, exams=licence.replace("allow", "forbid"))
    assert serves(barred, "exams") == {"gpt-4o-mini"}


def test_queries_stay_where_their_class_wants_them(tmp_path: Path) -> None:
    at_home = 'allow_residencies = ["EU"]'
    here = 'residency = "EU"'
    assert serves(solved(tmp_path, exams=at_home, gpu=here), "exams") == {"llama-3-8b-instruct"}
    assert serves(solved(tmp_path, exams=at_home, api=here), "exams") == {"gpt-4o-mini"}
    nowhere = solved(tmp_path, exams=at_home)
    assert nowhere.status == "infeasible"
    assert nowhere.conflict == ("the residencies allowed for exams",)


def test_tied_classes_are_answered_by_the_same_models(tmp_path: Path) -> None:
    tie = '[[constraints.tie]]\nby = "model"\n'
    plan = solved(tmp_path, BUDGET + tie, exams='forbid = ["gpt-4o-mini"]')
    assert serves(plan, "exams") == serves(plan, "homework") == {"llama-3-8b-instruct"}


def test_todays_shares_are_the_mean_of_their_options(tmp_path: Path) -> None:
    today = '[baseline.shares]\n"gpt-4o-mini majority@5" = 0.25\n"llama-3-8b majority@1" = 0.75\n'
    plan = solved(tmp_path, BUDGET + today)
    assert plan.baseline is not None
    assert plan.baseline.accuracy == pytest.approx(0.25 * 0.76 + 0.75 * 0.30)
    assert "25%" in plan.baseline.label
    assert plan.probability_beats_baseline is not None


def test_shares_of_today_that_are_not_whole_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"add up to 0\.9"):
        solved(tmp_path, BUDGET + '[baseline.shares]\n"gpt-4o-mini majority@5" = 0.9\n')


def test_a_share_limit_of_nothing_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean"):
        solved(tmp_path, BUDGET + '[[constraints.share]]\nof = "gpt-4o-mni"\nmax = 0.2\n')


def test_an_infeasible_scenario_exits_1_with_the_conflict_and_the_ways_out(tmp_path: Path) -> None:
    path = written(tmp_path, "[budget]\nusd_per_day = 45\n[constraints]\nmin_accuracy = 0.75\n")
    command = [sys.executable, "-m", "planner", "solve", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    plan = json.loads(done.stdout)
    assert plan["conflict"] == ["a budget of $45.00 a day", "an accuracy of 75%"]
    needed = {row["requirement"]: row["needed"] for row in plan["relaxations"]}
    assert planner.solve(path, budget=str(needed["usd_per_day"] * 1.0001), draws=30).accuracy
    assert "more)" in plan["relaxation"]


def test_the_check_finds_every_number_that_is_changed_in_a_printed_plan(tmp_path: Path) -> None:
    plan = solved(tmp_path, BUDGET + "[constraints]\nmin_accuracy = 0.5\nmax_models = 1\n")
    printed = plan.model_dump(mode="json")
    limits = Limits(floors={"exams": 0.4}, overall=0.5, max_models=1)
    assert check_plan(printed, limits).ok

    def broken(**changed: Any) -> str:
        return "; ".join(check_plan(printed | changed, limits).broken)

    over = printed["cost_usd_per_day"] * (1 - 1e-8)
    assert "budget_usd_per_day" in broken(budget_usd_per_day=over)
    assert "cost" in broken(cost_usd_per_day=printed["cost_usd_per_day"] * 0.99)
    assert "accuracy" in broken(accuracy=0.49)
    first, *rest = printed["allocation"]
    assert "add up to 1" in broken(allocation=[first | {"share": 0.9}, *rest])
    assert "models kept" in broken(allocation=[first | {"model": "other"}, *rest])


def test_uniform_compute_and_each_option_stand_beside_the_plan(tmp_path: Path) -> None:
    plan = solved(tmp_path, BUDGET, exams="value_per_correct_usd = 0.01")
    best, *singles = plan.compared
    assert best.kind == "uniform compute"
    assert best.feasible
    assert plan.accuracy >= best.accuracy - 1e-9
    assert best.accuracy == max(row.accuracy for row in singles if row.feasible)
    costs = [row.cost_usd_per_day for row in singles]
    assert costs == sorted(costs)
    assert plan.same_accuracy.usd_per_day <= best.cost_usd_per_day * (1 + 1e-9)


@pytest.mark.parametrize(
    ("text", "budgets"),
    [
        ("500", {"budget_usd_per_day": 500.0}),
        ("$1,500", {"budget_usd_per_day": 1500.0}),
        ("5e19 FLOP/day", {"budget_flop_per_day": 5e19}),
        ("20 EFLOP", {"budget_flop_per_day": 2e19}),
        ("2e19 eFLOP/day", {"budget_eflop_per_day": 2e19}),
        ("64 GPUs", {"budget_gpus": 64}),
        ("0.5 MWh/day", {"budget_kwh_per_day": 500.0}),
        ("500, 64 GPUs and 300 kWh", {"budget_usd_per_day": 500.0, "budget_gpus": 64,
                                      "budget_kwh_per_day": 300.0}),
    ],
)  # fmt: skip
def test_budgets_on_the_command_line_are_read_by_their_units(
    text: str, budgets: dict[str, float]
) -> None:
    assert budgets_of(text) == budgets


@pytest.mark.parametrize("text", ["5 eflop", "0 GPUs", "lots", "-3"])
def test_a_budget_that_can_be_read_in_two_ways_or_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--budget"):
        budgets_of(text)
