"""Least cost per correct answer: a ratio made exact by a few linear problems.

W. Dinkelbach, On Nonlinear Fractional Programming, Management Science 13(7), 1967: with
F(price) = min over plans of cost - price * correct, the least ratio cost / correct is the price
at which F is 0. Taking the ratio of each plan found as the next price converges faster than
linearly, for whole choices as well, and from above.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from planner.allocate.problem import Problem
from planner.allocate.solvers.books import plan_correct_per_day, plan_cost_usd_per_day

if TYPE_CHECKING:
    from planner.allocate.solvers.milp import Solution

CLOSE = 1e-9
"""Relative distance of the last two ratios that counts as none."""
MOST_STEPS = 40


def least_ratio(problem: Problem, solve: Callable[[Problem], Solution]) -> Solution:
    """The plan of least dollars per correct answer.

    solve: of problems with the objective cost or net_value. Its shadow prices are those of the
    last of them. Where no plan answers anything correctly, value and bound are inf.

    The bound is proven: a plan of a lower ratio has correct > least cost / price, for its cost is
    at least the least cost, so that its ratio is at least price + F * price / least cost.
    """
    cheapest = solve(replace(problem, objective="cost"))
    if cheapest.status == "infeasible":
        return cheapest
    best, ratio = cheapest, cost_per_correct(problem, cheapest)
    if not np.isfinite(ratio):
        best = solve(replace(problem, objective="accuracy"))
        ratio = cost_per_correct(problem, best)
    bound, status = ratio, best.status
    least_cost = cheapest.bound
    for _ in range(MOST_STEPS):
        if not np.isfinite(ratio) or ratio <= 0:
            break
        found = solve(at_price(problem, ratio))
        status = found.status
        improved = cost_per_correct(problem, found)
        # Net value is what a plan gains at the price: -F.
        most = max(0.0, found.bound)
        bound = max(0.0, ratio - most * ratio / least_cost) if least_cost > 0 else 0.0
        if improved < ratio:
            best, last, ratio = found, ratio, improved
            if last - ratio > CLOSE * last:
                continue
        break
    return replace(best, status=status, value=ratio, bound=min(bound, ratio))


def at_price(problem: Problem, usd_per_correct: float) -> Problem:
    """The problem whose best net value is 0 at the least cost per correct answer."""
    value = np.full(len(problem.queries_per_day), usd_per_correct)
    return replace(
        problem, objective="net_value", value_per_correct_usd=value, cost_per_wrong_usd=None
    )


def cost_per_correct(problem: Problem, solution: Solution) -> float:
    """Dollars per correct answer of a plan; inf where it has none."""
    correct = plan_correct_per_day(problem, solution.share)
    if correct <= 0:
        return float("inf")
    return plan_cost_usd_per_day(problem, solution.share, solution.replicas) / correct
