"""Where two ways of serving cost the same: volumes, rents, tokens and n at which they cross."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.economics.parity import Array, Crossing

HALVINGS = 30
"""Of the step of the grid in which a crossing lies: to a billionth of it."""
EVEN = 1e-9
"""Relative difference under which two costs are the same."""

Costs = Callable[[Array], Array]
"""Points (v,) or (draw, v) -> dollars (draw, v)."""


@dataclass(frozen=True)
class Crossings:
    """Where the cheaper of two ways changes along a grid, over draws; row 0 is the central case."""

    last: Array
    """(draw,) beyond which the same way stays the cheaper one to the end of the grid; inf where
    one is cheaper everywhere."""
    first: Array
    """(draw,) the lowest of several."""
    one_beyond: NDArray[np.bool_]
    """(draw,) whether the first way named is the cheaper one beyond `last`."""
    count: NDArray[np.int64]
    """(draw,) changes of the cheaper way: several where whole replicas make steps."""

    @property
    def mostly_one(self) -> bool:
        """Whether in most draws that cross the first way named is the cheaper one beyond."""
        crossed = np.isfinite(self.last[1:])
        return bool(self.one_beyond[1:][crossed].mean() >= 1 / 2) if crossed.any() else True

    def ahead_beyond(self, one: bool) -> Crossing:
        """The last crossings beyond which the first way is the cheaper one (or the other)."""
        return Crossing(np.where(self.one_beyond == one, self.last, np.inf))


def crossings(one: Costs, other: Costs, grid: Array) -> Crossings:
    """Where `one` and `other` change places as the cheaper way along an ascending grid (x,).

    Costs may climb in steps. On stretches where they are the same the way that was cheaper before
    stays it. A crossing is first told to the step of the grid, then halved in; two within one
    step of the grid are not seen.
    """
    state = _cheaper(one(grid), other(grid))
    # Ties carry the state before them on; before the first difference there is none.
    known = np.maximum.accumulate(np.where(state != 0, np.arange(len(grid)), 0), axis=1)
    held = np.take_along_axis(state, known, axis=1)
    turns = (held[:, 1:] != held[:, :-1]) & (held[:, :-1] != 0)
    count = turns.sum(axis=1)
    crossed = count > 0
    first = np.argmax(turns, axis=1)
    last = turns.shape[1] - 1 - np.argmax(turns[:, ::-1], axis=1)
    beyond = held[:, -1]
    found = _halved(one, other, grid, held, np.column_stack([first, last]))
    found = np.where(crossed[:, None], found, np.inf)
    return Crossings(
        last=found[:, 1],
        first=found[:, 0],
        one_beyond=beyond < 0,
        count=count.astype(np.int64),
    )


def _cheaper(one: Array, other: Array) -> NDArray[np.int64]:
    """-1 where the first is cheaper, 1 where the second is, 0 where they are the same."""
    gap = one - other
    scale = EVEN * np.maximum(np.abs(one), np.abs(other))
    return np.where(np.abs(gap) <= scale, 0, np.sign(gap)).astype(np.int64)


def _halved(
    one: Costs, other: Costs, grid: Array, held: NDArray[np.int64], turn: NDArray[np.int64]
) -> Array:
    """The points between grid[turn] and the next at which the cheaper way changes, (draw, turn)."""
    low, high = grid[turn], grid[turn + 1]
    after = np.take_along_axis(held, turn + 1, axis=1)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        changed = _cheaper(one(middle), other(middle)) == after
        low, high = np.where(changed, low, middle), np.where(changed, middle, high)
    return high
