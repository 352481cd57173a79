"""Roots of rising functions, many at once: Newton's steps, halved where they leave the bracket."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEPS = 200
CLOSE = 1e-13
"""Step, relative to the root (absolute below 1), at which it is found."""


def rising_root(function: Callable[[Array], tuple[Array, Array]], low: Array, high: Array) -> Array:
    """x with function(x) = 0, one for each entry of low and high, which bracket it.

    function gives (values, slopes), values rising in x, at most 0 at low and at least 0 at high.
    NaN where either end is NaN.
    """
    low, high = np.broadcast_arrays(np.asarray(low, dtype=float), np.asarray(high, dtype=float))
    low, high = low.copy(), high.copy()
    x: Array = 0.5 * (low + high)
    for _ in range(STEPS):
        with np.errstate(over="ignore", invalid="ignore"):
            value, slope = function(x)
        low = np.where(value <= 0, x, low)
        high = np.where(value >= 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = x - value / slope
        inside = (newton > low) & (newton < high)
        after = np.where(inside, newton, 0.5 * (low + high))
        moved = np.abs(after - x)
        x = after
        if not np.any(moved > CLOSE * np.maximum(np.abs(x), 1.0)):
            break
    return x
