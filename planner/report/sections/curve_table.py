"""Every fitted curve in one table: what it is, what it tells, its accuracy at each n."""

from __future__ import annotations

from collections.abc import Sequence

from planner.domain.curves import FittedCurve, FittedCurves, Prediction
from planner.report import wording_curves as wording
from planner.report.curve_changes import count_of, saturation_n
from planner.report.curve_names import axes, method_name
from planner.report.page import MISSING, Cell, Column, Section, Table, missing
from planner.report.text import bucket_name

FACTS = (
    Column("Model, method", number=False),
    Column("Measured on", number=False),
    Column("Family", number=False),
    Column("Ceiling"),
    Column("Saturates at n"),
    Column("Peak at n"),
)


def section(fitted: FittedCurves) -> Section:
    """All curves, in the order of the file."""
    ns = sorted({p.n_samples for curve in fitted.curves for p in curve.predictions})
    columns = (*FACTS, *(Column(f"n = {count_of(n)}") for n in ns))
    rows = tuple(_row(curve, ns) for curve in fitted.curves)
    blocks = (Table(columns, rows),) if rows else ()
    lead = wording.LEAD["table"] if rows else wording.NO_CURVES
    return Section("table", wording.TITLE["table"], lead, blocks)


def _row(curve: FittedCurve, ns: Sequence[int]) -> tuple[Cell, ...]:
    at = {p.n_samples: p for p in curve.predictions}
    by = f" by {curve.verifier}" if curve.verifier else ""
    how = f"{method_name(curve.method)}{by}"
    return (
        Cell(curve.model, ", ".join(filter(None, (how, axes(curve))))),
        Cell(curve.question_set, bucket_name(curve.bucket)),
        _family(curve),
        Cell(MISSING if curve.ceiling is None else f"{curve.ceiling * 100:.1f}"),
        _landmark(saturation_n(curve)),
        _landmark(curve.peak_n),
        *(_accuracy(at.get(n)) for n in ns),
    )


def _family(curve: FittedCurve) -> Cell:
    if curve.family is None:
        return missing("one\N{NO-BREAK SPACE}point")
    return Cell(
        curve.family.replace("_", " "), None if curve.status == "fitted" else _status(curve)
    )


def _status(curve: FittedCurve) -> str:
    return curve.status.replace("_", " ")


def _landmark(n: float | None) -> Cell:
    return Cell(MISSING if n is None else count_of(n))


def _accuracy(p: Prediction | None) -> Cell:
    if p is None:
        return Cell(MISSING)
    mark = "*" if p.extrapolated else ""
    return Cell(
        f"{p.accuracy * 100:.1f}{mark}", f"±\N{NO-BREAK SPACE}{(p.high - p.low) / 2 * 100:.1f}"
    )
