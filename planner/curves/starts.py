"""Where the fit of a curved family starts: the valleys of its objective on a grid of parameters.

Arrays are (fit, point) and (fit, parameter).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.curves.families.base import Array, Curved

SEARCHED = 5
"""Starts tried at most: the lowest valleys of the objective on the grid of starts."""
TINY = 1e-300


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
