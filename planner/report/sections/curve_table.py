"""Every fitted curve in one table: what it is, what it tells, its accuracy at each n."""

from __future__ import annotations

from collections.abc import Sequence

from planner.domain.curves import Axis, FittedCurve, FittedCurves
from planner.report import wording_curves as wording
from planner.report.curve_changes import count_of
from planner.report.curve_facts import (
    accuracy_cell,
    ceiling_cell,
    end_gain_cell,
    fall_cell,
    family_cell,
    peak_cell,
    saturation_cell,
)
from planner.report.curve_names import axes, fixed_n, method_name
from planner.report.page import Cell, Column, Section, Table
from planner.report.text import bucket_name, plus_minus

MOST_N = 8
"""Sample counts of a table that fits a printed page; more make another."""
WHO = (Column("Model, method", number=False), Column("Measured on", number=False))
FACTS = (
    *WHO,
    Column("Family and weight", number=False),
    Column("Ceiling", whole=True),
    Column("Saturates at"),
    Column("Peak at"),
    Column("Twice the samples", whole=True),
    Column("Falls", whole=True),
)
ONE_POINT = (*WHO, Column("n"), Column("Accuracy"))


def section(fitted: FittedCurves) -> Section:
    """In the order of the file: accuracies, what the curves tell, then what has one n only."""
    several = [curve for curve in fitted.curves if curve.family is not None]
    alone = [curve for curve in fitted.curves if curve.family is None]
    blocks: list[Table] = []
    for axis in wording.ALONG:
        blocks += _along([curve for curve in several if curve.axis == axis], axis)
    if alone:
        blocks.append(Table(ONE_POINT, tuple(map(_point, alone)), wording.ONE_POINTS_CAPTION))
    lead = wording.LEAD["table"] if several else "" if alone else wording.NO_CURVES
    return Section("table", wording.TITLE["table"], lead, tuple(blocks))


def _along(curves: Sequence[FittedCurve], axis: Axis) -> list[Table]:
    """Accuracies along an axis, in tables that fit, then what the curves tell."""
    places = sorted({curve.value_of(p) for curve in curves for p in curve.predictions})
    tables = []
    for start in range(0, len(places), MOST_N):
        here = places[start : start + MOST_N]
        titles = [wording.ALONG[axis].format(value=count_of(place)) for place in here]
        columns = (*WHO, *(Column(title, whole=True) for title in titles))
        rows = tuple(_accuracies(curve, here) for curve in curves)
        tables.append(Table(columns, rows, wording.ALONG_CAPTION[axis] or None))
    if tables:
        over_n = axis == "n_samples"
        facts = FACTS if over_n else FACTS[:-2]
        rows = tuple(_facts(curve)[: len(facts)] for curve in curves)
        tables.append(Table(facts, rows, wording.FACTS_CAPTION if over_n else None))
    return tables


def _accuracies(curve: FittedCurve, places: Sequence[int]) -> tuple[Cell, ...]:
    at = {curve.value_of(p): p for p in curve.predictions}
    return (*_who(curve), *(accuracy_cell(at.get(place)) for place in places))


def _point(curve: FittedCurve) -> tuple[Cell, ...]:
    point = curve.points()[0]
    return (
        *_who(curve),
        Cell(count_of(point.n_samples)),
        Cell(plus_minus(point.accuracy, point.low, point.high)),
    )


def _facts(curve: FittedCurve) -> tuple[Cell, ...]:
    return (
        *_who(curve),
        family_cell(curve),
        ceiling_cell(curve),
        saturation_cell(curve),
        peak_cell(curve),
        end_gain_cell(curve),
        fall_cell(curve),
    )


def _who(curve: FittedCurve) -> tuple[Cell, Cell]:
    by = f" by {curve.verifier}" if curve.verifier else ""
    how = f"{method_name(curve.method)}{by}"
    return (
        Cell(curve.model, ", ".join(filter(None, (how, fixed_n(curve), axes(curve))))),
        Cell(curve.question_set, bucket_name(curve.bucket)),
    )
