"""The routing policy of a plan, and the reader that a serving team pastes."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from commands import OPTIONS
from typer.testing import CliRunner

from planner import pipeline
from planner.cli import application
from planner.domain.plan import AllocationRow, PlanAnswer
from planner.pipeline.exporting import routes as routes_of


def run(*words: object, code: int = 0) -> str:
    done = CliRunner().invoke(application(), [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "options.csv").write_text(OPTIONS, encoding="utf-8")
    path = tmp_path / "plan.json"
    run("solve", "--options", tmp_path / "options.csv", "--budget", "7", "-o", path)
    return path


def reader(project: Path) -> dict[str, Any]:
    """The names that the code in docs/policy.md defines."""
    text = (project / "docs" / "policy.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def test_the_reader_routes_other_shares_than_the_plan(plan: Path, project: Path) -> None:
    policy = plan.with_name("policy.json")
    told = run("export", plan, "--to", "policy", "-o", policy)
    assert "wrote" in told
    names = reader(project)
    routing = names["Routing"](policy)
    rows = json.loads(plan.read_text("utf-8"))["allocation"]
    assert any(0 < row["share"] < 1 for row in rows)
    n = 4000
    for row in rows:
        taken = Counter(
            routing.route(row["query_class"], row["bucket"], f"query {i}")["option"]
            for i in range(n)
        )
        assert taken[row["option"]] / n == pytest.approx(row["share"], abs=4 * 0.5 / n**0.5)
    again = names["Routing"](policy)
    first = rows[0]["query_class"], rows[0]["bucket"], "query 7"
    assert routing.route(*first) == again.route(*first)
    assert names["settings"](routing.route(*first))["model"] in ("a", "b")
    with pytest.raises(KeyError, match="known: "):
        routing.route("no such class", "all", "1")


def test_the_last_share_leaves_queries_without_a_route() -> None:
    row = AllocationRow(
        query_class="c", bucket="b", share=1 / 3 - 1e-9, option="x (score from 0.25)", model="m",
        method="greedy", n_samples=1, accuracy=0.5, cost_usd_per_query=1,
        marginal_cost_usd_per_query=1,
    )  # fmt: skip
    routes = routes_of((row, row, row, row.model_copy(update={"share": 0.0})))
    assert [route.up_to for route in routes] == pytest.approx([1 / 3, 2 / 3, 1])
    assert routes[-1].up_to == 1
    assert routes[0].threshold == 0.25


def test_what_holds_no_plan_is_exported(tmp_path: Path, plan: Path) -> None:
    assert "unknown target" in run("export", plan, "--to", "yaml", code=2)
    found = PlanAnswer.model_validate(json.loads(plan.read_text("utf-8")))
    empty = found.model_copy(update={"allocation": (), "status": "infeasible"})
    path = tmp_path / "empty.json"
    pipeline.save_json(path, empty.model_dump(mode="json", by_alias=True))
    assert "answers no query" in run("export", path, "--to", "policy", code=2)
    assert "read here" in run("export", plan, "--to", "policy", "-o", plan, code=2)


def test_check_does_not_say_what_has_changed_since(plan: Path) -> None:
    options = plan.with_name("options.csv")
    assert "none of the 1 files" in run("check", plan)
    options.write_text(OPTIONS.replace("0.6", "0.7"), encoding="utf-8")
    assert "options.csv has changed since" in run("check", plan)
    options.unlink()
    assert "is not there any more" in run("check", plan)


def test_a_plan_does_not_name_all_that_it_was_made_of(tmp_path: Path) -> None:
    run("init", tmp_path / "a")
    scenario, plan = tmp_path / "a" / "scenario.toml", tmp_path / "a" / "plan.json"
    run("solve", scenario, "--draws", 20, "--seed", 3, "-o", plan)
    found = json.loads(plan.read_text("utf-8"))
    assert (found["seed"], found["draws"]) == (3, 20)
    named = " ".join(found["inputs"])
    for part in ("scenario.toml", "observations.csv", "llms/llemma-7b-sft-levels-1-3"):
        assert part in named
    assert "verifiers/llemma-7b-prm-levels-1-3" in named
    assert "accelerators/h100-sxm" in named
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in found["inputs"].values())
    moved = tmp_path / "b"
    scenario.parent.rename(moved)
    assert f"none of the {len(found['inputs'])} files" in run("check", moved / "plan.json")
