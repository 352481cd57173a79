"""How noisy a curve is along itself, and what that lets one say of it."""

from __future__ import annotations

import math

import numpy as np

from planner.curves.grouping import Known
from planner.curves.status import Status
from planner.measure.replicates import Correlation

SMOOTH = 7
"""Fewest points that tell how rough a curve is."""
ROUGHNESS_MIN = 0.2
FLAT_SD = 1.645
"""A spread below this many standard deviations of its noise is called flat."""


def noise_of_step(known: Known, i: int, j: int, correlation: Correlation) -> float:
    """Standard deviation of the noise in the difference between points i and j of a curve."""
    questions = min(known.rows[i].n_questions, known.rows[j].n_questions)
    p = (0.5 * float(known.measured[0, i] + known.measured[0, j]) * questions + 0.5) / (
        questions + 1.0
    )
    together = correlation.along_curve(known.n[i], known.n[j])
    return math.sqrt(2.0 * (1.0 - together) * p * (1.0 - p) / questions)


def roughness_of(known: Known, correlation: Correlation) -> float:
    """How rough the curve is beside the noise assumed between its points, at most 1.

    Points that are means over many subsets of the same samples are smoother than points from
    samples of their own, and a mean does not say which it is. By how far points lie off the
    line between their neighbours, less what a bend that changes evenly along the curve puts
    them off; 1 where fewer than SMOOTH points tell.
    """
    u, y = np.log(known.n), known.measured[0]
    if len(u) < SMOOTH:
        return 1.0
    part = (u[1:-1] - u[:-2]) / (u[2:] - u[:-2])
    off = y[1:-1] - (y[:-2] * (1.0 - part) + y[2:] * part)
    step = np.array([noise_of_step(known, i, i + 1, correlation) for i in range(len(u) - 1)]) ** 2
    # Off the line by (1 - part) of the step before less part of the step after.
    expected = np.mean((1.0 - part) ** 2 * step[:-1] + part**2 * step[1:])
    even = np.column_stack([np.ones(len(off)), u[1:-1]])
    bends = even @ np.linalg.lstsq(even, off, rcond=None)[0]
    rough = ((off - bends) ** 2).sum() / (len(off) - 2) / max(float(expected), 1e-300)
    return float(np.clip(np.sqrt(rough), ROUGHNESS_MIN, 1.0))


def status_of(known: Known, usual: Status, correlation: Correlation) -> Status:
    """How well a curve is determined, `usual` where nothing speaks against it."""
    if known.measured[0].min() == 1.0:
        return Status.PERFECT
    if usual is Status.FITTED and not changes_of(known, correlation):
        return Status.FLAT
    return usual


def changes_of(known: Known, correlation: Correlation) -> bool:
    """True where the lowest and highest point differ by more than noise."""
    y = known.measured[0]
    low, high = int(y.argmin()), int(y.argmax())
    noise = noise_of_step(known, low, high, correlation) if low != high else 0.0
    return bool(y[high] - y[low] > FLAT_SD * noise)
