"""Dollars a day against queries a day: GPUs are whole, so costs climb in steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.domain.answer import VolumePoint
from planner.report.charts import style

if TYPE_CHECKING:
    pass

ROLE_DASHES = ([1, 0], [7, 4], [2, 3])
"""First, second and third option of one side."""


@dataclass(frozen=True)
class Line:
    """How an option is drawn."""

    label: str
    side: int
    rank: int
    """0 for the side's first option, 1 for its second."""


def volume_chart(
    points: Sequence[VolumePoint], lines: Mapping[str, Line], asked: float
) -> style.Spec:
    """One stepped line an option, both axes logarithmic, the volume asked about marked."""
    import altair as alt

    volumes = [point.queries_per_day for point in points]
    costs = [usd for point in points for usd in point.cost_usd_per_day.values() if usd > 0]
    x = alt.X(
        "volume:Q",
        scale=style.log_scale((min(volumes), max(volumes))),
        axis=style.axis("queries a day", style.decades(min(volumes), max(volumes)),
                        style.short_count,
                        grid=False),
    )  # fmt: skip
    domain = (min(costs) / 1.5, max(costs) * 1.5)
    y = alt.Y(
        "usd:Q",
        scale=style.log_scale(domain),
        axis=style.axis("dollars a day", style.decades(*domain), short_usd),
    )
    layers = []
    if min(volumes) <= asked <= max(volumes):
        marked = alt.Chart(style.rows([{"volume": asked}]))
        layers = [
            marked.mark_rule(color=style.MUTED, strokeDash=[3, 3]).encode(x),
            marked.mark_text(
                color=style.MUTED, y=0, dy=8, dx=-5, align="right", text="asked about"
            ).encode(x),
        ]
    ends: list[tuple[int, float]] = []
    for place, (label, line) in enumerate(lines.items()):
        steps = [
            {"volume": p.queries_per_day, "usd": p.cost_usd_per_day[label]}
            for p in points
            if p.cost_usd_per_day.get(label, 0.0) > 0
        ]
        layers.append(
            alt.Chart(style.rows(steps))
            .mark_line(
                color=style.side_colour(line.side),
                interpolate="step-before",
                # Wide beneath and narrow above: lines that coincide both show.
                strokeWidth=max(4.0 - 1.2 * place, 1.6),
                strokeDash=ROLE_DASHES[min(line.rank, 2)],
            )
            .encode(x, y)
        )
        if line.rank == 0 and steps:
            ends.append((line.side, math.log(steps[-1]["usd"])))
    gap = style.LETTER_GAP * math.log(domain[1] / domain[0])
    for side, height in style.apart(ends, gap):
        at = {"volume": max(volumes), "usd": math.exp(height)}
        layers.append(style.letter(side, at, x, y))
    return style.layered(layers, style.WIDTH, style.HEIGHT)


def short_usd(usd: float) -> str:
    """A round number of dollars for an axis: $10, $1k, $100k, $1M."""
    return f"${style.short_count(usd)}"
