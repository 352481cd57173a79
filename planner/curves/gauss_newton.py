"""Damped Gauss-Newton steps (Levenberg and Marquardt), batched: all fits in step.

Parameters stay within their bounds: one that stands at a bound and is drawn outward takes no
part in a step, so that the others still find their minimum along it. Fits that have settled
leave the batch. Source: Nocedal and Wright 2006, Numerical Optimization, section 10.3.

Arrays are (fit, point) and (fit, parameter).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.curves.families.base import Array, Curved

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
SEARCHED = 5
"""Starts tried at most: the lowest valleys of the objective on the grid of starts."""
MET = 1e-3
"""Two starts whose parameters agree to this have met."""
GOING_ON = 8
"""Of many starts that have not met, the lowest that go on."""
NOTHING = 1e-20
"""Objective, relative to that of accuracies of 0, that is as good as none."""
GIVEN_UP = 1e14
"""Damping at which no step makes a fit better: rounding is reached."""
TINY = 1e-300


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


def starts(
    family: Curved, n: Array, y: Array, weight: Array, bands: tuple[int, int]
) -> tuple[NDArray[np.intp], Array]:
    """Where to start: (fit of each start, its parameters (start, parameter)).

    The objective is computed on the grid of the family's `starts` for all fits at once, the
    affine parameter being set to its best value at each grid point. A valley is a grid point
    none of whose neighbours is lower.
    """
    grid = list(family.starts)
    axes = np.meshgrid(*family.starts.values(), indexing="ij")
    low, high = np.array(list(family.bounds.values())).T
    names = list(family.parameters)
    theta = np.empty((axes[0].size, len(names)))
    for name, axis in zip(grid, axes, strict=True):
        theta[:, names.index(name)] = axis.reshape(-1)
    affine = [i for i, name in enumerate(names) if name not in grid]
    for i in affine:
        theta[:, i] = low[i]
    base = family.value(n, theta)
    weighted = weight * y
    error = np.einsum("fp,fp->f", weighted, y)[:, None]
    error = error + weight @ (base**2).T - 2.0 * (weighted @ base.T)
    part = np.zeros_like(error)
    for i in affine:
        theta[:, i] = high[i]
        rise = family.value(n, theta) - base
        along = weighted @ rise.T - weight @ (base * rise).T
        spread = weight @ (rise**2).T
        part = np.clip(along / np.maximum(spread, TINY), 0.0, high[i] - low[i])
        error += part * (part * spread - 2.0 * along)
    on_grid = error.reshape(len(y), *axes[0].shape)
    fits, at = _valleys(on_grid)
    if bands != (1, 1):
        more = _lowest_of_bands(on_grid, bands)
        fits, at = np.unique(np.concatenate([np.stack([fits, at]), more], axis=1), axis=1)
    start = theta[at]
    for i in affine:
        start[:, i] = low[i] + part[fits, at]
    return fits, start


def _valleys(error: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(fit, flat grid point) of the SEARCHED lowest valleys of error (fit, row, column)."""
    fits, rows, columns = error.shape
    walled = np.full((fits, rows + 2, columns + 2), np.inf)
    walled[:, 1:-1, 1:-1] = error
    valley = np.ones(error.shape, dtype=bool)
    for i in range(3):
        for j in range(3):
            beside = walled[:, i : i + rows, j : j + columns]
            # Of a level floor only its first point is a valley.
            valley &= error < beside if 3 * i + j < 4 else error <= beside
    height = np.where(valley, error, np.inf).reshape(fits, -1)
    height[np.arange(fits), error.reshape(fits, -1).argmin(1)] = -np.inf
    found = []
    going = np.arange(fits)
    for _ in range(SEARCHED):
        at = height[going].argmin(1)
        left = height[going, at] < np.inf
        going, at = going[left], at[left]
        found.append(np.stack([going, at]))
        height[going, at] = np.inf
    fit, point = np.concatenate(found, axis=1)
    return fit, point


def _lowest_of_bands(error: Array, bands: tuple[int, int]) -> NDArray[np.intp]:
    """(fit, flat grid point) of the lowest point of each piece of the grid, shape (2, start)."""
    fits, rows, columns = error.shape
    every = np.arange(fits)
    found = []
    for some_rows in np.array_split(np.arange(rows), bands[0]):
        for some in np.array_split(np.arange(columns), bands[1]):
            piece = error[:, some_rows[:, None], some].reshape(fits, -1)
            row, column = np.divmod(piece.argmin(1), len(some))
            found.append(np.stack([every, some_rows[row] * columns + some[column]]))
    return np.concatenate(found, axis=1)


def gauss_newton(
    family: Curved, n: Array, y: Array, weight: Array, start: Array, steps: int = STEPS
) -> tuple[Array, Array]:
    """(parameters, objective) of each fit; y and weight (fit, point), start (fit, parameter)."""
    low, high = np.array(list(family.bounds.values())).T
    theta: Array = np.clip(start, low, high)
    error = _error(family, n, y, weight, theta)
    damping = np.full(len(y), 1e-3)
    nothing = NOTHING * np.einsum("fp,fp,fp->f", weight, y, y) + TINY
    going = np.arange(len(y))
    found, reached = theta.copy(), error.copy()
    for i in range(steps):
        step, promise = _step(family, n, y, weight, theta, damping, newton=i >= NEWTON_FROM)
        trial = np.clip(_moved(family, theta, step), low, high)
        trial_error = _error(family, n, y, weight, trial)
        better = trial_error <= error
        settled = (promise <= SETTLED * error + nothing) & (promise >= 0.0) & (damping < 1.0)
        settled |= damping > GIVEN_UP
        theta = np.where(better[:, None], trial, theta)
        error = np.where(better, trial_error, error)
        damping = np.where(better, np.maximum(damping / 8.0, 1e-12), damping * 5.0)
        if settled.any():
            found[going], reached[going] = theta, error
            left = ~settled
            going, theta, error, damping = going[left], theta[left], error[left], damping[left]
            y, weight, nothing = y[left], weight[left], nothing[left]
        if not len(going):
            break
    found[going], reached[going] = theta, error
    return found, reached


def _error(family: Curved, n: Array, y: Array, weight: Array, theta: Array) -> Array:
    residual = y - family.value(n, theta)
    error: Array = np.einsum("fp,fp,fp->f", weight, residual, residual)
    return error


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
    theta: Array,
    damping: Array,
    newton: bool,
) -> tuple[Array, Array]:
    """A step (fit, parameter), and the fall of the objective that it promises (fit,)."""
    columns, pull = _pull(family, n, y, weight, theta)
    size = len(columns)
    weighted = [weight * column for column in columns]
    own = [np.einsum("fp,fp->f", a, b) for a, b in zip(weighted, columns, strict=True)]
    extra = [damping * size_of + TINY for size_of in own]
    matrix = (
        _curvature(family, n, y, weight, theta) if newton else _products(weighted, columns, own)
    )
    held = _held(family, theta, pull)
    for i in range(size):
        pull[i] = np.where(held[:, i], 0.0, pull[i])
        matrix[i][i] = np.where(held[:, i], 1.0, matrix[i][i] + extra[i])
        for j in range(size):
            if i != j:
                matrix[i][j] = np.where(held[:, i] | held[:, j], 0.0, matrix[i][j])
    step = solve(matrix, pull)
    return step, np.einsum("fi,if->f", step, np.stack(pull))


def _products(weighted: list[Array], columns: list[Array], own: list[Array]) -> list[list[Array]]:
    """Products of the columns with each other, (fit,) each; own are those with themselves."""
    matrix = [[each] * len(own) for each in own]
    for i in range(len(own)):
        for j in range(i):
            matrix[i][j] = np.einsum("fp,fp->f", weighted[i], columns[j])
            matrix[j][i] = matrix[i][j]
    return matrix


def _pull(
    family: Curved, n: Array, y: Array, weight: Array, theta: Array
) -> tuple[list[Array], list[Array]]:
    """Derivatives of the value by each parameter (fit, point), and half those of -objective."""
    columns = [
        column * theta[:, i : i + 1] if name in family.logs else column + np.zeros_like(y)
        for i, (name, column) in enumerate(
            zip(family.parameters, family.gradient(n, theta), strict=True)
        )
    ]
    residual = weight * (y - family.value(n, theta))
    return columns, [np.einsum("fp,fp->f", column, residual) for column in columns]


def _curvature(
    family: Curved, n: Array, y: Array, weight: Array, theta: Array
) -> list[list[Array]]:
    """Half the second derivatives of the objective, by central differences of the first."""
    low, high = np.array(list(family.bounds.values())).T
    columns = []
    for i, name in enumerate(family.parameters):
        log = name in family.logs
        size = theta[:, i] if log else np.maximum(np.abs(theta[:, i]), 1e-3)
        ends = [theta.copy(), theta.copy()]
        for end, sign in zip(ends, (-1.0, 1.0), strict=True):
            end[:, i] = np.clip(theta[:, i] + sign * DIFFERENCE * size, low[i], high[i])
        at = [np.log(end[:, i]) if log else end[:, i] for end in ends]
        width = np.maximum(at[1] - at[0], TINY)
        below, above = (_pull(family, n, y, weight, end)[1] for end in ends)
        columns.append([(b - a) / width for a, b in zip(above, below, strict=True)])
    half = range(len(columns))
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
