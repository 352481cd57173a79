"""What tests of whole scenarios share."""

from __future__ import annotations

import pytest

from planner.allocate import runner_up

EDGES_ARE_THE_MATTER = ("test_objectives",)


@pytest.fixture(autouse=True)
def _few_reasons(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of runners-up little is worked out, by searches that take longer than the plan itself."""
    if request.module.__name__ not in EDGES_ARE_THE_MATTER:
        monkeypatch.setattr(runner_up, "MOST_CLASSES", 1)
        monkeypatch.setattr(runner_up, "STEPS", 1)
        monkeypatch.setattr(runner_up, "VOLUMES", (2.0,))
