"""The examples of docs/money.md run as they stand."""

from __future__ import annotations

import io
import json
import re
import shlex
from contextlib import chdir, redirect_stdout
from pathlib import Path

import pytest
from pages import planner

from planner.domain.money_answer import CostCrossing
from planner.domain.over_time import OverTime


def text_of(project: Path) -> str:
    return (project / "docs" / "money.md").read_text(encoding="utf-8")


def blocks(project: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text_of(project), re.DOTALL)


def test_every_command_of_the_page_runs_and_tells_costs_over_time(
    project: Path, tmp_path: Path
) -> None:
    (tmp_path / "obs.csv").write_text(blocks(project, "csv")[0], encoding="utf-8")
    (tmp_path / "scenario.toml").write_text(blocks(project, "toml")[0], encoding="utf-8")
    (commands,) = blocks(project, "sh")
    said = []
    for line in commands.splitlines():
        program, *words = shlex.split(line)
        assert program == "planner"
        code, out, err = planner(words, tmp_path)
        assert code == 0, (line, err)
        said.append(out)
    asked, solved = said
    assert "Over 24 months from 2027-01-01" in " ".join(asked.split())
    assert "CAPEX against OPEX" in (tmp_path / "money.html").read_text(encoding="utf-8")
    over_time = json.loads(solved)["over_time"]
    assert len(over_time["by_month"]) == 24
    assert over_time["paths"][0]["gpus_bought_usd"] > 0
    assert any(text.startswith("4 owned") for text in over_time["sunk"])


def test_the_sums_in_python_are_what_the_page_says(project: Path) -> None:
    (code,) = blocks(project, "python")
    out = io.StringIO()
    with chdir(project), redirect_stdout(out):
        exec(compile(code, "docs/money.md", "exec"), {})
    assert out.getvalue().split() == re.findall(r"^print.*\)  # (\S+)", code, re.MULTILINE)
    assert len(out.getvalue().split()) == 5


def test_the_page_names_the_keys_and_fields_that_there_are(project: Path) -> None:
    text = text_of(project)
    for name, field in OverTime.model_fields.items():
        assert f"`{field.alias or name}`" in text
    shape = re.search(r"Each is `\{([^}]*)\}`", text)
    assert shape is not None
    assert set(shape.group(1).split(", ")) <= set(CostCrossing.model_fields)


@pytest.mark.parametrize("pattern", [r"\]\(([^)#:]+)\)", r"`(tests/[a-z_/]+\.py)`"])
def test_the_page_names_only_files_that_are_there(project: Path, pattern: str) -> None:
    for named in re.findall(pattern, text_of(project)):
        found = project / named if named.startswith("tests/") else project / "docs" / named
        assert found.exists(), named
