"""The examples of docs/how-to-choose.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pages
import pytest
from pages import Reader, texts

import planner


def blocks(project: Path, language: str) -> list[str]:
    return texts(project / "docs" / "how-to-choose.md", language)


@pytest.fixture
def written(project: Path, tmp_path: Path) -> Path:
    (tmp_path / "obs.csv").write_text(blocks(project, "csv")[0], encoding="utf-8")
    return tmp_path / "scenario.toml"


def solved(project: Path, path: Path, part: int) -> Any:
    base, *parts = blocks(project, "toml")
    text = parts[part]
    if "[[candidates]]" in text:  # in the place of the same candidate
        first = re.search(r"\[\[candidates\]\].*?(?=\[\[candidates\]\])", base, re.DOTALL)
        assert first is not None
        base = base.replace(first[0], "")
    path.write_text(base + text, encoding="utf-8")
    plan = planner.solve(path, draws=40)
    assert plan.status == "optimal", text
    assert plan.checked is not None
    assert plan.checked.ok, plan.checked.broken
    return plan


def test_the_objectives_of_the_guide_each_do_best_at_what_they_are_for(
    project: Path, written: Path
) -> None:
    accuracy, cost, net, ratio = (solved(project, written, i) for i in range(4))
    assert accuracy.cost_usd_per_day <= 120
    assert cost.accuracy >= 0.65 - 1e-9
    assert cost.cost_usd_per_day < accuracy.cost_usd_per_day
    assert ratio.accuracy >= 0.6 - 1e-9
    assert ratio.cost_usd_per_correct <= min(
        p.cost_usd_per_correct for p in (accuracy, cost, net)
    ) * (1 + 1e-6)
    worth = 200_000 * (0.01 * net.accuracy - 0.002 * (1 - net.accuracy))
    assert net.net_value_usd_per_day == pytest.approx(worth - net.cost_usd_per_day)
    for other in (accuracy, cost, ratio):
        theirs = 200_000 * (0.01 * other.accuracy - 0.002 * (1 - other.accuracy))
        assert theirs - other.cost_usd_per_day <= net.net_value_usd_per_day * (1 + 1e-9)


def test_several_budgets_of_the_guide_hold_at_once(project: Path, written: Path) -> None:
    plan = solved(project, written, 4)
    assert plan.cost_usd_per_day <= 5000 * 12 / 365
    assert sum(row.gpus for row in plan.fleet) <= 8
    assert plan.kwh_per_day <= 400


def test_training_of_the_guide_is_part_of_the_cost_where_it_is_used(
    project: Path, written: Path
) -> None:
    plan = solved(project, written, 5)
    trained = any(row.model == "llama-3-8b-instruct" for row in plan.allocation)
    assert (plan.fixed_usd_per_day or 0) == pytest.approx(2000 / 365 if trained else 0)


def test_the_api_of_the_guide_gets_its_part_and_no_more(project: Path, written: Path) -> None:
    plan = solved(project, written, 6)
    sold = [r for r in plan.allocation if r.model == "gpt-4o-mini"]
    assert sum(r.share * r.queries_per_day for r in sold) <= 0.2 * 200_000 * (1 + 1e-8)
    by_class = {
        name: sum(r.share * r.queries_per_day for r in sold if r.query_class == name)
        for name in ("homework", "exams")
    }
    assert by_class["homework"] / 150_000 == pytest.approx(by_class["exams"] / 50_000, abs=1e-6)


def test_every_command_of_the_guide_runs(project: Path, written: Path) -> None:
    base, first, *_ = blocks(project, "toml")
    written.write_text(base + first, encoding="utf-8")
    reader = Reader(written.parent, quick=True)
    for block in pages.blocks(project / "docs" / "how-to-choose.md", "sh"):
        reader.do(block, f"line {block.line}")
