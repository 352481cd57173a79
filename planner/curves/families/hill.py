"""Accuracy that saturates in n: half of the gain is won after a number of samples."""

from __future__ import annotations

import math

import numpy as np

from planner.curves.families.base import Array, Separable

HALF_MIN, HALF_MAX = 0.01, 1e4


class Hill(Separable):
    """level + gain (n - 1) / (n + half): a Hill curve of exponent 1 that starts at n = 1.

    Written as level + slope (n - 1)(1 + half) / (n + half), slope the gain for each factor e of
    n at n = 1; gain = slope (1 + half). On the log axis it is an S: it may speed up before it
    saturates, as a power law cannot. A negative slope falls towards a floor.
    """

    name = "hill"
    formula = "accuracy = level + gain (n - 1) / (n + half)"
    reference = "Hill 1910, J. Physiol. 40 iv; exponent 1 is Michaelis and Menten's curve"
    parameters = {
        "level": "accuracy at n = 1",
        "slope": "gain for each factor e of n at n = 1",
        "half": "n by which about half of what is ever gained has been gained",
    }
    bounds = {
        "level": (-math.inf, math.inf),
        "slope": (-math.inf, math.inf),
        "half": (HALF_MIN, HALF_MAX),
    }
    describes = frozenset({"coverage", "vote", "pick", "depth", "thinking"})
    shapes = np.geomspace(HALF_MIN, HALF_MAX, 20)

    def basis(self, n: Array, shape: Array) -> Array:
        value: Array = (n - 1.0) * (1.0 + shape) / (n + shape)
        return value

    def basis_slopes(self, n: Array, shape: Array) -> tuple[Array, Array, Array]:
        over = 1.0 / (n + shape)
        part = (n - 1.0) * over
        # (1 + half) / (n + half) = 1 - (n - 1) / (n + half).
        first = part * part
        return part * (1.0 + shape), first, -2.0 * first * over

    def ceiling(self, theta: Array) -> Array:
        limit: Array = theta[..., 0] + theta[..., 1] * (1.0 + theta[..., 2])
        return limit

    def published(self, theta: Array) -> dict[str, float | None]:
        level, slope, half = map(float, theta)
        return {"level": level, "gain": slope * (1.0 + half), "half": half}
