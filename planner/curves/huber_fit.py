"""Sums of power laws fitted by Huber losses of the errors of their logarithm, all fits in step.

    ln f = ln( sum_i exp(level_i - exponent_i * x_i) + exp(floor) )

The objective is sum_run weight * rho(ln f - y), rho(r) = r^2 / 2 up to `huber` and
huber * (|r| - huber / 2) beyond. Steps solve (Newton + damping * majoriser) step = -slope: Newton
counts the runs within `huber`, the majoriser (iteratively reweighted least squares, which never
climbs where f is linear) all of them. Sources: Huber 1964; Nocedal and Wright 2006, Numerical
Optimization, section 10.3.

theta is (fit, coefficient): the levels, the floor, the exponents.
"""

from __future__ import annotations

import numpy as np

from planner.curves.families.base import Array

STEPS = 200
SETTLED = 1e-12
"""Gain that a step promises, relative to the objective, at which a fit has settled."""
GIVEN_UP = 1e12
"""Damping at which no step makes a fit better: rounding is reached."""
TINY = 1e-300


def huber_error(theta: Array, x: Array, y: Array, weight: Array, huber: float) -> Array:
    """Objective of each fit, (fit,); x (term, run), y (run,), weight (fit, run)."""
    return _error(_terms(theta, x)[1] - y, weight, huber)


def huber_descent(
    start: Array, x: Array, y: Array, weight: Array, huber: float
) -> tuple[Array, Array]:
    """(theta, objective) of the minimum that each start (fit, coefficient) leads to."""
    found = start.copy()
    reached = huber_error(start, x, y, weight, huber)
    going = np.arange(len(start))
    theta, error = start, reached.copy()
    damping = np.ones(len(start))
    for _ in range(STEPS):
        step, promise = _step(theta, x, y, weight, huber, damping)
        trial = theta + step
        trial_error = huber_error(trial, x, y, weight, huber)
        better = trial_error < error
        settled = (promise <= SETTLED * error + TINY) | (damping > GIVEN_UP)
        theta = np.where(better[:, None], trial, theta)
        error = np.where(better, trial_error, error)
        damping = np.where(better, np.maximum(damping / 4.0, 1e-6), damping * 6.0)
        found[going], reached[going] = theta, error
        if settled.any():
            left = ~settled
            going, theta, error = going[left], theta[left], error[left]
            damping, weight = damping[left], weight[left]
        if not len(going):
            break
    return found, reached


def _terms(theta: Array, x: Array) -> tuple[Array, Array]:
    """(share of each term in f (fit, term + 1, run), the floor last; ln f (fit, run))."""
    count = len(x)
    levels = theta[:, :count, None] - theta[:, count + 1 :, None] * x
    floor = np.broadcast_to(theta[:, count, None, None], (len(theta), 1, x.shape[1]))
    parts = np.concatenate([levels, floor], axis=1)
    highest = parts.max(axis=1)
    share = np.exp(parts - highest[:, None, :])
    sums = share.sum(axis=1)
    share /= sums[:, None, :]
    return share, highest + np.log(sums)


def _error(residual: Array, weight: Array, huber: float) -> Array:
    size = np.abs(residual)
    rho = np.where(size <= huber, 0.5 * size**2, huber * (size - 0.5 * huber))
    error = np.einsum("fr,fr->f", weight, rho)
    return np.where(np.isfinite(error), error, np.inf)


def _step(
    theta: Array, x: Array, y: Array, weight: Array, huber: float, damping: Array
) -> tuple[Array, Array]:
    """A step (fit, coefficient), and the fall of the objective that it promises (fit,)."""
    share, value = _terms(theta, x)
    residual = value - y
    columns = np.concatenate([share, -share[:, :-1] * x], axis=1)
    size = np.abs(residual)
    pull = np.einsum("fcr,fr->fc", columns, weight * np.clip(residual, -huber, huber))
    inner = weight * (size <= huber)
    even = weight * np.minimum(1.0, huber / np.maximum(size, TINY))
    joined = inner + damping[:, None] * even
    turned = columns.transpose(0, 2, 1)
    matrix = (columns * joined[:, None, :]) @ turned
    # A coefficient that no run tells of (an exponent whose term has vanished) stays where it is.
    ridge = 1e-12 * np.maximum(np.einsum("fcc->f", matrix), TINY)
    matrix += ridge[:, None, None] * np.eye(matrix.shape[1])
    step = -np.linalg.solve(matrix, pull[:, :, None])[:, :, 0]
    promise = -0.5 * np.einsum("fc,fc->f", step, pull)
    return step, promise
