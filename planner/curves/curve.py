"""Accuracy against the number of samples, as draws: what is measured, and what lies between.

At a measured n the curve is the measured draw, and between near ones a straight line in
log n. Elsewhere each draw follows one family, fitted to its own values, plus what the family
left over at the measured points, carried linearly in log n between them and dying out beyond
them: the data bend the curve where they are dense, the family where they are not.

Of a curve over depth or thinking tokens n is the position along its axis
(`planner.curves.axis`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.curves.families import Kind
from planner.curves.families.base import Array
from planner.curves.gaps import NEAR, WIDE_GAP, bent
from planner.curves.key import CurveKey
from planner.curves.shape import Shape
from planner.curves.status import Status
from planner.domain.draws import CENTRAL
from planner.domain.observation import Observation
from planner.errors import Note, PlannerError
from planner.measure.replicates import Correlation

Basis = Literal["measured", "interpolated", "extrapolated"]

DOUBLING: dict[Kind, float] = {
    "coverage": Correlation.doubling,
    "vote": Correlation.doubling,
    "pick": Correlation.doubling_of_picks,
    "depth": Correlation.doubling_of_picks,
    "thinking": Correlation.doubling_of_picks,
}
"""Correlation of the own error of a curve between n and 2n; a chain twice as long, or longer
thinking, is taken to be as much alike as picks."""


@dataclass(frozen=True)
class Curve:
    """One measured curve and its draws. Shapes: `draw` counts the central case as row 0."""

    key: CurveKey
    n_measured: Array
    """Samples at which it is known, ascending, shape (point,)."""
    measured: Array
    """Accuracy there, shape (draw, point)."""
    observations: tuple[Observation, ...]
    """The row behind each point; an anchor's row keeps its own method and question set."""
    status: Status
    fitted: Callable[[], Shape] | None = None
    """Fits its shape, or gives it where it is fitted. None where only one point is known."""
    bend: Array | None = None
    """Exponent of the power law between points further apart than WIDE_GAP, shape (draw,).
    None where the family's own bend is used there."""
    assumed: frozenset[float] = frozenset()
    """The n of points that are assumed from another method or question set."""
    notes: tuple[Note, ...] = field(default=())
    own: Array | None = None
    """Standard normal error of what the same questions show at another n, shape (draw,), times
    the square root of the share of variance that is a curve's own; None: no such error."""
    beyond: bool = False
    """True where all of it lies outside the measurements, at a depth or number of thinking tokens
    that no row comes up to."""

    @cached_property
    def shape(self) -> Shape | None:
        """Its families, fitted when they are first asked for: at a measured n none is needed."""
        return None if self.fitted is None else self.fitted()

    @property
    def n_questions(self) -> tuple[int, ...]:
        """Questions behind each point."""
        return tuple(row.n_questions for row in self.observations)

    @property
    def params_b(self) -> float | None:
        """Nominal parameters of the model, billions, where the rows state them."""
        return next((r.params_b for r in self.observations if r.params_b is not None), None)

    @property
    def active_params_b(self) -> float | None:
        """Active parameters of the model, billions, where the rows state them."""
        return next((r.active_params_b for r in self.observations if r.active_params_b), None)

    @property
    def verifier_params_b(self) -> float | None:
        """Nominal parameters of the verifier, billions, where the rows state them."""
        return next((r.verifier_params_b for r in self.observations if r.verifier_params_b), None)

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each family; empty where only one point is known."""
        if self.shape is None:
            return {}
        names = (family.name for family in self.shape.families)
        return dict(zip(names, map(float, self.shape.weights), strict=True))

    @cached_property
    def _left_over(self) -> Array:
        """What the families leave over at the measured points, shape (draw, point)."""
        assert self.shape is not None
        left: Array = self.measured - self.shape.trend(self.n_measured)
        return left

    @cached_property
    def _left_over_at_ends(self) -> Array:
        """The same at the first point and the last, (draw, 2): all that is carried beyond."""
        assert self.shape is not None
        left: Array = self.measured[:, [0, -1]] - self.shape.trend(self.n_measured[[0, -1]])
        return left

    @cached_property
    def _reach(self) -> tuple[Array, Array]:
        """Lowest and highest accuracy beyond the data, each of shape (draw, 1).

        What votes or a verifier pick moves no further beyond the data than it moved within
        them, nor by more than half of what is missing to 1. Coverage is not held back.
        """
        low, high = self.measured.min(1), self.measured.max(1)
        if self.key.kind == "coverage":
            return np.zeros_like(low)[:, None], np.ones_like(high)[:, None]
        moved = high - low
        upper = high + np.minimum(moved, 0.5 * (1.0 - high))
        return np.maximum(low - moved, 0.0)[:, None], upper[:, None]

    def central(self) -> Curve:
        """The same curve without its random draws: `draw` axes of length 1."""
        fitted = self.fitted
        bend = None if self.bend is None else self.bend[:1]
        own = None if self.own is None else self.own[:1]
        return replace(
            self,
            measured=self.measured[:1],
            fitted=None if fitted is None else lambda: fitted().central_case(),
            bend=bend,
            own=own,
        )

    def accuracy(self, n: ArrayLike) -> Array:
        """Accuracy at real-valued n >= 1, shape (draw, n).

        Between neighbouring measured points no further apart than NEAR: a straight line in
        log n, so that it can be worked by hand. Further apart than WIDE_GAP: a power law of
        drawn exponent (`bend`). Between: the family and what it leaves over, held between the two
        values, or a straight line for a family that may turn. Beyond the data: within `_reach`.

        Raises PlannerError where the curve is a single point and n is another.
        """
        n = np.atleast_1d(np.asarray(n, dtype=np.float64))
        if not np.all(n >= 1.0):
            raise ValueError(f"accuracy needs n of 1 or more, not {n.min():g}")
        if self.fitted is None:
            return self._at_single_point(n)
        value = np.empty((len(self.measured), len(n)))
        # At a measured n the curve is the measured draw.
        known, same = np.nonzero(np.abs(self.n_measured[:, None] - n) <= 1e-12 * n)
        value[:, same] = self.measured[:, known]
        away = np.ones(len(n), dtype=bool)
        away[same] = False
        beyond = away & ((n < self.n_measured[0]) | (n > self.n_measured[-1]))
        if beyond.any():
            value[:, beyond] = self._beyond(n[beyond])
        within = away & ~beyond
        if within.any():
            value[:, within] = self._within(n[within])
        return np.clip(value, 0.0, 1.0, out=value)

    def _within(self, n: Array) -> Array:
        """Accuracy between measured points, shape (draw, n)."""
        u, points = np.log(n), np.log(self.n_measured)
        left = np.clip(np.searchsorted(points, u, side="right") - 1, 0, len(points) - 2)
        span = points[left + 1] - points[left]
        far = (span > np.log(WIDE_GAP) + 1e-9) & (self.bend is not None)
        t = np.clip((u - points[left]) / span, 0.0, 1.0)[None, :]
        if self.bend is not None:
            x = u[far] - points[left[far]]
            part = bent(x, self.bend) / bent(span[far], self.bend)
            t = np.repeat(t, len(self.measured), axis=0)
            t[:, far] = part
        y0, y1 = self.measured[:, left], self.measured[:, left + 1]
        value: Array = y0 + (y1 - y0) * t
        by_family = (span > np.log(NEAR) + 1e-9) & ~far
        if by_family.any():
            value[:, by_family] = self._by_family(n[by_family], left[by_family], t[:, by_family])
        return value

    def _by_family(self, n: Array, left: NDArray[np.intp], t: Array) -> Array:
        """Accuracy by the families at n (n,) a share t (draw, n) of the way from point `left`."""
        assert self.shape is not None
        over = self._left_over
        trend = self.shape.trend(n) + (over[:, left] * (1.0 - t) + over[:, left + 1] * t)
        y0, y1 = self.measured[:, left], self.measured[:, left + 1]
        straight = y0 + (y1 - y0) * t
        # A family that may turn is not let loose between two measured points.
        turns = self.shape.turns
        steady, at_points = self.shape.steady(n), self.shape.steady(self.n_measured)
        if steady is not None and at_points is not None:
            over0 = self.measured[CENTRAL] - at_points
            steady += over0[left] * (1.0 - t[CENTRAL]) + over0[left + 1] * t[CENTRAL]
            trend[CENTRAL] = steady
        turns[CENTRAL] = steady is None
        inside = np.where(turns[:, None], straight, trend)
        value: Array = np.clip(inside, np.minimum(y0, y1), np.maximum(y0, y1))
        return value

    def _beyond(self, n: Array) -> Array:
        """Accuracy before the first measured point and after the last, shape (draw, n)."""
        assert self.shape is not None
        after = n > self.n_measured[-1]
        over = self._left_over_at_ends[:, after.astype(np.intp)]
        trend = self.shape.trend(n) + over * self._kept_beyond(np.log(n))
        if after.any():
            trend[:, after] = self._parted(n[after], trend[:, after])
        value: Array = np.clip(trend, *self._reach)
        return value

    def _parted(self, n: Array, trend: Array) -> Array:
        """trend (draw, n) beyond the last point, its families parted further: see Shape.parting."""
        assert self.shape is not None
        last = float(self.n_measured[-1])
        if self.key.kind == "coverage":
            end = self.measured[:, -1:]
            risen: Array = end + (trend - end) * self.shape.gain_parted(last)[:, None]
            return risen
        kept = self._kept_beyond(np.log(n))
        parted: Array = trend + self.shape.parting(n, last, kept)
        # Votes may fall and rise; nothing else rises again that has provably fallen.
        over = self.key.kind != "vote" and self.shape.fallen
        return np.minimum(parted, self.measured[:, -1:]) if over else parted

    def _kept_beyond(self, u: Array) -> Array:
        """Share of what the families leave over at the nearest point that stays at ln n = u.

        1 within the data; beyond them, what the doublings leave of the own error of a curve, but
        for coverage, which would fall where it is a rise that dies out.
        """
        kind = self.key.kind
        if kind == "coverage":
            return np.ones_like(u)
        points = np.log(self.n_measured)
        beyond = np.maximum(np.maximum(u - points[-1], points[0] - u), 0.0)
        kept: Array = DOUBLING[kind] ** (beyond / np.log(2.0))
        return kept

    def same_questions(self, n: ArrayLike, accuracy: Array | None = None) -> Array:
        """Accuracy that the very questions measured would show at n, shape (draw, n).

        As `accuracy`, less the error that a draw has at the measured points (it stands for other
        questions), carried linearly in log n between them and unchanged beyond. At a measured n
        it is the accuracy measured; away from it comes `own_error`. `accuracy` is that of the
        curve at n, where it is known already.
        """
        n = np.atleast_1d(np.asarray(n, dtype=np.float64))
        error = self.measured - self.measured[CENTRAL]
        u, points = np.log(n), np.log(self.n_measured)
        if len(points) == 1:
            carried = np.repeat(error, len(n), axis=1)
        else:
            left = np.clip(np.searchsorted(points, u, side="right") - 1, 0, len(points) - 2)
            t = np.clip((u - points[left]) / (points[left + 1] - points[left]), 0.0, 1.0)
            carried = error[:, left] * (1.0 - t) + error[:, left + 1] * t
        value = self.accuracy(n) if accuracy is None else accuracy
        same: Array = np.clip(value - carried + self.own_error(n, value[CENTRAL]), 0.0, 1.0)
        return same

    def own_error(self, n: Array, p: Array) -> Array:
        """How far the questions measured may stray from their curve at n, shape (draw, n).

        p (n,) is the accuracy there. Of the variance that is a curve's own, what the doublings
        from the nearest measured point leave free: none at a measured n.
        """
        if self.own is None:
            return np.zeros((len(self.measured), len(n)))
        apart = np.abs(np.log2(n) - np.log2(self.n_measured)[:, None])
        nearest = apart.argmin(0)
        free = 1.0 - DOUBLING[self.key.kind] ** (2.0 * apart.min(0))
        questions = np.array(self.n_questions, dtype=np.float64)[nearest]
        error: Array = self.own[:, None] * np.sqrt(free * p * (1.0 - p) / questions)
        return error

    def _at_single_point(self, n: Array) -> Array:
        only = self.n_measured[0]
        if not np.allclose(n, only, rtol=1e-12):
            raise PlannerError(
                f"{self.key} is measured at n = {only:g} only, and nothing is known of it at "
                f"n = {', '.join(f'{x:g}' for x in n if x != only)}: measure it there, or use "
                f"n = {only:g}"
            )
        return np.repeat(self.measured, len(n), axis=1)

    def basis(self, n: ArrayLike) -> list[Basis]:
        """Where the accuracy at each n comes from. A borrowed point is not measured."""
        if self.beyond:
            return ["extrapolated"] * len(np.atleast_1d(n))
        n = np.atleast_1d(np.asarray(n, dtype=np.float64))
        known = np.array([x for x in self.n_measured if x not in self.assumed])
        measured = (np.abs(known[:, None] - n) <= 1e-9 * n).any(axis=0)
        within = (self.n_measured[0] <= n) & (n <= self.n_measured[-1])
        return [
            "measured" if here else "interpolated" if inside else "extrapolated"
            for here, inside in zip(measured.tolist(), within.tolist(), strict=True)
        ]
