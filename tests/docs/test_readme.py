"""What the README quotes is what the program says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages import planner


def test_the_quoted_answer_is_what_the_command_prints(project: Path, tmp_path: Path) -> None:
    code, said, _ = planner(["ask", "7B+PRM or 34B greedy at 1M queries/day"], tmp_path)
    assert code == 0
    first = said.splitlines()[0]
    assert f"> {first}\n" in (project / "README.md").read_text(encoding="utf-8")


def test_every_command_stands_in_the_table(project: Path) -> None:
    import typer

    from planner.cli import app

    group: Any = typer.main.get_command(app)
    text = (project / "README.md").read_text(encoding="utf-8")
    told = " ".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    assert [name for name in group.commands if f"`{name}`" not in told] == []


@pytest.mark.parametrize(
    "picture", ["docs/page.png", "docs/page_plan.png", "docs/page_side_by_side.png"]
)
def test_the_picture_is_there(project: Path, picture: str) -> None:
    assert picture in (project / "README.md").read_text(encoding="utf-8")
    assert (project / picture).read_bytes()[:4] == b"\x89PNG"
