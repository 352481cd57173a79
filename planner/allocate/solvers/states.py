"""The search through a core's moves, class by class, as states of dollars and gain.

A state (Nemhauser and Ullmann 1969) goes where another has more gain for no more dollars, or where
even the split of the remaining classes cannot lift it over the best known. States are counted, and
too many of them end the search.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.core import Core, WholePlan, is_better
from planner.allocate.solvers.hull import starts_of
from planner.allocate.solvers.one_budget import Bools, Ints
from planner.allocate.solvers.subsets import SAME_GAIN, Opened

STAY = -1
"""Instead of a move: the class keeps the cell of its base."""


def search_states(
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
            best = plan if is_better(plan, best) else best
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
