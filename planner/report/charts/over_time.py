"""Dollars so far against months: where lines cross, what was paid up front is earned back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.report.charts import style
from planner.report.charts.volume import short_usd

MOST_MONTH_TICKS = 9


@dataclass(frozen=True)
class MoneyLine:
    """One way of serving."""

    side: int
    usd: tuple[float, ...]
    """Paid by the end of each month; the first is today."""


def money_chart(lines: Sequence[MoneyLine], paid_back: float | None = None) -> style.Spec:
    """One line a way over months, from what is paid today; the month of payback is marked.

    Dollars are linear, so that equal heights are equal money.
    """
    import altair as alt

    most = max(len(line.usd) for line in lines) - 1
    x = alt.X(
        "month:Q",
        scale=style.linear_scale((0.0, float(most))),
        axis=style.axis("months from the start", _months(most), style.short_count, grid=False),
    )
    top = max(usd for line in lines for usd in line.usd)
    ticks = style.even_ticks(top) if top > 0 else [0.0, 1.0]
    domain = (0.0, max(ticks[-1], top))
    y = alt.Y(
        "usd:Q",
        scale=style.linear_scale(domain),
        axis=style.axis("dollars so far", ticks, short_usd),
    )
    layers = []
    if paid_back is not None:
        marked = alt.Chart(style.rows([{"month": paid_back}]))
        layers = [
            marked.mark_rule(color=style.MUTED, strokeDash=[3, 3]).encode(x),
            marked.mark_text(
                color=style.MUTED, y=0, dy=8, dx=-5, align="right", text="paid back"
            ).encode(x),
        ]
    ends = []
    for place, line in enumerate(lines):
        steps = [{"month": m, "usd": usd} for m, usd in enumerate(line.usd)]
        layers.append(
            alt.Chart(style.rows(steps))
            .mark_line(
                color=style.side_colour(line.side),
                # Wide beneath and narrow above: lines that coincide both show.
                strokeWidth=max(4.0 - 1.2 * place, 1.6),
            )
            .encode(x, y)
        )
        ends.append((line.side, line.usd[-1]))
    for side, height in style.apart(ends, style.LETTER_GAP * domain[1], domain[1]):
        layers.append(style.letter(side, {"month": float(most), "usd": height}, x, y))
    return style.layered(layers, style.WIDTH, style.HEIGHT)


def _months(most: int) -> list[float]:
    """Even months from 0: every month, or every third, sixth, twelfth ..."""
    step = next(s for s in (1, 3, 6, 12, 24, 60) if most / s <= MOST_MONTH_TICKS - 1)
    return [float(month) for month in range(0, most + 1, step)]
