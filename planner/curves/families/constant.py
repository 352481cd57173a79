"""Accuracy that does not change with n."""

from __future__ import annotations

import math

import numpy as np

from planner.curves.families.base import Array, Separable


class Constant(Separable):
    """level: what was reached stays. For curves that show no change with n."""

    name = "constant"
    formula = "accuracy = level"
    reference = "the last value stays"
    parameters = {"level": "accuracy at every n", "slope": "held at 0"}
    bounds = {"level": (-math.inf, math.inf), "slope": (0.0, 0.0)}
    describes = frozenset({"vote", "pick", "depth", "thinking"})
    shapes = np.array([0.0])
    sloped = False
    flat = True

    def basis(self, n: Array, shape: Array) -> Array:
        return np.zeros(np.broadcast_shapes(np.shape(n), np.shape(shape)))

    def ceiling(self, theta: Array) -> Array:
        return theta[..., 0]

    def published(self, theta: Array) -> dict[str, float | None]:
        return {"level": float(theta[0])}
