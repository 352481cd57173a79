"""The examples of docs/next.md run as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import planner
from planner.cli import app


def block(project: Path, language: str) -> str:
    text = (project / "docs" / "next.md").read_text(encoding="utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found is not None, language
    return found[1]


@pytest.fixture
def folder(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "scenario.toml").write_text(block(project, "toml"), encoding="utf-8")
    (tmp_path / "obs.csv").write_text(block(project, "csv"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands(project: Path) -> list[str]:
    text = (project / "docs" / "next.md").read_text(encoding="utf-8")
    return re.findall(r"^planner .*$", text, re.MULTILINE)


@pytest.mark.usefixtures("folder")
def test_every_command_of_the_guide_runs(project: Path) -> None:
    found = [line for line in commands(project) if "scenario.toml" in line]
    assert len(found) >= 4
    for line in found:
        _, *words = shlex.split(line)
        run = CliRunner().invoke(app, [*words, "--draws", "40"])
        assert run.exit_code == 0, (line, run.output)


def test_the_pilot_of_the_guide_narrows_the_plan(project: Path, folder: Path) -> None:
    before = planner.solve(folder / "scenario.toml", draws=100)
    text = block(project, "toml").split("[transfer]")[0] + block(project, "toml pilot")
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
    (folder / "pilot.csv").write_text(block(project, "csv pilot"), encoding="utf-8")
    after = planner.solve(folder / "scenario.toml", draws=100)
    assert after.accuracy_high - after.accuracy_low < before.accuracy_high - before.accuracy_low
    # The pilot saw less than the benchmark promised.
    assert after.accuracy < before.accuracy
