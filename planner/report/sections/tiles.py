"""Headline numbers beside those of what they are compared with, coloured by good and bad."""

from __future__ import annotations

from dataclasses import dataclass

from planner.report.page import Tile, Tone
from planner.report.text import Write, span
from planner.units import format_percent, format_seconds, format_usd

EXACT = 1e-9
THAN: dict[Tone, str] = {"good": "better than", "bad": "worse than", "plain": "like"}
"""Said beside the colour, which black and white does not show."""


@dataclass(frozen=True)
class Figures:
    """Four numbers of a plan or an option; None where one is not known."""

    accuracy: float | None = None
    usd_per_day: float | None = None
    usd_per_correct: float | None = None
    latency_p95_s: float | None = None
    accuracy_ends: tuple[float | None, float | None] = (None, None)
    usd_ends: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True)
class Beside:
    """What the numbers are compared with, and what counts as a difference."""

    figures: Figures
    name: str
    points: float = EXACT
    """Smallest difference in accuracy that has a colour."""
    part: float = EXACT
    """Smallest relative difference in dollars and seconds that has one."""
    latency: str = ""
    """Under which load both were timed."""


def figure_tiles(own: Figures, beside: Beside | None) -> list[Tile]:
    """Accuracy, dollars a day, dollars a correct answer, p95 latency: those that are known."""
    was = Figures() if beside is None else beside.figures
    points, part = (EXACT, EXACT) if beside is None else (beside.points, beside.part)
    name, load = ("", "") if beside is None else (beside.name, beside.latency)
    found: list[tuple[str, float | None, float | None, Write, str | None]] = [
        ("Accuracy", own.accuracy, was.accuracy, format_percent,
         span(*own.accuracy_ends, format_percent)),
        ("Cost a day", own.usd_per_day, was.usd_per_day, format_usd,
         span(*own.usd_ends, format_usd)),
        ("Cost a correct answer", own.usd_per_correct, was.usd_per_correct, format_usd, None),
        ("95% answered within", own.latency_p95_s, was.latency_p95_s, format_seconds,
         load or None),
    ]  # fmt: skip
    tiles = []
    for label, value, then, write, more in found:
        if value is None:
            continue
        dear = label != "Accuracy"
        least = part * abs(then or 1.0) if dear else points
        tone = _tone(value, then, least, less_is_good=dear)
        compared = None if then is None else f"{THAN[tone]} {name}: {write(then)}"
        tiles.append(Tile(label, write(value), "\n".join(filter(None, (more, compared))), tone))
    return tiles


def _tone(value: float, was: float | None, least: float, *, less_is_good: bool) -> Tone:
    """Good where a reader gains, whichever way the number moves."""
    if was is None or abs(value - was) < max(least, EXACT):
        return "plain"
    return "good" if (value < was) == less_is_good else "bad"
