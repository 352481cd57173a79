"""The examples of docs/supply.md run as they stand."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import planner

LITELLM = {
    "gpt-4o-mini": {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 1.5e-07,
        "output_cost_per_token": 6e-07,
    }
}


def blocks(project: Path, language: str) -> list[str]:
    text = (project / "docs" / "supply.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_every_supply_of_the_guide_is_solved(project: Path, tmp_path: Path) -> None:
    (tmp_path / "obs.csv").write_text(blocks(project, "csv")[0], encoding="utf-8")
    base, *parts = blocks(project, "toml")
    assert len(parts) == 4
    path = tmp_path / "scenario.toml"
    for part in parts:
        scenario = base
        if "[[candidates]]" in part:  # in the place of the same candidate
            first = re.search(r"\[\[candidates\]\].*?(?=\[\[candidates\]\])", base, re.DOTALL)
            assert first is not None
            scenario = base.replace(first[0], "")
        path.write_text(scenario + part, encoding="utf-8")
        plan = planner.solve(path, draws=40)
        assert plan.status == "optimal", part
        assert plan.cost_usd_per_day is not None
        assert plan.cost_usd_per_day <= 900 * (1 + 1e-6)


def test_every_command_of_the_guide_runs(project: Path, tmp_path: Path) -> None:
    base, first, *_ = blocks(project, "toml")
    (tmp_path / "obs.csv").write_text(blocks(project, "csv")[0], encoding="utf-8")
    (tmp_path / "scenario.toml").write_text(base + first, encoding="utf-8")
    (tmp_path / "litellm.json").write_text(json.dumps(LITELLM), encoding="utf-8")
    (commands,) = blocks(project, "sh")
    for line in commands.splitlines():
        command = [sys.executable, "-m", *shlex.split(line)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, (line, done.stderr)


@pytest.mark.parametrize("page", ["supply.md", "published_prices.md"])
def test_the_pages_name_only_files_that_are_there(project: Path, page: str) -> None:
    text = (project / "docs" / page).read_text(encoding="utf-8")
    for linked in re.findall(r"\]\(([^)#]+)\)", text):
        assert (project / "docs" / linked).exists(), linked
    for named in re.findall(r"`(tests/[a-z_/]+\.py)`", text):
        assert (project / named).exists(), named
