"""Accuracy over n and depth, or n and thinking tokens: a table for each surface."""

from __future__ import annotations

from collections.abc import Sequence

from planner.domain.curves import FittedCurves
from planner.domain.fitted_surface import FittedSurface, SurfacePoint
from planner.report import wording_curves as wording
from planner.report.curve_changes import count_of
from planner.report.curve_names import method_name, place_name
from planner.report.page import MISSING, Cell, Column, Section, Table
from planner.units import format_count

MOST_PLACES = 8
"""Depths, or numbers of tokens, of a table that fits a printed page; more make another."""


def section(fitted: FittedCurves) -> Section | None:
    """None where nothing was measured at several n and several depths or numbers of tokens."""
    tables = [table for surface in fitted.surfaces for table in _tables(surface)]
    if not tables:
        return None
    return Section("surfaces", wording.TITLE["surfaces"], wording.LEAD["surfaces"], tuple(tables))


def _tables(surface: FittedSurface) -> list[Table]:
    places = sorted({surface.place(p) for p in surface.predictions})
    starts = range(0, len(places), MOST_PLACES)
    return [_table(surface, places[start : start + MOST_PLACES]) for start in starts]


def _table(surface: FittedSurface, places: Sequence[int]) -> Table:
    axis = surface.axes[1]
    at = {(p.n_samples, surface.place(p)): p for p in surface.predictions}
    titles = [wording.ALONG[axis].format(value=count_of(place)) for place in places]
    columns = (
        Column(wording.SURFACE_ROWS, number=False),
        *(Column(title, whole=True) for title in titles),
    )
    rows = tuple(
        (Cell(f"n = {format_count(n, 9)}"), *(_accuracy(at.get((n, place))) for place in places))
        for n in sorted({p.n_samples for p in surface.predictions})
    )
    return Table(columns, rows, _name(surface))


def _accuracy(p: SurfacePoint | None) -> Cell:
    if p is None:
        return Cell(MISSING)
    mark = wording.SURFACE_MARK[p.basis]
    return Cell(f"{p.accuracy * 100:.1f}{mark}", f"± {(p.high - p.low) * 50:.1f}")


def _name(surface: FittedSurface) -> str:
    by = f" by {surface.verifier}" if surface.verifier else ""
    more = (
        f", width {surface.width}" if surface.width is not None else "",
        f", temperature {surface.temperature:g}" if surface.temperature is not None else "",
    )
    where = place_name(surface.question_set, surface.bucket)
    return f"{surface.model}, {method_name(surface.method)}{by}{''.join(more)}: {where}."
