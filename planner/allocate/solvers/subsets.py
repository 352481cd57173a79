"""Which models to open: every set that could be best, bounded by multipliers and pruned.

For any price lambda on a dollar and any set S of opened models, no plan on S brings more than

    L_S(lambda) + lambda * budget,
    L_S(lambda) = sum_class max_{cell of S} (gain - lambda * cost) - lambda * sum_{m in S} fixed

(weak duality). L of all sets at one lambda costs one pass: the maximum over a set is that over the
set without its last model and over that model. So the most promising set is solved exactly, its
own multiplier is added to everybody's bounds, and so on until no set left can beat the best.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.hull import starts_of, upper_hull
from planner.allocate.solvers.multiplier import Edges, Split, best_split
from planner.allocate.solvers.one_budget import Bools, Ints, OneBudget

MOST_MODELS = 12
"""More models whose opening is a question than this, and their sets are too many to list."""
CHUNK = 2_000_000
"""Numbers held at once while bounds are computed."""
SAME_GAIN = 1e-12
"""Sets whose gain differs by less are equal; the cheaper plan is taken."""
MOST_TIES = 64
"""Sets tried, once the best gain is proven, for a cheaper plan of the same gain."""


@dataclass(frozen=True)
class Corners:
    """The cells of an instance that a plan with splitting can need: hulls by class and model."""

    instance: OneBudget
    cell: Ints
    """(corner,) position in the instance's cells; by class, then model, then cost."""
    cost_usd: Array
    gain: Array
    class_: Ints
    model: Ints

    @classmethod
    def of(cls, instance: OneBudget) -> Corners:
        """Every class and model's hull: what lies under it is under the hull of any set too."""
        group = instance.class_ * instance.n_models + instance.model
        cell = upper_hull(instance.cost_usd, instance.gain, group)
        return cls(
            instance,
            cell,
            instance.cost_usd[cell],
            instance.gain[cell],
            instance.class_[cell],
            instance.model[cell],
        )

    def best_by_model(self, usd_price: float) -> Array:
        """(model, class_) the most gain - usd_price * cost; -inf where a model has no cell."""
        best = np.full((self.instance.n_models, self.instance.n_classes), -np.inf)
        first = starts_of(self.class_ * self.instance.n_models + self.model)
        value = np.maximum.reduceat(self.gain - usd_price * self.cost_usd, first)
        best[self.model[first], self.class_[first]] = value
        return best


@dataclass(frozen=True)
class Opened:
    """The plan of one set of models, a class split where the budget ends."""

    models: Bools
    """(model,) which are opened."""
    fixed_usd: float
    split: Split
    cell: Ints
    """(vertex,) position of each of the split's vertices in the instance's cells."""
    edges: Edges

    @property
    def cost_usd(self) -> float:
        """Dollars a day, fixed costs of the opened models included."""
        return self.split.cost_usd + self.fixed_usd


@dataclass(frozen=True)
class Sets:
    """Sets of models, as places in the table of every choice among the models asked about."""

    members: Bools
    """(set, model)"""
    always: Ints
    """Models opened in every set."""
    asked: Ints
    """Models that some sets open and others do not; bit j of a place is that of asked[j]."""
    place: Ints
    """(set,)"""

    def __len__(self) -> int:
        return len(self.place)

    @classmethod
    def of(cls, instance: OneBudget) -> Sets | None:
        """Every set that a best plan of an instance may open (see `among`)."""
        return cls.among(instance.fixed_usd, instance.max_models)

    @classmethod
    def among(cls, fixed_usd: Array, most: int) -> Sets | None:
        """Every set that a best plan may open; None where they are too many to list.

        A model without a fixed cost is opened as long as the limit on their number allows it.
        fixed_usd: (model,); most: models that may be opened.
        """
        return _listed(tuple((fixed_usd <= 0).tolist()), most)

    def only(self, kept: Bools) -> Sets:
        """Some of the sets."""
        return replace(self, members=self.members[kept], place=self.place[kept])

    def best(self, by_model: Array) -> Array:
        """(set, class_) maximum over the models of each set of (model, class_) values."""
        width = 1 << len(self.asked)
        table = np.empty((width, by_model.shape[1]))
        table[0] = by_model[self.always].max(axis=0, initial=-np.inf)
        for bit, model in enumerate(self.asked):
            half = 1 << bit
            np.maximum(table[:half], by_model[model], out=table[half : 2 * half])
        found: Array = table[self.place]
        return found


@lru_cache(maxsize=8)
def _listed(is_free: tuple[bool, ...], most: int) -> Sets | None:
    """Sets of models by which of them have no fixed cost; a problem is asked about many times."""
    free = np.array(is_free)
    unlimited = most >= len(free)
    asked = np.flatnonzero(~free) if unlimited else np.arange(len(free))
    if len(asked) > MOST_MODELS:
        return None
    always = np.flatnonzero(free) if unlimited else np.zeros(0, dtype=np.int64)
    place = np.arange(2 ** len(asked))
    members = np.zeros((len(place), len(free)), dtype=bool)
    members[:, always] = True
    members[:, asked] = (place[:, None] >> np.arange(len(asked))) & 1
    size = members.sum(axis=1)
    could_grow = (size < most) & (~members & free).any(axis=1)
    kept = (size > 0) & (size <= most) & ~could_grow
    return Sets(members[kept], always, asked, place[kept])


def lagrangians(corners: Corners, sets: Sets, usd_price: float) -> Array:
    """L_S(usd_price) of every set, (set,); -inf for a set that leaves a class without a cell."""
    by_model = corners.best_by_model(usd_price)
    total: Array = -usd_price * (sets.members @ corners.instance.fixed_usd)
    chunk = max(1, CHUNK >> len(sets.asked))
    for at in range(0, by_model.shape[1], chunk):
        total += sets.best(by_model[:, at : at + chunk]).sum(axis=1)
    return total


def edges_of(corners: Corners, models: Bools) -> tuple[Ints, Edges] | None:
    """(cell of each vertex, edges) of the hulls of all classes with these models opened.

    None where they leave a class without a cell.
    """
    corner = np.flatnonzero(models[corners.model])
    if models.sum() > 1:
        hull = upper_hull(corners.cost_usd[corner], corners.gain[corner], corners.class_[corner])
        corner = corner[hull]
    edges = Edges.of(corners.cost_usd[corner], corners.gain[corner], corners.class_[corner])
    whole = len(edges.first) == corners.instance.n_classes
    return (corners.cell[corner], edges) if whole else None


def edges_of_all(corners: Corners, sets: Sets) -> list[Edges | None]:
    """The edges of every set, as `edges_of` each; all hulls in one go."""
    instance = corners.instance
    of_set, corner = np.nonzero(sets.members[:, corners.model])
    class_ = of_set * instance.n_classes + corners.class_[corner]
    cost, gain = corners.cost_usd[corner], corners.gain[corner]
    hull = upper_hull(cost, gain, class_)
    ends = np.searchsorted(of_set[hull], np.arange(len(sets) + 1))
    found: list[Edges | None] = []
    for a, b in itertools.pairwise(ends.tolist()):
        edges = Edges.of(cost[hull[a:b]], gain[hull[a:b]], class_[hull[a:b]])
        found.append(edges if len(edges.first) == instance.n_classes else None)
    return found


def solve_set(corners: Corners, models: Bools) -> Opened | None:
    """The best plan with these models opened and paid for; None where the budget is too small."""
    found = edges_of(corners, models)
    if found is None:
        return None
    cell, edges = found
    instance = corners.instance
    fixed = float(instance.fixed_usd[models].sum())
    split = best_split(edges, instance.budget_usd - fixed, instance.slack_usd)
    return None if split is None else Opened(models, fixed, split, cell, edges)


@dataclass
class Search:
    """The sets of models, each with the least of its bounds so far."""

    corners: Corners
    sets: Sets
    bound: Array
    """(set,)"""
    open: Bools
    """(set,) not solved yet."""

    @classmethod
    def of(cls, corners: Corners, sets: Sets) -> Search:
        """Nothing solved; bounded by the most that each set could bring at no cost at all."""
        found = cls(corners, sets, np.full(len(sets), np.inf), np.ones(len(sets), dtype=bool))
        found.tighten(0.0)
        return found

    def tighten(self, usd_price: float) -> None:
        """Bounds every set by one more multiplier."""
        line = lagrangians(self.corners, self.sets, usd_price)
        budget = self.corners.instance.budget_usd
        self.bound = np.minimum(self.bound, line + usd_price * budget)

    def solve_best(self, least: float) -> Opened | None:
        """Solves the open set of the highest bound, if that is over `least`; else None.

        A set whose budget is too small, or whose gain turns out lower, is passed over.
        """
        fixed = self.sets.members @ self.corners.instance.fixed_usd
        while self.open.any():
            bound = np.where(self.open, self.bound, -np.inf)
            # Of equal bounds the set with the least fixed cost: the cheaper of equal plans.
            at = int(np.lexsort((fixed, -bound))[0])
            if bound[at] <= least:
                return None
            self.open[at] = False
            opened = solve_set(self.corners, self.sets.members[at])
            if opened is None:
                continue
            self.bound[at] = opened.split.gain
            if len(self.sets) > 1 and opened.split.usd_price > 0:
                self.tighten(opened.split.usd_price)
            return opened
        return None


def best_opened(corners: Corners, sets: Sets) -> Opened | None:
    """The optimum with splitting over every set of models; None where no set fits the budget."""
    search = Search.of(corners, sets)
    best: Opened | None = None
    while True:
        opened = search.solve_best(-np.inf if best is None else best.split.gain + SAME_GAIN)
        if opened is None:
            break
        if best is None or opened.split.gain > best.split.gain + SAME_GAIN:
            best = opened
    return None if best is None else _cheapest(search, best)


def _cheapest(search: Search, best: Opened) -> Opened:
    """Of equally good plans the cheapest; a plan that spends the whole budget has no rival."""
    if best.split.usd_price > 0:
        return best
    for _ in range(MOST_TIES):
        opened = search.solve_best(best.split.gain - SAME_GAIN)
        if opened is None:
            break
        as_good = opened.split.gain >= best.split.gain - SAME_GAIN
        if as_good and opened.cost_usd < best.cost_usd:
            best = opened
    return best


def could_be_better(corners: Corners, sets: Sets, usd_price: float, gain: float) -> Bools:
    """(cell,) whether some set of models could bring more than a gain with the cell in its plan.

    A set's bound at the multiplier less the loss of the cell there is the most that it can.
    """
    instance = corners.instance
    bound = lagrangians(corners, sets, usd_price) + usd_price * instance.budget_usd
    kept = np.zeros(len(instance.gain), dtype=bool)
    value = instance.gain - usd_price * instance.cost_usd
    by_model = corners.best_by_model(usd_price)
    for at in np.flatnonzero(bound > gain):
        members = sets.members[at]
        loss = by_model[members].max(axis=0)[instance.class_] - value
        kept |= members[instance.model] & (bound[at] - loss > gain)
    return kept
