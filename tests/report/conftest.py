"""The sample answer's page, made once: every test of it reads the same bytes."""

from __future__ import annotations

import pytest
from sample_answer import sample_answer

from planner.report.formats.html import render


@pytest.fixture(scope="session")
def page() -> str:
    return render(sample_answer())
