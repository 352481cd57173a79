"""Scenarios solved through the command: supplies, classes, floors and what cannot be had."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from in_process import called

Solved = Callable[..., dict[str, Any]]
SCENARIO = """schema = "planner.scenario/1"
[workload]
volume = "1M queries/day"
prompt_tokens = 200
output_tokens = [250, 350]
[[workload.classes]]
name = "homework"
mix = {{ "level 1-3" = 0.48, "level 4-5" = 0.52 }}
{klass}
[[candidates]]
model = "llemma-7b-sft-levels-1-3"
methods = ["greedy", "majority_vote", "weighted_vote"]
verifier = "llemma-7b-prm-levels-1-3"
samples = [1, 2, 4, 8, 16, 32]
[[candidates]]
model = "llemma-34b-sft-levels-1-3"
methods = ["majority_vote"]
[[supply]]
accelerator = "h100-sxm"
price = "$2.50/h"
{supply}
[budget]
usd_per_day = 1500
{tail}
"""


def run(tmp_path: Path, *more: str, klass: str = "", supply: str = "", tail: str = "") -> Any:
    path = tmp_path / "scenario.toml"
    path.write_text(SCENARIO.format(klass=klass, supply=supply, tail=tail), encoding="utf-8")
    return called("solve", str(path), "--json", "--draws", "40", *more)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Solved:
    """Plans of the scenario, each solved once."""

    @cache
    def plan(*more: str, **parts: str) -> dict[str, Any]:
        done = run(tmp_path_factory.mktemp("plan"), *more, **parts)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return plan


def test_the_plan_adds_up_and_buys_whole_gpus_within_the_budget(solved: Solved) -> None:
    plan = solved()
    assert plan["status"] == "optimal"
    assert plan["cost_usd_per_day"] <= 1500
    volumes = {"level 1-3": 480_000, "level 4-5": 520_000}
    spent = sum(
        r["share"] * volumes[r["bucket"]] * r["cost_usd_per_query"] for r in plan["allocation"]
    )
    assert spent == pytest.approx(plan["cost_usd_per_day"], rel=1e-6)
    rent = sum(f["gpus"] * 2.5 * 24 for f in plan["fleet"])
    assert rent == pytest.approx(plan["cost_usd_per_day"], rel=1e-6)
    mean = sum(r["share"] * volumes[r["bucket"]] * r["accuracy"] for r in plan["allocation"]) / 1e6
    assert mean == pytest.approx(plan["accuracy"] + plan["optimism"], rel=1e-6)


def test_not_knowing_the_difficulty_never_helps(solved: Solved) -> None:
    blind = solved(tail='[router]\nsignal = "none"')
    assert blind["accuracy"] <= solved()["accuracy"] + 1e-6


def test_whole_forbids_splitting_and_costs_accuracy_or_nothing(solved: Solved) -> None:
    whole = solved("--whole")
    assert all(row["share"] == pytest.approx(1.0) for row in whole["allocation"])
    assert whole["accuracy"] <= solved()["accuracy"] + 1e-6


def test_one_model_only_when_asked(solved: Solved) -> None:
    plan = solved("--max-models", "1")
    assert len({row["model"] for row in plan["allocation"]}) == 1


def test_a_floor_of_a_class_is_kept_over_all_of_its_buckets(solved: Solved) -> None:
    plan = solved(klass="min_accuracy = 0.3", tail='[objective]\nkind = "cost"')
    assert plan["objective"] == "cost"
    assert plan["accuracy"] >= 0.3 - 1e-6
    assert plan["cost_usd_per_day"] < solved()["cost_usd_per_day"]


def test_an_impossible_budget_exits_1_and_names_what_would_do(tmp_path: Path) -> None:
    done = run(tmp_path, "--budget", "5")
    assert done.returncode == 1
    plan = json.loads(done.stdout)
    assert plan["status"] == "infeasible"
    assert "$120 a day instead of $5" in plan["relaxation"]


def test_a_latency_cap_leaves_only_what_meets_it(solved: Solved) -> None:
    plan = solved(klass='max_latency_p95_s = "30 s"')
    assert all(row["latency_p95_s"] <= 30 for row in plan["allocation"])
    prices = [row for row in plan["shadow_prices"] if row["requirement"].startswith("p95 of 30 s")]
    assert ["per ms, up to a p95 of" in row["unit"] for row in prices] == [True]


def test_a_second_supply_is_used_where_it_is_cheaper(solved: Solved) -> None:
    cheap = '[[supply]]\naccelerator = "h200-sxm"\nprice = "$0.50/h"'
    plan = solved(supply=cheap)
    assert {fleet["accelerator"] for fleet in plan["fleet"]} == {"h200-sxm"}
    assert plan["accuracy"] > solved()["accuracy"]


def test_a_budget_in_flops_is_kept(solved: Solved) -> None:
    plan = solved("--budget", "5e19 FLOP/day")
    assert plan["flop_per_day"] <= 5e19 * (1 + 1e-9)


def test_the_most_accuracy_without_a_budget_is_refused_with_the_flag_to_give(
    tmp_path: Path,
) -> None:
    path = tmp_path / "scenario.toml"
    text = SCENARIO.format(klass="", supply="", tail="").replace("[budget]\nusd_per_day = 1500", "")
    path.write_text(text, encoding="utf-8")
    done = called("solve", str(path))
    assert done.returncode == 2
    assert "--budget 500" in done.stderr


def test_an_api_is_bought_by_the_token_and_has_no_gpus(tmp_path: Path, project: Path) -> None:
    data = project / "fixtures" / "openai2025_gpt_oss.csv"
    path = tmp_path / "api.toml"
    path.write_text(
        f"""schema = "planner.scenario/1"
[data]
observations = ["{data}"]
[workload]
volume = "100k queries/day"
output_tokens = 4000
[[workload.classes]]
name = "maths"
mix = {{ "AIME 2024" = 1.0 }}
[[candidates]]
model = "gpt-oss-20b-medium"
methods = ["long_cot"]
[[supply]]
kind = "api"
[budget]
usd_per_day = 500
""",
        encoding="utf-8",
    )
    done = called("solve", str(path), "--json", "--draws", "40")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["fleet"] == []
    # DeepInfra 2026-11-24: $0.03 in, $0.14 out a million tokens; 212 in, 4,000 out.
    expected = (212 * 0.03 + 4000 * 0.14) / 1e6
    assert plan["allocation"][0]["cost_usd_per_query"] == pytest.approx(expected, rel=1e-6)


def test_a_tight_latency_cap_buys_smaller_batches(solved: Solved) -> None:
    """In full batches the options take about 30 s; a smaller batch is faster and dearer."""
    loose = solved(klass="min_accuracy = 0.3", tail='[objective]\nkind = "cost"')
    tight = solved(
        klass='min_accuracy = 0.3\nmax_latency_p95_s = "12 s"',
        tail='[objective]\nkind = "cost"',
    )
    assert tight["status"] == "optimal"
    assert all(row["latency_p95_s"] <= 12 for row in tight["allocation"])
    assert all("batch" in row["option"] for row in tight["allocation"])
    assert max(f["batch"] for f in tight["fleet"]) < min(f["batch"] for f in loose["fleet"])
    assert tight["cost_usd_per_day"] > loose["cost_usd_per_day"]


def test_a_cap_that_no_batch_meets_is_told_with_the_least_that_one_does(tmp_path: Path) -> None:
    done = run(tmp_path, klass='max_latency_p95_s = "1 s"')
    assert done.returncode == 1
    said = json.loads(done.stdout)["relaxation"]
    assert "in the smallest batches" in said
    assert "instead of 1 s" in said
