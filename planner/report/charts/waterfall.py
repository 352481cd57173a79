"""From today's figure to the plan's, one bar a class and bucket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.report.charts import style
from planner.report.charts.parity import LABEL_WIDTH, WIDEST_LABEL

GOOD, BAD, TOTAL = "#009e73", "#d55e00", style.SHADE
ROW_HEIGHT = 30
TEXT_WIDTH = 0.024
"""Room of a letter beside a bar, as a part of the axis; readers' fonts are wide."""


@dataclass(frozen=True)
class Bar:
    """One bar: where it starts and ends, and what it is."""

    name: str
    start: float
    end: float
    kind: str
    """`total`, `good` or `bad`."""
    text: str


def waterfall_chart(bars: Sequence[Bar], title: str, write: Callable[[float], str]) -> style.Spec:
    """Bars from the top: today, each change where the one before ended, the plan."""
    import altair as alt

    most = max(max(bar.start, bar.end) for bar in bars)
    least = min(0.0, *(min(bar.start, bar.end) for bar in bars))
    ticks = style.even_ticks(most) if most > 0 else [0.0, 1.0]
    span = max(ticks[-1], most) - least
    scale = style.linear_scale(
        (least, least + span * (1.06 + TEXT_WIDTH * max(len(bar.text) for bar in bars)))
    )
    x = alt.X(
        "start:Q",
        scale=scale,
        axis=style.axis(title, ticks, write),
    )
    order = [bar.name for bar in bars]
    y = alt.Y(
        "name:N",
        sort=order,
        axis=alt.Axis(
            title=None,
            labelLimit=WIDEST_LABEL,
            minExtent=min(LABEL_WIDTH * max(map(len, order)), WIDEST_LABEL),
            ticks=False,
            grid=False,
            domain=False,
        ),
    )
    colours = {"good": GOOD, "bad": BAD, "total": TOTAL}
    rows = [
        {"name": bar.name, "start": bar.start, "end": bar.end, "colour": colours[bar.kind],
         "fill": "transparent" if bar.kind == "bad" else colours[bar.kind],
         "right": max(bar.start, bar.end), "text": bar.text}
        for bar in bars
    ]  # fmt: skip
    drawn = alt.Chart(style.rows(rows))
    layers = [
        # What hurts is hollow: colours are told apart in black and white too.
        drawn.mark_bar(height=16, strokeWidth=1.5).encode(
            x,
            y,
            x2=alt.X2("end:Q"),
            stroke=alt.Stroke("colour:N", scale=None),
            fill=alt.Fill("fill:N", scale=None),
        ),
        drawn.mark_text(dx=5, align="left").encode(
            alt.X("right:Q", scale=scale), y, text=alt.Text("text:N")
        ),
    ]
    return style.layered(layers, style.WIDTH - 60, ROW_HEIGHT * len(bars))
