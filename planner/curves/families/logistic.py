"""Accuracy that is logistic in log n, up to a ceiling."""

from __future__ import annotations

import numpy as np

from planner.curves.families.base import Array, Curved

MIDDLE_MIN, MIDDLE_MAX = 1e-3, 1e6
STEEP_MIN, STEEP_MAX = 0.02, 4.0


class Logistic(Curved):
    """ceiling / (1 + (middle / n)^steepness): a Hill curve from 0, logistic in ln n.

    For questions that are hopeless with few samples and all but certain with many.
    """

    name = "logistic"
    formula = "accuracy = ceiling / (1 + (middle / n)^steepness)"
    reference = "Hill 1910, J. Physiol. 40 iv; logistic in ln n"
    parameters = {
        "ceiling": "accuracy that no number of samples exceeds",
        "middle": "n at which half of the ceiling is reached",
        "steepness": "slope of the logit for each factor e of n",
    }
    bounds = {
        "ceiling": (0.0, 1.0),
        "middle": (MIDDLE_MIN, MIDDLE_MAX),
        "steepness": (STEEP_MIN, STEEP_MAX),
    }
    describes = frozenset({"coverage", "vote", "pick", "depth", "thinking"})
    starts = {
        "middle": np.geomspace(MIDDLE_MIN, MIDDLE_MAX, 28),
        "steepness": np.geomspace(STEEP_MIN, STEEP_MAX, 10),
    }
    logs = frozenset({"middle", "steepness"})

    def value(self, n: Array, theta: Array) -> Array:
        accuracy: Array = theta[..., 0:1] * self._risen(n, theta)
        return accuracy

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        return self.value_and_gradient(n, theta)[1]

    def value_and_gradient(self, n: Array, theta: Array) -> tuple[Array, tuple[Array, ...]]:
        ceiling, middle, steepness = (theta[..., i : i + 1] for i in range(3))
        risen = self._risen(n, theta)
        value = ceiling * risen
        by_logit = value * (1.0 - risen)
        slopes = -by_logit * steepness / middle, by_logit * (np.log(n) - np.log(middle))
        return value, (risen, *slopes)

    @staticmethod
    def _risen(n: Array, theta: Array) -> Array:
        logit = theta[..., 2:3] * (np.log(n) - np.log(theta[..., 1:2]))
        # 1 / (1 + e^-x) without overflow for x far below 0.
        risen: Array = 0.5 * (1.0 + np.tanh(0.5 * logit))
        return risen

    def ceiling(self, theta: Array) -> Array:
        return theta[..., 0]
