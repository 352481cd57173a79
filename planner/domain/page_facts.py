"""What a page tells beside an answer or a plan: what was read, and what changes against today."""

from __future__ import annotations

from planner.domain.base import Strict
from planner.domain.report import SectionName


class DataRead(Strict):
    """One file of observations."""

    file: str
    sha256: str
    rows: int
    rows_used: int
    """Of the models that are compared."""


class Made(Strict):
    """How a result was made: with the seed, draws and version beside it enough to make it again."""

    title: str | None = None
    sections: tuple[SectionName, ...] = ()
    """Of the page; empty: all there are."""
    command: str = ""
    data: tuple[DataRead, ...] = ()
    repaired: tuple[str, ...] = ()
    """What was understood or repaired on reading."""
    sources: tuple[str, ...] = ()
    """Where the measured accuracies come from."""


class Change(Strict):
    """A query class, or a bucket of it, before and after. Dollars are allocated by GPU-seconds."""

    query_class: str
    bucket: str
    queries_per_day: float
    before: str
    after: str
    accuracy_before: float
    accuracy_after: float
    usd_per_day_before: float
    usd_per_day_after: float
