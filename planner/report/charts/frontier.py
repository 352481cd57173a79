"""Accuracy against budget: what each budget buys, the plan, and where more buys less."""

from __future__ import annotations

from collections.abc import Sequence

from planner.domain.plan import FrontierPoint
from planner.report.charts import style
from planner.report.charts.volume import short_usd
from planner.units import format_percent

PLAN, BASELINE = 0, 1
"""Sides whose colours the plan and its baseline have."""


def frontier_chart(
    points: Sequence[FrontierPoint],
    knees: Sequence[int],
    plan: tuple[float, float] | None,
    baseline: tuple[float, float] | None,
) -> style.Spec:
    """Stairs over dollars a day (log axis) with a 90% band; knees are diamonds.

    plan, baseline: (dollars a day, accuracy).
    """
    import altair as alt

    marked = [at for at in (plan, baseline) if at is not None]
    spent = [p.cost_usd_per_day for p in points if p.cost_usd_per_day > 0]
    dollars = [*spent, *(usd for usd, _ in marked)]
    domain = (min(dollars) / 1.25, max(dollars) * 1.6)
    top = max(
        [p.accuracy_high or p.accuracy for p in points] + [accuracy for _, accuracy in marked]
    )
    ticks = style.even_ticks(top)
    x = alt.X(
        "usd:Q",
        scale=style.log_scale(domain),
        axis=style.axis("dollars a day", style.decades(*domain), short_usd, grid=False),
    )
    scale = style.linear_scale((0.0, ticks[-1]))
    y = alt.Y(
        "accuracy:Q",
        scale=scale,
        axis=style.axis("accuracy", ticks, format_percent),
    )
    stairs = [
        {"usd": p.cost_usd_per_day, "accuracy": p.accuracy,
         "low": p.accuracy if p.accuracy_low is None else p.accuracy_low,
         "high": p.accuracy if p.accuracy_high is None else p.accuracy_high}
        for p in points
    ]  # fmt: skip
    stairs.append({**stairs[-1], "usd": domain[1]})
    drawn = alt.Chart(style.rows(stairs))
    low = alt.Y("low:Q", scale=scale)
    layers = [
        drawn.mark_area(color=style.SHADE, opacity=0.18, interpolate="step-after").encode(
            x, low, y2=alt.Y2("high:Q")
        ),
        drawn.mark_line(color=style.MUTED, strokeWidth=1.8, interpolate="step-after").encode(x, y),
        alt.Chart(style.rows(stairs[:-1]))
        .mark_point(filled=True, size=28, opacity=1, color=style.MUTED, shape="circle")
        .encode(x, y),
        alt.Chart(style.rows([stairs[k] for k in knees]))
        .mark_point(filled=True, size=110, opacity=1, color=style.MUTED, shape="diamond")
        .encode(x, y),
    ]
    for side, at in ((PLAN, plan), (BASELINE, baseline)):
        if at is None:
            continue
        place = {"usd": at[0], "accuracy": at[1]}
        colour = style.side_colour(side)
        layers.append(
            alt.Chart(style.rows([place]))
            .mark_point(filled=True, size=150, opacity=1, color=colour, shape="circle")
            .encode(x, y)
        )
        layers.append(style.letter(side, place, x, y))
    return style.layered(layers, style.WIDTH, style.HEIGHT)
