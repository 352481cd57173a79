"""A scenario and a question of GPUs that share no prefix, answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_here import called

import planner
from planner.domain.plan import PlanAnswer
from planner.errors import InputError

OBSERVED = """model,method,verifier,question_set,bucket,n_samples,accuracy,n_questions,output_tokens
llama-3-8b-instruct,{method},{verifier},our-set,all,1,0.30,500,200
llama-3-8b-instruct,{method},{verifier},our-set,all,16,0.48,500,200
"""
SCENARIO = """[data]
observations = ["obs.csv"]
[workload]
volume = "1M queries/day"
prompt_tokens = 4000
[[workload.classes]]
name = "all"
min_accuracy = {floor}
[[candidates]]
model = "llama-3-8b-instruct"
methods = ["{method}"]
{reader}
[[supply]]
{supply}
[objective]
kind = "cost"
"""
H100 = 'accelerator = "h100-sxm"\nprice = 2.5\n'
PRM = "qwen2.5-math-prm-7b"


def solved(
    folder: Path, sharing: str, supply: str = H100, floor: float = 0.47, verifier: str = ""
) -> PlanAnswer:
    method = "weighted_vote" if verifier else "majority_vote"
    reader = f'verifier = "{verifier}"' if verifier else ""
    (folder / "obs.csv").write_text(OBSERVED.format(method=method, verifier=verifier), "utf-8")
    path = folder / "scenario.toml"
    path.write_text(
        SCENARIO.format(method=method, reader=reader, supply=supply + sharing, floor=floor),
        encoding="utf-8",
    )
    plan: PlanAnswer = planner.solve(path, draws=20)
    return plan


def without_rows(plan: PlanAnswer) -> dict[str, Any]:
    """The plan without what tells where it came from and what it rests on."""
    found: dict[str, Any] = json.loads(plan.model_dump_json(exclude={"assumptions", "inputs"}))
    return found


def test_a_plan_is_no_dearer_where_every_sample_reads_the_prompt(tmp_path: Path) -> None:
    plain = solved(tmp_path, "")
    shared = solved(tmp_path, "prefix_sharing = true")
    alone = solved(tmp_path, "prefix_sharing = false")
    assert without_rows(plain) == without_rows(shared)
    assert (alone.cost_usd_per_day or 0) > 1.5 * (plain.cost_usd_per_day or 0)
    told = [
        next((r.value, r.source) for r in plan.assumptions if r.key == "[[supply]] prefix_sharing")
        for plan in (plain, alone)
    ]
    assert told[0][0] == "once a query"
    assert "caches prefixes" in told[0][1]
    assert told[1] == ("once a sample", "given with the scenario")


def test_one_sample_costs_more_without_another_to_share_with(tmp_path: Path) -> None:
    plain = solved(tmp_path, "", floor=0.3)
    alone = solved(tmp_path, "prefix_sharing = false", floor=0.3)
    assert plain.allocation[0].n_samples == 1
    assert plain.cost_usd_per_day == alone.cost_usd_per_day


def test_a_fleet_with_a_verifier_runs_a_batch_whose_prompts_are_counted_once(
    tmp_path: Path,
) -> None:
    plain = solved(tmp_path, "", verifier=PRM)
    alone = solved(tmp_path, "prefix_sharing = false", verifier=PRM)
    assert alone.fleet[0].batch < plain.fleet[0].batch
    assert (alone.cost_usd_per_day or 0) > (plain.cost_usd_per_day or 0)


def test_a_serverless_second_reads_no_prompt_or_an_api_takes_the_key(tmp_path: Path) -> None:
    serverless = f'kind = "serverless"\n{H100}'
    plain, alone = (solved(tmp_path, more, serverless) for more in ("", "prefix_sharing = false"))
    assert (alone.cost_usd_per_day or 0) > 1.2 * (plain.cost_usd_per_day or 0)
    with pytest.raises(InputError, match="prefix_sharing belongs to the kind"):
        solved(tmp_path, "prefix_sharing = false", 'kind = "api"\n')
    two = f"{H100}prefix_sharing = true\n[[supply]]\n{H100}"
    with pytest.raises(InputError, match="different prefix_sharing"):
        solved(tmp_path, "prefix_sharing = false", two)


def test_a_question_asked_of_such_an_engine_is_answered_as_of_any_other(tmp_path: Path) -> None:
    (tmp_path / "obs.csv").write_text(OBSERVED.format(method="majority_vote", verifier=""), "utf-8")
    question = "llama-3-8b-instruct majority 16 or llama-3-8b-instruct majority 1 at 1M queries/day"
    words = ("ask", question, "--data", "obs.csv", "--draws", 20, "--prompt-tokens", 4000)
    plain = json.loads(called(*words, "--json", cwd=tmp_path).stdout)
    page = ("--report", "page.html")
    flag = ("--prefix-sharing", "false")
    alone = json.loads(called(*words, *flag, *page, "--json", cwd=tmp_path).stdout)
    usd = [[side["cost_usd_per_query"] for side in one["options"]] for one in (plain, alone)]
    assert usd[1][0] > usd[0][0]
    page_text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "once a sample" in page_text
