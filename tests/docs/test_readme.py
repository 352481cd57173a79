"""What the README says is what the program does."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest


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


def test_the_quoted_answer_is_what_the_command_prints(project: Path) -> None:
    command = [sys.executable, "-m", "planner", "ask", "7B+PRM or 34B greedy at 1M queries/day"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = done.stdout.splitlines()[0]
    assert f"> {said}\n" in (project / "README.md").read_text(encoding="utf-8")


def test_every_command_of_the_readme_runs(project: Path, tmp_path: Path) -> None:
    lines = [line for block in blocks(project, "sh") for line in block.splitlines() if line]
    assert len(lines) > 6
    a_folder_of_logs(tmp_path / "logs")
    for line in lines:
        words = shlex.split(line, comments=True)
        command = [sys.executable, "-m", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        # 1 is an answer too: no side keeps the budget that the question names.
        assert done.returncode in (0, 1), (line, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("picture", ["docs/page.png"])
def test_the_picture_is_there(project: Path, picture: str) -> None:
    assert picture in (project / "README.md").read_text(encoding="utf-8")
    assert (project / picture).read_bytes()[:4] == b"\x89PNG"
