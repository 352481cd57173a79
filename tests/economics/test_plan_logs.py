"""A saved plan held against logs, in every format that is read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from planner.cli import app
from planner.domain.plan import AllocationRow, PlanAnswer

Json = dict[str, Any]
STAMP = "2026-11-22T06-31-38.011223"
CELLS = [("easy", i, i < 100) for i in range(160)] + [("hard", i, i < 10) for i in range(40)]
"""200 queries of A, 160 easy of which 100 are right, 40 hard of which 10 are."""


def cell(bucket: str, queries: float, option: str = "A") -> AllocationRow:
    return AllocationRow(
        query_class="all",
        bucket=bucket,
        share=1.0,
        queries_per_day=queries,
        option=option,
        model=option,
        method="greedy",
        n_samples=1,
        accuracy=0.6,
        cost_usd_per_query=1e-4,
        marginal_cost_usd_per_query=1e-4,
    )


def saved(folder: Path) -> Path:
    plan = PlanAnswer(
        status="optimal",
        status_sentence="",
        objective="accuracy",
        accuracy=0.6,
        cost_usd_per_day=100.0,
        allocation=(cell("easy", 600.0), cell("hard", 400.0)),
    )
    path = folder / "plan.json"
    path.write_text(plan.model_dump_json(by_alias=True), encoding="utf-8")
    return path


def records(model: str) -> list[Json]:
    return [
        {"model": model, "method": "greedy", "problem_id": f"{level}-{i}", "sample": 0,
         "correct": int(right), "level": level, "temperature": 0.0, "output_tokens": 300}
        for level, i, right in CELLS
    ]  # fmt: skip


def csv(folder: Path, model: str) -> Path:
    pd.DataFrame(records(model)).to_csv(folder / "seen.csv", index=False)
    return folder / "seen.csv"


def parquet(folder: Path, model: str) -> Path:
    pd.DataFrame(records(model)).to_parquet(folder / "seen.parquet", index=False)
    return folder / "seen.parquet"


def jsonl(folder: Path, model: str) -> Path:
    lines = [json.dumps(record) for record in records(model)]
    (folder / "seen.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "seen.jsonl"


def lm_eval(folder: Path, model: str) -> Path:
    """A folder as lm-evaluation-harness leaves it: what was set, and a line a document."""
    logs = folder / "lm_eval"
    logs.mkdir()
    settings = {"do_sample": False, "temperature": 0.0, "until": ["\n"]}
    task = {
        "task": "helpdesk",
        "output_type": "generate_until",
        "metric_list": [{"metric": "exact_match"}],
        "generation_kwargs": settings,
        "repeats": 1,
        "filter_list": [{"name": "strict", "filter": [{"function": "take_first"}]}],
    }
    results = {
        "results": {"helpdesk": {"alias": "helpdesk", "exact_match,strict": 0.55}},
        "group_subtasks": {"helpdesk": []},
        "configs": {"helpdesk": task},
        "config": {"model": "vllm", "model_args": {}, "gen_kwargs": {}},
        "date": 1795329095.68,
        "model_name": model,
    }
    lines = [
        {
            "doc_id": number,
            "doc": {"question": f"{level} {i}?", "level": level},
            "target": "5",
            "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": settings}},
            "resps": [["5"]],
            "filtered_resps": ["5"],
            "filter": "strict",
            "metrics": ["exact_match"],
            "doc_hash": f"{number}",
            "prompt_hash": "p",
            "target_hash": "t",
            "exact_match": float(right),
        }
        for number, (level, i, right) in enumerate(CELLS)
    ]
    (logs / f"results_{STAMP}.json").write_text(json.dumps(results), encoding="utf-8")
    samples = "".join(json.dumps(line) + "\n" for line in lines)
    (logs / f"samples_helpdesk_{STAMP}.jsonl").write_text(samples, encoding="utf-8")
    return logs


def inspect_log(model: str) -> Json:
    usage = {"input_tokens": 20, "output_tokens": 300, "total_tokens": 320}
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "eval_id": "e1",
            "run_id": "r1",
            "created": "2026-01-01T00:00:00+00:00",
            "task": "helpdesk",
            "dataset": {"name": "helpdesk"},
            "model": model,
            "model_generate_config": {},
        },
        "plan": {"name": "plan", "steps": [], "config": {"temperature": 0.0}},
        "results": {"scores": [{"name": "match", "scorer": "match", "reducer": "mean"}]},
        "stats": {"started_at": ""},
        "samples": [
            {
                "id": f"{level}-{i}",
                "epoch": 1,
                "input": "2+3?",
                "target": "5",
                "messages": [],
                "output": {"model": model, "choices": [], "usage": usage},
                "scores": {"match": {"value": "C" if right else "I", "answer": "5"}},
                "metadata": {"level": level},
                "model_usage": {model: usage},
            }
            for level, i, right in CELLS
        ],
        "reductions": [],
    }


def inspect_json(folder: Path, model: str) -> Path:
    (folder / "a.json").write_text(json.dumps(inspect_log(model)), encoding="utf-8")
    return folder / "a.json"


def inspect_eval(folder: Path, model: str) -> Path:
    whole = inspect_log(model)
    start = {key: whole[key] for key in ("version", "eval", "plan")}
    header = {k: v for k, v in whole.items() if k not in {"samples", "reductions"}}
    with zipfile.ZipFile(folder / "a.eval", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps(start))
        for one in whole["samples"]:
            name = f"samples/{one['id']}_epoch_{one['epoch']}.json"
            archive.writestr(name, json.dumps(one))
        archive.writestr("summaries.json", "[]")
        archive.writestr("header.json", json.dumps(header))
    return folder / "a.eval"


FORMATS = [csv, parquet, jsonl, lm_eval, inspect_json, inspect_eval]


@pytest.mark.parametrize("written", FORMATS)
def test_a_plan_is_held_against_logs_of_every_format_to_the_query(
    tmp_path: Path, written: Any
) -> None:
    log = written(tmp_path, "A")
    told = CliRunner().invoke(
        app,
        ["check", str(saved(tmp_path)), "--observed", str(log), "--spent", "$100/day", "--json"],
    )
    found = json.loads(told.stdout)
    assert found["unmatched"] == []
    seen_of = {(one["kind"], one["name"]): one["seen"] for one in found["figures"]}
    assert seen_of["accuracy", "accuracy of A on easy"] == pytest.approx(100 / 160)
    assert seen_of["accuracy", "accuracy of A on hard"] == pytest.approx(10 / 40)
    assert seen_of["mix", "share of easy in all"] == pytest.approx(0.8)
    assert ("cost", "cost") in seen_of
    assert told.exit_code == 1


def test_logs_of_two_formats_count_together(tmp_path: Path) -> None:
    logs = [lm_eval(tmp_path, "A"), inspect_json(tmp_path, "A")]
    words = [word for log in logs for word in ("--observed", str(log))]
    told = CliRunner().invoke(app, ["check", str(saved(tmp_path)), *words, "--json"])
    found = json.loads(told.stdout)
    accuracies = [one for one in found["figures"] if one["kind"] == "accuracy"]
    assert {one["name"]: one["seen"] for one in accuracies} == pytest.approx(
        {
            "accuracy of A on easy": 100 / 160,
            "accuracy of A on hard": 10 / 40,
            "accuracy of A on all": 110 / 200,
        }
    )


@pytest.mark.parametrize("written", FORMATS)
def test_a_log_of_another_model_is_no_part_of_the_plan(tmp_path: Path, written: Any) -> None:
    log = written(tmp_path, "Z")
    told = CliRunner().invoke(app, ["check", str(saved(tmp_path)), "--observed", str(log)])
    assert told.exit_code == 0, told.output
    assert "Nothing that was seen is part of the plan" in told.stdout
    assert "not part of the plan: Z greedy @1" in told.stdout
