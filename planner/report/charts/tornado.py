"""How far each input moves a result, and who wins at each volume and price."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from planner.domain.tornado import TornadoBar, WinnerMap
from planner.report.charts import style
from planner.report.charts.parity import LABEL_WIDTH
from planner.units import format_count

ROW_HEIGHT = 26
LABEL, WIDER = 340, 1.2
"""Most room of a label as the renderer measures it; readers' fonts are wider."""
LONGEST_TITLE, NAMED_ABOVE = 48, "what comes out, as named above"
LOW, HIGH = style.SIDES[5], style.SIDES[0]
"""Light at the low end of an input, dark at the high end: told apart in black and white too."""


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
            title=None, labelLimit=LABEL, ticks=False, domain=False, grid=False,
            minExtent=min(LABEL_WIDTH * max(map(len, order)), LABEL * WIDER),
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
        .mark_bar(height=14)
        .encode(x, y, x2=alt.X2("to:Q"), color=alt.Color("colour:N", scale=None)),
        middle.mark_rule(color=style.INK).encode(alt.X("from:Q", scale=scale)),
    ]
    return style.layered(layers, style.WIDTH - 100, ROW_HEIGHT * len(bars))


def _short(title: str) -> str:
    """A title that has room beneath the bars; a longer one is told in the words above them."""
    return title if len(title) <= LONGEST_TITLE else NAMED_ABOVE


def _ticks(low: float, high: float) -> list[float]:
    """Round steps within a range that need not begin at zero."""
    step = style.even_ticks(max(high - low, 1e-12))[1]
    first = -(-low // step)
    count = int((high - first * step) / step + 1e-9) + 1
    return [round((first + k) * step, 12) for k in range(max(count, 1))]


def _name(bar: TornadoBar) -> str:
    return bar.input


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
