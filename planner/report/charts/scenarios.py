"""One figure of several scenarios, with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.report.charts import style
from planner.report.charts.parity import LABEL_WIDTH, WIDEST_LABEL

ROW_HEIGHT = 34


@dataclass(frozen=True)
class Range:
    """A figure of one scenario."""

    name: str
    value: float
    low: float | None
    high: float | None


def scenarios_chart(
    ranges: Sequence[Range], title: str, write: Callable[[float], str]
) -> style.Spec:
    """One row a scenario: a dot for the middle case, a bar for the 90% interval; from zero."""
    import altair as alt

    rows = [
        {"name": r.name, "value": r.value, "low": r.value if r.low is None else r.low,
         "high": r.value if r.high is None else r.high, "text": write(r.value)}
        for r in ranges
    ]  # fmt: skip
    order = list(dict.fromkeys(r.name for r in ranges))
    most = max(max(r.value, r.high or 0.0) for r in ranges)
    ticks = style.even_ticks(most) if most > 0 else [0.0, 1.0]
    scale = style.linear_scale((0.0, ticks[-1]))
    x = alt.X("value:Q", scale=scale, axis=style.axis(title, ticks, write))
    y = alt.Y(
        "name:N",
        sort=order,
        axis=alt.Axis(
            title=None,
            labelLimit=WIDEST_LABEL,
            minExtent=min(LABEL_WIDTH * max(map(len, order)), WIDEST_LABEL),
            ticks=False,
            grid=False,
        ),
    )
    drawn = alt.Chart(style.rows(rows))
    colour = style.side_colour(0)
    layers = [
        drawn.mark_rule(color=colour, strokeWidth=8, opacity=0.3).encode(
            alt.X("low:Q", scale=scale), y, x2=alt.X2("high:Q")
        ),
        drawn.mark_point(color=colour, filled=True, size=90, opacity=1).encode(x, y),
        drawn.mark_text(dy=-13, color=colour, fontWeight="bold").encode(
            x, y, text=alt.Text("text:N")
        ),
    ]
    return style.layered(layers, style.WIDTH - 60, ROW_HEIGHT * len(order) + 10)
