"""Every fitted curve in one table: what it is, what it tells, its accuracy at each n."""

from __future__ import annotations

from collections.abc import Sequence

from planner.domain.curves import FittedCurve, FittedCurves
from planner.report import wording_curves as wording
from planner.report.curve_changes import count_of
from planner.report.curve_facts import (
    accuracy_cell,
    ceiling_cell,
    end_gain_cell,
    fall_cell,
    family_cell,
    landmark_cell,
    saturation_cell,
)
from planner.report.curve_names import axes, method_name
from planner.report.page import Cell, Column, Section, Table
from planner.report.text import bucket_name, plus_minus

MOST_N = 8
"""Sample counts of a table that fits a printed page; more make another."""
WHO = (Column("Model, method", number=False), Column("Measured on", number=False))
FACTS = (
    *WHO,
    Column("Family and weight", number=False),
    Column("Ceiling", whole=True),
    Column("Saturates at n"),
    Column("Peak at n"),
    Column("Twice the samples", whole=True),
    Column("Falls", whole=True),
)
ONE_POINT = (*WHO, Column("n"), Column("Accuracy"))


def section(fitted: FittedCurves) -> Section:
    """In the order of the file: accuracies, what the curves tell, then what has one n only."""
    several = [curve for curve in fitted.curves if curve.family is not None]
    alone = [curve for curve in fitted.curves if curve.family is None]
    blocks: list[Table] = []
    if several:
        ns = sorted({p.n_samples for curve in several for p in curve.predictions})
        for start in range(0, len(ns), MOST_N):
            here = ns[start : start + MOST_N]
            columns = (*WHO, *(Column(f"n = {count_of(n)}", whole=True) for n in here))
            blocks.append(Table(columns, tuple(_accuracies(curve, here) for curve in several)))
        blocks.append(Table(FACTS, tuple(map(_facts, several)), wording.FACTS_CAPTION))
    if alone:
        blocks.append(Table(ONE_POINT, tuple(map(_point, alone)), wording.ONE_POINTS_CAPTION))
    lead = wording.LEAD["table"] if several else "" if alone else wording.NO_CURVES
    return Section("table", wording.TITLE["table"], lead, tuple(blocks))


def _accuracies(curve: FittedCurve, ns: Sequence[int]) -> tuple[Cell, ...]:
    at = {p.n_samples: p for p in curve.predictions}
    return (*_who(curve), *(accuracy_cell(at.get(n)) for n in ns))


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
        landmark_cell(curve.peak_n),
        end_gain_cell(curve),
        fall_cell(curve),
    )


def _who(curve: FittedCurve) -> tuple[Cell, Cell]:
    by = f" by {curve.verifier}" if curve.verifier else ""
    how = f"{method_name(curve.method)}{by}"
    return (
        Cell(curve.model, ", ".join(filter(None, (how, axes(curve))))),
        Cell(curve.question_set, bucket_name(curve.bucket)),
    )
