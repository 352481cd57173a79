"""The example pages in the repository are those that the planner writes."""

from __future__ import annotations

import pytest
from samples import SAMPLES, pages


def test_the_samples_are_what_the_planner_writes_byte_for_byte() -> None:
    made = pages()
    assert sorted(made) == sorted(path.name for path in SAMPLES.glob("*.html"))
    for name, page in made.items():
        kept = (SAMPLES / name).read_text(encoding="utf-8")
        # Not by assert: the difference of two such pages would take minutes to print.
        if kept != page:
            pytest.fail(f"reports/samples/{name} is not what is written now: run make samples")
    total = sum(path.stat().st_size for path in SAMPLES.glob("*.html"))
    assert total < 1_500_000
