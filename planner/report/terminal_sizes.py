"""Sizes that were not measured, in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from planner.domain.curves import FittedCurves
from planner.domain.fitted_sizes import FittedSizes, SizePoint
from planner.report import wording_curves as wording
from planner.report.console import say, table
from planner.report.page import MISSING, Cell, Column
from planner.report.size_facts import measured_sentence, refusals, reliability, size_text
from planner.report.text import bucket_name
from planner.units import format_count

if TYPE_CHECKING:
    from rich.console import Console

MOST_N = 6
"""Sample counts of a table; more make another."""
NAME_WIDTH = 28
WIDTH = 100
"""Columns of a line of text."""


def print_sizes(console: Console, found: FittedCurves, *, quiet: bool = False) -> None:
    """Each regression over sizes: its predictions, and how far to trust them."""
    for sizes in found.sizes:
        say(console, wording.SIZES_OF.format(name=sizes.name), "bold")
        _predictions(console, sizes)
        for text in (measured_sentence(sizes), *reliability(sizes)):
            say(console, text, width=WIDTH)
        console.print()
    if not quiet:
        for text in refusals(found.sizes_refused):
            say(console, f"! {text}", "yellow", width=WIDTH)


def _predictions(console: Console, sizes: FittedSizes) -> None:
    ns = sorted({p.n_samples for p in sizes.predictions})
    rows: dict[tuple[float, str], dict[int, SizePoint]] = {}
    for p in sizes.predictions:
        rows.setdefault((p.params_b, p.bucket), {})[p.n_samples] = p
    for start in range(0, len(ns), MOST_N):
        here = ns[start : start + MOST_N]
        columns = (
            Column("Size, bucket", number=False),
            *(Column(f"n = {format_count(n, 9)}") for n in here),
        )
        table(console, "", columns, [_row(*k, at, here) for k, at in rows.items()], (NAME_WIDTH,))


def _row(
    size_b: float, bucket: str, at: dict[int, SizePoint], ns: Sequence[int]
) -> tuple[Cell, ...]:
    first = next(iter(at.values()))
    name = Cell(size_text(size_b) + wording.SIZE_MARK[first.measured], bucket_name(bucket))
    return (name, *(_accuracy(at.get(n)) for n in ns))


def _accuracy(p: SizePoint | None) -> Cell:
    if p is None:
        return Cell(MISSING)
    mark = "*" if p.extrapolated else ""
    return Cell(f"{p.accuracy * 100:.1f}{mark}", f"{p.low * 100:.1f} to {p.high * 100:.1f}")
