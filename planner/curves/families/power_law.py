"""Error that falls as a power of n towards a floor."""

from __future__ import annotations

import math

import numpy as np

from planner.curves.families.base import Array, Separable

EXPONENT_MIN, EXPONENT_MAX = 0.01, 3.0


class PowerLaw(Separable):
    """Error e + a n^-b, that is accuracy ceiling - a n^-b, with ceiling = 1 - e.

    Written as level + slope (1 - n^-b) / b, where level = ceiling - a is the accuracy at
    n = 1 and slope = a b the gain for each factor e of n there: this form stays well behaved
    as b goes to 0, where it is log-linear, while ceiling and a grow without end. A negative
    slope falls towards a floor. It cannot rise and then fall, nor speed up on the log axis.
    """

    name = "power_law"
    formula = "accuracy = ceiling - a n^-b"
    reference = "Wu et al. 2024, arXiv:2408.00724 (exponential approach of votes to a limit, \
averaged over questions); Schaeffer et al. 2025, arXiv:2502.17578 (power laws of averages)"
    parameters = {
        "level": "accuracy at n = 1",
        "slope": "gain for each factor e of n at n = 1: a b",
        "b": "exponent: near 0 log-linear, above 1 soon saturated",
    }
    bounds = {
        "level": (-math.inf, math.inf),
        "slope": (-math.inf, math.inf),
        "b": (EXPONENT_MIN, EXPONENT_MAX),
    }
    describes = frozenset({"coverage", "vote", "pick", "depth", "thinking"})
    shapes = np.geomspace(EXPONENT_MIN, EXPONENT_MAX, 20)

    def basis(self, n: Array, shape: Array) -> Array:
        # A drawn exponent may be 0; the bounds keep a fitted one away from it.
        b = np.maximum(shape, 1e-9)
        value: Array = -np.expm1(-b * np.log(n)) / b
        return value

    def basis_slopes(self, n: Array, shape: Array) -> tuple[Array, Array, Array]:
        u = np.log(n)
        decay, over = np.exp(-shape * u), 1.0 / shape
        value = (1.0 - decay) * over
        bent = u * decay
        first = (bent - value) * over
        second = -(u * bent + 2.0 * first) * over
        return value, first, second

    def ceiling(self, theta: Array) -> Array:
        limit: Array = theta[..., 0] + theta[..., 1] / np.maximum(theta[..., 2], 1e-12)
        return limit

    def published(self, theta: Array) -> dict[str, float | None]:
        level, slope, b = map(float, theta)
        a = slope / b if b > 0.0 else None
        return {"ceiling": None if a is None else level + a, "a": a, "b": b}
