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


def test_the_share_of_truths_held_is_that_of_the_table(project: Path) -> None:
    """README and docs/accuracy.md quote the table of docs/curves.md."""
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in (project / "docs" / "curves.md").read_text(encoding="utf-8").splitlines()
    ]
    table = [row for row in rows if len(row) == 4 and row[2].startswith(".")]
    ((_, _, inside, beyond),) = (row for row in table if row[0] == "all")
    quoted = f"{inside} held inside, {beyond} at 8 times beyond"
    worst = min(row[3] for row in table)
    accuracy = (project / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert quoted in accuracy
    assert f"{worst} beyond" in accuracy
    percent = f"{float(inside):.0%} of simulated truths inside the data, {float(beyond):.0%} eight"
    readme = (project / "README.md").read_text(encoding="utf-8")
    assert percent in readme


@pytest.mark.parametrize(
    "picture", ["docs/page.png", "docs/page_plan.png", "docs/page_side_by_side.png"]
)
def test_the_picture_is_there(project: Path, picture: str) -> None:
    assert picture in (project / "README.md").read_text(encoding="utf-8")
    assert (project / picture).read_bytes()[:4] == b"\x89PNG"
