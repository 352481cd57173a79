"""Checks in fractions of the numbers as they are printed: no rounding, no tolerance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal, Inexact, localcontext
from fractions import Fraction
from operator import mul

import numpy as np

from planner import units
from planner.allocate.problem import Array, Problem
from planner.domain.plan import AllocationRow

EXACT = Context(prec=2_000, traps=[Inexact])
"""Room for the sum of any products of three numbers; a rounding would be an error, not a digit."""

ONE = Decimal(1)
NOTHING = Fraction(0)
ADDED = 1e-14
"""Relative error of a cost in floats: a few roundings a term, of terms that are all positive."""
NEAR_TIE = 1e-5
"""Of a last digit: nearer to a half than this, floats may round a price the other way."""


def given(number: float) -> Decimal:
    """A number as it was written by whoever gave it: the shortest decimal that reads as it."""
    return Decimal(repr(float(number)))


def printed(number: float) -> Decimal:
    """A number as it is printed, to 9 significant digits, exactly."""
    return given(units.significant(float(number)))


def exact_costs_usd(problem: Problem, share: Array) -> tuple[Fraction, Fraction]:
    """Dollars a day of shares bought by the query and of the models they use.

    sum share * queries_per_day * direct_usd + sum of the fixed costs of models with a share, with
    direct_usd as given and as printed; volumes and fixed costs are not printed.
    """
    class_, option = np.nonzero(share > 0)
    # Nearly every share is 1, and reading a number is what takes the time.
    shares = (ONE if s == 1.0 else printed(s) for s in share[class_, option].tolist())
    queries = map(given, problem.queries_per_day[class_].tolist())
    usd = problem.direct_usd[class_, option].tolist()
    fixed = problem.model_fixed_usd_per_day
    used = [] if fixed is None else fixed[problem.models_used(option)].tolist()
    with localcontext(EXACT):
        served = [s * q for s, q in zip(shares, queries, strict=True)]
        kept = sum(map(given, used), Decimal(0))
        told, shown = (
            Fraction(sum(map(mul, served, map(price, usd)), kept)) for price in (given, printed)
        )
    return told, shown


def overspent_usd(problem: Problem, share: Array) -> Fraction:
    """Dollars a day over the budget, with prices as given or as printed, whichever is more.

    0 where there is no budget. A budget of more digits than are printed may be met as printed.
    Exact where it is a close thing; else from above, by at most 2 * ADDED of the cost.
    """
    if problem.budget_usd_per_day is None:
        return NOTHING
    quick = _quick_costs_usd(problem, share)
    if quick is not None:
        most = problem.budget_usd_per_day
        most_shown = max(most, units.significant(most))
        over = max(quick[0] - most, quick[1] - most_shown)
        error = ADDED * max(*quick, most_shown)
        if over < -error:
            return NOTHING
        if over > error:
            return Fraction(over + error)
    budget = given(problem.budget_usd_per_day)
    most_shown_exactly = max(budget, printed(problem.budget_usd_per_day))
    told, shown = exact_costs_usd(problem, share)
    return max(told - Fraction(budget), shown - Fraction(most_shown_exactly), NOTHING)


def _quick_costs_usd(problem: Problem, share: Array) -> tuple[float, float] | None:
    """`exact_costs_usd` in floats, right to ADDED; None where a price is too near a tie."""
    class_, option = np.nonzero(share > 0)
    usd = problem.direct_usd[class_, option]
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        scale = 10.0 ** (units.SIGNIFICANT_DIGITS - 1 - np.floor(np.log10(usd)))
        digits = usd * scale
        shown = np.where(usd > 0, np.rint(digits) / scale, 0.0)
        tied = (usd > 0) & ~(np.abs(digits - np.floor(digits) - 0.5) > NEAR_TIE)
    if tied.any() or not np.isfinite(shown).all():
        return None
    served = share[class_, option] * problem.queries_per_day[class_]
    fixed = problem.model_fixed_usd_per_day
    kept = 0.0 if fixed is None else float(fixed[problem.models_used(option)].sum())
    return math.fsum((served * usd).tolist()) + kept, math.fsum((served * shown).tolist()) + kept


def printed_violations(
    problem: Problem,
    rows: Sequence[AllocationRow],
    queries_per_day: Mapping[str, float],
    fixed_usd_per_day: Mapping[str, float],
) -> Iterator[str]:
    """Every requirement on a bare table's plan that its printed rows break, in words.

    `queries_per_day` is by query class, `fixed_usd_per_day` by model: both as given.
    """
    for query_class in queries_per_day:
        shares = [Fraction(printed(row.share)) for row in rows if row.query_class == query_class]
        if sum(shares) != 1:
            yield f"{query_class}: shares add up to {float(sum(shares)):.9g}"
        if problem.whole and len(shares) != 1:
            yield f"{query_class}: is split"
    models = {row.model for row in rows}
    if problem.max_models is not None and len(models) > problem.max_models:
        yield f"models kept: {len(models)} over {problem.max_models}"
    if problem.budget_usd_per_day is not None:
        cost = sum((Fraction(given(fixed_usd_per_day[model])) for model in models), Fraction(0))
        for row in rows:
            share, usd = Fraction(printed(row.share)), Fraction(printed(row.cost_usd_per_query))
            cost += share * usd * Fraction(given(queries_per_day[row.query_class]))
        budget = max(Fraction(reading(problem.budget_usd_per_day)) for reading in (given, printed))
        if cost > budget:
            yield f"dollars a day: {float(cost):.12g} over {float(budget):.12g}"
