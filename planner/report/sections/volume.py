"""Cost against volume."""

from __future__ import annotations

from typing import Literal

from planner.domain.answer import Answer, VolumePoint
from planner.report import wording
from planner.report.charts import svg
from planner.report.charts import volume as chart
from planner.report.page import (
    MISSING,
    Block,
    Cell,
    Column,
    LegendEntry,
    Picture,
    Pictures,
    Section,
    Table,
    missing,
)
from planner.report.text import Sides
from planner.units import format_count, format_usd

MOST_ROWS = 16
"""Volumes in the table: enough to read off, few enough to print."""


def section(answer: Answer, sides: Sides) -> Section:
    """The stairs of every option, and the numbers at some of the volumes."""
    lines = _lines(answer, sides)
    blocks: tuple[Block, ...] = ()
    if len(answer.cost_by_volume) > 1 and lines:
        blocks = (Pictures((_picture(answer, lines),), _legend(lines)),)
    return Section("volume", wording.TITLE["volume"], wording.LEAD["volume"], blocks)


def _lines(answer: Answer, sides: Sides) -> dict[str, chart.Line]:
    labels = dict.fromkeys(
        label for point in answer.cost_by_volume for label in point.cost_usd_per_day
    )
    lines: dict[str, chart.Line] = {}
    for label in labels:
        side = sides.of(label) or 0
        rank = sum(line.side == side for line in lines.values())
        lines[label] = chart.Line(label, side, rank)
    return lines


def _legend(lines: dict[str, chart.Line]) -> tuple[LegendEntry, ...]:
    marks: tuple[Literal["side", "dashed", "dotted"], ...] = ("side", "dashed", "dotted")
    return tuple(
        LegendEntry(line.label, side=line.side, mark=marks[min(line.rank, 2)])
        for line in lines.values()
    )


def _picture(answer: Answer, lines: dict[str, chart.Line]) -> Picture:
    points = answer.cost_by_volume
    first, last = points[0], points[-1]
    alt = " ".join(
        f"{label}: {_usd(first, label)} a day at {format_count(first.queries_per_day)} queries a"
        f" day, {_usd(last, label)} at {format_count(last.queries_per_day)}."
        for label in lines
    )
    markup = svg.draw(
        chart.volume_chart(points, lines, answer.queries_per_day),
        "chart-volume", wording.VOLUME_PICTURE, alt,
    )  # fmt: skip
    return Picture(
        "chart-volume", wording.VOLUME_PICTURE, wording.VOLUME_HOW, alt, markup,
        _numbers(answer, lines),
    )  # fmt: skip


def _numbers(answer: Answer, lines: dict[str, chart.Line]) -> Table:
    points = answer.cost_by_volume
    every = -(-len(points) // MOST_ROWS)
    columns = (Column("Queries a day"), *(Column(label) for label in lines))
    rows = tuple(
        (Cell(format_count(p.queries_per_day)), *(_cell(p, label) for label in lines))
        for p in points[::every]
    )
    return Table(columns, rows)


def _cell(point: VolumePoint, label: str) -> Cell:
    usd, gpus = point.cost_usd_per_day.get(label), point.gpus.get(label)
    if usd is None:
        return missing("not priced at this volume")
    return Cell(format_usd(usd), f"{gpus} GPUs" if gpus else None)


def _usd(point: VolumePoint, label: str) -> str:
    usd = point.cost_usd_per_day.get(label)
    return MISSING if usd is None else format_usd(usd)
