"""What a curve tells beside its accuracies: ceiling, saturation, peak, gain of a doubling, fall."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from planner.curves.curve import Curve
from planner.curves.select import INDIFFERENCE, kind_of
from planner.domain.draws import CENTRAL
from planner.errors import Note

SATURATED = 0.005
"""A doubling that gains less than this (half a point) is not worth its samples."""
BEYOND = 8.0
"""How many times beyond the data doublings are looked at."""
STEPS_PER_DOUBLING = 8
FAR = 1e9
"""Samples that stand for "without end"."""
PROVEN = 0.95
"""Share of the draws from which a fall is called proven."""


@dataclass(frozen=True)
class Fall:
    """How far a curve falls from its best measured point to its last."""

    from_n: float
    to_n: float
    drop: float
    questions: float
    """The drop, in questions."""
    probability: float
    """Share of the draws in which it falls."""

    @property
    def proven(self) -> bool:
        """True where nearly all draws fall. The best point is the luckiest of several, too."""
        return self.probability >= PROVEN


def heaviest(curve: Curve) -> tuple[str | None, dict[str, float | None], float | None]:
    """Name and central parameters of the heaviest family, and where the curve then ends."""
    if curve.shape is None:
        return None, {}, None
    i = int(curve.shape.weights.argmax())
    family, theta = curve.shape.families[i], curve.shape.central[i]
    last = float(curve.n_measured[-1])
    carried = curve.measured[CENTRAL, -1] - family.value(np.array([last]), theta)[0]
    limit = float(family.ceiling(theta)) + float(carried)
    ceiling = min(max(limit, 0.0), 1.0) if math.isfinite(limit) else None
    return family.name, family.published(theta), ceiling


def saturation_and_peak(curve: Curve) -> tuple[float | None, float | None]:
    """The n from which on no doubling gains half a point, and the n of the peak.

    Saturation: the smallest n whose doubling lies within the data such that neither it nor any
    later one gains SATURATED: one weak doubling alone (a vote of two is a vote of one) is none.
    Later ones are looked at up to BEYOND times the data, but within them where the curve falls
    there: what it does after a fall is not known. Peak: the best n, where accuracy falls after it
    within the data. None where the data show neither.
    """
    first, last = float(curve.n_measured[0]), float(curve.n_measured[-1])
    if curve.fitted is None:
        return None, None
    doublings = math.log2(last / first)
    steps = math.ceil(STEPS_PER_DOUBLING * doublings)
    n = first * np.exp2(np.linspace(0.0, doublings, steps + 1))
    n = np.union1d(n.clip(first, last), curve.n_measured)
    beyond = last * np.exp2(
        np.arange(1, STEPS_PER_DOUBLING * math.log2(BEYOND)) / STEPS_PER_DOUBLING
    )
    start = np.r_[n, beyond]
    # One look at the curve for all of them.
    at, doubled = np.split(curve.central().accuracy(np.r_[start, 2.0 * start])[CENTRAL], 2)
    value = at[: len(n)]
    peak = int(value.argmax())
    peak_n = float(n[peak]) if value[peak] > value[-1] else None

    farthest = last if peak_n is not None else BEYOND * last
    looked_at = 2.0 * start <= farthest * (1.0 + 1e-9)
    start = start[looked_at]
    gains = np.flatnonzero((doubled - at)[looked_at] >= SATURATED)
    after = start[gains[-1] + 1 :] if len(gains) else start
    within = after[2.0 * after <= last * (1.0 + 1e-9)]
    return float(within[0]) if len(within) else None, peak_n


def extrapolation_factor(curve: Curve, n: float) -> float:
    """How many times beyond the nearest measured n; 1 within the data."""
    return max(n / float(curve.n_measured[-1]), float(curve.n_measured[0]) / n, 1.0)


def fall_of(curve: Curve) -> Fall | None:
    """The fall after the best measured point; None where it is under half a point."""
    if kind_of(curve.key.method) == "coverage":
        return None
    central = curve.measured[CENTRAL]
    best = int(central.argmax())
    drop = float(central[best] - central[-1])
    if drop <= INDIFFERENCE:
        return None
    falls = curve.measured[1:, best] > curve.measured[1:, -1]
    return Fall(
        float(curve.n_measured[best]),
        float(curve.n_measured[-1]),
        drop,
        drop * curve.n_questions[-1],
        float(falls.mean()),
    )


def fall_note(curve: Curve) -> tuple[Note, ...]:
    """What the page says of a fall."""
    if kind_of(curve.key.method) == "coverage":
        return _impossible_fall(curve)
    fall = fall_of(curve)
    if fall is None:
        return ()
    central = dict(zip(curve.n_measured, curve.measured[CENTRAL], strict=True))
    seen = (
        f"{curve.key} falls from {100 * central[fall.from_n]:.1f}% at n = {fall.from_n:g} to "
        f"{100 * central[fall.to_n]:.1f}% at {fall.to_n:g}, {fall.questions:.0f} of "
        f"{curve.n_questions[-1]} questions"
    )
    if fall.proven:
        return (Note("falls_with_n", f"{seen}: more samples than {fall.from_n:g} do harm"),)
    return (
        Note(
            "fall_unproven",
            f"{seen}: the fall is not proven (it shows in {fall.probability:.0%} of the draws), "
            f"nor is any gain beyond n = {fall.from_n:g}",
        ),
    )


def _impossible_fall(curve: Curve) -> tuple[Note, ...]:
    """Coverage never falls: a set of samples that holds a right one holds it when it grows."""
    step = np.diff(curve.measured[CENTRAL])
    if len(step) == 0 or step.min() > -INDIFFERENCE:
        return ()
    i = int(step.argmin())
    n, value = curve.n_measured[i : i + 2], 100 * curve.measured[CENTRAL, i : i + 2]
    return (
        Note(
            "coverage_falls",
            f"{curve.key} falls from {value[0]:.1f}% at n = {n[0]:g} to {value[1]:.1f}% at "
            f"{n[1]:g}, which coverage cannot: were they other questions or samples, or is it "
            "another method?",
        ),
    )
