"""Accuracy against samples: one picture a bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.domain.answer import Answer
from planner.domain.pictured import AnswerCurve
from planner.domain.plan import PlanAnswer
from planner.report import wording, wording_plan
from planner.report.charts import accuracy as chart
from planner.report.charts import style, svg
from planner.report.page import (
    Block,
    Cell,
    Column,
    LegendEntry,
    Picture,
    Pictures,
    Section,
    Table,
)
from planner.report.text import Sides, bucket_name
from planner.units import format_percent

COLUMNS = (
    Column("Side", number=False),
    Column("n"),
    Column("Accuracy"),
    Column("90% interval"),
    Column("Rests on", number=False),
)


def section(answer: Answer, sides: Sides) -> Section:
    """All buckets that any side was measured on, the whole set first."""
    buckets = tuple(dict.fromkeys(curve.bucket for curve in answer.curves))
    pictures = tuple(
        _picture(answer, sides, bucket, f"chart-curve-{i}") for i, bucket in enumerate(buckets)
    )
    lead = wording.LEAD["curves"].format(question_set=answer.question_set)
    blocks: tuple[Block, ...] = (Pictures(pictures, _legend(answer, sides)),) if pictures else ()
    return Section("curves", wording.TITLE["curves"], lead, blocks)


def plan_section(plan: PlanAnswer) -> Section | None:
    """The curves that the options of a plan stand on; None where it carries none."""
    curves = plan.curves
    if not curves:
        return None
    names = {c.side: c.label + wording_plan.OF_SIDE.get(c.side, "") for c in curves}
    pictures = tuple(
        _drawn(
            [curve for curve in curves if curve.bucket == bucket],
            names,
            bucket_name(bucket).capitalize(),
            f"chart-curve-{i}",
        )
        for i, bucket in enumerate(dict.fromkeys(curve.bucket for curve in curves))
    )
    blocks: tuple[Block, ...] = (Pictures(pictures, _legend_of(curves, names)),)
    return Section("curves", wording.TITLE["curves"], wording_plan.LEAD["curves"], blocks)


def _legend(answer: Answer, sides: Sides) -> tuple[LegendEntry, ...]:
    return _legend_of(answer.curves, sides.names)


def _legend_of(curves: Sequence[AnswerCurve], names: Mapping[int, str]) -> tuple[LegendEntry, ...]:
    entries = [LegendEntry(name, side=side, mark="curve") for side, name in sorted(names.items())]
    entries.append(LegendEntry("measured", mark="point"))
    points = [point for curve in curves for point in curve.points]
    if any(point.basis == "extrapolated" for point in points):
        entries.append(LegendEntry("beyond the data", mark="dashed"))
    if any(curve.far_gaps for curve in curves):
        entries.append(LegendEntry("interpolated, no data", mark="dotted"))
    entries.append(LegendEntry("90% interval", mark="band"))
    return tuple(entries)


def _picture(answer: Answer, sides: Sides, bucket: str, key: str) -> Picture:
    here = [curve for curve in answer.curves if curve.bucket == bucket]
    absent = sorted(set(sides.names) - {curve.side for curve in here})
    note = "; ".join(
        f"{style.side_letter(side)} is left out: {_reason(answer, side, bucket)}" for side in absent
    )
    return _drawn(here, sides.names, _title(answer.question_set, bucket), key, note)


def _drawn(
    here: Sequence[AnswerCurve], names: Mapping[int, str], title: str, key: str, note: str = ""
) -> Picture:
    """The curves of one bucket."""
    drawn = [curve for curve in here if len(curve.points) > 1]
    levels = [_level(curve) for curve in here if len(curve.points) == 1]
    alt = " ".join(
        [_curve_words(names, curve) for curve in drawn]
        + [f"{names[level.side]}: {format_percent(level.accuracy)}." for level in levels]
    )
    markup = svg.draw(chart.accuracy_chart(drawn, levels), key, title, alt)
    rows = tuple(
        (Cell(style.side_letter(side), side=side), *(Cell(text) for text in texts))
        for side, *texts in chart.numbers(drawn, levels)
    )
    return Picture(key, title, wording.CURVE_HOW, alt, markup, Table(COLUMNS, rows), note or None)


def _title(question_set: str, bucket: str) -> str:
    """Names the bucket once, also where the buckets are whole question sets."""
    return bucket if bucket in question_set else f"{question_set}, {bucket_name(bucket)}"


def _level(curve: AnswerCurve) -> chart.Level:
    point = curve.points[0]
    return chart.Level(curve.side, point.accuracy, point.low, point.high)


def _curve_words(names: Mapping[int, str], curve: AnswerCurve) -> str:
    ordered = sorted(curve.points, key=lambda point: point.n_samples)
    measured = [point for point in ordered if point.basis == "measured"] or ordered
    first, last = measured[0], measured[-1]
    name = names.get(curve.side, curve.label)
    return (
        f"{name}: {format_percent(first.accuracy)} at n = {first.n_samples:g},"
        f" {format_percent(last.accuracy)} at n = {last.n_samples:g}."
    )


def _reason(answer: Answer, side: int, bucket: str) -> str:
    for option in answer.options:
        for found in option.by_bucket:
            if option.side == side and found.bucket == bucket and found.reason:
                return found.reason
    return wording.NOT_BY_BUCKET
