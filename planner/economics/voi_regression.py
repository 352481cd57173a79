"""What a quantity is expected to be once an input is known: regression over the draws.

Knowing an input leaves everything else as uncertain as it is. The mean of a quantity given the
input is estimated by regressing the quantity's draws on the input's (Strong, Oakley and Brennan
2014, Medical Decision Making 34:311): one set of draws serves every input.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_COMPONENTS = 6
"""Directions in which several inputs vary together that are kept."""
KEPT_VARIANCE = 0.999
"""Share of the variance of the inputs that the kept directions hold."""
KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)
"""Quantiles at which the natural cubic spline has its knots (Harrell 2015, table 2.3)."""
FLAT = 1e-12
"""Standard deviation, relative to the largest value, of what does not vary."""


@dataclass(frozen=True)
class Directions:
    """The inputs turned into few uncorrelated directions of unit variance."""

    mean: Array
    """(input,)"""
    to_direction: Array
    """(input, direction)"""

    @classmethod
    def of(cls, inputs: Array) -> Directions:
        """Principal components of inputs (draw, input), the strongest first.

        Each input counts by its own standard deviation, so that units do not matter.
        """
        mean, sd = inputs.mean(axis=0), inputs.std(axis=0)
        varies = sd > FLAT * np.maximum(np.abs(inputs).max(axis=0), 1e-300)
        scale = np.where(varies, 1.0 / np.where(varies, sd, 1.0), 0.0)
        _, s, turn = np.linalg.svd((inputs - mean) * scale, full_matrices=False)
        power = s**2
        if power.sum() == 0:
            return cls(mean, np.zeros((inputs.shape[1], 0)))
        kept = int(np.searchsorted(np.cumsum(power) / power.sum(), KEPT_VARIANCE)) + 1
        kept = min(kept, MOST_COMPONENTS, int((s > s[0] * 1e-9).sum()))
        unit = np.sqrt(len(inputs)) / s[:kept]
        return cls(mean, scale[:, None] * turn[:kept].T * unit)

    def along(self, inputs: Array) -> Array:
        """(draw, direction) of inputs (draw, input)."""
        return np.asarray((inputs - self.mean) @ self.to_direction)


@dataclass(frozen=True)
class Conditional:
    """Means of several quantities given the inputs, as functions of the inputs."""

    directions: Directions
    knots: Array
    """(knot, direction)"""
    columns: NDArray[np.int64]
    """(quantity,) how many columns of the basis each quantity uses."""
    weights: Array
    """(column, quantity) of the basis; 0 beyond a quantity's columns."""

    def at(self, inputs: Array) -> Array:
        """(draw, quantity) expected at inputs (draw, input)."""
        return np.asarray(_basis(self.directions.along(inputs), self.knots) @ self.weights)


def regressed(quantities: Array, inputs: Array) -> Conditional:
    """The mean of each quantity (draw, quantity) given inputs (draw, input).

    A constant, a plane, a quadratic surface, and natural cubic splines along every direction are
    tried; each quantity takes the one of least Bayesian information criterion,
    n log(RSS / n) + columns log n, so that noise is not taken for knowledge.
    """
    directions = Directions.of(inputs)
    along = directions.along(inputs)
    knots = np.quantile(along, KNOTS, axis=0)
    basis = _basis(along, knots)
    live = _independent(basis)
    q, r = np.linalg.qr(basis[:, live])
    mean = quantities.mean(axis=0)
    # One decomposition serves every nested basis: a prefix of its columns is one of them.
    onto = q.T @ (quantities - mean)
    spread = np.maximum(((quantities - mean) ** 2).sum(axis=0), 1e-300)
    told = np.concatenate([np.zeros((1, len(spread))), np.cumsum(onto**2, axis=0)])
    draws = len(quantities)
    best = np.full(len(spread), np.inf)
    weights = np.zeros((basis.shape[1], len(spread)))
    columns = np.zeros(len(spread), dtype=np.int64)
    for step in _steps(along.shape[1], basis.shape[1]):
        count = int((live < step).sum())
        # Rounding alone must not pay for another column.
        left = np.maximum(spread - told[count], spread * 1e-12)
        criterion = draws * np.log(left) + count * np.log(draws)
        better = criterion < best
        best[better], columns[better] = criterion[better], count
        weights[:, better] = 0.0
        found = np.linalg.solve(r[:count, :count], onto[:count][:, better])
        weights[np.ix_(live[:count], better)] = found
    weights[0] += mean
    return Conditional(directions, knots, columns, weights)


def _independent(basis: Array) -> NDArray[np.int64]:
    """Columns that are no combination of those before them."""
    diagonal = np.abs(np.diag(np.linalg.qr(basis, mode="r")))
    size = np.linalg.norm(basis, axis=0)
    return np.flatnonzero(diagonal > 1e-9 * np.maximum(size, 1e-300))


def _steps(directions: int, columns: int) -> Iterator[int]:
    """Numbers of columns of the constant, the plane, the quadratic surface and the splines."""
    quadratic = 1 + directions + directions * (directions + 1) // 2
    yield from dict.fromkeys((1, 1 + directions, quadratic, columns))


def _basis(along: Array, knots: Array) -> Array:
    """(draw, column): constant, linear, products, and the bends of the splines."""
    draws, directions = along.shape
    rows, cols = np.triu_indices(directions)
    parts = [np.ones((draws, 1)), along, along[:, rows] * along[:, cols]]
    parts += [_bends(along[:, d], knots[:, d]) for d in range(directions)]
    basis: Array = np.concatenate(parts, axis=1)
    return basis


def _bends(x: Array, knots: Array) -> Array:
    """(draw, knots - 2) nonlinear columns of a natural cubic spline (Harrell 2015, 2.4.5)."""
    last, before = knots[-1], knots[-2]
    width = last - before
    if knots[-1] - knots[0] <= 0 or width <= 0:
        return np.zeros((len(x), len(knots) - 2))
    over = np.maximum(x[:, None] - knots, 0.0)
    cubes = over * over * over
    bends, ends = cubes[:, :-2], cubes[:, -2:]
    columns = bends + ends @ np.stack([knots[:-2] - last, before - knots[:-2]]) / width
    return np.asarray(columns / (last - knots[0]) ** 2)
