"""Accuracy over breadth and depth: n samples, each of a depth or a number of thinking tokens.

The logit of accuracy is a sum of a part along log n and a part along the log of the position on
the other axis (`planner.curves.axis`), which is the additive fit, and of what an additive fit
misses: a product of the two logs, kept small by its prior, and the own error of each curve, which
neighbouring cells share. All of it is one Gaussian model, so that a handful of cells is enough,
every measured cell is met, and far from the cells the draws part.

    logit accuracy(n, x) = level + a u + c v + e (u - u0)(v - v0) + walk(u) + walk(v) + own(u, v)
    u = log2 n,  v = log2 x

Each of the terms has a normal prior of mean 0; the walks are Brownian, so that between
measured n and depths the sum runs straight in the logs. Source of the method: Rasmussen and
Williams 2006, Gaussian Processes for Machine Learning, sections 2.2 and 2.7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from planner.curves.axis import position_of, value_at
from planner.curves.curve import DOUBLING, Basis
from planner.curves.families.base import Array
from planner.curves.key import CurveKey
from planner.curves.select import kind_of
from planner.domain.draws import CENTRAL, Draws
from planner.domain.observation import Observation

LEVEL_SD = 4.0
SLOPE_SD = {"n_samples": 0.3, "across": 1.5}
"""Of the slopes along u and v, logits a doubling: votes gain .1 or so; gpt-oss-120b gains 1.2 to
1.7 on AIME from one effort to the next (OpenAI 2025, model card of gpt-oss)."""
PRODUCT_SD = 0.05
"""Of the product of the logs: what one doubling of both adds beyond what each adds alone."""
WALK_SD = {"n_samples": 0.1, "across": 0.5, "beyond": 0.25}
"""Of the walks, logits at a distance of one doubling: votes bend evenly, while measured numbers
of thinking tokens are modes of their own; beyond them less is left open."""
OWN_RANGE = 0.5
"""Doublings along v over which the own error of a curve falls to 1 / e."""
JITTER = 1e-9


@dataclass(frozen=True)
class Surface:
    """A measured surface and its draws. Shapes: `draw` counts the central case as row 0."""

    key: CurveKey
    """Its axis is the one beside n_samples."""
    observations: tuple[Observation, ...]
    """The row behind each cell."""
    measured: Array
    """Accuracy of each cell, shape (draw, cell)."""
    weights: Array
    """Of the terms, shape (draw, term)."""
    pulls: Array
    """How far each cell's own error carries, shape (draw, cell)."""
    own_sd: Array
    """Standard deviation of the own error of each cell in logits, shape (cell,)."""

    @property
    def n_measured(self) -> tuple[int, ...]:
        """The n of the cells, ascending, each once."""
        return tuple(sorted({row.n_samples for row in self.observations}))

    @property
    def values_measured(self) -> tuple[int, ...]:
        """Depths or numbers of thinking tokens of the cells, ascending, each once."""
        return tuple(sorted({int(getattr(row, self.key.axis)) for row in self.observations}))

    def accuracy(self, n: ArrayLike, value: ArrayLike) -> Array:
        """Accuracy at n (point,) >= 1 and depths or thinking tokens (point,), shape (draw, point).

        The measured draws at a measured cell. Raises ValueError for an n below 1 or a negative
        value.
        """
        u, v = self._place(n, value)
        cells_u, cells_v = self._cells()
        near = own_correlation(self.key, u, v, cells_u, cells_v)
        logit = self.weights @ self._terms(u, v).T
        logit += self.pulls @ (near * self.own_sd * self.own_sd[near.argmax(1)][:, None]).T
        accuracy: Array = 1.0 / (1.0 + np.exp(-logit))
        known = np.isclose(u[:, None], cells_u) & np.isclose(v[:, None], cells_v)
        point, cell = np.nonzero(known)
        accuracy[:, point] = self.measured[:, cell]
        return accuracy

    def same_questions(self, n: ArrayLike, value: ArrayLike) -> Array:
        """Accuracy that the very questions measured would show, shape (draw, point).

        As `accuracy`, less the error that a draw has at the nearest measured cell.
        """
        u, v = self._place(n, value)
        cells_u, cells_v = self._cells()
        apart = np.abs(u[:, None] - cells_u) + np.abs(v[:, None] - cells_v)
        error = self.measured - self.measured[CENTRAL]
        same: Array = np.clip(self.accuracy(n, value) - error[:, apart.argmin(1)], 0.0, 1.0)
        return same

    def basis(self, n: ArrayLike, value: ArrayLike) -> list[Basis]:
        """Where the accuracy at each point comes from."""
        u, v = self._place(n, value)
        cells_u, cells_v = self._cells()
        close = np.isclose(u[:, None], cells_u) & np.isclose(v[:, None], cells_v)
        known = np.flatnonzero(close.any(1))
        inside = (u >= cells_u.min() - 1e-9) & (u <= cells_u.max() + 1e-9)
        inside &= (v >= cells_v.min() - 1e-9) & (v <= cells_v.max() + 1e-9)
        return [
            "measured" if i in known else "interpolated" if within else "extrapolated"
            for i, within in enumerate(inside)
        ]

    def parameters(self) -> dict[str, float]:
        """Central parameters, in logits: level at n = 1 amid the other axis, gains of doublings."""
        u, v = self._cells()
        u0, v0 = float(u.mean()), float(v.mean())
        a, c, e = self.weights[CENTRAL, 1:4] * (*SLOPE_SD.values(), PRODUCT_SD)
        middle = np.array([value_at(self.key.axis, 2.0**v0)])
        start = float(self.accuracy([1.0], middle)[CENTRAL, 0])
        return {
            "accuracy_of_one_sample": start,
            f"amid_{self.key.axis}": float(middle[0]),
            "logit_per_doubling_of_n": float(a + self._mean_step(u, 0)),
            f"logit_per_doubling_of_{self.key.axis}": float(c + self._mean_step(v, 1)),
            "product": float(e),
            "amid_n": 2.0**u0,
        }

    def _mean_step(self, at: Array, axis: int) -> float:
        """What the walk along u (axis 0) or v (1) adds to its slope over the data."""
        low, high = float(at.min()), float(at.max())
        if high - low < JITTER:
            return 0.0
        u, v = self._cells()
        ends = np.array([low, high])
        middles = (np.repeat(u.mean(), 2), np.repeat(v.mean(), 2))
        terms = self._terms(ends, middles[1]) if axis == 0 else self._terms(middles[0], ends)
        walked = terms[:, 4:] @ self.weights[CENTRAL, 4:]
        return float(walked[1] - walked[0]) / (high - low)

    def _place(self, n: ArrayLike, value: ArrayLike) -> tuple[Array, Array]:
        n = np.atleast_1d(np.asarray(n, dtype=np.float64))
        value = np.atleast_1d(np.asarray(value, dtype=np.float64))
        if not (np.all(n >= 1.0) and np.all(value >= 0.0)):
            raise ValueError(f"a surface starts at n = 1 and {self.key.axis} = 0")
        x = np.array([position_of(self.key.axis, each) for each in value])
        return np.log2(n), np.log2(x)

    def _cells(self) -> tuple[Array, Array]:
        return cells_of(self.key, self.observations)

    def _terms(self, u: Array, v: Array) -> Array:
        return terms_of(u, v, *self._cells())


def cells_of(key: CurveKey, rows: Sequence[Observation]) -> tuple[Array, Array]:
    """(log2 n, log2 position) of rows, each of shape (cell,)."""
    u = np.log2([float(row.n_samples) for row in rows])
    v = np.log2([key.position(row) for row in rows])
    return u, v


def terms_of(u: Array, v: Array, cells_u: Array, cells_v: Array) -> Array:
    """The terms at (u, v), each scaled by the standard deviation of its prior: (point, term)."""
    u0, v0 = cells_u.mean(), cells_v.mean()
    terms = [
        np.full_like(u, LEVEL_SD),
        SLOPE_SD["n_samples"] * (u - u0),
        SLOPE_SD["across"] * (v - v0),
        PRODUCT_SD * (u - u0) * (v - v0),
    ]
    for at, nodes, sd in (
        (u, np.unique(cells_u), WALK_SD["n_samples"]),
        (v, np.unique(cells_v), WALK_SD["across"]),
    ):
        # Beyond the cells the walk goes on by doublings, unknown.
        low, high = nodes[0] - np.arange(4.0, 0.0, -1.0), nodes[-1] + np.arange(1.0, 9.0)
        steps = np.r_[low, nodes, high]
        middle = len(low)
        for i, (a, b) in enumerate(pairwise(steps)):
            part = np.clip((at - a) / (b - a), 0.0, 1.0)
            step = sd if middle <= i < len(steps) - len(high) - 1 else min(sd, WALK_SD["beyond"])
            # A walk starts at the first cell, and runs to both sides.
            terms.append(step * np.sqrt(b - a) * (part if i >= middle else part - 1.0))
    return np.stack(terms, axis=-1)


def own_correlation(key: CurveKey, u: Array, v: Array, cells_u: Array, cells_v: Array) -> Array:
    """Correlation of own errors at (u, v) with those of the cells, (point, cell)."""
    along = DOUBLING[kind_of(key.method)] ** np.abs(np.subtract.outer(u, cells_u))
    across: Array = np.exp(-np.abs(np.subtract.outer(v, cells_v)) / OWN_RANGE)
    return along * across


def fit_surface(
    key: CurveKey,
    rows: Sequence[Observation],
    measured: Array,
    own_share: float,
    draws: Draws,
) -> Surface:
    """The surface through measured draws (draw, cell); own_share is the share of the variance of
    a cell's error that is its curve's own.

    Each draw is a path of the prior moved so that it meets the draw's cells (Matheron's rule),
    the central case the mean of all.
    """
    u, v = cells_of(key, rows)
    questions = np.array([row.n_questions for row in rows], dtype=np.float64)
    p = (measured * questions + 0.5) / (questions + 1.0)
    logit = np.log(p) - np.log1p(-p)
    variance: Array = own_share / (questions * p[CENTRAL] * (1.0 - p[CENTRAL]))
    own_sd: Array = np.sqrt(variance)
    terms = terms_of(u, v, u, v)
    own = own_correlation(key, u, v, u, v) * np.outer(own_sd, own_sd)
    path = np.stack([draws.normal(f"surface|{key}|{i}") for i in range(terms.shape[1])], axis=-1)
    gap = logit - path @ terms.T
    covariance = terms @ terms.T + own + JITTER * np.eye(len(u))
    pulls = np.asarray(np.linalg.solve(covariance, gap.T).T, dtype=np.float64)
    return Surface(key, tuple(rows), measured, path + pulls @ terms, pulls, own_sd)
