"""Coverage whose negative logarithm falls as a power of n."""

from __future__ import annotations

import numpy as np

from planner.curves.families.base import Array, Curved

A_MIN, A_MAX = 1e-9, 50.0
B_MIN, B_MAX = 1e-3, 4.0
EDGE = 1e-6
"""Values are held this far from 0 and 1 before logarithms of them are taken."""


class ExponentiatedPowerLaw(Curved):
    """Coverage exp(-a n^-b): rises from exp(-a) at n = 1 to 1.

    An average over questions whose chances of success have a heavy tail near 0. Only for
    coverage: votes and verifiers do not reach 1.
    """

    name = "exponentiated_power_law"
    formula = "coverage = exp(-a n^-b)"
    reference = "Brown et al. 2024, arXiv:2407.21787, eq. 2-3; \
Schaeffer et al. 2025, arXiv:2502.17578"
    parameters = {
        "a": "-ln of the coverage of one sample",
        "b": "exponent of its fall; the weight of hard questions",
    }
    bounds = {"a": (A_MIN, A_MAX), "b": (B_MIN, B_MAX)}
    describes = frozenset({"coverage"})

    def value(self, n: Array, theta: Array) -> Array:
        coverage: Array = np.exp(-theta[..., 0:1] * n ** -theta[..., 1:2])
        return coverage

    def start(self, n: Array, y: Array, weight: Array) -> Array:
        """Straight line of ln(-ln y) = ln a - b ln n, weighted by the delta method."""
        y = np.clip(y, EDGE, 1.0 - EDGE)
        log_y = np.log(y)
        w = weight * (y * log_y) ** 2
        u, v = np.log(n) + np.zeros_like(y), np.log(-log_y)
        total = np.maximum(w.sum(-1), 1e-300)
        u_mean, v_mean = (w * u).sum(-1) / total, (w * v).sum(-1) / total
        u_centred = u - u_mean[..., None]
        spread = (w * u_centred**2).sum(-1)
        b = np.clip(-(w * u_centred * v).sum(-1) / np.maximum(spread, 1e-300), B_MIN, B_MAX)
        a = np.exp(np.clip(v_mean + b * u_mean, np.log(A_MIN), np.log(A_MAX)))
        return np.stack([a, b], axis=-1)

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        power = n ** -theta[..., 1:2]
        by_a = -power * np.exp(-theta[..., 0:1] * power)
        return by_a, -theta[..., 0:1] * np.log(n) * by_a

    def ceiling(self, theta: Array) -> Array:
        return np.ones(theta.shape[:-1])

    def published(self, theta: Array) -> dict[str, float | None]:
        return {"a": float(theta[0]), "b": float(theta[1])}
