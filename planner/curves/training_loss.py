"""Loss of a model by its parameters and training tokens, fitted to measured runs.

L(N, D) = E + A / N^alpha + B / D^beta, by the sum of Huber losses of the errors of log L, from
a grid of starts. Source: Hoffmann et al. 2022, arXiv:2203.15556, approach 3; as replicated by
Besiroglu et al. 2024, arXiv:2404.10102.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from planner.curves.families.base import Array

HUBER = 1e-3
"""Error of log loss from which a run counts by its distance, not its square."""
SCALE = 1e6
"""The objective is near 1e-3: scaled up, so that the optimiser's tolerances mean something."""
STARTS = ((0.0, 10.0, 20.0), (0.0, 10.0, 20.0), (-0.5, 0.5), (0.25, 0.75), (0.25, 0.75))
"""ln A, ln B, ln E, alpha, beta."""
TRIED = 12
"""Starts, the best of the grid, from which a minimum is sought."""


@dataclass(frozen=True)
class LossLaw:
    """Coefficients of L = E + A / N^alpha + B / D^beta."""

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def loss(self, params: Array, tokens: Array) -> Array:
        """Loss of a model of that many parameters after that many training tokens."""
        value: Array = self.E + self.A * params**-self.alpha + self.B * tokens**-self.beta
        return value


def fit_loss_law(params: Array, tokens: Array, loss: Array) -> LossLaw:
    """The law nearest to measured runs, each array of shape (run,).

    Raises ValueError where there are no more runs than coefficients.
    """
    from scipy.optimize import minimize

    if len(loss) <= len(STARTS):
        raise ValueError(f"five coefficients need more than {len(loss)} runs")
    log_n, log_d, log_loss = np.log(params), np.log(tokens), np.log(loss)

    def objective(theta: Array) -> tuple[float, Array]:
        a, b, e, alpha, beta = theta
        terms = np.stack([a - alpha * log_n, b - beta * log_d, np.full_like(log_loss, e)])
        highest = terms.max(0)
        share = np.exp(terms - highest)
        sums = share.sum(0)
        share /= sums
        error = highest + np.log(sums) - log_loss
        pull = SCALE * np.clip(error, -HUBER, HUBER)
        by = share @ pull
        slope = np.array([*by, -(share[0] * log_n) @ pull, -(share[1] * log_d) @ pull])
        size = np.abs(error)
        lost = np.where(size <= HUBER, 0.5 * size**2, HUBER * (size - 0.5 * HUBER)).sum()
        return SCALE * float(lost), slope

    starts = sorted(map(np.array, itertools.product(*STARTS)), key=lambda t: objective(t)[0])
    found = [
        minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 2000})
        for start in starts[:TRIED]
    ]
    a, b, e, alpha, beta = min(found, key=lambda solved: solved.fun).x
    return LossLaw(float(np.exp(e)), float(np.exp(a)), float(np.exp(b)), float(alpha), float(beta))
