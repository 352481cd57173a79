"""How far each input moves a result, and who wins at each volume and price."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from planner.domain.tornado import TornadoBar, WinnerMap
from planner.report.charts import style
from planner.report.charts.parity import LABEL_WIDTH
from planner.units import format_count

if TYPE_CHECKING:
    import altair as alt

ROW_HEIGHT, LINE_HEIGHT = 26, 13
LINE = 32
"""Letters of a label's line: longer ones go on several, so that a telephone shows them."""
LABEL, WIDER = 200, 1.2
"""Room of a label as the renderer measures it; readers' fonts are wider."""
LONGEST_TITLE, NAMED_ABOVE = 48, "what comes out, as named above"
LOW, HIGH = "transparent", style.SIDES[0]
"""Hollow at the low end of an input, filled at the high end: told apart in the dark, and in black
and white."""


def tornado_chart(
    bars: Sequence[TornadoBar], central: float, title: str, write: Callable[[float], str]
) -> style.Spec:
    """One row an input: from the outcome at its low end to that at its high end."""
    import altair as alt

    known = [v for b in bars for v in (b.value_low, b.value_high) if v is not None]
    least, most = min([*known, central]), max([*known, central])
    room = max((most - least) * 0.04, 1e-9)
    scale = style.linear_scale((least - room, most + room))
    ticks = _ticks(least, most)
    order = [_name(bar) for bar in bars]
    x = alt.X("from:Q", scale=scale, axis=style.axis(_short(title), ticks, write))
    y = alt.Y(
        "name:N",
        sort=order,
        axis=alt.Axis(
            title=None, labels=False, ticks=False, domain=False, grid=False,
            minExtent=min(LABEL_WIDTH * max(map(_widest, order)), LABEL * WIDER),
        ),
    )  # fmt: skip
    rows = [
        {"name": _name(bar), "from": central, "to": value, "colour": colour}
        for bar in bars
        for value, colour in ((bar.value_low, LOW), (bar.value_high, HIGH))
        if value is not None
    ]
    middle = alt.Chart(style.rows([{"from": central}]))
    layers = [
        alt.Chart(style.rows(rows))
        .mark_bar(height=13, stroke=HIGH, strokeWidth=1.5)
        .encode(x, y, x2=alt.X2("to:Q"), fill=alt.Fill("colour:N", scale=None)),
        *_labels(order, y),
        middle.mark_rule(color=style.INK).encode(alt.X("from:Q", scale=scale)),
    ]
    return style.layered(layers, style.WIDTH - 100, max(map(_height, order)) * len(bars))


def _short(title: str) -> str:
    """A title that has room beneath the bars; a longer one is told in the words above them."""
    return title if len(title) <= LONGEST_TITLE else NAMED_ABOVE


def _ticks(low: float, high: float) -> list[float]:
    """Round steps within a range that need not begin at zero."""
    step = style.even_ticks(max(high - low, 1e-12))[1]
    first = -(-low // step)
    count = int((high - first * step) / step + 1e-9) + 1
    return [round((first + k) * step, 12) for k in range(max(count, 1))]


def _labels(names: Sequence[str], y: alt.Y) -> list[alt.Chart]:
    """Names left of the bars, those of several lines centred: an axis hangs them from the first."""
    import altair as alt

    found = []
    for lines in sorted({name.count("\n") for name in names}):
        rows = [{"name": name} for name in names if name.count("\n") == lines]
        mark = alt.Chart(style.rows(rows)).mark_text(
            x=-6, align="right", baseline="middle", color=style.MUTED, lineBreak="\n",
            lineHeight=LINE_HEIGHT, dy=-lines * LINE_HEIGHT / 2,
        )  # fmt: skip
        found.append(mark.encode(y, text=alt.Text("name:N")))
    return found


def _name(bar: TornadoBar) -> str:
    """The input on lines of about LINE letters."""
    return "\n".join(textwrap.wrap(bar.input, LINE, max_lines=3, placeholder=" ...")) or bar.input


def _widest(name: str) -> int:
    return max(map(len, name.split("\n")))


def _height(name: str) -> int:
    """Room of a row with a label of so many lines."""
    return max(ROW_HEIGHT, LINE_HEIGHT * len(name.split("\n")) + 2)


def winners_chart(found: WinnerMap, sides: Sequence[int]) -> style.Spec:
    """A cell a volume and price: the winner's colour and letter. sides: of each winner."""
    import altair as alt

    volumes = [format_count(v) for v in found.volumes_per_day]
    prices = [f"×{p:g}" for p in found.price_factors]
    rows = []
    for volume, winners in zip(volumes, found.winner, strict=True):
        for price, place in zip(prices, winners, strict=True):
            nobody = place < 0
            rows.append(
                {"volume": volume, "price": price,
                 "colour": style.GRID if nobody else style.side_colour(sides[place]),
                 "text": "–" if nobody else style.side_letter(sides[place])}
            )  # fmt: skip
    x = alt.X("price:N", sort=prices, axis=alt.Axis(title="price, times today's", labelAngle=0))
    y = alt.Y("volume:N", sort=volumes, axis=alt.Axis(title="queries a day"))
    drawn = alt.Chart(style.rows(rows))
    layers = [
        drawn.mark_rect(stroke=style.GRID, opacity=0.25).encode(
            x, y, color=alt.Color("colour:N", scale=None)
        ),
        drawn.mark_text(fontWeight="bold", fontSize=14).encode(x, y, text=alt.Text("text:N")),
    ]
    return style.layered(layers, style.WIDTH - 20, (ROW_HEIGHT + 8) * len(volumes))
