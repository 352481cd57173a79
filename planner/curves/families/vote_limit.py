"""Votes that approach, exponentially in n, the share of questions whose mode is right."""

from __future__ import annotations

import math

import numpy as np

from planner.curves.families.base import Array, Separable

RATE_MIN, RATE_MAX = 1e-4, 5.0


class VoteLimit(Separable):
    """limit - (limit - level) exp(-rate (n - 1)).

    A vote over many samples returns the likeliest answer of each question, so that accuracy
    ends at the share of questions where that answer is right; of one question the error decays
    exponentially. The limit may lie below the level: votes can lose by more samples.
    """

    name = "vote_limit"
    formula = "accuracy = limit - (limit - level) exp(-rate (n - 1))"
    reference = "Wu et al. 2024, arXiv:2408.00724, theorems 1 and 2"
    parameters = {
        "level": "accuracy at n = 1",
        "slope": "gain for one more sample at n = 1: rate (limit - level)",
        "rate": "share of the remaining gain that one more sample wins",
    }
    bounds = {
        "level": (-math.inf, math.inf),
        "slope": (-math.inf, math.inf),
        "rate": (RATE_MIN, RATE_MAX),
    }
    describes = frozenset({"vote", "pick"})
    shapes = np.geomspace(RATE_MIN, RATE_MAX, 20)

    def basis(self, n: Array, shape: Array) -> Array:
        value: Array = -np.expm1(-shape * (n - 1.0)) / shape
        return value

    def basis_slopes(self, n: Array, shape: Array) -> tuple[Array, Array, Array]:
        x = n - 1.0
        decay, over = np.exp(-shape * x), 1.0 / shape
        value = (1.0 - decay) * over
        bent = x * decay
        first = (bent - value) * over
        second = -(x * bent + 2.0 * first) * over
        return value, first, second

    def ceiling(self, theta: Array) -> Array:
        limit: Array = theta[..., 0] + theta[..., 1] / theta[..., 2]
        return limit

    def published(self, theta: Array) -> dict[str, float | None]:
        level, slope, rate = map(float, theta)
        return {"limit": level + slope / rate, "level": level, "rate": rate}
