"""The examples of docs/supply.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pages
from given import a_list_of_prices
from pages import Reader, texts

import planner


def blocks(project: Path, language: str) -> list[str]:
    return texts(project / "docs" / "supply.md", language)


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
    a_list_of_prices(tmp_path)
    reader = Reader(tmp_path, quick=True)
    for block in pages.blocks(project / "docs" / "supply.md", "sh"):
        reader.do(block, f"line {block.line}")
