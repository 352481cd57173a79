"""Accuracy against budget, with the plan on it, knees, and what more accuracy costs."""

from __future__ import annotations

from collections.abc import Sequence

from planner.domain.plan import FrontierPoint, Knee, PlanAnswer
from planner.report import wording_plan as wording
from planner.report.charts import svg
from planner.report.charts.frontier import BASELINE, PLAN, frontier_chart
from planner.report.page import (
    MISSING,
    Cell,
    Column,
    LegendEntry,
    Picture,
    Pictures,
    Section,
    Table,
)
from planner.report.text import number_cell
from planner.units import format_percent, format_usd

COLUMNS = (
    Column("Budget a day", number=True),
    Column("Spent"),
    Column("Accuracy"),
    Column("One more point from here"),
    Column("Options with a share", number=False),
)
SAME = 1e-6
"""Relative difference under which two budgets are one."""


def section(plan: PlanAnswer) -> Section | None:
    """None where fewer than two budgets were solved for."""
    points = distinct(plan.frontier)
    if len(points) < 2:
        return None
    bends = knees(points, plan.knees)
    at, spent = None, plan.cost_usd_per_day
    if spent is not None and spent > 0 and plan.accuracy is not None:
        # As on the frontier: before what choosing flatters is taken off.
        at = (spent, plan.accuracy + (plan.optimism or 0.0))
    base = plan.baseline
    today = None
    # The axis of dollars is logarithmic: what costs nothing has no place on it.
    if base is not None and base.cost_usd_per_day > 0:
        today = (base.cost_usd_per_day, base.accuracy)
    alt = " ".join(
        f"{format_usd(p.cost_usd_per_day)} a day: {format_percent(p.accuracy)}." for p in points
    )
    title = wording.FRONTIER_PICTURE
    markup = svg.draw(frontier_chart(points, bends, at, today), "chart-frontier", title, alt)
    legend = [LegendEntry("the plan", side=PLAN, mark="point")]
    if base is not None and today is not None:
        legend.append(LegendEntry(f"baseline: {base.label}", side=BASELINE, mark="point"))
    legend += [
        LegendEntry("knee: beyond it a dollar buys half as much, or less", mark="diamond"),
        LegendEntry("90% interval", mark="band"),
    ]
    table = Table(
        COLUMNS, tuple(_row(points, k, bends) for k in range(len(points))), row_heads=True
    )
    picture = Picture("chart-frontier", title, wording.FRONTIER_HOW, alt, markup, table)
    lead = _lead(plan, points)
    return Section(
        "frontier", wording.TITLE["frontier"], lead, (Pictures((picture,), tuple(legend)),)
    )


def distinct(points: Sequence[FrontierPoint]) -> list[FrontierPoint]:
    """Points that buy something new, by what they spend."""
    found: list[FrontierPoint] = []
    for point in sorted(points, key=lambda p: (p.cost_usd_per_day, p.accuracy)):
        if point.cost_usd_per_day <= 0:
            continue
        if not found or point.accuracy > found[-1].accuracy + 1e-9:
            found.append(point)
    return found


def slope(before: FrontierPoint, after: FrontierPoint) -> float:
    """Accuracy a dollar a day between two points."""
    dollars = after.cost_usd_per_day - before.cost_usd_per_day
    return (after.accuracy - before.accuracy) / max(dollars, 1e-9)


def knees(points: Sequence[FrontierPoint], found: Sequence[Knee]) -> list[int]:
    """Places of the points that are knees."""
    spent = [knee.budget_usd_per_day for knee in found]
    return [
        k
        for k, point in enumerate(points)
        if any(abs(point.cost_usd_per_day - usd) <= SAME * usd for usd in spent)
    ]


def _lead(plan: PlanAnswer, points: Sequence[FrontierPoint]) -> str:
    usd = plan.cost_usd_per_day
    more = (
        None if usd is None else next((p for p in points if p.cost_usd_per_day > usd * 1.001), None)
    )
    if more is None or usd is None or plan.accuracy is None:
        return wording.FRONTIER
    accuracy = plan.accuracy + (plan.optimism or 0.0)
    if more.accuracy <= accuracy:
        return wording.FRONTIER
    return (
        wording.FRONTIER
        + " "
        + wording.NEXT_STEP.format(
            usd=format_usd(more.cost_usd_per_day - usd),
            points=f"{(more.accuracy - accuracy) * 100:.1f}",
        )
    )


def _row(points: Sequence[FrontierPoint], k: int, bends: Sequence[int]) -> tuple[Cell, ...]:
    point = points[k]
    marginal = Cell(MISSING, "nothing more can be bought")
    if k + 1 < len(points):
        marginal = Cell(format_usd(0.01 / slope(point, points[k + 1])), "a day")
    return (
        Cell(format_usd(point.budget_usd_per_day), "a knee" if k in bends else None),
        Cell(format_usd(point.cost_usd_per_day)),
        number_cell(point.accuracy, format_percent, point.accuracy_low, point.accuracy_high),
        marginal,
        Cell(", ".join(point.options)),
    )
