"""The sample count at which two options cost the same, or are equally accurate.

Both are real numbers: an n of 3.9 is served by giving some queries 3 samples and most 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRID_PER_DOUBLING = 24
"""Points of the search grid in a doubling of n; crossings are interpolated between them."""


@dataclass(frozen=True)
class Crossing:
    """A real-valued n over draws; inf where it does not exist within the range searched."""

    n: Array
    """(draw,) row 0 is the central case."""

    @property
    def share_of_draws(self) -> float:
        """Share of the random draws in which it exists."""
        return float(np.isfinite(self.n[1:]).mean())

    def quantile(self, q: float) -> float | None:
        """A quantile over the draws, where no crossing counts as infinite; None where infinite."""
        value = float(np.quantile(self.n[1:], q, method="inverted_cdf"))
        return value if np.isfinite(value) else None

    @property
    def central(self) -> float | None:
        """In the central case; None where it does not exist there."""
        return float(self.n[0]) if np.isfinite(self.n[0]) else None


def n_grid(n_max: float, measured: tuple[int, ...] = ()) -> Array:
    """Sample counts from 1 to n_max, even in log n, the measured ones among them."""
    steps = max(2, int(np.ceil(GRID_PER_DOUBLING * np.log2(max(n_max, 2.0)))) + 1)
    grid = np.geomspace(1.0, max(n_max, 1.0 + 1e-9), steps)
    return np.unique(np.concatenate([grid, [float(n) for n in measured if 1 <= n <= n_max]]))


def accuracy_parity(accuracy: Array, target: Array, grid: Array) -> Crossing:
    """Smallest n >= 1 at which `accuracy` (draw, n) on a grid (n,) reaches `target` (draw,).

    1 where one sample is already enough; inf where the target is not reached on the grid. The
    crossing is interpolated in log n between the two grid points around it.
    """
    return Crossing(_first_crossing(accuracy - target[:, None], np.log(grid)))


def cost_parity(cost: Callable[[Array], Array], target: Array, grid: Array) -> Crossing:
    """The n at which `cost(n)` (draw, n), rising in n, equals `target` (draw,).

    Below one sample the line through n = 1 and 2 is continued, so that a rival cheaper than one
    sample gives an n under 1; inf where even the largest n costs less.
    """
    values = cost(grid)
    found = _first_crossing(values - target[:, None], np.log(grid))
    pair = cost(np.array([1.0, 2.0]))
    slope = pair[:, 1] - pair[:, 0]
    below = 1.0 + (target - pair[:, 0]) / np.where(slope > 0, slope, np.nan)
    return Crossing(np.where(pair[:, 0] > target, np.maximum(below, 0.0), found))


def _first_crossing(excess: Array, log_n: Array) -> Array:
    reached = excess >= 0
    first = np.argmax(reached, axis=1)
    rows = np.arange(len(excess))
    before = np.maximum(first - 1, 0)
    low, high = excess[rows, before], excess[rows, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(first > 0, -low / (high - low), 1.0)
    at = log_n[before] + np.where(first > 0, part, 0.0) * (log_n[first] - log_n[before])
    return np.where(reached.any(axis=1), np.exp(at), np.inf)
