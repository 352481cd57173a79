"""Accuracy at every budget in one pass, with shadow prices, knees and a certified gap.

At each of a row of multipliers every class takes its best vertex of each model; from these any set
of models has its best plan at that multiplier by a maximum. Such plans are exact points of the
set's frontier; a mixture of two neighbours can be bought too, so the line between them is reached;
and no plan of the set lies above its bounds L(lambda) + lambda * budget (see `subsets`). The
frontier is the highest line over all sets, its gap the most by which any set's bound passes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.frontier_lines import (
    FrontierPath,
    Line,
    gap_over,
    highest,
    passing,
)
from planner.allocate.solvers.hull import starts_of, upper_hull
from planner.allocate.solvers.multiplier import Edges
from planner.allocate.solvers.one_budget import Bools, Ints
from planner.allocate.solvers.subsets import Corners, Sets, edges_of_all

FEW_SETS = 8
"""Up to so many sets are drawn edge by edge."""
FIRST_PRICES = 64
MOST_PRICES = 256
"""Multipliers to begin with, and at most: the gap falls with the square of their number."""
MOST_ROUNDS = 6
"""Times that multipliers and sets are added."""
CELLS = 64
"""Stretches of the path over which sets are compared before the best are looked at closely; more
for fewer sets."""
COMPARED = CELLS * 1024
"""Sets times stretches that are compared at once."""
BESIDE = 3
EVERY = 12
"""Prices on either side of a stretch's own that bounds are taken at, and one in so many others."""
MORE_SETS = 8
"""Sets looked at closely in a round, beside those that are best at some multiplier."""
CACHED = 200_000
"""Numbers treated at once, so that they stay in the processor's cache."""
DEAR = 1e9
"""Of the steepest slope: a price at which only the cheapest cells are bought."""
SKETCHED = 8
"""Vertices of each class and model that the choice of multipliers looks at."""


@dataclass(frozen=True)
class _Table:
    """The best vertex of every model and class at every price."""

    corners: Corners
    usd_price: Array
    """(price,) falling to 0."""
    gain: Array
    """(model, price, class_); -inf where a model has no cell."""
    cost_usd: Array
    """(model, price, class_)"""

    @cached_property
    def value(self) -> Array:
        """(model, price, class_) gain less the price of its dollars."""
        found: Array = self.gain - self.usd_price[:, None] * self.cost_usd
        return found

    def joined(self, other: _Table, order: Ints) -> _Table:
        """With the prices of another table, all in an order."""
        gain = np.concatenate([self.gain, other.gain], axis=1)[:, order]
        cost = np.concatenate([self.cost_usd, other.cost_usd], axis=1)[:, order]
        price = np.append(self.usd_price, other.usd_price)[order]
        return _Table(self.corners, price, gain, cost)

    @classmethod
    def of(cls, corners: Corners, usd_price: Array) -> _Table:
        """Every class and model's hull entered at its edges' slopes."""
        instance = corners.instance
        group = corners.class_ * instance.n_models + corners.model
        first = starts_of(group)
        lower = np.flatnonzero(group[1:] == group[:-1])
        slope = np.diff(corners.gain)[lower] / np.diff(corners.cost_usd)[lower]
        n_prices = len(usd_price)
        # An edge is taken at every price below its slope.
        entered = np.searchsorted(-usd_price, -slope, side="right")
        run = np.searchsorted(first, lower, side="right") - 1
        count = np.bincount(run * (n_prices + 1) + entered, minlength=len(first) * (n_prices + 1))
        taken = count.reshape(len(first), n_prices + 1)[:, :n_prices].cumsum(axis=1)
        vertex = (first[:, None] + taken).T
        shape = (instance.n_models, n_prices, instance.n_classes)
        gain, cost = np.full(shape, -np.inf), np.zeros(shape)
        model, class_ = corners.model[first], corners.class_[first]
        gain[model, :, class_] = corners.gain[vertex].T
        cost[model, :, class_] = corners.cost_usd[vertex].T
        return cls(corners, usd_price, gain, cost)

    def bounds(self, sets: Sets) -> Array:
        """(set, price) L(lambda) of every set: with lambda * budget no plan of it is above."""
        fixed = sets.members @ self.corners.instance.fixed_usd
        found = -fixed[:, None] * self.usd_price
        value = self.value
        n_classes = value.shape[2]
        step = max(1, CACHED // (n_classes << len(sets.asked)))
        for at in range(0, len(self.usd_price), step):
            part = value[:, at : at + step]
            best = sets.best(part.reshape(len(part), -1))
            found[:, at : at + step] += best.reshape(len(sets), -1, n_classes).sum(axis=2)
        return found

    def line(self, models: Bools) -> Line:
        """The points of one set's frontier."""
        fixed = float(self.corners.instance.fixed_usd[models].sum())
        best = self.value[models].argmax(axis=0)[None]
        gain = np.take_along_axis(self.gain[models], best, axis=0)[0].sum(axis=1)
        usd = np.take_along_axis(self.cost_usd[models], best, axis=0)[0].sum(axis=1) + fixed
        # Rounding may turn equal plans round.
        usd, gain = np.maximum.accumulate(usd), np.maximum.accumulate(gain)
        return Line(usd, gain, self.usd_price)


def frontier_path(corners: Corners, sets: Sets, gap: float = 1e-3) -> FrontierPath | None:
    """The frontier over all sets of models, classes split; None where none serves every class.

    A few sets are drawn edge by edge, exactly. With more, multipliers are added where a bound
    passes the path by more than `gap`, until none does or there are MOST_PRICES of them; the path's
    own gap is what was reached.
    """
    if len(sets) <= FEW_SETS:
        return _exact_path(corners, sets)
    table = _Table.of(corners, _first_prices(corners))
    bound = table.bounds(sets)
    possible: Bools = np.asarray(np.isfinite(bound).all(axis=1))
    if not possible.any():
        return None
    left = _Left(sets.only(possible), bound[possible], np.zeros(possible.sum(), dtype=bool), 0.0)
    for _ in range(MOST_ROUNDS):
        path, lines, left = left.drawn(table, gap)
        more = np.setdiff1d(_wanted(path, lines, gap), table.usd_price)[::-1]
        if path.gap <= gap or len(table.usd_price) + len(more) > MOST_PRICES:
            break
        added = _Table.of(corners, more)
        order = np.argsort(-np.append(table.usd_price, more), kind="stable")
        left = left.with_more(added.bounds(left.sets), order)
        table = table.joined(added, order)
    return path


def _exact_path(corners: Corners, sets: Sets) -> FrontierPath | None:
    fixed = sets.members @ corners.instance.fixed_usd
    lines, members = [], []
    for edges, models, usd in zip(edges_of_all(corners, sets), sets.members, fixed, strict=True):
        if edges is not None:
            lines.append(Line.along(edges, float(usd)))
            members.append(models)
    if not lines:
        return None
    return highest(lines, np.stack(members))


@dataclass(frozen=True)
class _Left:
    """The sets that may still pass the path by more than is wanted."""

    sets: Sets
    bound: Array
    """(set, price)"""
    close: Bools
    """(set,) looked at closely: each has a line."""
    settled: float
    """The most by which sets that are no longer here may pass the path."""

    def with_more(self, bound: Array, order: Ints) -> _Left:
        """With the bounds at more prices, all in an order."""
        return replace(self, bound=np.append(self.bound, bound, axis=1)[:, order])

    def drawn(self, table: _Table, gap: float) -> tuple[FrontierPath, list[Line], _Left]:
        """The path over the sets that matter, with its gap over all, their lines, and what is left.

        Once a line is drawn it stays, so that paths only rise and what is settled remains so.
        """
        members, close = self.sets.members, self.close.copy()
        # The sets that are best at some price carry the frontier but for what lies in its hollows.
        close[self.bound.argmax(axis=0)] = True
        lines = {s: table.line(members[s]) for s in np.flatnonzero(close).tolist()}
        path = highest(list(lines.values()), members[list(lines)])
        excess = _excess(path, list(lines.values()), self.bound, table.usd_price)
        # Others are looked at closely where they could pass the path by more than its own gap.
        own = max(gap_over(path, line) for line in lines.values())
        order = np.argsort(-np.where(close, -np.inf, excess), kind="stable")
        closer = order[:MORE_SETS]
        closer = closer[~close[closer] & (excess[closer] > max(gap / 2, own))]
        if len(closer):
            close[closer] = True
            lines |= {s: table.line(members[s]) for s in closer.tolist()}
            path = highest(list(lines.values()), members[list(lines)])
            excess = _excess(path, list(lines.values()), self.bound, table.usd_price)
            own = max(gap_over(path, line) for line in lines.values())
        kept = close | (excess > gap / 2)
        settled = max(self.settled, float(excess[~kept].max(initial=0.0)))
        # Between its points the path may lie under its lines, by its gap so far.
        others = path.gap + max(settled, float(excess[~close].max(initial=0.0)))
        left = _Left(self.sets.only(kept), self.bound[kept], close[kept], settled)
        return replace(path, gap=max(0.0, own, others)), list(lines.values()), left


def _wanted(path: FrontierPath, lines: list[Line], gap: float) -> Array:
    """Slopes of the chords over which some set's bound passes the path by more than the gap.

    The sandwich rule (Burkard, Hamacher and Rote 1991): the slope of a chord touches a concave
    curve where it is furthest above the chord.
    """
    found = []
    for line in lines:
        usd, over = passing(path, line)
        chord = np.searchsorted(line.budget_usd, usd[over > gap]) - 1
        chord = np.unique(chord.clip(0, max(0, len(line.gain) - 2)))
        width = np.diff(line.budget_usd)[chord]
        found.append(np.diff(line.gain)[chord][width > 0] / width[width > 0])
    return np.unique(np.concatenate(found))


def _first_prices(corners: Corners) -> Array:
    """Multipliers at even steps of the gain along a sketch of the frontier, falling to 0."""
    usd, gain = _sketch(corners)
    slope = np.diff(gain) / np.diff(usd)
    if not len(slope):
        return np.array([1.0, 0.0])
    steps = np.linspace(gain[0], gain[-1], FIRST_PRICES + 1)
    at = np.unique(np.searchsorted(gain, steps).clip(0, len(slope)))
    chord = np.diff(gain[at]) / np.diff(usd[at])
    return np.unique(np.concatenate([[0.0], chord, slope[:1] * DEAR]))[::-1]


def _sketch(corners: Corners) -> tuple[Array, Array]:
    """(dollars, gain) along the frontier of all models opened for nothing, from some vertices."""
    group = corners.class_ * corners.instance.n_models + corners.model
    size = np.diff(np.append(starts_of(group), len(group)))
    within = np.arange(len(group)) - np.repeat(starts_of(group), size)
    stride = np.repeat(-(-size // SKETCHED), size)
    seen = np.flatnonzero((within % stride == 0) | (within == np.repeat(size, size) - 1))
    hull = seen[upper_hull(corners.cost_usd[seen], corners.gain[seen], corners.class_[seen])]
    edges = Edges.of(corners.cost_usd[hull], corners.gain[hull], corners.class_[hull])
    order = np.argsort(-edges.slope, kind="stable")
    steps = (edges.d_cost_usd[order], edges.d_gain[order])
    usd, gain = (np.append(0.0, np.cumsum(step)) for step in steps)
    return usd, gain


def _excess(path: FrontierPath, lines: list[Line], bound: Array, usd_price: Array) -> Array:
    """(set,) the most by which sets' bounds may pass the path, stretch by stretch.

    Over a stretch the path is at least the chord of the line that wins at its left end, lines being
    concave; a bound is straight, so their difference is greatest at an end. Each stretch takes each
    set's best bound among the prices next to its own.
    """
    # Where other models win, a stretch ends: there the path may jump.
    jumps = (path.models[1:] != path.models[:-1]).any(axis=1).nonzero()[0] + 1
    cells = int(np.clip(COMPARED // max(1, len(bound)), CELLS, len(path.budget_usd)))
    steps = np.linspace(path.accuracy[0], path.accuracy[-1], cells + 1)
    even = np.searchsorted(path.accuracy, steps).clip(0, len(path.budget_usd) - 1)
    budget = path.budget_usd[np.unique(np.concatenate([[0], even, jumps]))]
    reached = np.stack([line.reached(budget) for line in lines])
    winner = reached[:, :-1].argmax(axis=0)
    stretch = np.arange(len(winner))
    left, right = reached[winner, stretch], reached[winner, stretch + 1]
    own_price = (right - left) / np.diff(budget)
    nearest = np.searchsorted(-usd_price, -own_price)[:, None] + np.arange(-BESIDE, BESIDE + 1)
    nearest = nearest.clip(0, len(usd_price) - 1)
    some = np.arange(0, len(usd_price), EVERY)
    nearest = np.append(nearest, np.broadcast_to(some, (len(stretch), len(some))), axis=1)
    price = usd_price[nearest]
    least = np.maximum(
        price * budget[:-1, None] - left[:, None], price * budget[1:, None] - right[:, None]
    )
    over = (bound[:, nearest] + least).min(axis=2).max(axis=1, initial=-np.inf)
    # Beyond the last point: a budget without end, and a bound at no price.
    found: Array = np.maximum(over, bound[:, -1] - path.accuracy[-1])
    return found
