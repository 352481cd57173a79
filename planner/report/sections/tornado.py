"""What a result hangs on, and who wins at other volumes and prices."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import count

from planner.domain.tornado import TornadoBar, TornadoOf, WinnerMap
from planner.report import wording_plan as words
from planner.report.charts import style, svg
from planner.report.charts.tornado import tornado_chart, winners_chart
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
)
from planner.units import format_count, format_percent, format_usd

COLUMNS = (
    Column("Input", number=False),
    Column("Low end"),
    Column("Comes to"),
    Column("High end"),
    Column("Comes to"),
    Column("Changes who wins", number=False),
)
MOST_BARS = 12
SMALLEST = 1e-3
"""Bars shorter than this part of the outcome are in the table alone."""
FIRST_SIDE = 2
"""Of winners that are no side of the question; before it come the plan and its baseline."""


def section(of: TornadoOf | None, bars: Sequence[TornadoBar]) -> Section | None:
    """The widest bars; None where there are none."""
    if of is None or not bars:
        return None
    write = _writer(of.unit)
    known = [b for b in bars if b.value_low is not None or b.value_high is not None]
    shown = [b for b in known if b.width > SMALLEST * abs(of.value)][:MOST_BARS]
    rows = tuple(_row(bar, write) for bar in bars)
    table = Table(COLUMNS, rows)
    blocks: tuple[Block, ...] = (table,)
    if shown:
        title = words.TORNADO_PICTURE
        alt = " ".join(
            f"{b.input}: {_text(b.value_low, write)} to {_text(b.value_high, write)}."
            for b in shown
        )
        chart = tornado_chart(shown, of.value, of.what, write)
        markup = svg.draw(chart, "chart-tornado", title, alt)
        picture = Picture("chart-tornado", title, words.TORNADO_HOW, alt, markup, table)
        blocks = (Pictures((picture,)),)
    changing = [bar.input for bar in bars if bar.changes_winner]
    lead = words.TORNADO.format(what=of.what, value=write(of.value))
    lead += " " + (words.CHANGING.format(inputs=", ".join(changing)) if changing else words.STEADY)
    return Section("tornado", words.TITLE["tornado"], lead, blocks)


def winners_section(
    found: WinnerMap | None,
    side_of: Callable[[str], int | None],
    taken: Collection[int] = (),
) -> Section | None:
    """The map of winners; side_of: the side of a label, None for a stranger.

    taken: sides of other options of the page, which no stranger may have.
    """
    if found is None or not found.winners:
        return None
    known = [side_of(label) for label in found.winners]
    free = (side for side in count(FIRST_SIDE) if side not in {*taken, *known})
    sides = [next(free) if side is None else side for side in known]
    title = words.WINNERS_PICTURE
    columns = (Column("Queries a day"), *(Column(f"×{p:g}") for p in found.price_factors))
    rows = tuple(
        (Cell(format_count(v)), *(_winner(found, i, k) for k in range(len(found.price_factors))))
        for i, v in enumerate(found.volumes_per_day)
    )
    alt = " ".join(f"{' '.join(cell.text for cell in row)}." for row in rows)
    markup = svg.draw(winners_chart(found, sides), "chart-winners", title, alt)
    legend = tuple(
        LegendEntry(label, side=side, mark="band")
        for label, side in zip(found.winners, sides, strict=True)
    )
    picture = Picture("chart-winners", title, words.WINNERS_HOW, alt, markup, Table(columns, rows))
    blocks = (Pictures((picture,), legend),)
    return Section("winners", words.TITLE["winners"], words.WINNERS, blocks)


def _winner(found: WinnerMap, volume: int, price: int) -> Cell:
    place, chance = found.winner[volume][price], found.probability[volume][price]
    if place < 0:
        return Cell(MISSING, "nobody")
    return Cell(found.winners[place], None if chance is None else format_percent(chance, 0))


def _row(bar: TornadoBar, write: Callable[[float], str]) -> tuple[Cell, ...]:
    unit = "" if bar.unit in ("share", "accuracy") else bar.unit
    detail = words.ASSUMED_RANGE if bar.assumed_range else None
    return (
        Cell(bar.input, detail),
        Cell(format_count(bar.low), unit or None),
        Cell(_text(bar.value_low, write)),
        Cell(format_count(bar.high), unit or None),
        Cell(_text(bar.value_high, write)),
        Cell("yes" if bar.changes_winner else "no"),
    )


def _text(value: float | None, write: Callable[[float], str]) -> str:
    return "impossible" if value is None else write(value)


def _writer(unit: str) -> Callable[[float], str]:
    if "usd" in unit:
        return format_usd
    return format_percent if unit == "accuracy" else style.short_number
