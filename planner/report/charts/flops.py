"""The most accuracy that equal FLOPs buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.domain.answer import FlopStep
from planner.report.charts import style
from planner.units import format_percent


def flop_chart(
    steps: Sequence[FlopStep], side_of_model: Mapping[str, int], reference: str
) -> style.Spec:
    """Stairs over FLOPs (log axis, in units of the reference option), one point a step.

    Colour and letter are the side's whose model it is; a diamond has a verifier, a circle none.
    """
    import altair as alt

    ordered = sorted(steps, key=lambda step: step.times_reference)
    times = [step.times_reference for step in ordered]
    domain = (min(times) / 1.4, max(times) * 1.9)
    ticks = style.even_ticks(max(step.accuracy for step in ordered) * 1.08)
    x = alt.X(
        "times:Q",
        scale=style.log_scale(domain),
        axis=style.axis(f"FLOPs, times those of {reference}", style.decades(*domain),
                        lambda t: f"{style.short_count(t)}×", grid=False, titleLimit=style.WIDTH),
    )  # fmt: skip
    y = alt.Y(
        "accuracy:Q",
        scale=style.linear_scale((0.0, ticks[-1])),
        axis=style.axis("accuracy", ticks, format_percent),
    )
    stairs = [{"times": s.times_reference, "accuracy": s.accuracy} for s in ordered]
    stairs.append({"times": domain[1], "accuracy": ordered[-1].accuracy})
    layers = [
        alt.Chart(style.rows(stairs))
        .mark_line(color=style.SHADE, interpolate="step-after", strokeWidth=1.6)
        .encode(x, y)
    ]
    points = [_point(step, side_of_model.get(step.model)) for step in ordered]
    drawn = alt.Chart(style.rows(points))
    colour = alt.Color("colour:N", scale=None)
    layers += [
        drawn.mark_point(filled=True, size=90, opacity=1).encode(
            x, y, colour, shape=alt.Shape("shape:N", scale=None)
        ),
        drawn.mark_text(dy=-12, fontWeight="bold").encode(x, y, colour, text=alt.Text("text:N")),
    ]
    return style.layered(layers, style.WIDTH, style.HEIGHT)


def _point(step: FlopStep, side: int | None) -> dict[str, Any]:
    return {
        "times": step.times_reference,
        "accuracy": step.accuracy,
        "colour": style.side_colour(side),
        "shape": "diamond" if step.verifier else "circle",
        "text": "" if side is None else style.side_letter(side),
    }
