"""The families of one curve, fitted: one a draw, and all of them in the central case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.curves.families import Family
from planner.curves.families.base import Array
from planner.domain.draws import CENTRAL


@dataclass(frozen=True)
class Shape:
    """The families of a curve, fitted: one a draw, and all of them in the central case."""

    families: tuple[Family, ...]
    weights: Array
    """Weight of each family, shape (family,)."""
    central: tuple[Array, ...]
    """Parameters of each family in the central case."""
    choice: NDArray[np.intp]
    """Index of the family that a draw follows, shape (draw,); the central case's is unused."""
    theta: Array
    """Parameters of that family, shape (draw, parameter), padded by 0."""

    def trend(self, n: Array) -> Array:
        """The families alone, shape (draw, n): the central case is their weighted mean."""
        value = np.empty((len(self.choice), len(n)))
        for i, family in enumerate(self.families):
            rows = np.flatnonzero(self.choice == i)
            if not len(rows):
                continue
            value[rows] = family.value(n, self.theta[rows, : len(family.parameters)])
        value[CENTRAL] = self._mean(n, self.weights)
        return value

    def steady(self, n: Array) -> Array | None:
        """Weighted mean in the central case of the families that cannot turn, (n,), if any."""
        weights = np.where(self._monotone, self.weights, 0.0)
        return self._mean(n, weights / weights.sum()) if weights.any() else None

    @property
    def turns(self) -> NDArray[np.bool_]:
        """True for the draws whose family may turn, shape (draw,)."""
        return ~self._monotone[self.choice]

    @property
    def _monotone(self) -> NDArray[np.bool_]:
        return np.array([family.monotone for family in self.families])

    def _mean(self, n: Array, weights: Array) -> Array:
        mean = np.zeros(len(n))
        for family, weight, theta in zip(self.families, weights, self.central, strict=True):
            if weight > 0:
                mean += weight * family.value(n, theta)
        return mean
