"""Accuracy against the number of samples, as draws: what is measured, and what lies between.

At a measured n the curve is the measured draw, and between near ones a straight line in
log n. Elsewhere each draw follows one family, fitted to its own values, plus what the family
left over at the measured points, carried linearly in log n between them and unchanged beyond
them: the data bend the curve where they are dense, the family where they are not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from planner.curves.families import Family
from planner.curves.families.base import Array
from planner.curves.select import kind_of
from planner.domain.draws import CENTRAL
from planner.domain.observation import ALL, Observation
from planner.errors import Note, PlannerError

Basis = Literal["measured", "interpolated", "extrapolated"]

NEAR = 2.0
"""Between measured points no further apart than this factor of n the line is straight."""
WIDE_GAP = 4.0
"""Between measured points further apart than this factor of n the bend is not known."""


class Status(Enum):
    """How well a curve is determined; the value is the sentence for the page."""

    FITTED = "a family is fitted through three or more measured points"
    TWO_POINTS = "only two points are known: the bend between them is assumed, not measured"
    ONE_POINT = "measured at one n only: usable there, without a curve"
    FLAT = "no change with n is visible beyond the noise of the measurement"
    PERFECT = "every measured point is perfect: more samples cannot show a gain"


@dataclass(frozen=True)
class CurveKey:
    """What all points of a curve share; they differ in n_samples alone."""

    model: str
    method: str
    verifier: str | None
    question_set: str
    bucket: str = ALL
    temperature: float | None = None
    depth: int | None = None
    width: int | None = None
    thinking_tokens: int | None = None

    @classmethod
    def of(cls, row: Observation) -> CurveKey:
        """The key of the curve on which an observation lies."""
        return cls(
            row.model,
            row.method,
            row.verifier,
            row.question_set,
            row.bucket,
            row.temperature,
            row.depth,
            row.width,
            row.thinking_tokens,
        )

    def __str__(self) -> str:
        axes = {
            "temperature": self.temperature,
            "depth": self.depth,
            "width": self.width,
            "thinking tokens": self.thinking_tokens,
        }
        method = self.method if self.verifier is None else f"{self.method} by {self.verifier}"
        known = "".join(f", {name} {value:g}" for name, value in axes.items() if value is not None)
        return f"{self.model} {method} on {self.question_set}/{self.bucket}{known}"


@dataclass(frozen=True)
class Shape:
    """The families of a curve, fitted: one a draw, and all of them in the central case."""

    families: tuple[Family, ...]
    weights: Array
    """Weight of each family, shape (family,)."""
    central: tuple[Array, ...]
    """Parameters of each family in the central case."""
    choice: np.ndarray[tuple[int], np.dtype[np.intp]]
    """Index of the family that a draw follows, shape (draw,); the central case's is unused."""
    theta: Array
    """Parameters of that family, shape (draw, parameter), padded by 0."""

    def trend(self, n: Array) -> Array:
        """The families alone, shape (draw, n): the central case is their weighted mean."""
        value = np.empty((len(self.choice), len(n)))
        for i, family in enumerate(self.families):
            rows = np.flatnonzero(self.choice == i)
            value[rows] = family.value(n, self.theta[rows, : len(family.parameters)])
        value[CENTRAL] = sum(
            weight * family.value(n, theta)
            for family, weight, theta in zip(self.families, self.weights, self.central, strict=True)
        )
        return value


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
    shape: Shape | None = None
    """None where only one point is known."""
    bend: Array | None = None
    """Exponent of the power law between points further apart than WIDE_GAP, shape (draw,).
    None where the family's own bend is used there."""
    assumed: frozenset[float] = frozenset()
    """The n of points that are assumed from another method or question set."""
    notes: tuple[Note, ...] = field(default=())

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
    def _reach(self) -> tuple[Array, Array]:
        """Lowest and highest accuracy beyond the data, each of shape (draw, 1).

        What votes or a verifier pick moves no further beyond the data than it moved within
        them, nor by more than half of what is missing to 1. Coverage is not held back.
        """
        low, high = self.measured.min(1), self.measured.max(1)
        if kind_of(self.key.method) == "coverage":
            return np.zeros_like(low)[:, None], np.ones_like(high)[:, None]
        moved = high - low
        upper = high + np.minimum(moved, 0.5 * (1.0 - high))
        return np.maximum(low - moved, 0.0)[:, None], upper[:, None]

    def central(self) -> Curve:
        """The same curve without its random draws: `draw` axes of length 1."""
        shape = self.shape
        if shape is not None:
            shape = replace(shape, choice=shape.choice[:1], theta=shape.theta[:1])
        bend = None if self.bend is None else self.bend[:1]
        return replace(self, measured=self.measured[:1], shape=shape, bend=bend)

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
        if self.shape is None:
            return self._at_single_point(n)
        u, points = np.log(n), np.log(self.n_measured)
        left = np.clip(np.searchsorted(points, u, side="right") - 1, 0, len(points) - 2)
        span = points[left + 1] - points[left]
        beyond = (u < points[0]) | (u > points[-1])
        bent = ~beyond & (span > np.log(WIDE_GAP) + 1e-9) & (self.bend is not None)
        near = ~beyond & (span <= np.log(NEAR) + 1e-9)
        t = np.clip((u - points[left]) / span, 0.0, 1.0)[None, :]
        if self.bend is not None:
            x = u[bent] - points[left[bent]]
            part = _bent(x, self.bend) / _bent(span[bent], self.bend)
            t = np.repeat(t, len(self.measured), axis=0)
            t[:, bent] = part
        y0, y1 = self.measured[:, left], self.measured[:, left + 1]
        value: Array = y0 + (y1 - y0) * t

        by_family = ~near & ~bent
        if by_family.any():
            at = left[by_family]
            over, t = self._left_over, t[:, by_family]
            trend = self.shape.trend(n[by_family]) + over[:, at] * (1.0 - t) + over[:, at + 1] * t
            low, high = self._room(y0[:, by_family], y1[:, by_family], beyond[by_family])
            bent_by = np.clip(trend, low, high)
            # A family that may turn is not let loose between two measured points.
            turns = ~self._monotone[:, None] & ~beyond[by_family]
            value[:, by_family] = np.where(turns, value[:, by_family], bent_by)
        # Rounding aside they agree already: at a measured n the curve is the measured draw.
        known, same = np.nonzero(np.isclose(self.n_measured[:, None], n, rtol=1e-12, atol=0.0))
        value[:, same] = self.measured[:, known]
        return np.clip(value, 0.0, 1.0)

    @cached_property
    def _monotone(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """True for the draws whose family cannot turn, shape (draw,)."""
        assert self.shape is not None
        monotone = np.array([family.monotone for family in self.shape.families])
        held = monotone[self.shape.choice]
        held[CENTRAL] = monotone[self.shape.weights > 0].all()
        return held

    def _room(
        self, y0: Array, y1: Array, beyond: np.ndarray[tuple[int], np.dtype[np.bool_]]
    ) -> tuple[Array, Array]:
        """Lowest and highest value that the family may take, each of shape (draw, n)."""
        reach_low, reach_high = self._reach
        low = np.where(beyond, reach_low, np.minimum(y0, y1))
        return low, np.where(beyond, reach_high, np.maximum(y0, y1))

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
        known = [x for x in self.n_measured if x not in self.assumed]
        low, high = self.n_measured[0], self.n_measured[-1]
        return [
            "measured"
            if np.isclose(known, x, rtol=1e-9).any()
            else "interpolated"
            if low <= x <= high
            else "extrapolated"
            for x in np.atleast_1d(np.asarray(n, dtype=np.float64))
        ]


def _bent(x: Array, bend: Array) -> Array:
    """(1 - e^(-bend x)) / bend of distances x (point,) in log n, shape (draw, point)."""
    b = np.maximum(bend, 1e-9)[:, None]
    bent: Array = -np.expm1(-b * x) / b
    return bent
