"""Who wins, by how much of the traffic is easy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.report.charts import style
from planner.units import format_percent

if TYPE_CHECKING:
    import altair as alt

SURE = (0.2, 0.8)
"""Between these probabilities nobody is named the winner."""


@dataclass(frozen=True)
class MixPoint:
    """One mix: the share of the first bucket, and the probability that a side is ahead."""

    name: str
    share: float
    side: int
    probability: float


def share_chart(
    points: Sequence[MixPoint], bucket: str, now: float | None, sides: Sequence[int]
) -> style.Spec:
    """Two buckets, two sides: one line a side over the share of `bucket`; the actual mix marked."""
    import altair as alt

    x = alt.X(
        "share:Q",
        scale=style.linear_scale((0.0, 1.0)),
        axis=style.axis(f"share of {bucket}", [0, 0.25, 0.5, 0.75, 1.0], _percent, grid=False,
                        titleLimit=style.WIDTH),
    )  # fmt: skip
    y = _probability_axis()
    layers = [_undecided(y)]
    if now is not None:
        marked = alt.Chart(style.rows([{"share": now}]))
        layers += [
            marked.mark_rule(color=style.MUTED, strokeDash=[3, 3]).encode(x),
            marked.mark_text(
                color=style.MUTED, y=style.HEIGHT, dy=-9, dx=5, align="left", text="mix used here"
            ).encode(x),
        ]
    for side in sides:
        line = [
            {"share": p.share,
             "probability": p.probability if p.side == side else 1 - p.probability}
            for p in sorted(points, key=lambda p: p.share)
        ]  # fmt: skip
        drawn = alt.Chart(style.rows(line))
        colour = style.side_colour(side)
        layers += [
            drawn.mark_line(color=colour, strokeWidth=2.2).encode(x, y),
            drawn.mark_point(
                color=colour, filled=True, size=36, opacity=1,
                shape="circle" if side == min(sides) else "square",
            ).encode(x, y),
            alt.Chart(style.rows([{**line[-1], "text": style.side_letter(side)}]))
            .mark_text(dx=8, align="left", fontWeight="bold", fontSize=14, color=colour)
            .encode(x, y, text=alt.Text("text:N")),
        ]  # fmt: skip
    return style.layered(layers, style.WIDTH, style.HEIGHT)


def mixes_chart(points: Sequence[MixPoint]) -> style.Spec:
    """Any number of buckets or sides: one row a mix, the likelier side and its probability."""
    import altair as alt

    order = [point.name for point in points]
    x = alt.X(
        "probability:Q",
        scale=style.linear_scale((0.0, 1.0)),
        axis=style.axis(
            "probability of the likelier side", [0, 0.2, 0.5, 0.8, 1.0], _percent, grid=False
        ),
    )
    y = alt.Y(
        "mix:N", sort=order, axis=alt.Axis(title=None, labelLimit=170, ticks=False, grid=False)
    )
    band = alt.Chart(style.rows([{"probability": 0.0, "end": SURE[1]}]))
    layers = [band.mark_rect(color=style.SHADE, opacity=0.22).encode(x, x2=alt.X2("end:Q"))]
    for side in sorted({point.side for point in points}):
        own = [
            {"mix": p.name, "probability": p.probability, "text": style.side_letter(side)}
            for p in points
            if p.side == side
        ]
        drawn = alt.Chart(style.rows(own))
        colour = style.side_colour(side)
        layers += [
            drawn.mark_point(color=colour, filled=True, size=90, opacity=1).encode(x, y),
            drawn.mark_text(dx=12, fontWeight="bold", color=colour).encode(
                x, y, text=alt.Text("text:N")
            ),
        ]
    return style.layered(layers, style.WIDTH - 60, 30 * len(order) + 10)


def _probability_axis() -> alt.Y:
    import altair as alt

    return alt.Y(
        "probability:Q",
        scale=style.linear_scale((0.0, 1.0)),
        axis=style.axis("probability of being ahead", [0, 0.2, 0.5, 0.8, 1.0], _percent),
    )


def _undecided(y: alt.Y) -> alt.Chart:
    import altair as alt

    band = alt.Chart(style.rows([{"probability": SURE[0], "end": SURE[1]}]))
    shaded: alt.Chart = band.mark_rect(color=style.SHADE, opacity=0.18).encode(
        y, y2=alt.Y2("end:Q")
    )
    return shaded


def _percent(x: float) -> str:
    return format_percent(x, 0)
