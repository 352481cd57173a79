"""Coverage of questions whose chances of success follow a Beta distribution."""

from __future__ import annotations

import numpy as np

from planner.curves.families.base import Array, Curved

ALPHA_MIN, ALPHA_MAX = 1e-3, 100.0
BETA_MIN, BETA_MAX = 1e-3, 1e4
MANY = 1e7
"""Samples from which log-gammas are no longer told apart."""


class BetaBinomial(Curved):
    """1 - E[(1 - p)^n] with p ~ Beta(alpha, beta): 1 - B(alpha, beta + n) / B(alpha, beta).

    The mean chance of one sample is alpha / (alpha + beta). What is missing to 1 ends in a power
    law, Gamma(alpha + beta) / Gamma(beta) n^-alpha: alpha is the weight of hopeless questions.
    """

    name = "beta_binomial"
    formula = "coverage = 1 - B(alpha, beta + n) / B(alpha, beta)"
    reference = "Schaeffer et al. 2025, arXiv:2502.17578; Kazdan et al. 2025, arXiv:2510.05197"
    parameters = {
        "alpha": "exponent of the tail: small where many questions are all but hopeless",
        "beta": "with alpha, the mean chance of one sample: alpha / (alpha + beta)",
    }
    bounds = {"alpha": (ALPHA_MIN, ALPHA_MAX), "beta": (BETA_MIN, BETA_MAX)}
    describes = frozenset({"coverage"})
    starts = {
        "alpha": np.geomspace(ALPHA_MIN, ALPHA_MAX, 21),
        "beta": np.geomspace(BETA_MIN, BETA_MAX, 29),
    }
    logs = frozenset({"alpha", "beta"})

    def value(self, n: Array, theta: Array) -> Array:
        coverage: Array = -np.expm1(self._log_missed(n, theta))
        return coverage

    def gradient(self, n: Array, theta: Array) -> tuple[Array, ...]:
        from scipy.special import digamma

        alpha, beta = theta[..., 0:1], theta[..., 1:2]
        missed = np.exp(self._log_missed(n, theta))
        both, with_n = digamma(alpha + beta), digamma(alpha + beta + n)
        by_alpha = -missed * (both - with_n)
        by_beta = -missed * (both - with_n + digamma(beta + n) - digamma(beta))
        return by_alpha, by_beta

    @staticmethod
    def _log_missed(n: Array, theta: Array) -> Array:
        """ln E[(1 - p)^n], as a difference of two log-gammas at n and one at 0."""
        from scipy.special import gammaln

        alpha, beta = theta[..., 0:1], theta[..., 1:2]
        x = beta + n
        # Far out the two are equal to all digits; Stirling's series has their difference.
        many = n > MANY
        far = -alpha * np.log(x) - alpha * (alpha - 1.0) / (2.0 * x)
        near = np.minimum(x, beta + MANY)
        log_missed: Array = np.where(many, far, gammaln(near) - gammaln(alpha + near))
        log_missed = log_missed + gammaln(alpha + beta) - gammaln(beta)
        return np.minimum(log_missed, 0.0)

    def ceiling(self, theta: Array) -> Array:
        return np.ones(theta.shape[:-1])
