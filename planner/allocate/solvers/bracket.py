"""The split optimum without any full hull: multipliers close in on it, and few edges are left.

The least of the dual function of a set S of models over the price lambda of a dollar,

    D_S(lambda) = L_S(lambda) + lambda * budget        (L_S: see `subsets`),

is what the set's best split brings. D is convex, so a row of multipliers brackets the best one
between two of them, for every set in one pass. Between the two ends of a narrow bracket nearly
every class keeps its best cell; only the hulls of the others, between their two best cells, are
looked at (`multiplier.best_split`). Sets whose bound is under a plan known are never looked at.
What is found is proven by D at its own multiplier, which must be the plan's gain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.hull import upper_hull
from planner.allocate.solvers.multiplier import Edges, Split, best_split
from planner.allocate.solvers.one_budget import ROUNDING, Bools, Ints, fixed_usd
from planner.allocate.solvers.subsets import SAME_GAIN, Sets

FIRST_STEP = 4.0
FIRST_PRICES = np.array([1e6, *(0.6 / FIRST_STEP ** np.arange(4))])
"""Multipliers of the first pass, times the budget: a plan's is 0.01 to 0.3, as a rule. At the first
D is negative, under any plan's gain, for a set that does not fit the budget."""
ROUNDED_AT_FIRST = 1e-6
"""More than rounding can take off D there."""
AROUND = (1.4, 1.2, 1.05, 0.93, 0.82, 0.7)
"""Multipliers of every later pass, times the best guess of the multiplier."""
CLOSER = 0.25
"""In every pass the logarithms of these are so much of those before."""
NARROW = 1.4
"""A bracket whose ends differ by less than this factor leaves few edges."""
MOST_PASSES = 8
"""More are not needed but where numbers lie many decades apart."""
CACHED = 16_000
"""Numbers treated at once: so few that memory for them is at hand and stays in the cache."""
FILLED = 4
"""Of the table of cells no less than one place in so many holds one."""


@dataclass(frozen=True)
class Bracketed:
    """The best split over every set of models."""

    split: Split
    option: Ints
    """(vertex,) option of each of the split's vertices."""


def best_bracketed(problem: Problem, sets: Sets) -> Bracketed | None:
    """The optimum with splitting of a covered problem, proven; None where this way does not prove
    one: no set fits the budget, the budget does not bind, or rounding is in the way.
    """
    cells = _Cells.of(problem)
    if cells is None or cells.budget_usd <= 0:
        return None
    usd_price = FIRST_PRICES / cells.budget_usd
    duals = cells.duals(sets, usd_price)
    bound = np.where(duals[:, 0] > -ROUNDED_AT_FIRST, duals[:, 1:].min(axis=1), -np.inf)
    best: Bracketed | None = None
    gain = -np.inf
    while True:
        at = int(bound.argmax())
        if not bound[at] > gain + SAME_GAIN:
            return best
        found = _solved(cells.of_set(sets.members[at]), usd_price[1:], duals[at, 1:])
        if found is None:
            return None
        more = cells.duals(sets, np.array([found.split.usd_price]))[:, 0]
        if more[at] > found.split.gain + SAME_GAIN:
            return None
        bound = np.minimum(bound, more)
        bound[at] = -np.inf
        if found.split.gain > gain + SAME_GAIN:
            best, gain = found, found.split.gain


@dataclass(frozen=True)
class _Cells:
    """What options bring and cost; each model's options are rows beside those of the others."""

    gain: Array
    """(row, model, class_) of a class answered by one option alone; -inf where there is none."""
    cost_usd: Array
    """(row, model, class_) dollars a day; 0 where there is none."""
    option: Ints
    """(row, model)"""
    fixed_usd: Array
    """(model,)"""
    budget_usd: float

    @classmethod
    def of(cls, problem: Problem) -> _Cells | None:
        """The cells of a covered problem; None where a table of them would be mostly empty."""
        by_model = np.argsort(problem.model, kind="stable")
        size = np.bincount(problem.model)
        filled = np.arange(size.max())[:, None] < size
        if filled.size > FILLED * len(by_model):
            return None
        option = np.zeros(filled.shape, dtype=np.int64)
        option.T[filled.T] = by_model
        gain = (problem.accuracy * problem.weight[:, None]).T[option]
        cost = (problem.direct_usd * problem.queries_per_day[:, None]).T[option]
        if len(by_model) < filled.size or not problem.allowed.all():
            missing = ~(problem.allowed.T[option] & filled[:, :, None])
            gain[missing], cost[missing] = -np.inf, 0.0
        budget = float(problem.budget_usd_per_day or 0.0)
        return cls(gain, cost, option, fixed_usd(problem), budget)

    @property
    def slack_usd(self) -> float:
        """Dollars over the budget that count as rounding."""
        return ROUNDING * self.budget_usd

    def duals(self, sets: Sets, usd_price: Array) -> Array:
        """(set, price) D of every set: no plan of the set brings more than any of its row."""
        found = usd_price * (self.budget_usd - sets.members @ self.fixed_usd)[:, None]
        step = max(1, CACHED // (len(usd_price) * max(self.option.size, len(sets))))
        for at in range(0, self.gain.shape[2], step):
            value = self.cost_usd[:, :, None, at : at + step] * usd_price[:, None]
            np.subtract(self.gain[:, :, None, at : at + step], value, out=value)
            best = value.max(axis=0)
            of_sets = sets.best(best.reshape(len(best), -1))
            found += of_sets.reshape(len(sets), len(usd_price), -1).sum(axis=2)
        return found

    def of_set(self, models: Bools) -> _SetCells:
        """The cells of some models."""
        kept = slice(None) if models.all() else models.nonzero()[0]
        n_classes = self.gain.shape[2]
        return _SetCells(
            self.gain[:, kept].reshape(-1, n_classes),
            self.cost_usd[:, kept].reshape(-1, n_classes),
            self.option[:, kept].ravel(),
            self.budget_usd - float(self.fixed_usd[models].sum()),
            self.slack_usd,
        )


@dataclass(frozen=True)
class _SetCells:
    """The cells of one set of models."""

    gain: Array
    """(row, class_)"""
    cost_usd: Array
    """(row, class_)"""
    option: Ints
    """(row,)"""
    budget_usd: float
    """What the models leave of it."""
    slack_usd: float

    def duals(self, usd_price: Array) -> Array:
        """(price,) D at each."""
        found = usd_price * self.budget_usd
        step = max(1, CACHED // (len(usd_price) * len(self.option)))
        for at in range(0, self.gain.shape[1], step):
            value = self.cost_usd[:, None, at : at + step] * usd_price[:, None]
            np.subtract(self.gain[:, None, at : at + step], value, out=value)
            found += value.max(axis=0).sum(axis=1)
        return found


def _solved(cells: _SetCells, usd_price: Array, dual: Array) -> Bracketed | None:
    """The best split of one set of models; None where its multiplier is 0 or not to be found."""
    known = list(zip(usd_price.tolist(), dual.tolist(), strict=True))
    bracket = _narrowed(cells, known)
    if bracket is None:
        return None
    row, class_ = _left_over(cells, *bracket)
    edges = Edges.of(cells.cost_usd[row, class_], cells.gain[row, class_], class_)
    split = best_split(edges, cells.budget_usd, cells.slack_usd)
    if split is None or split.usd_price <= 0:
        return None
    return Bracketed(split, cells.option[row])


def _narrowed(cells: _SetCells, known: list[tuple[float, float]]) -> tuple[float, float] | None:
    """Two multipliers, both over 0, between which D is least; None where they are not found.

    known: multipliers, falling, and D at each.
    """
    for closer in CLOSER ** np.arange(MOST_PASSES):
        least = min(range(len(known)), key=lambda i: known[i][1])
        if least == 0:
            more = [known[0][0] * FIRST_STEP**step for step in (3, 2, 1)]
        elif least == len(known) - 1:
            more = [known[least][0] / FIRST_STEP**step for step in (1, 2, 3)]
        else:
            low, high = known[least + 1][0], known[least - 1][0]
            if high <= NARROW * low:
                return low, high
            guess = _bottom(known[least - 1 : least + 2])
            # Halving what is left makes up for a guess that is far out.
            more = [guess * part**closer for part in AROUND]
            more += [(low * high) ** 0.5] if closer < 1 else []
            more = [price for price in more if low < price < high]
        added = zip(more, cells.duals(np.array(more)).tolist(), strict=True)
        known = sorted({**dict(known), **dict(added)}.items(), reverse=True)
    return None


def _bottom(known: list[tuple[float, float]]) -> float:
    """Where the slope of D, taken midway between three multipliers, passes through nothing."""
    (high, above), (middle, least), (low, below) = known
    rise, fall = (above - least) / (high - middle), (below - least) / (middle - low)
    if rise + fall <= 0:
        return middle
    to_high = 0.5 * fall / (rise + fall)
    return float(middle**0.5 * high**to_high * low ** (0.5 - to_high))


def _left_over(cells: _SetCells, low: float, high: float) -> tuple[Ints, Ints]:
    """(row, class_) of the hulls' vertices that multipliers of a bracket can ask for, by class."""
    gain, cost_usd = cells.gain, cells.cost_usd
    classes = np.arange(gain.shape[1])
    first = (gain - high * cost_usd).argmax(axis=0)
    last = (gain - low * cost_usd).argmax(axis=0)
    moving = (cost_usd[last, classes] > cost_usd[first, classes]).nonzero()[0]
    a, b = first[moving], last[moving]
    rise, over = gain[:, moving] - gain[a, moving], cost_usd[:, moving] - cost_usd[a, moving]
    height, width = rise[b, np.arange(len(b))], over[b, np.arange(len(b))]
    # Of the cells between a class's two, only those above the line between them can be vertices.
    above, column = ((over > 0) & (over < width) & (rise * width > over * height)).nonzero()
    row = np.concatenate([first, b, above])
    class_ = np.concatenate([classes, moving, moving[column]])
    order = np.lexsort((cost_usd[row, class_], class_))
    row, class_ = row[order], class_[order]
    if len(above):
        bent = np.zeros(len(classes), dtype=bool)
        bent[moving[column]] = True
        among = bent[class_].nonzero()[0]
        hull = upper_hull(
            cost_usd[row[among], class_[among]], gain[row[among], class_[among]], class_[among]
        )
        kept = ~bent[class_]
        kept[among[hull]] = True
        row, class_ = row[kept], class_[kept]
    return row, class_
