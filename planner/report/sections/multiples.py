"""Accuracy against samples of fitted curves: a small chart a question set and bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from planner.domain.curves import FittedCurve, FittedCurves, Series
from planner.domain.observation import ALL
from planner.domain.pictured import AnswerCurve
from planner.report import wording_curves as wording
from planner.report.charts import accuracy, style, svg
from planner.report.curve_names import listed, many, place_name, series_names
from planner.report.page import (
    Block,
    Cell,
    Column,
    LegendEntry,
    Picture,
    Pictures,
    Section,
    Sentences,
    Table,
)
from planner.units import format_count, format_percent

MOST_DRAWN = len(style.SIDES)
"""Curves of a chart: as many as there are colours that can be told apart."""
MOST_CHARTS = 36
"""Charts of a page; a browser and a reader have enough of them then."""

ONE_SAMPLE = "sampled"

COLUMNS = (
    Column("Curve", number=False),
    Column("n"),
    Column("Accuracy"),
    Column("90% interval"),
    Column("Rests on", number=False),
)


@dataclass(frozen=True)
class Chart:
    """What is drawn of one bucket."""

    key: str
    question_set: str
    bucket: str
    curves: tuple[AnswerCurve, ...]
    """Those of several points, or of one point of a method that takes samples."""
    levels: tuple[AnswerCurve, ...]
    """Single points of methods whose n is fixed."""

    @property
    def climbs(self) -> bool:
        """Whether there is any accuracy against n to draw."""
        return any(len(curve.points) > 1 for curve in self.curves)


def section(fitted: FittedCurves) -> Section:
    """The charts of each question set, with a legend of its own."""
    names = series_names(fitted.curves)
    blocks: list[Block] = []
    without: list[str] = []
    waiting = 0
    room = MOST_CHARTS
    how = wording.HOW
    numbers = count()
    for question_set in dict.fromkeys(curve.question_set for curve in fitted.curves):
        here = [curve for curve in fitted.curves if curve.question_set == question_set]
        ranked = most_accurate(here)
        sides = {series: side for side, series in enumerate(ranked[:MOST_DRAWN])}
        charts = [
            _chart(f"chart-curve-{next(numbers)}", here, sides, bucket) for bucket in _buckets(here)
        ]
        without += [place_name(question_set, c.bucket) for c in charts if not c.climbs]
        charts = [c for c in charts if c.climbs]
        drawn, waiting = charts[:room], waiting + len(charts[room:])
        room -= len(drawn)
        if drawn and len(ranked) > len(sides):
            blocks.append(Sentences((_selection(question_set, len(ranked), len(sides)),)))
        if drawn:
            blocks.append(_pictures(drawn, {side: names[s] for s, side in sides.items()}, how))
            how = ""
    if waiting:
        beyond = wording.CHARTS_LEFT.format(count=_charts(waiting), most=MOST_CHARTS)
        blocks.append(Sentences((beyond,)))
    if without:
        verb = "was" if len(without) == 1 else "were"
        places = listed(without, "question set and bucket", MOST_DRAWN)
        blocks.append(Sentences((wording.NO_CHART.format(places=f"{places} {verb}"),)))
    return Section("curves", wording.TITLE["curves"], wording.LEAD["curves"], tuple(blocks))


def most_accurate(curves: Sequence[FittedCurve]) -> list[Series]:
    """Models with their methods, the most accurate first, on one question set.

    What can be bought and has a curve stands first, then what was measured at one n, then coverage;
    where nothing that can be bought has a curve, coverage goes before the single points: they would
    be flat lines beneath it. One sample is left out where a curve of its model starts from it. On
    the whole set, or in the mean over the buckets measured.
    """
    found: dict[Series, list[FittedCurve]] = {}
    for curve in curves:
        found.setdefault(curve.series, []).append(curve)
    started = {(c.model, c.temperature) for c in curves if _climbs(c) and 1 in c.n_measured}
    bought = any(_climbs(c) and c.buyable for c in curves)

    def rank(series: Series) -> tuple[int, float]:
        parts = found[series]
        whole = [part for part in parts if part.bucket == ALL] or parts
        best = [max((p.accuracy for p in part.known()), default=0.0) for part in whole]
        alone = 1 if bought else 3
        drawn_as = 0 if parts[0].buyable else 2
        kind = drawn_as if any(map(_climbs, parts)) else alone
        return kind, -sum(best) / len(best)

    drawn = [
        s
        for s, (c, *_) in found.items()
        if c.method != ONE_SAMPLE or (c.model, c.temperature) not in started
    ]
    return sorted(drawn, key=rank)


def _climbs(curve: FittedCurve) -> bool:
    return len(curve.known()) > 1


def _buckets(curves: Sequence[FittedCurve]) -> list[str]:
    """The whole set first, then the buckets as they come."""
    return sorted(dict.fromkeys(curve.bucket for curve in curves), key=lambda name: name != ALL)


def _chart(
    key: str, curves: Sequence[FittedCurve], sides: Mapping[Series, int], bucket: str
) -> Chart:
    several: list[AnswerCurve] = []
    levels: list[AnswerCurve] = []
    for curve in curves:
        points = curve.points()
        if curve.bucket != bucket or curve.series not in sides or not points:
            continue
        drawn = AnswerCurve(
            label=curve.model,
            side=sides[curve.series],
            bucket=bucket,
            points=points,
            far_gaps=curve.far_gaps,
        )
        fixed = len(points) == 1 and not curve.takes_samples
        (levels if fixed else several).append(drawn)
    return Chart(key, curves[0].question_set, bucket, tuple(several), tuple(levels))


def _selection(question_set: str, total: int, shown: int) -> str:
    return wording.DRAWN.format(
        question_set=question_set, shown=shown, total=format_count(total), more=total - shown
    )


def _charts(number: int) -> str:
    return f"{many(number, 'chart')} {'is' if number == 1 else 'are'}"


def _pictures(charts: Sequence[Chart], names: Mapping[int, str], how: str) -> Pictures:
    pictures = tuple(_picture(chart, names, how) for chart in charts)
    return Pictures(pictures, _legend(charts, names))


def _legend(charts: Sequence[Chart], names: Mapping[int, str]) -> tuple[LegendEntry, ...]:
    curves = [curve for chart in charts for curve in (*chart.curves, *chart.levels)]
    drawn = {curve.side for curve in curves}
    entries = [
        LegendEntry(name, side=side, mark="curve") for side, name in names.items() if side in drawn
    ]
    entries.append(LegendEntry("measured", mark="point"))
    if any(point.basis == "extrapolated" for curve in curves for point in curve.points):
        entries.append(LegendEntry("beyond the data", mark="dashed"))
    if any(curve.far_gaps for curve in curves):
        entries.append(LegendEntry("interpolated, no data", mark="dotted"))
    entries.append(LegendEntry("90% interval", mark="band"))
    return tuple(entries)


def _picture(chart: Chart, names: Mapping[int, str], how: str) -> Picture:
    title = place_name(chart.question_set, chart.bucket)
    levels = [_level(curve) for curve in chart.levels]
    alt = " ".join(_words(curve, names) for curve in (*chart.curves, *chart.levels))
    markup = svg.draw(
        accuracy.accuracy_chart(chart.curves, levels, noted=False), chart.key, title, alt
    )
    rows = tuple(
        (Cell(style.side_letter(side), side=side), *(Cell(text) for text in texts))
        for side, *texts in accuracy.numbers(chart.curves, levels)
    )
    return Picture(chart.key, title, how, alt, markup, Table(COLUMNS, rows))


def _level(curve: AnswerCurve) -> accuracy.Level:
    point = curve.points[0]
    return accuracy.Level(curve.side, point.accuracy, point.low, point.high)


def _words(curve: AnswerCurve, names: Mapping[int, str]) -> str:
    known = [point for point in curve.points if point.basis != "extrapolated"] or curve.points
    said = dict.fromkeys(
        f"{format_percent(point.accuracy)} at n = {point.n_samples:g}"
        for point in (known[0], known[-1])
    )
    return f"{names[curve.side]}: {', '.join(said)}."
