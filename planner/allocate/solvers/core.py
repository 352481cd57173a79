"""The core of a search for whole options: the plan beside the split, and the moves away from it.

At the multiplier lambda of the best split every cell has a loss, the value it gives away:

    loss = max_{cells of its class} (gain - lambda * cost) - (gain - lambda * cost)    >= 0

A whole plan brings the split's gain less its losses and less lambda times the dollars that it
leaves unspent. So a plan better than the best known has no cell whose loss alone exceeds what lies
between the best known and the split (Pisinger 1995).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.one_budget import Ints
from planner.allocate.solvers.subsets import SAME_GAIN, Corners, Opened


@dataclass(frozen=True)
class WholePlan:
    """One cell for every class."""

    cell: Ints
    """(class_,) position in the instance's cells."""
    gain: float
    cost_usd: float
    """With the fixed costs of the models opened for it."""


@dataclass(frozen=True)
class Core:
    """The plan at the split's lower vertices, and the moves away from it that could pay."""

    base: WholePlan
    left_usd: float
    """Dollars that the base leaves unspent."""
    ceiling: float
    """Gain of the split, which no whole plan exceeds."""
    usd_price: float
    cell: Ints
    """(move,)"""
    class_: Ints
    """(move,)"""
    d_usd: Array
    """(move,) against the base."""
    d_gain: Array
    loss: Array

    @classmethod
    def of(cls, corners: Corners, opened: Opened) -> Core:
        """Every cell of the opened models as a move from the split's lower vertices."""
        instance, split = corners.instance, opened.split
        base = opened.cell[split.vertex]
        cell = np.flatnonzero(opened.models[instance.model])
        class_ = instance.class_[cell]
        d_usd = instance.cost_usd[cell] - instance.cost_usd[base][class_]
        d_gain = instance.gain[cell] - instance.gain[base][class_]
        pays = (d_usd < 0) | (d_gain > 0)
        cell, class_, d_usd, d_gain = cell[pays], class_[pays], d_usd[pays], d_gain[pays]
        cost_usd = float(instance.cost_usd[base].sum()) + opened.fixed_usd
        return cls(
            base=WholePlan(base, float(instance.gain[base].sum()), cost_usd),
            left_usd=instance.budget_usd - cost_usd,
            ceiling=split.gain,
            usd_price=split.usd_price,
            cell=cell,
            class_=class_,
            d_usd=d_usd,
            d_gain=d_gain,
            loss=split.usd_price * d_usd - d_gain,
        )

    def only(self, kept: Ints) -> Core:
        """The same with some of the moves, in the order given."""
        return replace(
            self,
            cell=self.cell[kept],
            class_=self.class_[kept],
            d_usd=self.d_usd[kept],
            d_gain=self.d_gain[kept],
            loss=self.loss[kept],
        )

    def better_than(self, gain: float) -> Core:
        """Without moves that no plan of at least that gain can make."""
        return self.only(np.flatnonzero(self.loss <= self.ceiling - gain + SAME_GAIN))

    def moved(self, moves: Ints) -> WholePlan:
        """The base with moves made, one a class at most."""
        cell = self.base.cell.copy()
        cell[self.class_[moves]] = self.cell[moves]
        return WholePlan(
            cell,
            self.base.gain + float(self.d_gain[moves].sum()),
            self.base.cost_usd + float(self.d_usd[moves].sum()),
        )


def is_better(plan: WholePlan, than: WholePlan) -> bool:
    """Whether a plan has more gain, or as much for less."""
    if plan.gain > than.gain + SAME_GAIN:
        return True
    cheaper = plan.cost_usd < than.cost_usd * (1 - SAME_GAIN)
    return plan.gain >= than.gain - SAME_GAIN and cheaper


def best_pair(core: Core, slack_usd: float) -> Ints:
    """One move, or two of different classes, that bring much gain within the budget; or none."""
    if not len(core.cell):
        return core.cell
    room = core.left_usd + slack_usd
    order = np.argsort(core.d_usd, kind="stable")
    gain = core.d_gain[order]
    highest = np.where(gain >= np.maximum.accumulate(gain), np.arange(len(gain)), 0)
    best_up_to = order[np.maximum.accumulate(highest)]
    fits = np.searchsorted(core.d_usd[order], room - core.d_usd, side="right")
    partner = best_up_to[np.maximum(fits - 1, 0)]
    apart = (fits > 0) & (core.class_ != core.class_[partner])
    pair = np.where(apart, core.d_gain + core.d_gain[partner], -np.inf)
    alone = np.where(core.d_usd <= room, core.d_gain, -np.inf)
    if max(pair.max(), alone.max()) <= 0:
        return core.cell[:0]
    if alone.max() >= pair.max():
        return np.array([alone.argmax()])
    return np.array([pair.argmax(), partner[pair.argmax()]])
