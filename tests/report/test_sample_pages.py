"""The example pages in the repository are those that the planner writes."""

from __future__ import annotations

import math
import re

import pytest
from samples import SAMPLES, pages

PICTURE = re.compile(r"<svg.*?</svg>", re.DOTALL)
WRITTEN = re.compile(r">([^<>]+)<")
PACKED = re.compile(r"[A-Za-z0-9+/=]{200,}")
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def told(page: str) -> tuple[str, list[float]]:
    """What a page says, and its numbers: where letters stand in pictures is the machine's fonts',
    and the last digits of numbers are its processor's.
    """
    page = PICTURE.sub(lambda picture: " ".join(WRITTEN.findall(picture[0])), page)
    page = PACKED.sub(lambda block: f"{len(block[0])} letters", page)
    return NUMBER.sub("#", page), [float(number) for number in NUMBER.findall(page)]


def test_the_samples_are_what_the_planner_writes_but_for_fonts_and_last_digits() -> None:
    made = pages()
    assert sorted(made) == sorted(path.name for path in SAMPLES.glob("*.html"))
    for name, page in made.items():
        kept_words, kept_numbers = told((SAMPLES / name).read_text(encoding="utf-8"))
        words, numbers = told(page)
        same = words == kept_words and len(numbers) == len(kept_numbers)
        pairs = zip(numbers, kept_numbers, strict=True) if same else ()
        apart = [(a, b) for a, b in pairs if not math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)]
        # Not by assert: the difference of two such pages would take minutes to print.
        if not same or apart:
            found = apart[:5] or "other words"
            pytest.fail(
                f"reports/samples/{name} is not what is written now ({found}): make samples"
            )
    total = sum(path.stat().st_size for path in SAMPLES.glob("*.html"))
    assert total < 1_500_000
