"""Damped Gauss-Newton steps (Levenberg and Marquardt), batched: all fits in step.

Parameters stay within their bounds: one that stands at a bound and is drawn outward takes no
part in a step, so that the others still find their minimum along it. Fits that have settled
leave the batch. Source: Nocedal and Wright 2006, Numerical Optimization, section 10.3.

Arrays are (fit, point) and (fit, parameter).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.curves.families.base import Array, Curved
from planner.curves.starts import TINY, starts

STEPS = 300
STEPS_OF_DRAWS = 40
"""Steps at most from the central case of a curve to one of its draws."""
NEWTON_FROM = 12
"""Fits that have not settled by this step take Newton steps: curvature and residual are then
large together, which Gauss-Newton steps leave out, and they would creep."""
DIFFERENCE = 1e-4
"""Step, relative to the parameter, of the differences that give the curvature."""
SETTLED = 1e-12
"""Gain that a step promises, relative to the objective, at which a fit has settled."""
MET = 1e-3
"""Two starts whose parameters agree to this have met."""
GOING_ON = 8
"""Of many starts that have not met, the lowest that go on."""
NOTHING = 1e-20
"""Objective, relative to that of accuracies of 0, that is as good as none."""
GIVEN_UP = 1e14
"""Damping at which no step makes a fit better: rounding is reached."""


def fit_curved(family: Curved, n: Array, y: Array, weight: Array, *, quick: bool = False) -> Array:
    """Parameters (fit, parameter) of the lowest minimum found from several starts.

    `quick` starts from the valleys of the grid alone, which now and then misses the lowest.
    """
    bands = (1, 1) if quick else family.bands
    fits, start = starts(family, n, y, weight, bands)
    if bands != (1, 1):
        # Most of many starts soon meet on the same way down; one of them goes on.
        start, reached = gauss_newton(family, n, y[fits], weight[fits], start, NEWTON_FROM)
        place = np.column_stack([fits, np.round(start / MET)])
        apart = np.unique(place, axis=0, return_index=True)[1]
        order = apart[np.lexsort((reached[apart], fits[apart]))]
        rank = np.arange(len(order)) - np.searchsorted(fits[order], fits[order])
        kept = order[rank < GOING_ON]
        fits, start = fits[kept], start[kept]
    found, reached = gauss_newton(family, n, y[fits], weight[fits], start)
    order = np.lexsort((reached, fits))
    first = np.searchsorted(fits[order], np.arange(len(y)))
    best: Array = found[order[first]]
    return best


@dataclass(frozen=True)
class _At:
    """Fits at some parameters: all that a step from there needs."""

    theta: Array
    """(fit, parameter)"""
    residual: Array
    """(fit, point) y less the value."""
    error: Array
    """(fit,) the objective."""
    columns: tuple[Array, ...]
    """Derivatives of the value by each parameter, or by its logarithm, each (fit, point)."""

    @classmethod
    def of(cls, family: Curved, n: Array, y: Array, weight: Array, theta: Array) -> _At:
        value, slopes = family.value_and_gradient(n, theta)
        residual = y - value
        columns = tuple(
            slope * theta[:, i : i + 1] if name in family.logs else slope + np.zeros_like(y)
            for i, (name, slope) in enumerate(zip(family.parameters, slopes, strict=True))
        )
        error = np.einsum("fp,fp,fp->f", weight, residual, residual)
        return cls(theta, residual, error, columns)

    def pull(self, weight: Array) -> list[Array]:
        """Half the derivatives of -objective by each parameter, (fit,) each."""
        weighted = weight * self.residual
        return [np.einsum("fp,fp->f", column, weighted) for column in self.columns]

    def moved_to(self, other: _At, better: NDArray[np.bool_]) -> _At:
        """The fits that are `better` (fit,) there, the others here."""
        if better.all():
            return other
        wide = better[:, None]
        pairs = zip(other.columns, self.columns, strict=True)
        return _At(
            np.where(wide, other.theta, self.theta),
            np.where(wide, other.residual, self.residual),
            np.where(better, other.error, self.error),
            tuple(np.where(wide, there, here) for there, here in pairs),
        )

    def only(self, kept: NDArray[np.bool_]) -> _At:
        """Some of the fits."""
        columns = tuple(column[kept] for column in self.columns)
        return _At(self.theta[kept], self.residual[kept], self.error[kept], columns)


def gauss_newton(
    family: Curved, n: Array, y: Array, weight: Array, start: Array, steps: int = STEPS
) -> tuple[Array, Array]:
    """(parameters, objective) of each fit; y and weight (fit, point), start (fit, parameter)."""
    low, high = np.array(list(family.bounds.values())).T
    at = _At.of(family, n, y, weight, np.clip(start, low, high))
    damping = np.full(len(y), 1e-3)
    nothing = NOTHING * np.einsum("fp,fp,fp->f", weight, y, y) + TINY
    going = np.arange(len(y))
    found, reached = at.theta.copy(), at.error.copy()
    for i in range(steps):
        step, promise = _step(family, n, y, weight, at, damping, newton=i >= NEWTON_FROM)
        trial = _At.of(family, n, y, weight, np.clip(_moved(family, at.theta, step), low, high))
        better = trial.error <= at.error
        settled = (promise <= SETTLED * at.error + nothing) & (promise >= 0.0) & (damping < 1.0)
        settled |= damping > GIVEN_UP
        at = at.moved_to(trial, better)
        damping = np.where(better, np.maximum(damping / 8.0, 1e-12), damping * 5.0)
        if settled.any():
            found[going], reached[going] = at.theta, at.error
            left = ~settled
            going, at, damping = going[left], at.only(left), damping[left]
            y, weight, nothing = y[left], weight[left], nothing[left]
        if not len(going):
            break
    found[going], reached[going] = at.theta, at.error
    return found, reached


def _moved(family: Curved, theta: Array, step: Array) -> Array:
    """theta after a step, which for some parameters is one of the logarithm."""
    moved = theta + step
    for i, name in enumerate(family.parameters):
        if name in family.logs:
            moved[:, i] = theta[:, i] * np.exp(np.clip(step[:, i], -5.0, 5.0))
    return moved


def _step(
    family: Curved,
    n: Array,
    y: Array,
    weight: Array,
    at: _At,
    damping: Array,
    newton: bool,
) -> tuple[Array, Array]:
    """A step (fit, parameter), and the fall of the objective that it promises (fit,)."""
    columns, pull = at.columns, at.pull(weight)
    size = len(columns)
    weighted = [weight * column for column in columns]
    own = [np.einsum("fp,fp->f", a, b) for a, b in zip(weighted, columns, strict=True)]
    extra = [damping * size_of + TINY for size_of in own]
    matrix = (
        _curvature(family, n, y, weight, at.theta) if newton else _products(weighted, columns, own)
    )
    held = _held(family, at.theta, pull)
    for i in range(size):
        pull[i] = np.where(held[:, i], 0.0, pull[i])
        matrix[i][i] = np.where(held[:, i], 1.0, matrix[i][i] + extra[i])
        for j in range(size):
            if i != j:
                matrix[i][j] = np.where(held[:, i] | held[:, j], 0.0, matrix[i][j])
    step = solve(matrix, pull)
    return step, np.einsum("fi,if->f", step, np.stack(pull))


def _products(
    weighted: list[Array], columns: tuple[Array, ...], own: list[Array]
) -> list[list[Array]]:
    """Products of the columns with each other, (fit,) each; own are those with themselves."""
    matrix = [[each] * len(own) for each in own]
    for i in range(len(own)):
        for j in range(i):
            matrix[i][j] = np.einsum("fp,fp->f", weighted[i], columns[j])
            matrix[j][i] = matrix[i][j]
    return matrix


def _curvature(
    family: Curved, n: Array, y: Array, weight: Array, theta: Array
) -> list[list[Array]]:
    """Half the second derivatives of the objective, by central differences of the first."""
    low, high = np.array(list(family.bounds.values())).T
    size = theta.shape[1]
    # (parameter, end, fit, parameter): one parameter a little lower and higher, for all at once.
    ends = np.tile(theta, (size, 2, 1, 1))
    widths = []
    for i, name in enumerate(family.parameters):
        log = name in family.logs
        step = theta[:, i] if log else np.maximum(np.abs(theta[:, i]), 1e-3)
        for end, sign in zip(ends[i], (-1.0, 1.0), strict=True):
            end[:, i] = np.clip(theta[:, i] + sign * DIFFERENCE * step, low[i], high[i])
        at = [np.log(end[:, i]) if log else end[:, i] for end in ends[i]]
        widths.append(np.maximum(at[1] - at[0], TINY))
    y, weight = np.tile(y, (2 * size, 1)), np.tile(weight, (2 * size, 1))
    pulls = _At.of(family, n, y, weight, ends.reshape(-1, size)).pull(weight)
    by_end = np.stack(pulls).reshape(size, size, 2, len(theta))
    columns = [(by_end[:, i, 0] - by_end[:, i, 1]) / widths[i] for i in range(size)]
    half = range(size)
    return [[0.5 * (columns[i][j] + columns[j][i]) for j in half] for i in half]


def _held(family: Curved, theta: Array, pull: list[Array]) -> NDArray[np.bool_]:
    """Parameters at a bound that the data pull outward, (fit, parameter)."""
    low, high = np.array(list(family.bounds.values())).T
    outward = np.stack(pull, axis=-1)
    held: NDArray[np.bool_] = ((theta <= low) & (outward <= 0)) | ((theta >= high) & (outward >= 0))
    return held


def solve(matrix: list[list[Array]], right: list[Array]) -> Array:
    """Solves small systems, one a fit: (fit, row).

    Gaussian elimination written out over rows and columns, each entry an array (fit,).
    """
    size = len(right)
    rows, x = [list(row) for row in matrix], list(right)
    # A system without a solution (a curve that no parameter moves) takes no step.
    with np.errstate(all="ignore"):
        for i in range(size):
            for j in range(i + 1, size):
                factor = rows[j][i] / rows[i][i]
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i], strict=True)]
                x[j] = x[j] - factor * x[i]
        for i in reversed(range(size)):
            for j in range(i + 1, size):
                x[i] = x[i] - rows[i][j] * x[j]
            x[i] = x[i] / rows[i][i]
    step = np.stack(x, axis=-1)
    return np.where(np.isfinite(step), step, 0.0)
