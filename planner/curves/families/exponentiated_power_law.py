"""Coverage whose negative logarithm falls as a power of n."""

from __future__ import annotations

import numpy as np

from planner.curves.families.base import Array, Curved

A_MIN, A_MAX = 1e-9, 50.0
B_MIN, B_MAX = 1e-3, 4.0


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
    starts = {
        "a": np.r_[A_MIN, np.geomspace(1e-3, A_MAX, 24)],
        "b": np.r_[B_MIN, np.geomspace(0.02, B_MAX, 16)],
    }
    logs = frozenset({"a", "b"})

    def value(self, n: Array, theta: Array) -> Array:
        coverage: Array = np.exp(-theta[..., 0:1] * n ** -theta[..., 1:2])
        return coverage

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        power = n ** -theta[..., 1:2]
        by_a = -power * np.exp(-theta[..., 0:1] * power)
        return by_a, -theta[..., 0:1] * np.log(n) * by_a

    def ceiling(self, theta: Array) -> Array:
        return np.ones(theta.shape[:-1])
