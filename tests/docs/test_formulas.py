"""The page of formulas tells what the registries hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.curves.families import FAMILIES
from planner.curves.families.base import Family


@pytest.fixture(scope="module")
def rows(project: Path) -> set[str]:
    text = (project / "docs" / "formulas.md").read_text(encoding="utf-8")
    return {line for line in text.splitlines() if line.startswith("| `")}


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_family_stands_on_the_page_with_its_formula_and_source(
    family: Family, rows: set[str]
) -> None:
    kinds = ", ".join(
        k for k in ("coverage", "vote", "pick", "depth", "thinking") if k in family.describes
    )
    assert f"| `{family.name}` | {kinds} | `{family.formula}` | {family.reference} |" in rows


def test_no_family_stands_on_the_page_that_is_not_there(rows: set[str]) -> None:
    assert len(rows) == len(FAMILIES)
