"""Accuracy against samples on one bucket: bands, measured points, what is beyond the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from planner.domain.pictured import AnswerCurve, CurvePoint
from planner.report import wording
from planner.report.charts import style
from planner.units import format_percent

if TYPE_CHECKING:
    import altair as alt

DASHES: dict[str, list[float]] = {
    "solid": [1, 0],
    "beyond the data": [6, 4],
    "no data between": [1.5, 3.5],
}
"""How a line is drawn, by what it rests on."""
POINT = 40
"""Area of a measured point, square pixels."""
LEAST_TOP = 0.01
"""Highest accuracy of an axis where nothing is ever right."""


@dataclass(frozen=True)
class Level:
    """Accuracy of a side whose n is fixed: a horizontal line."""

    side: int
    accuracy: float
    low: float
    high: float


def accuracy_chart(
    curves: Sequence[AnswerCurve], levels: Sequence[Level], noted: bool = True
) -> style.Spec:
    """Curves and levels of one bucket; n on a log axis, accuracy from zero.

    noted: far gaps are told in words at each curve; where many cross, a legend has to.
    """
    import altair as alt

    points = [point for curve in curves for point in curve.points]
    most_n = max((point.n_samples for point in points), default=2.0)
    top = max([point.high for point in points] + [level.high for level in levels])
    ticks = style.even_ticks(max(top, LEAST_TOP))
    x = alt.X(
        "n:Q",
        scale=style.log_scale((1.0, max(most_n, 2.0)), base=2),
        axis=style.axis("samples n", style.doublings(most_n), style.short_count, grid=False),
    )
    y = alt.Y(
        "accuracy:Q",
        scale=style.linear_scale((0.0, ticks[-1])),
        axis=style.axis("accuracy", ticks, format_percent),
    )
    layers: list[alt.Chart] = []
    ends: dict[float, list[tuple[int, float]]] = {}
    for curve in curves:
        layers += _curve(curve, x, y, noted) if len(curve.points) > 1 else _single(curve, x, y)
        last = max(curve.points, key=lambda point: point.n_samples)
        ends.setdefault(last.n_samples, []).append((curve.side, last.accuracy))
    for level in levels:
        layers += _level(level, max(most_n, 2.0), x, y)
        ends.setdefault(max(most_n, 2.0), []).append((level.side, level.accuracy))
    gap = style.LETTER_GAP * ticks[-1]
    for n, here in ends.items():
        for side, height in style.apart(here, gap, ticks[-1]):
            layers.append(style.letter(side, {"n": n, "accuracy": height}, x, y))
    return style.layered(layers, style.WIDTH, style.HEIGHT)


def _single(curve: AnswerCurve, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """A dot with its interval as a bar: nothing is known at any other n."""
    import altair as alt

    colour = style.side_colour(curve.side)
    point = curve.points[0]
    at = {"n": point.n_samples, "accuracy": point.accuracy}
    bar = {**at, "accuracy": point.low, "high": point.high}
    return [
        alt.Chart(style.rows([bar]))
        .mark_rule(color=colour, strokeWidth=3, opacity=0.4)
        .encode(x, y, y2=alt.Y2("high:Q")),
        alt.Chart(style.rows([at]))
        .mark_point(
            color=colour, fill=colour, size=POINT, opacity=1, shape=style.side_shape(curve.side)
        )
        .encode(x, y),
    ]


def _curve(curve: AnswerCurve, x: alt.X, y: alt.Y, noted: bool) -> list[alt.Chart]:
    import altair as alt

    colour = style.side_colour(curve.side)
    points = sorted(curve.points, key=lambda point: point.n_samples)
    band = [{"n": p.n_samples, "accuracy": p.low, "high": p.high} for p in points]
    layers = [
        alt.Chart(style.rows(band))
        .mark_area(color=colour, opacity=0.16)
        .encode(x, y, y2=alt.Y2("high:Q"))
    ]
    for looks, run in _runs(points, curve.far_gaps):
        line = [{"n": p.n_samples, "accuracy": p.accuracy} for p in run]
        layers.append(
            alt.Chart(style.rows(line))
            .mark_line(color=colour, strokeWidth=2.2, strokeDash=DASHES[looks])
            .encode(x, y)
        )
    measured = [{"n": p.n_samples, "accuracy": p.accuracy} for p in points if p.basis == "measured"]
    layers.append(
        alt.Chart(style.rows(measured))
        .mark_point(
            color=colour, fill=colour, size=POINT, opacity=1, shape=style.side_shape(curve.side)
        )
        .encode(x, y)
    )
    notes = [_gap_note(points, gap) for gap in curve.far_gaps if noted]
    if notes:
        layers.append(
            alt.Chart(style.rows(notes))
            .mark_text(dy=-10, fontSize=11, fontStyle="italic", color=style.MUTED)
            .encode(x, y, text=alt.Text("text:N"))
        )
    return layers


def _runs(
    points: Sequence[CurvePoint], far_gaps: Sequence[tuple[float, float]]
) -> list[tuple[str, list[CurvePoint]]]:
    """Stretches of a curve that look alike; neighbours share their end point."""
    runs: list[tuple[str, list[CurvePoint]]] = []
    for left, right in pairwise(points):
        looks = _looks(left, right, far_gaps)
        if runs and runs[-1][0] == looks:
            runs[-1][1].append(right)
        else:
            runs.append((looks, [left, right]))
    return runs


def _looks(left: CurvePoint, right: CurvePoint, far_gaps: Sequence[tuple[float, float]]) -> str:
    if "extrapolated" in (left.basis, right.basis):
        return "beyond the data"
    within = any(low <= left.n_samples and right.n_samples <= high for low, high in far_gaps)
    return "no data between" if within else "solid"


def _gap_note(points: Sequence[CurvePoint], gap: tuple[float, float]) -> dict[str, Any]:
    middle = (gap[0] * gap[1]) ** 0.5
    nearest = min(points, key=lambda point: abs(point.n_samples - middle))
    return {"n": middle, "accuracy": nearest.high, "text": "interpolated, no data"}


def _level(level: Level, most_n: float, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    import altair as alt

    colour = style.side_colour(level.side)
    ends = [{"n": n, "accuracy": level.low, "high": level.high} for n in (1.0, most_n)]
    line = [{"n": n, "accuracy": level.accuracy} for n in (1.0, most_n)]
    return [
        alt.Chart(style.rows(ends))
        .mark_area(color=colour, opacity=0.12)
        .encode(x, y, y2=alt.Y2("high:Q")),
        alt.Chart(style.rows(line)).mark_line(color=colour, strokeWidth=2.2).encode(x, y),
    ]


def numbers(
    curves: Sequence[AnswerCurve], levels: Sequence[Level]
) -> list[tuple[int, str, str, str, str]]:
    """(side, n, accuracy, interval, what it rests on) of what the chart draws, at whole n."""
    found = [
        (level.side, ANY_N, format_percent(level.accuracy), _interval(level), wording.FIXED_N)
        for level in levels
    ]
    for curve in curves:
        ordered = sorted(curve.points, key=lambda point: point.n_samples)
        found += [
            (
                curve.side,
                style.short_count(point.n_samples),
                format_percent(point.accuracy),
                _interval(point),
                wording.BASIS[point.basis],
            )
            for point in ordered
            if point.basis == "measured" or point.n_samples.is_integer()
        ]
    return found


ANY_N = "any"
"""A level holds whatever the other side's n."""


def _interval(point: CurvePoint | Level) -> str:
    return f"{format_percent(point.low)} to {format_percent(point.high)}"
