"""The planner's own solver of a problem with one budget, and HiGHS where it is not the one.

Splitting: exact. Whole options: exact within a number of states, and beyond it HiGHS, over the
options that could still be better than the best plan known.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.allocate.exact import overspent_usd
from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.books import plan_value
from planner.allocate.solvers.bracket import best_bracketed
from planner.allocate.solvers.core import WholePlan
from planner.allocate.solvers.milp import Solution, solve_milp
from planner.allocate.solvers.multiplier import Split
from planner.allocate.solvers.one_budget import Ints, covers, fixed_usd, most_models, one_budget
from planner.allocate.solvers.subsets import Corners, Sets, best_opened, could_be_better
from planner.allocate.solvers.whole import MOST_STATES, best_whole

SHARE_DIGITS = 9
SHARES = 10**SHARE_DIGITS
"""Shares are whole multiples of 1e-9: what is printed is the plan, to the last digit."""
SNAP = 1e-3
"""Of such a multiple: what is this close below one is rounding."""
PRINTED = 1e-8
"""More than a price changes by, relatively, where it is printed to 9 digits."""
TINY_USD = 1e-300
"""Instead of a difference of nothing."""
TIGHTER = (1e-12, 1e-9, 1e-6)
"""Fractions by which the budget is lowered in turn, where rounding has overspent it."""


def solve(problem: Problem, most_states: int = MOST_STATES) -> Solution:
    """The best plan of a problem, by the planner's own solver where it `covers` the problem.

    Beside `solve_milp` it promises that the shares, which are multiples of 1e-9, cost no more than
    the budget when they are added up in fractions, of prices as given and as printed.
    """
    if not covers(problem):
        return _by_highs(problem)
    budget = float(problem.budget_usd_per_day or 0.0)
    solution = _solved(problem, most_states)
    over = float(overspent_usd(problem, solution.share))
    if over == 0:
        return solution
    trimmed = _trimmed(problem, solution, over)
    if trimmed is not None:
        return trimmed
    for fraction in TIGHTER:
        again = _solved(replace(problem, budget_usd_per_day=budget * (1 - fraction)), most_states)
        # Prices of more digits than are printed can leave no plan at all: rounding is let pass.
        if again.status != "infeasible":
            solution = replace(again, bound=max(again.bound, solution.bound))
        if not overspent_usd(problem, solution.share):
            break
    return solution


def _trimmed(problem: Problem, solution: Solution, over_usd: float) -> Solution | None:
    """What is overspent taken from the dearer option of a class that is split; None without one."""
    share = solution.share.copy()
    for c in np.flatnonzero((share > 0).sum(axis=1) == 2):
        used = np.flatnonzero(share[c])
        cheap, dear = used[np.argsort(problem.direct_usd[c, used], kind="stable")]
        usd = problem.direct_usd[c] * problem.queries_per_day[c]
        d_usd = usd[dear] - usd[cheap]
        # One step more than it takes makes up for prices that are rounded, if steps are few.
        steps = np.ceil(over_usd * SHARES / max(d_usd, TINY_USD)) + 1
        left = np.round(share[c, dear] * SHARES) - steps
        if left >= 0 and steps * PRINTED * usd[dear] < d_usd:
            share[c, dear] = left / SHARES
            share[c, cheap] = 1.0 - share[c, dear]
            value = plan_value(problem, share, solution.replicas)
            return replace(solution, share=share, value=value)
    return None


def _solved(problem: Problem, most_states: int) -> Solution:
    sets = Sets.among(fixed_usd(problem), most_models(problem))
    if sets is None:
        return _by_highs(problem)
    quick = None if problem.whole else best_bracketed(problem, sets)
    if quick is not None:
        return _split_solution(problem, quick.split, quick.option)
    if not problem.allowed.any(axis=1).all():
        return _by_highs(problem)
    instance, option = one_budget(problem)
    corners = Corners.of(instance)
    if problem.whole:
        searched = best_whole(corners, sets, most_states)
        if searched.plan is None:
            return _nothing(problem)
        found = _whole_solution(problem, option, searched.plan, searched.usd_price)
        if searched.complete:
            return found
        kept = could_be_better(corners, sets, searched.usd_price, searched.plan.gain)
        kept[searched.plan.cell] = True
        return _completed(problem, found, instance.class_[kept], option[kept])
    opened = best_opened(corners, sets)
    if opened is None:
        return _nothing(problem)
    return _split_solution(problem, opened.split, option[opened.cell])


def _whole_solution(problem: Problem, option: Ints, plan: WholePlan, usd_price: float) -> Solution:
    share = np.zeros(problem.accuracy.shape)
    share[np.arange(len(share)), option[plan.cell]] = 1.0
    return _solution(problem, share, -np.inf, usd_price)


def _split_solution(problem: Problem, split: Split, option: Ints) -> Solution:
    """The shares of a split; option (vertex,) is that of each of its vertices."""
    share = np.zeros(problem.accuracy.shape)
    share[np.arange(len(share)), option[split.vertex]] = 1.0
    if split.moved is not None:
        lower = split.vertex[split.moved]
        moved = np.floor(split.moved_share * SHARES + SNAP) / SHARES
        share[split.moved, option[lower]] = 1.0 - moved
        share[split.moved, option[lower + 1]] = moved
    return _solution(problem, share, split.gain, split.usd_price)


def _completed(problem: Problem, found: Solution, class_: Ints, option: Ints) -> Solution:
    """The better of a plan found and of what HiGHS makes of the cells that could be better."""
    allowed = np.zeros_like(problem.allowed)
    allowed[class_, option] = True
    searched = _by_highs(replace(problem, allowed=allowed))
    if searched.status == "infeasible":
        return found
    best = searched if searched.value > found.value else found
    bound = max(searched.bound, best.value)
    return replace(best, status=searched.status, bound=bound, solver=searched.solver)


def _by_highs(problem: Problem) -> Solution:
    """HiGHS, its shares rounded down to multiples of 1e-9, the rest to the cheapest option used."""
    solution = solve_milp(problem)
    if solution.status == "infeasible":
        return solution
    share = np.floor(solution.share * SHARES + SNAP) / SHARES
    usd = np.where(share > 0, problem.direct_usd, np.inf)
    classes, cheapest = np.arange(len(share)), usd.argmin(axis=1)
    share[classes, cheapest] = 0.0
    share[classes, cheapest] = np.round(1.0 - share.sum(axis=1), SHARE_DIGITS)
    value = plan_value(problem, share, solution.replicas)
    outer = max if problem.maximised else min
    return replace(solution, share=share, value=value, bound=outer(solution.bound, value))


def _solution(problem: Problem, share: Array, bound: float, usd_price: float) -> Solution:
    replicas = np.zeros(0, dtype=np.int64)
    value = plan_value(problem, share, replicas)
    bound = max(bound, value)
    prices = {"usd_per_day": usd_price}
    return Solution("optimal", share, replicas, value, bound, lambda: prices, solver="planner")


def _nothing(problem: Problem) -> Solution:
    nothing = np.zeros(problem.accuracy.shape)
    return Solution("infeasible", nothing, np.zeros(0, dtype=np.int64), np.nan, np.nan)
