"""The best split of one budget over concave hulls, by its Lagrange multiplier.

With a price lambda on a dollar every class takes the vertex of its hull with the most
gain - lambda * cost. Lowering lambda takes the hulls' edges in order of their slope, so sorting
the slopes gives the plan of every budget at once. A budget ends inside one edge: that class is
split between the edge's two ends and the plan is the optimum of the linear program (Sinha and
Zoltners 1979), with lambda as its shadow price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.hull import starts_of
from planner.allocate.solvers.one_budget import Bools, Ints

EQUAL_SLOPES = 1e-12
"""Edges whose slopes differ by less than this fraction are taken in the order of their class."""


@dataclass(frozen=True)
class Edges:
    """The edges of the hulls of all classes that a set of models serves."""

    cost_usd: Array
    """(vertex,) by class and rising cost."""
    gain: Array
    """(vertex,)"""
    first: Ints
    """(class_,) position of each class's cheapest vertex."""
    lower: Ints
    """(edge,) position of the vertex that an edge starts from; it ends at the next one."""
    d_cost_usd: Array
    """(edge,)"""
    d_gain: Array
    """(edge,)"""
    slope: Array
    """(edge,) gain a dollar."""
    base_usd: float
    """The cheapest vertex of every class."""
    base_gain: float

    @classmethod
    def of(cls, cost_usd: Array, gain: Array, class_: Ints) -> Edges:
        """The edges between vertices given by class and rising cost (see `hull.upper_hull`)."""
        first = starts_of(class_)
        lower = np.flatnonzero(class_[1:] == class_[:-1])
        d_cost, d_gain = cost_usd[lower + 1] - cost_usd[lower], gain[lower + 1] - gain[lower]
        return cls(
            cost_usd,
            gain,
            first,
            lower,
            d_cost,
            d_gain,
            d_gain / d_cost,
            float(cost_usd[first].sum()),
            float(gain[first].sum()),
        )


@dataclass(frozen=True)
class Split:
    """The optimum of the linear program: a vertex of every class, and one class moved along."""

    vertex: Ints
    """(class_,) position of the vertex of each class."""
    moved: int | None
    """The class that is split between its vertex and the next one."""
    moved_share: float
    """Share of that class which the next vertex answers."""
    gain: float
    cost_usd: float
    usd_price: float
    """Lagrange multiplier: gain of one more dollar."""


def best_split(edges: Edges, budget_usd: float, slack_usd: float = 0.0) -> Split | None:
    """The most gain for the budget, a class split where it ends; None where it is too small.

    maximise sum_class gain subject to sum_class cost_usd <= budget_usd, every class on its hull.
    `slack_usd` over the budget counts as rounding.
    """
    left = budget_usd - edges.base_usd
    if left < -slack_usd:
        return None
    order = np.argsort(-edges.slope, kind="stable")
    spent = np.cumsum(edges.d_cost_usd[order])
    at = int(np.searchsorted(spent, left + slack_usd, side="right"))
    if at == len(order):
        return _ended(edges, np.ones(len(order), dtype=bool), None, 0.0, left)
    price = float(edges.slope[order[at]])
    # Within a class the edges must be taken in order, and rounding may have swapped equal slopes.
    taken = edges.slope > price * (1 + EQUAL_SLOPES)
    tied = np.flatnonzero(~taken & (edges.slope >= price * (1 - EQUAL_SLOPES)))
    over = left + slack_usd - edges.d_cost_usd[taken].sum()
    fits = int(np.searchsorted(np.cumsum(edges.d_cost_usd[tied]), over, side="right"))
    taken[tied[:fits]] = True
    return _ended(edges, taken, int(tied[fits]) if fits < len(tied) else None, price, left)


def _ended(edges: Edges, taken: Bools, split: int | None, price: float, left: float) -> Split:
    """The plan that takes some edges whole and, for what is left, a part of one more."""
    n_classes = len(edges.first)
    class_ = np.searchsorted(edges.first, edges.lower, side="right") - 1
    vertex = edges.first + np.bincount(class_[taken], minlength=n_classes)
    gain, cost = float(edges.gain[vertex].sum()), float(edges.cost_usd[vertex].sum())
    if split is None:
        return Split(vertex, None, 0.0, gain, cost, price)
    share = (edges.base_usd + left - cost) / float(edges.d_cost_usd[split])
    share = min(max(share, 0.0), 1.0)
    return Split(
        vertex,
        int(class_[split]) if share > 0 else None,
        share,
        gain + share * float(edges.d_gain[split]),
        cost + share * float(edges.d_cost_usd[split]),
        price,
    )
