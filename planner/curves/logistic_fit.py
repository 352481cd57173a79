"""Logistic regressions by the thousand: one design, many sets of counts.

Iteratively reweighted least squares, all fits in step; what `statsmodels` does for one. Source:
McCullagh and Nelder 1989, Generalized Linear Models, section 2.5.
"""

from __future__ import annotations

import numpy as np

from planner.curves.families.base import Array
from planner.curves.gauss_newton import solve

STEPS = 60
SETTLED = 1e-6
"""Last change of a linear predictor at which a fit has settled: changes shrink by their square."""
FAR = 30.0
"""Linear predictors are held within this: chances nearer to 0 or 1 are not told apart."""
BLOCK = 1 << 16
"""Values fitted at a time."""


def logistic_fit(design: Array, right: Array, total: Array) -> Array:
    """Coefficients (fit, column) of logit(chance) = design (point, column) @ coefficients.

    right and total (fit, point) are counts; a point of total 0 counts for nothing. Counts that
    a line separates perfectly, whose coefficients have no finite maximum, end where predictors
    reach FAR; where the counts do not determine all coefficients, all are 0.
    """
    step = max(1, BLOCK // len(design))
    parts = [
        _fit(design, right[i : i + step], total[i : i + step]) for i in range(0, len(right), step)
    ]
    return np.concatenate(parts) if parts else np.empty((0, design.shape[1]))


def _fit(design: Array, right: Array, total: Array) -> Array:
    size = design.shape[1]
    products = np.einsum("pi,pj->pij", design, design).reshape(len(design), -1)
    chance = (right + 0.5) / (total + 1.0)
    predictor = np.log(chance / (1.0 - chance))
    found = np.zeros((len(right), size))
    going = np.arange(len(right))
    for i in range(STEPS):
        weight = chance * (1.0 - chance)
        weight *= total
        entries = weight @ products
        pulled = (weight * predictor + right - total * chance) @ design
        matrix = [[entries[:, size * r + c] for c in range(size)] for r in range(size)]
        theta = solve(matrix, [pulled[:, c] for c in range(size)])
        fresh = np.clip(theta @ design.T, -FAR, FAR)
        settled = np.abs(fresh - predictor).max(-1) <= SETTLED
        found[going] = theta
        if i and settled.any():
            left = ~settled
            going, fresh, right, total = going[left], fresh[left], right[left], total[left]
        if not len(going):
            break
        predictor = fresh
        chance = 1.0 / (1.0 + np.exp(-predictor))
    return found
