"""What a plan changes against its baseline: dollars and correct answers, class by class."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from planner.domain.page_facts import Change
from planner.domain.plan import PlanAnswer
from planner.report import wording_plan as wording
from planner.report.charts import svg
from planner.report.charts.waterfall import Bar, waterfall_chart
from planner.report.page import Block, Cell, Column, Picture, Pictures, Section, Table
from planner.units import format_count, format_percent, format_usd

COLUMNS = (
    Column("Queries", number=False),
    Column("Today", number=False),
    Column("The plan", number=False),
    Column("Accuracy today"),
    Column("Of the plan"),
    Column("Dollars a day today"),
    Column("Of the plan"),
)
NUMBERS = (Column("Step", number=False), Column("Change"), Column("Then"))
SMALLEST = 1e-3
"""Change, as a part of all bars together, that is too small to be drawn."""


def section(plan: PlanAnswer, beside: Sequence[Block] = ()) -> Section | None:
    """Two waterfalls, the table behind them, and both plans beside each other; None where there is
    no baseline.
    """
    if not plan.changes or plan.baseline is None or plan.cost_usd_per_day is None:
        return None
    queries = sum(row.queries_per_day for row in plan.changes)
    usd = [(_name(r), r.usd_per_day_after - r.usd_per_day_before) for r in plan.changes]
    start = sum(r.usd_per_day_before for r in plan.changes)
    left = plan.cost_usd_per_day - start - sum(change for _, change in usd)
    usd.append((wording.BESIDE, left))
    right = [
        (_name(r), (r.accuracy_after - r.accuracy_before) * r.queries_per_day / queries)
        for r in plan.changes
    ]
    before = sum(r.accuracy_before * r.queries_per_day for r in plan.changes) / queries
    right.append((wording.OPTIMISM, -(plan.optimism or 0.0)))
    pictures = (
        _picture("chart-changes-usd", wording.WATERFALL_USD, "dollars a day", start, usd,
                 format_usd, _signed_usd, better=-1),
        _picture("chart-changes-accuracy", wording.WATERFALL_ACCURACY, "accuracy", before, right,
                 format_percent, _signed_points, better=1),
    )  # fmt: skip
    rows = tuple(_row(row) for row in plan.changes)
    blocks: tuple[Block, ...] = (Pictures(pictures), Table(COLUMNS, rows), *beside)
    return Section("changes", wording.TITLE["changes"], _lead(plan), blocks)


def _lead(plan: PlanAnswer) -> str:
    base = plan.baseline
    assert base is not None
    assert plan.cost_usd_per_day is not None
    assert plan.accuracy is not None
    saved = base.cost_usd_per_day - plan.cost_usd_per_day
    gained = (plan.accuracy - base.accuracy) * 100
    return wording.CHANGES.format(
        baseline=base.label,
        usd=f"{format_usd(abs(saved))} a day {'less' if saved >= 0 else 'more'}",
        points=f"{abs(gained):.1f} points {'more' if gained >= 0 else 'less'}",
    )


def _picture(
    key: str,
    title: str,
    axis: str,
    start: float,
    steps: Sequence[tuple[str, float]],
    write: Callable[[float], str],
    signed: Callable[[float], str],
    better: int,
) -> Picture:
    """better: 1 where more is good, -1 where less is."""
    scale = abs(start) + sum(abs(change) for _, change in steps)
    bars = [Bar(wording.TODAY, 0.0, start, "total", write(start))]
    rows = [(Cell(wording.TODAY), Cell(""), Cell(write(start)))]
    at = start
    for name, change in steps:
        at += change
        if abs(change) <= SMALLEST * scale:
            continue
        kind = "good" if change * better > 0 else "bad"
        bars.append(Bar(name, at - change, at, kind, signed(change)))
        rows.append((Cell(name), Cell(signed(change)), Cell(write(at))))
    bars.append(Bar(wording.PLAN, 0.0, at, "total", write(at)))
    rows.append((Cell(wording.PLAN), Cell(""), Cell(write(at))))
    alt = " ".join(f"{bar.name}: {bar.text}." for bar in bars)
    markup = svg.draw(waterfall_chart(bars, axis, write), key, title, alt)
    return Picture(key, title, wording.WATERFALL_HOW, alt, markup, Table(NUMBERS, tuple(rows)))


def _signed_usd(change: float) -> str:
    return f"{'+' if change >= 0 else '−'}{format_usd(abs(change))}"


def _signed_points(change: float) -> str:
    return f"{'+' if change >= 0 else '−'}{abs(change) * 100:.1f} points"


def _name(row: Change) -> str:
    return row.query_class if row.bucket == "all" else f"{row.query_class}, {row.bucket}"


def _row(row: Change) -> tuple[Cell, ...]:
    bucket = "" if row.bucket == "all" else f"{row.bucket}; "
    return (
        Cell(row.query_class, f"{bucket}{format_count(row.queries_per_day)} a day"),
        Cell(row.before),
        Cell(row.after),
        Cell(format_percent(row.accuracy_before)),
        Cell(format_percent(row.accuracy_after)),
        Cell(format_usd(row.usd_per_day_before)),
        Cell(format_usd(row.usd_per_day_after)),
    )
