"""What an imperfect verifier picks: coverage, less the wrong samples that it rates best."""

from __future__ import annotations

import math

import numpy as np

from planner.curves.families.base import Array, Curved

B_MAX, F_MAX = 3.0, 1.0


class ImperfectVerifier(Curved):
    """(1 - (1 - p) n^-b) n^-f: coverage times the chance that no wrong sample was rated above.

    The pick is right where a right sample is among the n and no wrong one fooled the verifier.
    Over questions of differing difficulty each of the two chances is a power of n: what
    coverage misses falls as n^-b, and picks that are not fooled fall as n^-f, f the false
    positives. Accuracy peaks at n = ((b + f)(1 - p) / f)^(1/b); with f = 0 it never falls.
    """

    name = "imperfect_verifier"
    formula = "accuracy = (1 - (1 - p) n^-b) n^-f"
    reference = "coverage with a false-positive rate: Stroebl et al. 2024, arXiv:2411.17501, \
here averaged over questions; peaks as in Snell et al. 2024, arXiv:2408.03314"
    parameters = {
        "p": "accuracy of one sample",
        "b": "exponent of what coverage misses",
        "f": "exponent of the fall to wrong samples that are rated best",
    }
    bounds = {"p": (0.0, 1.0), "b": (0.0, B_MAX), "f": (0.0, F_MAX)}
    describes = frozenset({"pick"})
    monotone = False
    starts = {
        "b": np.geomspace(0.01, B_MAX, 18),
        "f": np.r_[0.0, np.geomspace(0.003, F_MAX, 24)],
    }

    def value(self, n: Array, theta: Array) -> Array:
        p, b, f = (theta[..., i : i + 1] for i in range(3))
        accuracy: Array = (1.0 - (1.0 - p) * n**-b) * n**-f
        return accuracy

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        return self.value_and_gradient(n, theta)[1]

    def value_and_gradient(self, n: Array, theta: Array) -> tuple[Array, tuple[Array, ...]]:
        p, b, f = (theta[..., i : i + 1] for i in range(3))
        u, unlucky, unfooled = np.log(n), n**-b, n**-f
        by_p = unlucky * unfooled
        missed = (1.0 - p) * by_p
        value = (1.0 - (1.0 - p) * unlucky) * unfooled
        return value, (by_p, u * missed, -u * (unfooled - missed))

    def ceiling(self, theta: Array) -> Array:
        p, b, f = (theta[..., i] for i in range(3))
        limit: Array = np.where(f > 0.0, 0.0, np.where(b > 0.0, 1.0, p))
        return limit

    @staticmethod
    def peak(p: float, b: float, f: float) -> float:
        """The n of the highest accuracy; 1 where it falls at once, inf where it never does."""
        if f <= 0.0 or b <= 0.0 or p >= 1.0:
            return math.inf if f <= 0.0 else 1.0
        return max(math.pow((b + f) * (1.0 - p) / f, 1.0 / b), 1.0)
