"""Variable projection, batched: families that are linear in all parameters but one.

For a fixed shape the best level and slope are closed forms, and what they explain of the
variance of y is a function of the shape alone. It is computed on a grid of shapes by one matrix
product for all fits, and Newton steps go from the best grid point to its maximum; fits whose
steps do not settle are bracketed and halved. Source: Golub and Pereyra 2003, Inverse Problems
19 R1.

Arrays are (point, fit); `share` is the weights, divided by their sum over points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.curves.families.base import Array, Separable

NEWTON_STEPS = 2
"""Steps of all fits together, and as many again of those that have not settled."""
SAFE_STEPS = 60
NEAR = 1e-3
"""Last step of the logarithm of the shape at which a fit has settled: steps shrink by their
square, so that the shape is within 1e-6 and the objective within 1e-12 of the minimum."""
RIVAL = 0.5
"""Another maximum on the grid is refined too where it leaves less than best / RIVAL."""
NO_SPREAD = 1e-13
"""Variance of a basis, relative to its square, below which it is as good as constant."""
TINY = 1e-300


def profiled_shape(family: Separable, n: Array, y: Array, share: Array, rising: bool) -> Array:
    """The shape at which the linear fit explains most, shape (fit,)."""
    weighted = share * (y - np.einsum("pf,pf->f", share, y))
    on_grid = _explained_on_grid(family, n, weighted, share, rising)
    best = on_grid.argmax(0)
    shape = _between(family, on_grid, best)
    restless = np.arange(len(best))
    for steps in (NEWTON_STEPS, NEWTON_STEPS):
        some = weighted[:, restless], share[:, restless]
        shape[restless], moved = _newton(family, n, *some, shape[restless], best[restless], steps)
        restless = restless[moved]
    candidates = [(restless, best[restless]), *_rivals(on_grid, best, weighted, y)]
    for fits, at in candidates:
        some = weighted[:, fits], share[:, fits]
        for trial in (_bracketed(family, n, *some, at), family.shapes[at]):
            better = _explained(family, n, *some, trial, rising) > _explained(
                family, n, *some, shape[fits], rising
            )
            shape[fits[better]] = trial[better]
    return shape


def linear_part(
    family: Separable, n: Array, y: Array, share: Array, rising: bool, shape: Array | None
) -> Array:
    """Level and slope in closed form, beside the shape: (fit, parameter)."""
    at = np.asarray(family.shapes[0]) if shape is None else shape
    basis = family.basis(n[:, None], at) + np.zeros_like(y)
    basis_mean, y_mean = (share * basis).sum(0), (share * y).sum(0)
    centred = basis - basis_mean
    spread = (share * centred**2).sum(0)
    known = spread > NO_SPREAD * np.maximum((share * basis**2).sum(0), TINY)
    along = (share * centred * (y - y_mean)).sum(0)
    slope = np.where(known, along / np.maximum(spread, TINY), 0.0)
    if rising:
        slope = np.maximum(slope, 0.0)
    if not family.sloped:
        slope = np.zeros_like(slope)
    level = y_mean - slope * basis_mean
    return np.stack([level, slope] if shape is None else [level, slope, shape], axis=-1)


def _explained_on_grid(
    family: Separable, n: Array, weighted: Array, share: Array, rising: bool
) -> Array:
    """Variance explained at each shape of the grid, (shape, fit)."""
    basis = family.basis(n, family.shapes[:, None])
    # About its plain mean over the points, so that little is lost where it hardly varies.
    basis = basis - basis.mean(-1, keepdims=True)
    along = basis @ weighted
    square = (basis**2) @ share
    spread = square - (basis @ share) ** 2
    if rising:
        np.maximum(along, 0.0, out=along)
    np.maximum(spread, NO_SPREAD * square + TINY, out=spread)
    explained: Array = along
    explained *= along
    explained /= spread
    return explained


def _between(family: Separable, on_grid: Array, best: NDArray[np.intp]) -> Array:
    """Top of the parabola through the best grid point and its neighbours, in log shape."""
    grid = np.log(family.shapes)
    middle = np.clip(best, 1, len(grid) - 2)
    fits = np.arange(len(best))
    left, top, right = (on_grid[middle + i, fits] for i in (-1, 0, 1))
    bend = 2.0 * top - left - right
    shift = np.clip(0.5 * (right - left) / np.maximum(bend, TINY), -1.0, 1.0)
    shape: Array = np.exp(grid[middle] + (grid[1] - grid[0]) * shift)
    return shape


def _newton(
    family: Separable,
    n: Array,
    weighted: Array,
    share: Array,
    start: Array,
    at: NDArray[np.intp],
    steps: int,
) -> tuple[Array, NDArray[np.bool_]]:
    """(shape, True where it has not settled) after Newton steps in log shape, each (fit,)."""
    low, high = _bracket(family, at)
    shape, moved = start, np.ones(len(at), dtype=bool)
    for _ in range(steps):
        slope, bend = _log_explained(family, n, weighted, share, shape)
        with np.errstate(all="ignore"):
            step = -slope / bend
        moved = ~((bend < 0.0) & (np.abs(step) <= NEAR))
        step = np.where(bend < 0.0, np.clip(step, -1.0, 1.0), 0.0)
        trial = shape * np.exp(step)
        moved |= (trial <= low) | (trial >= high)
        shape = np.clip(trial, low, high)
    return shape, moved


def _bracket(family: Separable, at: NDArray[np.intp]) -> tuple[Array, Array]:
    grid = family.shapes
    return grid[np.maximum(at - 1, 0)], grid[np.minimum(at + 1, len(grid) - 1)]


def _bracketed(
    family: Separable, n: Array, weighted: Array, share: Array, at: NDArray[np.intp]
) -> Array:
    """Newton steps held between ends that close in on the maximum, halving where they leave."""
    low, high = _bracket(family, at)
    shape = family.shapes[at]
    for _ in range(SAFE_STEPS):
        slope, bend = _log_explained(family, n, weighted, share, shape)
        low, high = np.where(slope > 0.0, shape, low), np.where(slope > 0.0, high, shape)
        with np.errstate(all="ignore"):
            trial = shape * np.exp(np.clip(-slope / bend, -1.0, 1.0))
        inside = (bend < 0.0) & (trial > low) & (trial < high)
        trial = np.where(inside, trial, np.sqrt(low * high))
        settled = np.abs(trial - shape) <= NEAR**2 * shape
        shape = trial
        if settled.all():
            break
    return shape


def _rivals(
    on_grid: Array, best: NDArray[np.intp], weighted: Array, y: Array
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """(fits, grid point) of a second maximum on the grid that is nearly as good as the best."""
    beside = np.full((1, on_grid.shape[1]), -1.0)
    peaks = on_grid >= np.concatenate([beside, on_grid[:-1]])
    peaks &= on_grid >= np.concatenate([on_grid[1:], beside])
    several = np.flatnonzero(peaks.sum(0) > 1)
    if not len(several):
        return []
    total = (weighted[:, several] * y[:, several]).sum(0)
    value = np.where(peaks[:, several], on_grid[:, several], -1.0)
    left_over = total - value.max(0)
    value[best[several], np.arange(len(several))] = -1.0
    second = value.argmax(0)
    near = (total - value.max(0)) * RIVAL <= left_over
    return [(several[near], second[near])]


def _explained(
    family: Separable, n: Array, weighted: Array, share: Array, shape: Array, rising: bool
) -> Array:
    basis = family.basis(n[:, None], shape)
    basis = basis - np.einsum("pf,pf->f", share, basis)
    along = np.einsum("pf,pf->f", weighted, basis)
    spread = np.einsum("pf,pf,pf->f", share, basis, basis)
    if rising:
        along = np.maximum(along, 0.0)
    explained: Array = along**2 / np.maximum(spread, TINY)
    return explained


def _log_explained(
    family: Separable, n: Array, weighted: Array, share: Array, shape: Array
) -> tuple[Array, Array]:
    """First and second derivative, by log shape, of log explained = 2 log along - log spread.

    Both are 0 where the basis explains nothing, or does not change with the shape.
    """
    basis, first, second = family.basis_slopes(n[:, None], shape)
    along, along1, along2 = (np.einsum("pf,pf->f", weighted, b) for b in (basis, first, second))
    basis = basis - np.einsum("pf,pf->f", share, basis)
    shared = share * basis
    spread = np.einsum("pf,pf->f", shared, basis)
    spread1 = np.einsum("pf,pf->f", shared, first)
    first_mean = np.einsum("pf,pf->f", share, first)
    spread2 = (
        np.einsum("pf,pf,pf->f", share, first, first)
        - first_mean**2
        + np.einsum("pf,pf->f", shared, second)
    )
    with np.errstate(all="ignore"):
        a, s = along1 / along, spread1 / spread
        slope = 2.0 * shape * (a - s)
        bend = shape**2 * (2.0 * (along2 / along - a**2) + 4.0 * s**2 - 2.0 * spread2 / spread)
        bend += slope
    known = np.isfinite(slope) & np.isfinite(bend)
    return np.where(known, slope, 0.0), np.where(known, bend, 0.0)
