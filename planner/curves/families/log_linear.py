"""The same gain at every doubling of n."""

from __future__ import annotations

import math

import numpy as np

from planner.curves.families.base import Array, Separable


class LogLinear(Separable):
    """level + slope ln n. It has no ceiling: far beyond the data it promises too much."""

    name = "log_linear"
    formula = "accuracy = level + slope ln n"
    reference = "the limit of the power law as its exponent goes to 0"
    parameters = {"level": "accuracy at n = 1", "slope": "gain for each factor e of n"}
    bounds = {"level": (-math.inf, math.inf), "slope": (-math.inf, math.inf)}
    describes = frozenset({"coverage", "vote", "pick", "depth", "thinking"})
    shapes = np.array([0.0])

    def basis(self, n: Array, shape: Array) -> Array:
        return np.log(n) + np.zeros_like(shape)

    def ceiling(self, theta: Array) -> Array:
        slope = theta[..., 1]
        return np.where(slope == 0.0, theta[..., 0], np.copysign(np.inf, slope))

    def published(self, theta: Array) -> dict[str, float | None]:
        level, slope = map(float, theta)
        return {"level": level, "slope": slope, "gain_per_doubling": slope * math.log(2.0)}
