"""How every chart looks: colours, fonts, axes with readable ticks.

The colours are literals that the page's style sheet knows: it swaps them in the dark by
attribute, so a chart also shows where no style sheet is read (mail, a picture viewer).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from planner.units import format_count

if TYPE_CHECKING:
    import altair as alt

Spec = dict[str, Any]
"""A chart as Vega-Lite, drawn by `planner.report.charts.svg`."""

# Okabe and Ito, "Color Universal Design" (2008): told apart with any colour vision.
SIDES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
"""Of measured points, by side: lines that cross are told apart in black and white too."""
INK, MUTED, GRID, SHADE = "#1d2733", "#5b6773", "#dfe4e9", "#8d99a5"
MOST_TICKS = 7
LETTER_GAP = 0.07
"""Letters nearer than this part of the axis are moved apart."""
WIDTH, HEIGHT = 400, 230
"""Plotting area, in pixels: two charts stand side by side on a desk, one on a telephone."""


@contextmanager
def unchecked() -> Iterator[None]:
    """Altair holds no part of a chart against its schema meanwhile: that takes half of the time."""
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):
        yield


def side_colour(side: int | None) -> str:
    """Colour of a side of the question; muted where it is not one of them."""
    return MUTED if side is None else SIDES[side % len(SIDES)]


def side_shape(side: int) -> str:
    """Shape of a side's measured points."""
    return SHAPES[side % len(SHAPES)]


def side_letter(side: int) -> str:
    """A, B, C: tells sides apart in black and white too."""
    return chr(ord("A") + side % 26)


def axis(title: str, values: list[float], write: Callable[[float], str], **more: Any) -> alt.Axis:
    """Axis with ticks at `values`, each written by `write`: one formatter for page and chart."""
    import json

    import altair as alt

    # Vega looks numbers up by their JavaScript text, which differs from Python's: by place.
    written = json.dumps([write(value) for value in values])
    places = json.dumps(values)
    return alt.Axis(
        title=title,
        values=values,
        labelExpr=f"{written}[indexof({places}, datum.value)]",
        labelOverlap="greedy",
        **more,
    )


def log_scale(domain: tuple[float, float], base: int = 10) -> alt.Scale:
    """Logarithmic scale over exactly this domain."""
    import altair as alt

    return alt.Scale(type="log", base=base, domain=list(domain), nice=False)


def linear_scale(domain: tuple[float, float]) -> alt.Scale:
    """Linear scale over exactly this domain."""
    import altair as alt

    return alt.Scale(domain=list(domain), nice=False)


def decades(low: float, high: float) -> list[float]:
    """Powers of ten within a range; with 2 and 5 times, or 3 times them where there is room."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for steps in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        ticks = [step * 10.0**k for k in range(first, min(last, 308) + 1) for step in steps]
        found = [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
        if len(found) <= MOST_TICKS:
            break
    return found


def short_count(x: float) -> str:
    """A round number on an axis: 256, 1024, 1k, 100k, 1M."""
    if x >= 1_000 and x % 1_000 == 0:
        return f"{x / 1_000:g}k" if x < 1_000_000 else format_count(x)
    return f"{x:g}"


def short_number(x: float) -> str:
    """A number without a unit, to three digits."""
    return f"{x:.3g}"


def doublings(high: float) -> list[float]:
    """1, 2, 4 ... up to `high`; every second or third where there would be more than 7."""
    most = math.floor(math.log2(max(high, 1.0)) + 1e-9)
    step = most // 7 + 1
    return [2.0**k for k in range(0, most + 1, step)]


def even_ticks(high: float) -> list[float]:
    """Four to six round steps from 0 to above `high`."""
    rough = high / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * s for s in (1, 2, 2.5, 5, 10) if unit * s >= rough * 0.999)
    return [round(step * k, 12) for k in range(math.ceil(high / step - 1e-9) + 1)]


def config() -> dict[str, Any]:
    """Vega-Lite configuration shared by all charts."""
    axes = {
        "labelFont": "sans-serif", "titleFont": "sans-serif", "labelFontSize": 12,
        "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": MUTED,
        "titleColor": MUTED, "gridColor": GRID, "domainColor": SHADE, "tickColor": SHADE,
        "titlePadding": 8, "labelPadding": 4,
    }  # fmt: skip
    return {
        "axis": axes,
        "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": HEIGHT},
        "text": {"font": "sans-serif", "fontSize": 12, "color": INK},
        "padding": 4,
    }


def apart(
    ends: Iterable[tuple[int, float]], gap: float, top: float = math.inf
) -> list[tuple[int, float]]:
    """(side, height) of letters at line ends, moved up where two would touch, and down from top."""
    placed: list[tuple[int, float]] = []
    for side, height in sorted(ends, key=lambda end: end[1]):
        placed.append((side, max(height, placed[-1][1] + gap) if placed else height))
    for i in reversed(range(len(placed))):
        side, height = placed[i]
        if height <= top:
            break
        placed[i] = (side, top)
        top -= gap
    return placed


def letter(side: int, at: dict[str, float], x: alt.X, y: alt.Y) -> alt.Chart:
    """A side's letter to the right of a place in the chart."""
    import altair as alt

    mark = alt.Chart(rows([{**at, "text": side_letter(side)}])).mark_text(
        dx=6, align="left", fontWeight="bold", fontSize=14, color=side_colour(side)
    )
    lettered: alt.Chart = mark.encode(x, y, text=alt.Text("text:N"))
    return lettered


def rows(values: Iterable[dict[str, Any]]) -> alt.InlineData:
    """Rows of plain values as a chart's data."""
    import altair as alt

    return alt.InlineData(values=list(values))


def layered(layers: Sequence[alt.Chart], width: int, height: int) -> Spec:
    """Layers over one another as a Vega-Lite specification, on the page's own background.

    Put together from the layers' own specifications: altair's `layer` copies all data deeply,
    and its validation, which the tests do instead, takes as long as drawing.
    """
    import altair as alt

    spec: Spec = {
        "$schema": alt.SCHEMA_URL,
        "width": width,
        "height": height,
        "background": "transparent",
        "config": config(),
        "datasets": {},
        "layer": [],
    }
    for layer in layers:
        part = layer.to_dict(validate=False)
        spec["datasets"] |= part.pop("datasets", {})
        spec["layer"].append({k: v for k, v in part.items() if k not in ("$schema", "config")})
    return spec
