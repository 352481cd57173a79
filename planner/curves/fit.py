"""Fits a family to many curves and draws at once, by weighted least squares.

`Separable` families by variable projection (`planner.curves.separable`), `Curved` ones by
damped Gauss-Newton steps (`planner.curves.gauss_newton`). Both take the points of a curve
along the first axis and the fits along the second, so that a sum over the few points of a
curve is a sum of long rows, and go through the fits in blocks that stay in a processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.curves.families.base import Array, Curved, Family, Separable
from planner.curves.gauss_newton import STEPS_OF_DRAWS, fit_curved, gauss_newton
from planner.curves.separable import linear_part, profiled_shape

BLOCK = 1 << 17
"""Values fitted at a time by variable projection: a dozen such arrays stay in the cache."""
CURVED_BLOCK = 1 << 12
"""Fits of a curved family at a time: few enough to keep the grid of starts small."""
TINY = 1e-300


@dataclass(frozen=True)
class Points:
    """Values of several curves at shared n; weight 0 where a curve was not measured."""

    n: Array
    """Samples, shape (point,), ascending."""
    y: Array
    """Accuracies, shape (curve, draw, point)."""
    weight: Array
    """Inverse variances, shape (curve, point); 0 for a point that is left out."""

    def flat(self) -> tuple[Array, Array]:
        """(y, weight), each of shape (point, fit): the draws of a curve follow each other."""
        curves, draws, points = self.y.shape
        y = np.ascontiguousarray(self.y.reshape(-1, points).T)
        weight = np.repeat(self.weight.T, draws, axis=1) if curves else np.empty((points, 0))
        return y, weight


def fit(
    family: Family,
    points: Points,
    rising: bool = False,
    shape: Array | None = None,
    near: Array | None = None,
    *,
    quick: bool = False,
) -> Array:
    """Parameters that minimise sum weight (y - value)^2, shape (curve, draw, parameter).

    With `rising`, separable families are held to slopes of 0 and more. `shape` (curve, draw)
    fixes the nonlinear parameter of a separable family, where the data cannot tell it. `near`
    (curve, parameter) is where a curved family starts, instead of a search over its starts:
    for draws of a curve whose central case is fitted. `quick` searches less for the lowest
    minimum of a curved family. Where a curve does not change, or has a
    single point, the slope is 0; nothing is NaN.
    """
    curves, draws = points.y.shape[:2]
    y, weight = points.flat()
    fits = y.shape[1]
    if isinstance(family, Separable):
        fixed = None if shape is None else shape.reshape(-1)

        def separable(part: slice) -> Array:
            some = None if fixed is None else fixed[part]
            return fit_separable(family, points.n, y[:, part], weight[:, part], rising, some)

        theta = _by_blocks(separable, fits, max(1, BLOCK // len(points.n)))
    elif isinstance(family, Curved):
        start = None if near is None else np.repeat(near, draws, axis=0)

        def curved(part: slice) -> Array:
            some = None if start is None else start[part]
            rows, w = np.ascontiguousarray(y[:, part].T), np.ascontiguousarray(weight[:, part].T)
            if some is None:
                return fit_curved(family, points.n, rows, w, quick=quick)
            return gauss_newton(family, points.n, rows, w, some, STEPS_OF_DRAWS)[0]

        theta = _by_blocks(curved, fits, CURVED_BLOCK)
    else:
        raise TypeError(f"family {family.name} is neither Separable nor Curved")
    return theta.reshape(curves, draws, len(family.parameters))


def _by_blocks(fitted: Callable[[slice], Array], fits: int, block: int) -> Array:
    parts = [fitted(slice(start, start + block)) for start in range(0, fits, block)]
    return np.concatenate(parts) if parts else np.empty(0)


def fit_separable(
    family: Separable, n: Array, y: Array, weight: Array, rising: bool, shape: Array | None
) -> Array:
    """Parameters (fit, parameter) for y and weight (point, fit) at n (point,)."""
    share = weight / np.maximum(weight.sum(0), TINY)
    if shape is None and family.shaped:
        shape = profiled_shape(family, n, y, share, rising)
    return linear_part(family, n, y, share, rising, shape)
