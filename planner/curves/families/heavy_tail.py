"""Coverage of a mixture: hopeless questions, and a heavy tail of hard ones."""

from __future__ import annotations

import numpy as np

from planner.curves.families.base import Array, Curved

SCALE_MIN, SCALE_MAX = 1e-2, 1e6
TAIL_MIN, TAIL_MAX = 0.01, 10.0


class HeavyTail(Curved):
    """ceiling (1 - (1 + n / scale)^-tail).

    A share `ceiling` of the questions can be solved at all; their chances p of success follow
    a Gamma distribution, whose density near 0 goes as p^(tail - 1), so that what is missing
    falls as n^-tail: the distribution behind the power laws of averages. The limit of the
    beta-binomial for small chances, where scale stands for beta and tail for alpha.
    """

    name = "heavy_tail"
    formula = "coverage = ceiling (1 - (1 + n / scale)^-tail)"
    reference = "Schaeffer et al. 2025, arXiv:2502.17578 (heavy tails near 0 make power laws)"
    parameters = {
        "ceiling": "share of questions that can be solved at all",
        "scale": "samples after which the tail is a power law",
        "tail": "exponent of the density of chances near 0: small where many are hard",
    }
    bounds = {
        "ceiling": (0.0, 1.0),
        "scale": (SCALE_MIN, SCALE_MAX),
        "tail": (TAIL_MIN, TAIL_MAX),
    }
    describes = frozenset({"coverage"})
    starts = {
        "scale": np.geomspace(SCALE_MIN, SCALE_MAX, 25),
        "tail": np.geomspace(TAIL_MIN, TAIL_MAX, 14),
    }
    logs = frozenset({"scale", "tail"})

    def value(self, n: Array, theta: Array) -> Array:
        coverage: Array = -theta[..., 0:1] * np.expm1(self._log_missed(n, theta))
        return coverage

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        ceiling, scale, tail = (theta[..., i : i + 1] for i in range(3))
        log_missed = self._log_missed(n, theta)
        missed = ceiling * np.exp(log_missed)
        by_scale = -missed * tail * n / (scale * (scale + n))
        return -np.expm1(log_missed), by_scale, missed * np.log1p(n / scale)

    @staticmethod
    def _log_missed(n: Array, theta: Array) -> Array:
        log_missed: Array = -theta[..., 2:3] * np.log1p(n / theta[..., 1:2])
        return log_missed

    def ceiling(self, theta: Array) -> Array:
        return theta[..., 0]
