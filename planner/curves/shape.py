"""The families of one curve, fitted: one a draw, and all of them in the central case."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planner.curves.families import Family
from planner.curves.families.base import Array
from planner.domain.draws import CENTRAL

FEWEST = 3.0
"""Plausible families that are counted at the least where their parting is taken further."""
FAR = 8.0
"""How far beyond the data the parting of curves that may not fall is taken, in times of n."""


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
    fallen: bool = False
    """True where the measured points prove that the curve falls at its end."""

    def central_case(self) -> Shape:
        """The same without its random draws."""
        return replace(self, choice=self.choice[:1], theta=self.theta[:1])

    def trend(self, n: Array) -> Array:
        """The families alone, shape (draw, n): the central case is their weighted mean."""
        value = np.empty((len(self.choice), len(n)))
        for family, rows, theta in self._drawn:
            value[rows] = family.value(n, theta)
        value[CENTRAL] = self._mean(n, self.weights)
        return value

    @cached_property
    def _drawn(self) -> list[tuple[Family, NDArray[np.intp], Array]]:
        """Each family that draws follow, with these and their parameters."""
        found = []
        for i, family in enumerate(self.families):
            rows = np.flatnonzero(self.choice == i)
            rows = rows[rows != CENTRAL]
            if len(rows):
                found.append((family, rows, self.theta[rows, : len(family.parameters)]))
        return found

    def steady(self, n: Array) -> Array | None:
        """Weighted mean in the central case of the families that cannot turn, (n,), if any."""
        weights = np.where(self._monotone, self.weights, 0.0)
        return self._mean(n, weights / weights.sum()) if weights.any() else None

    def parting(self, n: Array, last: float, kept: Array) -> Array:
        """What moves the draws further apart than their families are, (draw, n).

        At n beyond the last measured one; of a difference at `last` the share kept (n,) is left.
        """
        at = self._forms(np.append(n, last))
        forms = at[:, :-1] - at[:, -1:] * kept
        apart: Array = self._further * (forms - self.weights @ forms)[self.choice]
        apart[CENTRAL] = 0.0
        return apart

    def gain_parted(self, last: float) -> Array:
        """The same of curves that may not fall: a factor of the gain beyond the data, (draw,).

        Taken at FAR times the last n: a multiple of a rise is a rise.
        """
        start, end = self._forms(np.array([last, FAR * last])).T
        gain = np.maximum(end - start, 1e-12)
        times = np.maximum(1.0 + self._further * (1.0 - self.weights @ gain / gain), 0.0)
        of_draws: Array = times[self.choice]
        of_draws[CENTRAL] = 1.0
        return of_draws

    @property
    def _further(self) -> float:
        """Share by which the draws part further beyond the data than their families do.

        The families are a handful of the forms that a curve may take. A further form lies about
        the mean of k with 1 + 1/k times the variance of forms, which is k / (k - 1) times that
        of the k: sqrt((k + 1) / (k - 1)) in all, k = 1 / sum(weights^2) being plausible. Without it
        the truths of the families that end lowest and highest lie in the tails of the mixture.
        """
        k = max(1.0 / float(self.weights @ self.weights), FEWEST)
        return math.sqrt((k + 1.0) / (k - 1.0)) - 1.0

    @property
    def turns(self) -> NDArray[np.bool_]:
        """True for the draws whose family may turn, shape (draw,)."""
        return ~self._monotone[self.choice]

    @property
    def _monotone(self) -> NDArray[np.bool_]:
        return np.array([family.monotone for family in self.families])

    def _forms(self, n: Array) -> Array:
        """Each family in the central case, (family, n); 0 where it has no weight."""
        value = np.zeros((len(self.families), len(n)))
        for i, (family, theta) in enumerate(zip(self.families, self.central, strict=True)):
            if self.weights[i] > 0:
                value[i] = family.value(n, theta)
        return value

    def _mean(self, n: Array, weights: Array) -> Array:
        mean: Array = weights @ self._forms(n)
        return mean
