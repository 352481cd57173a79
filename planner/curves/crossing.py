"""The number of samples at which a curve reaches an accuracy."""

from __future__ import annotations

import numpy as np

from planner.curves.curve import Curve
from planner.curves.families.base import Array

GRID_PER_DOUBLING = 32
"""Points per doubling on which a crossing is looked for."""


def first_n_reaching(curve: Curve, target: Array, n_max: float) -> Array:
    """Smallest real n from 1 to n_max at which a draw reaches its target, shape (draw,).

    target has shape (draw,). Found on each draw's own curve by straight lines in log n
    on a grid of GRID_PER_DOUBLING points per doubling that includes the measured ones. 1.0
    where already reached at n = 1, infinite where not by n_max. Of a single point: its n,
    where that reaches the target.
    """
    target = np.asarray(target, dtype=np.float64)
    if curve.shape is None:
        only = float(curve.n_measured[0])
        reached = (curve.measured[:, 0] >= target) & (only <= n_max)
        return np.where(reached, only, np.inf)
    doublings = np.log2(n_max)
    even = np.linspace(0.0, doublings, max(2, int(np.ceil(doublings * GRID_PER_DOUBLING)) + 1))
    known = np.log2(curve.n_measured)
    u = np.union1d(even, known[known <= doublings])
    value = curve.accuracy(np.minimum(np.exp2(u), n_max).clip(1.0))
    above = value >= target[:, None]
    at = above.argmax(1)
    before = np.maximum(at - 1, 0)
    rows = np.arange(len(value))
    y0, y1 = value[rows, before], value[rows, at]
    rise = np.where(y1 > y0, y1 - y0, 1.0)
    part = np.where(at > 0, (target - y0) / rise, 0.0)
    crossing = np.exp2(u[before] + part * (u[at] - u[before]))
    return np.where(above.any(1), crossing, np.inf)
