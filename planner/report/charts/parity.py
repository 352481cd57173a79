"""The window between two sample counts: accurate enough from here, dearer from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.report.charts import style

if TYPE_CHECKING:
    import altair as alt

ROW_HEIGHT = 26
LABEL_WIDTH = 7.6
"""Room for a character of a row's label: readers' fonts are wider than the renderer's."""
WIDEST_LABEL = 220


@dataclass(frozen=True)
class Span:
    """One parity on one bucket."""

    group: str
    """The bucket, or the whole mix."""
    kind: str
    """What is equal from this n on."""
    median: float | None
    low: float | None
    high: float | None
    note: str | None = None
    """Written in place of the interval where there is none."""


def parity_chart(
    spans: Sequence[Span], side: int, window: tuple[float, float] | None
) -> style.Spec:
    """One row a parity, n on a log axis; `window` (accuracy n, cost n) is shaded.

    A missing low reaches to n = 1, a missing high to the edge, with an arrow: in part of the
    draws the parity lies beyond what was measured.
    """
    import altair as alt

    known = [v for s in spans for v in (s.median, s.low, s.high) if v is not None]
    most = max([8.0, *known]) * 1.6
    colour = style.side_colour(side)
    order = [_row(span) for span in spans]
    room = min(LABEL_WIDTH * max(map(len, order)), WIDEST_LABEL)
    x = alt.X(
        "n:Q",
        scale=style.log_scale((0.85, most), base=2),
        axis=style.axis("samples n of side " + style.side_letter(side), style.doublings(most),
                        style.short_count),
    )  # fmt: skip
    y = alt.Y(
        "row:N",
        sort=order,
        axis=alt.Axis(
            title=None, labelLimit=room, minExtent=room, ticks=False, domain=False, grid=False
        ),
    )
    layers: list[alt.Chart] = []
    if window is not None:
        shaded = alt.Chart(style.rows([{"n": min(window), "n2": max(window)}]))
        layers.append(
            shaded.mark_rect(color=style.SHADE, opacity=0.22).encode(x, x2=alt.X2("n2:Q"))
        )
    drawn = [
        {"row": _row(s), "n": s.low or 0.85, "n2": s.high or most, "arrow": s.high is None}
        for s in spans
        if s.median is not None or s.low is not None
    ]
    bars = alt.Chart(style.rows(drawn))
    layers.append(
        bars.mark_rule(color=colour, strokeWidth=7, opacity=0.35).encode(x, y, x2=alt.X2("n2:Q"))
    )
    arrows = [{"row": r["row"], "n": most} for r in drawn if r["arrow"]]
    layers.append(
        alt.Chart(style.rows(arrows))
        .mark_point(shape="triangle-right", filled=True, color=colour, size=110, opacity=1)
        .encode(x, y)
    )
    for shape, kind in zip(
        ("circle", "diamond"), dict.fromkeys(s.kind for s in spans), strict=False
    ):
        middles = [
            {"row": _row(s), "n": s.median, "text": f"{s.median:.1f}"}
            for s in spans
            if s.kind == kind and s.median is not None
        ]
        base = alt.Chart(style.rows(middles))
        layers += [
            base.mark_point(shape=shape, filled=True, color=colour, size=95, opacity=1).encode(
                x, y
            ),
            base.mark_text(dy=-11, fontWeight="bold").encode(x, y, text=alt.Text("text:N")),
        ]
    absent = [{"row": _row(s), "n": 1.0, "text": s.note} for s in spans if s.note and not s.median]
    layers.append(
        alt.Chart(style.rows(absent))
        .mark_text(align="left", fontSize=11, fontStyle="italic", color=style.MUTED, limit=280)
        .encode(x, y, text=alt.Text("text:N"))
    )
    height = ROW_HEIGHT * len(spans) + 10
    return style.layered(layers, style.WIDTH - 60, height)


def _row(span: Span) -> str:
    return f"{span.group}: {span.kind}"
