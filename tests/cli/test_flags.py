"""What every command takes: one JSON object, no notes, a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from planner.cli import app

GROUP: Any = typer.main.get_command(app)


def run(*words: object) -> str:
    found = CliRunner().invoke(app, list(map(str, words)))
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.mark.parametrize("command", GROUP.commands)
@pytest.mark.parametrize("flag", ["--json", "--quiet", "--debug"])
def test_a_command_lacks_a_flag_that_the_others_have(command: str, flag: str) -> None:
    assert flag in {name for option in GROUP.commands[command].params for name in option.opts}


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    assert run("init", folder, "--quiet") == ""
    run("solve", folder / "scenario.toml", "--draws", 20, "-o", folder / "plan.json")
    return folder / "plan.json"


def test_a_page_says_what_was_written_where_that_is_not_asked(plan: Path, tmp_path: Path) -> None:
    page, charts = tmp_path / "page.md", tmp_path / "charts"
    assert run("report", plan, "-o", page, "--quiet") == ""
    told = json.loads(run("report", plan, "-o", page, "--charts", charts, "--json"))
    assert told["schema"] == "planner.report/1"
    assert {Path(path) for path in told["written"]} == {page, *charts.iterdir()}


def test_a_policy_is_written_or_printed_and_never_lost_between_both(
    plan: Path, tmp_path: Path
) -> None:
    path = tmp_path / "policy.json"
    assert run("export", plan, "--to", "policy", "-o", path, "--quiet") == ""
    printed = run("export", plan, "--to", "policy", "-o", path, "--json")
    assert json.loads(printed) == json.loads(path.read_text(encoding="utf-8"))


def test_quiet_cards_end_with_a_hint() -> None:
    assert "planner cards NAME" in run("cards", "prices")
    assert "planner cards NAME" not in run("cards", "prices", "--quiet")
