"""Checks in fractions of the numbers as they are printed: no rounding, no tolerance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from planner import units
from planner.allocate.problem import Array, Problem
from planner.domain.plan import AllocationRow


def printed(number: float) -> Fraction:
    """A number as it is printed, to 9 significant digits, exactly."""
    return Fraction(repr(units.significant(float(number))))


def exact_cost_usd(problem: Problem, share: Array) -> Fraction:
    """Dollars a day of shares bought by the query and of the models they use.

    sum share * queries_per_day * direct_usd + sum of the fixed costs of models with a share.
    """
    used = np.argwhere(share > 0)
    usd, queries = problem.direct_usd, problem.queries_per_day
    spent = (printed(share[c, o]) * printed(usd[c, o]) * printed(queries[c]) for c, o in used)
    cost = sum(spent, Fraction(0))
    fixed = problem.model_fixed_usd_per_day
    if fixed is not None:
        cost += sum(printed(fixed[m]) for m in np.unique(problem.model[used[:, 1]]))
    return cost


def printed_violations(
    problem: Problem,
    rows: Sequence[AllocationRow],
    queries_per_day: Mapping[str, float],
    fixed_usd_per_day: Mapping[str, float],
) -> Iterator[str]:
    """Every requirement on a bare table's plan that its printed rows break, in words.

    `queries_per_day` is by query class, `fixed_usd_per_day` by model.
    """
    for query_class in queries_per_day:
        shares = [printed(row.share) for row in rows if row.query_class == query_class]
        if sum(shares) != 1:
            yield f"{query_class}: shares add up to {float(sum(shares)):.9g}"
        if problem.whole and len(shares) != 1:
            yield f"{query_class}: is split"
    models = {row.model for row in rows}
    if problem.max_models is not None and len(models) > problem.max_models:
        yield f"models kept: {len(models)} over {problem.max_models}"
    if problem.budget_usd_per_day is not None:
        cost = sum((printed(fixed_usd_per_day[model]) for model in models), Fraction(0))
        for row in rows:
            served = printed(row.share) * printed(queries_per_day[row.query_class])
            cost += served * printed(row.cost_usd_per_query)
        budget = printed(problem.budget_usd_per_day)
        if cost > budget:
            yield f"dollars a day: {float(cost):.12g} over {float(budget):.12g}"
