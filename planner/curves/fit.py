"""Fits a family to many curves and draws at once, by weighted least squares.

`Separable` families by variable projection: the one nonlinear parameter is profiled on a
grid by one matrix product a curve, the linear ones in closed form, and Newton steps on the
profile finish. `Curved` families by damped Gauss-Newton steps from their own start, all
curves in step. Source: Golub and Pereyra 2003, Inverse Problems 19 R1 (variable projection).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.curves.families.base import Array, Curved, Family, Separable

CHUNK = 1 << 16
"""Values fitted at a time: small enough for a processor's cache."""
NEWTON_STEPS = 4
GAUSS_NEWTON_STEPS = 25
TINY = 1e-300


@dataclass(frozen=True)
class Points:
    """Values of several curves at their own n; shorter curves are padded by weight 0."""

    n: Array
    """Samples, shape (curve, point); 1 where padded."""
    y: Array
    """Accuracies, shape (curve, draw, point)."""
    weight: Array
    """Inverse variances, shape (curve, point); 0 for a point that is left out."""

    def part(self, start: int, stop: int) -> Points:
        return Points(self.n[start:stop], self.y[start:stop], self.weight[start:stop])


def fit(family: Family, points: Points, rising: bool = False, shape: Array | None = None) -> Array:
    """Parameters that minimise sum weight (y - value)^2, shape (curve, draw, parameter).

    With `rising`, separable families are held to slopes of 0 and more. `shape` (curve, draw)
    fixes the nonlinear parameter of a separable family, where the data cannot tell it.
    Where a curve does not change, or has a single point, the slope is 0; nothing is NaN.
    """
    curves, draws, k = points.y.shape
    step = max(1, CHUNK // max(1, draws * k))
    fitted = [
        _fit(
            family,
            points.part(start, start + step),
            rising,
            None if shape is None else shape[start : start + step],
        )
        for start in range(0, curves, step)
    ]
    return np.concatenate(fitted) if fitted else np.empty((0, draws, len(family.parameters)))


def objective(family: Family, points: Points, theta: Array) -> Array:
    """Sum over points of weight (y - value)^2, shape (curve, draw)."""
    residual = points.y - family.value(points.n[:, None], theta)
    total: Array = (points.weight[:, None] * residual**2).sum(-1)
    return total


def _fit(family: Family, points: Points, rising: bool, shape: Array | None) -> Array:
    if isinstance(family, Separable):
        if shape is None:
            shape = _profiled_shape(family, points, rising)
        return _linear_part(family, points, rising, shape)
    if isinstance(family, Curved):
        return _gauss_newton(family, points)
    raise TypeError(f"family {family.name} is neither Separable nor Curved")


def _centred(values: Array, share: Array) -> Array:
    """Values (..., point) less their mean under shares that add up to 1."""
    centred: Array = values - (share * values).sum(-1, keepdims=True)
    return centred


def _shares(points: Points) -> Array:
    share: Array = points.weight / np.maximum(points.weight.sum(-1, keepdims=True), TINY)
    return share


def _profiled_shape(family: Separable, points: Points, rising: bool) -> Array:
    """The shape at which the linear fit explains most, shape (curve, draw)."""
    draws = points.y.shape[:2]
    if not family.shaped:
        return np.full(draws, family.shapes[0])
    share = _shares(points)
    y = _centred(points.y, share[:, None])
    grid = family.shapes
    basis = _centred(family.basis(points.n[:, None], grid[:, None]), share[:, None])
    spread = (share[:, None] * basis**2).sum(-1)[:, None]
    along = y @ np.swapaxes(share[:, None] * basis, 1, 2)
    explained = along**2 / np.maximum(spread, TINY)
    if rising:
        explained = np.where(along > 0.0, explained, 0.0)
    best = explained.argmax(-1)
    low = grid[np.maximum(best - 1, 0)]
    high = grid[np.minimum(best + 1, len(grid) - 1)]
    start = grid[best]
    at_start = np.take_along_axis(explained, best[..., None], -1)[..., 0]
    shape = start
    for _ in range(NEWTON_STEPS):
        shape = np.clip(shape + _newton_step(family, points, y, share, shape), low, high)
    gained = _explained(family, points, y, share, shape, rising)
    best_shape: Array = np.where(gained >= at_start, shape, start)
    return best_shape


def _explained(
    family: Separable, points: Points, y: Array, share: Array, shape: Array, rising: bool
) -> Array:
    w = share[:, None]
    basis = _centred(family.basis(points.n[:, None], shape[..., None]), w)
    along = (w * basis * y).sum(-1)
    explained: Array = along**2 / np.maximum((w * basis**2).sum(-1), TINY)
    if rising:
        explained[along <= 0.0] = 0.0
    return explained


def _newton_step(family: Separable, points: Points, y: Array, share: Array, shape: Array) -> Array:
    """Newton step towards the maximum of log explained = 2 log along - log spread."""
    w, n = share[:, None], points.n[:, None]
    basis, first, second = (
        _centred(family.basis(n, shape[..., None], order), w) for order in (0, 1, 2)
    )
    y, weighted = w * y, w * basis
    along, along1, along2 = ((y * d).sum(-1) for d in (basis, first, second))
    spread, spread1 = (weighted * basis).sum(-1), 2.0 * (weighted * first).sum(-1)
    spread2 = 2.0 * (w * first**2 + weighted * second).sum(-1)
    # A curve that the basis does not explain at all has no step to take.
    with np.errstate(all="ignore"):
        slope = 2.0 * along1 / along - spread1 / spread
        bend = 2.0 * (along2 / along - (along1 / along) ** 2)
        bend += (spread1 / spread) ** 2 - spread2 / spread
        step = -slope / bend
    return np.where((bend < 0.0) & np.isfinite(step), step, 0.0)


def _linear_part(family: Separable, points: Points, rising: bool, shape: Array) -> Array:
    """Level and slope in closed form, beside the shape."""
    w = _shares(points)[:, None]
    basis = family.basis(points.n[:, None], shape[..., None])
    basis_mean = (w * basis).sum(-1)
    y_mean = (w * points.y).sum(-1)
    centred = basis - basis_mean[..., None]
    spread = (w * centred**2).sum(-1)
    slope = np.where(
        spread > 1e-14, (w * centred * points.y).sum(-1) / np.maximum(spread, 1e-14), 0.0
    )
    if rising:
        slope = np.maximum(slope, 0.0)
    if not family.sloped:
        slope = np.zeros_like(slope)
    parts = [y_mean - slope * basis_mean, slope]
    return np.stack([*parts, shape] if family.shaped else parts, axis=-1)


def _gauss_newton(family: Curved, points: Points) -> Array:
    low, high = np.array(list(family.bounds.values())).T
    n, w = points.n[:, None], points.weight[:, None]
    theta = family.start(n, points.y, w + np.zeros_like(points.y))
    error = objective(family, points, theta)
    damping = np.full(error.shape, 1e-3)
    for _ in range(GAUSS_NEWTON_STEPS):
        residual = points.y - family.value(n, theta)
        columns = family.gradient(n, theta)
        step = _solve(
            [[(w * a * b).sum(-1) for b in columns] for a in columns],
            [(w * a * residual).sum(-1) for a in columns],
            damping,
        )
        trial = np.clip(theta + step, low, high)
        trial_error = objective(family, points, trial)
        better = trial_error <= error
        moved = np.abs(trial - theta) > 1e-11 * (np.abs(theta) + 1e-8)
        theta = np.where(better[..., None], trial, theta)
        error = np.where(better, trial_error, error)
        damping = np.clip(np.where(better, damping / 5.0, damping * 10.0), 1e-12, 1e12)
        if not moved.any():
            break
    return theta


def _solve(matrix: list[list[Array]], right: list[Array], damping: Array) -> Array:
    """Solves small symmetric systems, one a curve and draw, the diagonal raised by damping.

    Gaussian elimination written out over parameters, each entry an array (curve, draw).
    """
    size = len(right)
    rows = [
        [entry * (1.0 + damping) + TINY if i == j else entry for j, entry in enumerate(row)]
        for i, row in enumerate(matrix)
    ]
    x = list(right)
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
