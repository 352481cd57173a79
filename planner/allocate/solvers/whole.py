"""Whole options: each class takes one option, found exactly by a search around the multiplier.

At the multiplier lambda of the best split every cell has a loss, the value it gives away:

    loss = max_{cells of its class} (gain - lambda * cost) - (gain - lambda * cost)    >= 0

A whole plan brings the split's gain less its losses and less lambda times the dollars that it
leaves unspent. So a plan better than the best known has no cell whose loss alone exceeds what lies
between the best known and the split. The few cells left are gone through class by class as states
(dollars, gain) beside the split's own vertices; a state goes where another has more gain for no
more dollars, or where even the split of the remaining classes cannot lift it over the best known
(the core of Pisinger 1995 with the states of Nemhauser and Ullmann 1969). States are counted, and
too many of them end the search.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.hull import starts_of
from planner.allocate.solvers.one_budget import Bools, Ints
from planner.allocate.solvers.subsets import (
    SAME_GAIN,
    Corners,
    Opened,
    Search,
    Sets,
)

MOST_STATES = 400_000
"""States after which the search gives up: near a third of the time that HiGHS takes on the same."""
STAY = -1
"""Instead of a move: the class keeps the cell of its base."""


@dataclass(frozen=True)
class WholePlan:
    """One cell for every class."""

    cell: Ints
    """(class_,) position in the instance's cells."""
    gain: float
    cost_usd: float
    """With the fixed costs of the models opened for it."""


@dataclass(frozen=True)
class Searched:
    """What came of a search."""

    plan: WholePlan | None
    """The best plan found; None where none is better than the one known."""
    states: int
    """States looked at."""
    complete: bool
    """Whether no better plan can be left."""
    usd_price: float
    """Lagrange multiplier of the models that the search was in when it found the plan."""


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


def best_whole(corners: Corners, sets: Sets, most_states: int = MOST_STATES) -> Searched:
    """The best whole plan over every set of models; the plan is None where none fits the budget."""
    search = Search.of(corners, sets)
    best: WholePlan | None = None
    states, usd_price = 0, 0.0
    while True:
        least = -np.inf if best is None else best.gain + SAME_GAIN
        opened = search.solve_best(least)
        if opened is None:
            return Searched(best, states, complete=True, usd_price=usd_price)
        if opened.split.gain <= least:
            continue
        found = search_whole(corners, opened, best, most_states - states)
        states += found.states
        if found.plan is not None:
            best, usd_price = found.plan, found.usd_price
        if not found.complete:
            return Searched(best, states, complete=False, usd_price=usd_price)


def search_whole(
    corners: Corners, opened: Opened, known: WholePlan | None, most_states: int
) -> Searched:
    """The best whole plan with these models opened, if it is better than the one known."""
    core = _core(corners, opened)
    best = core.base if known is None or _better(core.base, known) else known
    states, complete = 0, True
    if opened.split.moved is not None:
        slack = corners.instance.slack_usd
        core = core.better_than(best.gain)
        pair = core.moved(_best_pair(core, slack))
        best = pair if _better(pair, best) else best
        core = core.better_than(best.gain)
        best, states, complete = _through(core, opened, best, slack, most_states)
    plan = None if best is known else best
    return Searched(plan, states, complete, opened.split.usd_price)


def _better(plan: WholePlan, than: WholePlan) -> bool:
    """Whether a plan has more gain, or as much for less."""
    if plan.gain > than.gain + SAME_GAIN:
        return True
    cheaper = plan.cost_usd < than.cost_usd * (1 - SAME_GAIN)
    return plan.gain >= than.gain - SAME_GAIN and cheaper


def _core(corners: Corners, opened: Opened) -> Core:
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
    return Core(
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


def _best_pair(core: Core, slack_usd: float) -> Ints:
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


def _through(
    core: Core, opened: Opened, best: WholePlan, slack_usd: float, most_states: int
) -> tuple[WholePlan, int, bool]:
    """(best plan, states, complete) of the search through the moves, class by class."""
    core, step_of = _in_order(core)
    bounds = np.append(starts_of(core.class_), len(core.class_)).tolist()
    edges = _Reach.of(opened, core, step_of)
    usd, gain = np.zeros(1), np.zeros(1)
    history: list[tuple[Ints, Ints]] = []
    looked = 0
    for step, (a, b) in enumerate(itertools.pairwise(bounds)):
        room = core.ceiling - best.gain + SAME_GAIN
        moves = np.append(a + np.flatnonzero(core.loss[a:b] <= room), STAY)
        if len(moves) == 1:
            continue
        looked += len(usd) * len(moves)
        if looked > most_states:
            return best, looked, False
        usd = (usd[:, None] + np.append(core.d_usd[moves[:-1]], 0.0)).ravel()
        gain = (gain[:, None] + np.append(core.d_gain[moves[:-1]], 0.0)).ravel()
        lost = core.usd_price * usd - gain + edges.least_loss(step, core.left_usd - usd, slack_usd)
        alive = np.flatnonzero(lost <= room)
        if not len(alive):
            break
        alive = alive[_undominated(usd[alive], gain[alive])]
        history.append((alive // len(moves), moves[alive % len(moves)]))
        usd, gain = usd[alive], gain[alive]
        # Gain rises with dollars: the last state within the budget is the best to stay at.
        fits = int(np.searchsorted(usd, core.left_usd + slack_usd, side="right"))
        if fits and core.base.gain + gain[fits - 1] >= best.gain - SAME_GAIN:
            cheapest = int(np.searchsorted(gain, gain[fits - 1] - SAME_GAIN))
            plan = core.moved(_traced(history, cheapest))
            best = plan if _better(plan, best) else best
    return best, looked, True


def _in_order(core: Core) -> tuple[Core, Ints]:
    """Moves by class, those classes first that can move at the least loss a dollar.

    Also the step of each class; -1 for those that no move is left for.
    """
    n_classes = len(core.base.cell)
    with np.errstate(divide="ignore"):
        rate = core.loss / np.abs(core.d_usd)
    least = np.full(n_classes, np.inf)
    np.minimum.at(least, core.class_, rate)
    able = np.zeros(n_classes, dtype=bool)
    able[core.class_] = True
    order = np.argsort(np.where(able, least, np.inf), kind="stable")[: able.sum()]
    step_of = np.full(n_classes, -1)
    step_of[order] = np.arange(len(order))
    return core.only(np.argsort(step_of[core.class_], kind="stable")), step_of


def _undominated(usd: Array, gain: Array) -> Ints:
    """Positions of the states that no other beats, by rising dollars and gain; of one or more."""
    order = np.lexsort((-gain, usd))
    gain = gain[order]
    kept: Ints = order[np.append(True, gain[1:] > np.maximum.accumulate(gain)[:-1])]
    return kept


def _traced(history: list[tuple[Ints, Ints]], state: int) -> Ints:
    """The moves that led to a state."""
    moves = []
    for parent, move in reversed(history):
        if move[state] != STAY:
            moves.append(int(move[state]))
        state = int(parent[state])
    return np.array(moves, dtype=np.int64)


@dataclass(frozen=True)
class _Reach:
    """The least loss at which the classes of later steps can spend or save dollars, by splitting.

    Edges of the hulls above the split's vertices are bought at (lambda - slope) a dollar, those
    below sold at (slope - lambda); a dollar left over loses lambda.
    """

    step: Ints
    """(edge,) by rising loss a dollar"""
    upward: Bools
    usd: Array
    loss: Array
    usd_price: float

    @classmethod
    def of(cls, opened: Opened, core: Core, step_of: Ints) -> _Reach:
        """The edges of the classes that have moves."""
        edges, price = opened.edges, core.usd_price
        class_ = np.searchsorted(edges.first, edges.lower, side="right") - 1
        upward = edges.lower >= opened.split.vertex[class_]
        rate = np.maximum(np.where(upward, price - edges.slope, edges.slope - price), 0.0)
        order = np.argsort(rate, kind="stable")
        order = order[step_of[class_[order]] > 0]
        usd = edges.d_cost_usd[order]
        return cls(step_of[class_[order]], upward[order], usd, usd * rate[order], price)

    def least_loss(self, step: int, usd: Array, slack_usd: float) -> Array:
        """(state,) least loss of the classes after a step, to spend what each state has left.

        inf where they cannot save what a state is over the budget.
        """
        later = self.step > step
        up, down = later & self.upward, later & ~self.upward
        spent, saved = np.cumsum(self.usd[up]), np.cumsum(self.usd[down])
        most = max(float(usd.max()), spent[-1] if len(spent) else 0.0) + 1.0
        x = np.concatenate([-saved[::-1], [0.0], spent, [most]])
        y = np.concatenate(
            [np.cumsum(self.loss[down])[::-1], [0.0], np.cumsum(self.loss[up]), [0.0]]
        )
        y[-1] = y[-2] + self.usd_price * (x[-1] - x[-2])
        least: Array = np.interp(usd, x, y)
        return np.where(usd < x[0] - slack_usd, np.inf, least)
