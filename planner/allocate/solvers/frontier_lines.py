"""Lines on which the best plans of sets of models lie, and the highest of them at every budget."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.multiplier import Edges
from planner.allocate.solvers.one_budget import Bools, Ints

TIED = 1e-12
"""Lines that differ by less at a budget are equal there."""
CROSSED = 2
"""Times that crossings are looked for: between two of them a third line may stand out."""


@dataclass(frozen=True)
class FrontierPath:
    """The most accuracy that each budget buys: a line from each point up to the next one."""

    budget_usd: Array
    """(point,) rising."""
    accuracy: Array
    """(point,) reached at the point's budget."""
    usd_price: Array
    """(point,) accuracy of one more dollar, up to the next point; 0 at the last."""
    models: Bools
    """(point, model) opened from the point on."""
    gap: float
    """At no budget has any plan more than this over the path."""

    def at(self, budget_usd: Array) -> Array:
        """Accuracy that budgets buy, (budget,); nan below the cheapest plan."""
        point = np.searchsorted(self.budget_usd, budget_usd, side="right") - 1
        known = np.maximum(point, 0)
        over = budget_usd - self.budget_usd[known]
        value = self.accuracy[known] + self.usd_price[known] * over
        return np.where(point >= 0, value, np.nan)

    def knees(self, fall: float = 2.0) -> Ints:
        """Points from which a dollar buys at most 1 / fall of what it bought from the knee before.

        The first is the cheapest plan, the last the most accurate one.
        """
        found, price = [0], float(self.usd_price[0])
        for point in range(1, len(self.usd_price)):
            if self.usd_price[point] * fall <= price:
                price = float(self.usd_price[point])
                found.append(point)
        return np.array(found)


@dataclass(frozen=True)
class Line:
    """Points of one set's frontier, each with the bound that touches it."""

    budget_usd: Array
    """(price,) rising as the price falls."""
    gain: Array
    usd_price: Array

    @classmethod
    def along(cls, edges: Edges, fixed_usd: float) -> Line:
        """Every edge in the order of its slope: the whole frontier of a set."""
        order = np.argsort(-edges.slope, kind="stable")
        usd = np.append(edges.base_usd, edges.d_cost_usd[order]).cumsum() + fixed_usd
        gain = np.append(edges.base_gain, edges.d_gain[order]).cumsum()
        return cls(usd, gain, np.append(edges.slope[order], 0.0))

    def reached(self, budget_usd: Array) -> Array:
        """Gain on the line at budgets; -inf below its cheapest plan."""
        found: Array = np.interp(budget_usd, self.budget_usd, self.gain, left=-np.inf)
        return found

    def bounded(self, budget_usd: Array) -> Array:
        """Gain that no plan of the set passes: the least of the bounds of all points."""
        usd = np.concatenate([self.budget_usd[:1], self.peaks, self.budget_usd[-1:]])
        gain = np.concatenate([self.gain[:1], self.peak_gain, self.gain[-1:]])
        found: Array = np.interp(budget_usd, usd, gain, left=-np.inf)
        return found

    @cached_property
    def peaks(self) -> Array:
        """Budgets at which the bounds of neighbours cross: the bound is furthest up there."""
        d_usd, d_gain = np.diff(self.budget_usd), np.diff(self.gain)
        fall = self.usd_price[:-1] - self.usd_price[1:]
        along = (d_gain - self.usd_price[1:] * d_usd) / np.where(fall > 0, fall, np.inf)
        found: Array = self.budget_usd[:-1] + np.clip(along, 0.0, d_usd)
        return found

    @property
    def peak_gain(self) -> Array:
        """The bound at the peaks."""
        found: Array = self.gain[:-1] + self.usd_price[:-1] * (self.peaks - self.budget_usd[:-1])
        return found


def highest(lines: list[Line], members: Bools) -> FrontierPath:
    """The highest of some sets' lines; its gap is to them, not yet to what bounds them."""
    budgets = np.unique(np.concatenate([line.budget_usd for line in lines]))
    reached = np.stack([line.reached(budgets) for line in lines])
    for _ in range(CROSSED if len(lines) > 1 else 0):
        budgets = np.unique(np.append(budgets, _crossings(budgets, reached)))
        reached = np.stack([line.reached(budgets) for line in lines])
    accuracy, winner = reached.max(axis=0), _winners(reached)
    # A winner's line holds to the next point: where another set wins there, that is a jump.
    ahead = reached[winner[:-1], np.arange(1, len(budgets))]
    price = np.append((ahead - accuracy[:-1]) / np.diff(budgets), 0.0)
    # Between two points a line that was there at the first may have passed the winner unseen.
    passed = np.where(np.isfinite(reached[:, :-1]), reached[:, 1:] - ahead, 0.0)
    gap = float(passed.max(initial=0.0))
    return FrontierPath(budgets, accuracy, price, members[winner], gap)


def _winners(reached: Array) -> Ints:
    """(point,) the line that is highest at each point; of equal ones that which is at the next."""
    tied = reached >= reached.max(axis=0) - TIED
    ahead = np.append(reached[:, 1:], reached[:, -1:], axis=1)
    found: Ints = np.where(tied, ahead, -np.inf).argmax(axis=0)
    return found


def _crossings(budgets: Array, reached: Array) -> Array:
    """Budgets between two points at which the line that wins at the first meets a steeper one."""
    here = _winners(reached)[:-1]
    # A line that starts at the second point only is a jump there, and crosses nothing before it.
    there = np.where(np.isfinite(reached[:, :-1]), reached[:, 1:], -np.inf).argmax(axis=0)
    at = np.arange(len(here))
    ahead = reached[here, at] - reached[there, at]
    behind = reached[there, at + 1] - reached[here, at + 1]
    at = at[(here != there) & (ahead > 0) & (behind > 0)]
    part = ahead[at] / (ahead[at] + behind[at])
    found: Array = budgets[at] + part * (budgets[at + 1] - budgets[at])
    return found


def gap_over(path: FrontierPath, line: Line) -> float:
    """The most by which a set's bound passes the path."""
    return float(passing(path, line)[1].max(initial=-np.inf))


def passing(path: FrontierPath, line: Line) -> tuple[Array, Array]:
    """(budgets, by how much a set's bound passes the path there), wherever that may be most.

    Both are linear between these budgets.
    """
    over = line.bounded(path.budget_usd) - path.accuracy
    # Just before a point the path has not jumped yet.
    before = path.accuracy[:-1] + path.usd_price[:-1] * np.diff(path.budget_usd)
    after_start = path.budget_usd[1:] > line.budget_usd[0]
    jumps = np.where(after_start, line.bounded(path.budget_usd[1:]) - before, -np.inf)
    peaks = line.bounded(line.peaks) - path.at(line.peaks)
    usd = np.concatenate([path.budget_usd, path.budget_usd[1:], line.peaks])
    return usd, np.concatenate([over, jumps, peaks])
