"""The table of sections of docs/report.md is that of the code and of real pages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from given import a_scenario
from pages import Reader, blocks, texts

from planner.domain.report import SectionName
from planner.report import FORMATS

ROW = re.compile(r"^\| `([\w-]+)` \| (yes|) ?\| (yes|) ?\| .+ \|$", re.MULTILINE)
SAMPLES = {"question": 1, "scenario": 2}
"""Example pages, and the column of the table that is about their kind."""


@pytest.fixture(scope="module")
def told(project: Path) -> list[tuple[str, ...]]:
    """(section, whether a question's page may have it, whether a plan's may)."""
    return ROW.findall((project / "docs/report.md").read_text(encoding="utf-8"))


def test_every_section_that_a_scenario_may_name_is_explained(told: list[tuple[str, ...]]) -> None:
    assert [name for name, *_ in told] == list(get_args(SectionName))


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_table_says_which_page_has_which_section(
    sample: str, project: Path, told: list[tuple[str, ...]]
) -> None:
    page = (project / f"reports/samples/{sample}.html").read_text(encoding="utf-8")
    there = set(re.findall(r'<section id="([^"]*)"', page))
    possible = {row[0] for row in told if row[SAMPLES[sample]]}
    # A plan tells its warnings among its checks, unless there is no plan.
    assert there | {"warnings"} == possible


def test_the_page_is_called_and_cut_as_the_example_wishes(project: Path, tmp_path: Path) -> None:
    """The commands of the guide, on the first scenario with the guide's [report]."""
    guide = project / "docs/report.md"
    (example,) = texts(guide, "toml")
    wish = tomllib.loads(example)["report"]
    a_scenario(tmp_path)
    with (tmp_path / "scenario.toml").open("a", encoding="utf-8") as scenario:
        scenario.write(example)
    reader = Reader(tmp_path, quick=True)
    for block in blocks(guide, "sh"):
        reader.do(block, "docs/report.md")
    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert re.findall(r'<section id="([^"]*)"', page) == wish["sections"]
    assert f"<title>{wish['title']}</title>" in page
    for other in ("plan.md", "plan.csv"):
        assert (tmp_path / other).stat().st_size > 100


def test_every_kind_of_file_is_named(project: Path) -> None:
    page = (project / "docs/report.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\.\w+)` \|", page, re.MULTILINE)) == set(FORMATS)
