"""A next command that the planner names works as it is pasted, also where a path has a space."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from command_here import Done, called

LOG = "model,problem_id,sample,answer,correct\n" + "\n".join(
    f"m,{problem},{sample},{(problem * sample) % 3},{(problem * sample) % 3 == 0}"
    for problem in range(6)
    for sample in range(4)
)
QUICK = {"solve", "fit", "ask"}


def _next_of(done: Done) -> list[str]:
    assert done.returncode == 0, done.stderr
    (line,) = re.findall(r"(?m)^next: (.*)$", done.stdout)
    program, *words = shlex.split(line)
    assert program == "planner"
    return [*words, "--draws", "20"] if words[0] in QUICK else words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("next lines")


def _works(words: list[str], folder: Path) -> Done:
    done = called(*words, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done


def test_from_init_to_a_page_every_next_command_works(folder: Path) -> None:
    solve = _next_of(called("init", "my plan", cwd=folder))
    assert solve[:2] == ["solve", "my plan/scenario.toml"]
    report = _next_of(_works([*solve, "-o", "my plan.json"], folder))
    _works(report, folder)
    assert "<html" in (folder / "plan.html").read_text(encoding="utf-8")


def test_from_a_log_to_a_page_of_curves_every_next_command_works(folder: Path) -> None:
    (folder / "my log.csv").write_text(LOG, encoding="utf-8")
    fit = _next_of(called("measure", "my log.csv", "-o", "my obs.csv", cwd=folder))
    report = _next_of(_works([*fit, "-o", "my curves.json"], folder))
    _works(report, folder)
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")


def test_the_question_named_beside_a_profile_can_be_asked() -> None:
    from planner.cli.calibrate import EXAMPLE

    assert called("ask", EXAMPLE, "--draws", "20", "--quiet", cwd=Path("/")).returncode == 0
