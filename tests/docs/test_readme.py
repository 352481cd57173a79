"""What the README says is what the program does."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from planner.cli import app


def blocks(project: Path, language: str) -> list[str]:
    text = (project / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def a_folder_of_logs(folder: Path) -> None:
    """The logs that a reader of the README is supposed to have."""
    folder.mkdir()
    records = [
        {"model": "m", "problem_id": p, "sample": s, "answer": str((p * s) % 3),
         "correct": (p * s) % 3 == 0, "level": "easy" if p % 2 else "hard"}
        for p in range(8)
        for s in range(4)
    ]  # fmt: skip
    (folder / "run.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")


@pytest.fixture(scope="module")
def printed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """What every command prints, one after the other in one folder, without thirteen starts."""
    lines = [line for block in blocks(project, "sh") for line in block.splitlines() if line]
    folder = tmp_path_factory.mktemp("reader")
    a_folder_of_logs(folder / "logs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        found = {}
        for line in lines:
            program, *words = shlex.split(line, comments=True)
            assert program == "planner"
            found[line] = CliRunner().invoke(app, words)
    return found


def test_the_quoted_answer_is_what_the_command_prints(
    project: Path, printed: dict[str, Result]
) -> None:
    question = "7B+PRM or 34B greedy at 1M queries/day"
    (answer,) = (found.stdout for line, found in printed.items() if f'"{question}"' in line)
    assert f"> {answer.splitlines()[0]}\n" in (project / "README.md").read_text(encoding="utf-8")


def test_every_command_of_the_readme_runs(printed: dict[str, Result]) -> None:
    assert len(printed) > 6
    for line, found in printed.items():
        # 1 is an answer too: no side keeps the budget that the question names.
        assert found.exit_code in (0, 1), (line, found.stderr)
        assert found.exception is None or isinstance(found.exception, SystemExit), line


@pytest.mark.parametrize("picture", ["docs/page.png"])
def test_the_picture_is_there(project: Path, picture: str) -> None:
    assert picture in (project / "README.md").read_text(encoding="utf-8")
    assert (project / picture).read_bytes()[:4] == b"\x89PNG"
