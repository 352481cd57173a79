"""Pages made once: every test of one reads the same bytes. And one browser for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sample_answer import sample_answer

from planner import pipeline
from planner.cost.settings import settings_from_text
from planner.domain.answer import Answer
from planner.domain.plan import PlanAnswer
from planner.ingest.template import init_scenario
from planner.report.formats.html import render

CHROMIUM = Path("/usr/bin/chromium")
QUESTION = "7B+PRM or 34B greedy at 1M queries/day"
TERMS = {"price": "$2/h", "output_tokens": "300", "utilisation": "0.6"}


@pytest.fixture(scope="session")
def page() -> str:
    return render(sample_answer())


@pytest.fixture(scope="session")
def asked() -> Answer:
    """A whole answer, of few draws and terms that are known."""
    return pipeline.ask(QUESTION, draws=100, settings=settings_from_text(**TERMS))


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `planner init` writes."""
    folder = tmp_path_factory.mktemp("scenario")
    init_scenario(folder)
    return folder / "scenario.toml"


@pytest.fixture(scope="session")
def planned(scenario: Path) -> PlanAnswer:
    """A whole plan, of few draws."""
    return pipeline.solve(scenario, draws=100)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The machine's Chromium; skips where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is missing (Debian: apt-get install chromium)")
    with api.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()
