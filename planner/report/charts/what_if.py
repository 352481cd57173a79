"""Cost lines with their bands, as they stood where the page was made."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner.domain.what_if import WhatIf
from planner.report.charts import style
from planner.report.charts.volume import short_usd

if TYPE_CHECKING:
    from planner.economics.what_if import Figures

WIDTH, HEIGHT = 560, 240


def lines_chart(page: WhatIf, found: Figures) -> style.Spec:
    """One line a side with its 90% band, both axes logarithmic, the volume marked."""
    import altair as alt

    spans = [span for line in found.lines for span in line.usd_by_volume]
    least = min(span.low for span in spans if span.low > 0)
    domain = (10.0 ** math.floor(math.log10(least)),
              10.0 ** math.ceil(math.log10(max(span.high for span in spans))))  # fmt: skip
    volumes = (page.volumes[0], page.volumes[-1])
    x = alt.X(
        "volume:Q",
        scale=style.log_scale(volumes),
        axis=style.axis("queries a day", style.decades(*volumes), style.short_count, grid=False),
    )
    y = alt.Y(
        "usd:Q",
        scale=style.log_scale(domain),
        axis=style.axis("dollars a day", style.decades(*domain), short_usd),
    )
    layers = []
    ends = []
    for line, got in zip(page.lines, found.lines, strict=True):
        colour = style.side_colour(line.side)
        rows = [
            {"volume": v, "usd": max(s.central, domain[0]), "low": max(s.low, domain[0]),
             "high": s.high}
            for v, s in zip(page.volumes, got.usd_by_volume, strict=True)
        ]  # fmt: skip
        drawn = alt.Chart(style.rows(rows))
        band = alt.Y("low:Q", scale=style.log_scale(domain))
        layers += [
            drawn.mark_area(color=colour, opacity=0.16).encode(x, band, y2=alt.Y2("high:Q")),
            drawn.mark_line(
                color=colour, strokeWidth=2.2, strokeDash=[7, 4] if line.side else [1, 0]
            ).encode(x, y),
        ]
        ends.append((line.side, math.log(rows[-1]["usd"])))
    gap = style.LETTER_GAP * math.log(domain[1] / domain[0])
    for side, height in style.apart(ends, gap):
        layers.append(style.letter(side, {"volume": volumes[1], "usd": math.exp(height)}, x, y))
    marked = alt.Chart(style.rows([{"volume": page.queries_per_day}]))
    if volumes[0] <= page.queries_per_day <= volumes[1]:
        layers.append(marked.mark_rule(color=style.MUTED, strokeDash=[3, 3]).encode(x))
    return style.layered(layers, WIDTH, HEIGHT)
