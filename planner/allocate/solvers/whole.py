"""Whole options: each class takes one option, found exactly by a search around the multiplier.

Sets of models are gone through by their bounds (see `subsets`); in each, the moves away from its
split that could still pay (see `core`) are gone through as states (see `states`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.allocate.solvers.core import Core, WholePlan, best_pair, is_better
from planner.allocate.solvers.states import search_states
from planner.allocate.solvers.subsets import (
    MOST_TIES,
    SAME_GAIN,
    Corners,
    Opened,
    Search,
    Sets,
)

MOST_STATES = 400_000
"""States after which the search gives up: near a third of the time that HiGHS takes on the same."""


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


def best_whole(corners: Corners, sets: Sets, most_states: int = MOST_STATES) -> Searched:
    """The best whole plan over every set of models; the plan is None where none fits the budget."""
    search = Search.of(corners, sets)
    best: WholePlan | None = None
    states, ties, usd_price = 0, 0, 0.0
    while True:
        # Sets that can only bring as much are tried too, for the cheaper plan, but not for ever.
        margin = SAME_GAIN if ties == MOST_TIES else -SAME_GAIN
        least = -np.inf if best is None else best.gain + margin
        opened = search.solve_best(least)
        if opened is None:
            return Searched(best, states, complete=True, usd_price=usd_price)
        if opened.split.gain <= least:
            continue
        ties += best is not None and opened.split.gain <= best.gain + SAME_GAIN
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
    core = Core.of(corners, opened)
    best = core.base if known is None or is_better(core.base, known) else known
    states, complete = 0, True
    if opened.split.moved is not None:
        slack = corners.instance.slack_usd
        core = core.better_than(best.gain)
        pair = core.moved(best_pair(core, slack))
        best = pair if is_better(pair, best) else best
        core = core.better_than(best.gain)
        best, states, complete = search_states(core, opened, best, slack, most_states)
    plan = None if best is known else best
    return Searched(plan, states, complete, opened.split.usd_price)
