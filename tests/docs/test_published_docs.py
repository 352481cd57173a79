"""Tests that the documentation names are there."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_test_that_a_page_names_exists(project: Path) -> None:
    named = 0
    for page in (project / "docs").glob("*.md"):
        for file, test in re.findall(r"`(test_\w+\.py)::(test_\w+)`", page.read_text("utf-8")):
            source = (project / "tests" / "cost" / file).read_text(encoding="utf-8")
            assert f"def {test}(" in source, (page.name, file, test)
            named += 1
    assert named > 10
