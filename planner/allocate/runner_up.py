"""For each class the next best choice, and what would have to change for it to win.

Found by solving again, so that whole replicas, shared fleets and constraints are all in it. What
is told of a price or an accuracy is the edge between two problems that were solved: on one side
the option has no place in the best plan, on the other the best plan is worse without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from planner.allocate.problem import Problem
from planner.allocate.solvers.milp import Solution, optimum, solve_milp
from planner.domain.why import RunnerUp

MOST_CLASSES = 6
"""Classes and buckets that are explained: those of most queries."""
STEPS = 8
"""Halvings of an interval: edges are known to 1/256 of it."""
VOLUMES = (0.5, 2.0, 0.1, 10.0)
"""Factors of all volumes that are tried, the nearest first."""
WORTH = 1e-6
"""Relative gain of the objective from which an option counts as used: above HiGHS's tolerance."""


def runners_up(
    problem: Problem, solution: Solution, labels: Sequence[str], names: Sequence[tuple[str, str]]
) -> tuple[RunnerUp, ...]:
    """The runner-up of each class and bucket, of the largest first.

    labels: (option,); names: (class_,) of class and bucket. A class that has no other way to keep
    the requirements has none.
    """
    order = np.argsort(-problem.queries_per_day, kind="stable")[:MOST_CLASSES]
    others = [(c, found) for c in order.tolist() if (found := _other(problem, solution, c))]
    volumes = _volumes(problem) if others else {}
    rows = []
    for c, (option, loss) in others:
        rest = without(problem, c, option)
        rows.append(
            RunnerUp(
                query_class=names[c][0],
                bucket=names[c][1],
                chosen=labels[int(np.argmax(solution.share[c]))],
                option=labels[option],
                objective_lost=loss,
                wins_below_price_factor=price_edge(problem, c, option, rest),
                wins_above_accuracy=accuracy_edge(problem, c, option, rest),
                wins_at_volume_factor=next(
                    (k for k, plan in volumes.items() if plan.share[c, option] > 0), None
                ),
            )
        )
    return tuple(rows)


def _other(problem: Problem, solution: Solution, c: int) -> tuple[int, float] | None:
    """(option, objective lost) where the options chosen for a class may not answer it."""
    allowed = problem.allowed.copy()
    allowed[c, solution.share[c] > 0] = False
    if not allowed[c].any():
        return None
    next_best = solve_milp(replace(problem, allowed=allowed))
    if next_best.status == "infeasible":
        return None
    sign = 1.0 if problem.maximised else -1.0
    loss = sign * (solution.value - next_best.value)
    return int(np.argmax(next_best.share[c])), max(loss, 0.0)


def with_price(problem: Problem, c: int, option: int, factor: float) -> Problem:
    """The problem in which one option's work and price for one class are `factor` of what they
    are.
    """
    changed = {}
    for name in ("gpu_s", "direct_usd", "reader_gpu_s"):
        values = getattr(problem, name)
        if values is not None:
            scaled = values.copy()
            scaled[c, option] *= factor
            changed[name] = scaled
    return replace(problem, **changed)


def with_accuracy(problem: Problem, c: int, option: int, accuracy: float) -> Problem:
    """The problem in which one option has another accuracy for one class."""
    changed = problem.accuracy.copy()
    changed[c, option] = accuracy
    return replace(problem, accuracy=changed)


def without(problem: Problem, c: int, option: int) -> float | None:
    """The best objective where an option may not answer a class; None where infeasible then.

    What the option costs or reaches there does not matter to it.
    """
    allowed = problem.allowed.copy()
    allowed[c, option] = False
    return optimum(replace(problem, allowed=allowed))


def wins(problem: Problem, best_without: float | None) -> bool:
    """Whether a problem's best plan is better than without an option (see `without`)."""
    best = optimum(problem)
    if best is None or best_without is None:
        return best is not None
    gain = best - best_without if problem.maximised else best_without - best
    return gain > WORTH * max(abs(best_without), 1e-9)


def price_edge(problem: Problem, c: int, option: int, best_without: float | None) -> float | None:
    """Largest factor of its price found at which an option wins a class; None where at none."""
    return _edge(
        lambda x: wins(with_price(problem, c, option, 1.0 - x), best_without), 1.0, falling=True
    )


def accuracy_edge(
    problem: Problem, c: int, option: int, best_without: float | None
) -> float | None:
    """Least accuracy found at which an option wins a class; None where not even 1 is enough."""
    now = float(problem.accuracy[c, option])
    return _edge(
        lambda x: wins(with_accuracy(problem, c, option, now + x), best_without),
        1.0 - now,
        start=now,
    )


def _edge(
    holds: Callable[[float], bool], width: float, *, falling: bool = False, start: float = 0.0
) -> float | None:
    """Bisects for where a monotone condition begins to hold on [0, width]; the end that holds."""
    if not holds(width):
        return None
    low, high = 0.0, width
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return 1.0 - high if falling else start + high


def _volumes(problem: Problem) -> dict[float, Solution]:
    """Plans at other volumes, the same budgets for each query."""
    found = {}
    for factor in VOLUMES:
        budgets: dict[str, Any] = {
            name: None if limit is None else limit * factor
            for name in ("budget_usd_per_day", "budget_flop_per_day", "budget_eflop_per_day",
                         "budget_kwh_per_day")
            for limit in (getattr(problem, name),)
        }  # fmt: skip
        queries = problem.queries_per_day * factor
        plan = solve_milp(replace(problem, queries_per_day=queries, **budgets))
        if plan.status != "infeasible":
            found[factor] = plan
    return found
