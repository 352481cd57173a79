"""The best split of many scenarios at once: prices, accuracies and budgets differ, options do not.

The same hulls and multipliers as for one (`hull`, `multiplier`), with the scenario a part of every
group: what a frontier, a tornado bar or a draw asks a thousand times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.solvers.hull import starts_of, upper_hull
from planner.allocate.solvers.one_budget import ROUNDING, Bools, Ints


@dataclass(frozen=True)
class Best:
    """The optimum of every scenario with splitting; nan where the budget is too small."""

    gain: Array
    """(scenario,)"""
    usd_price: Array
    """(scenario,) gain of one more dollar with the same models opened."""
    chosen: Ints
    """(scenario,) position in the sets of models; -1 where the budget is too small."""


def best_of_scenarios(
    gain: Array, cost_usd: Array, model: Ints, fixed_usd: Array, budget_usd: Array, members: Bools
) -> Best:
    """The most gain of every scenario within its budget, over all sets of models.

    gain, cost_usd (scenario, class_, option): of a class answered by one option alone; model
    (option,); fixed_usd (scenario, model) or (model,); budget_usd (scenario,); members
    (set, model), as in `Sets`. A cell that is not allowed has a cost of inf.
    """
    n_scenarios, n_classes, _ = gain.shape
    by_model = np.argsort(model, kind="stable")
    at = np.nonzero(np.isfinite(cost_usd[:, :, by_model]))
    option = by_model[at[2]]
    cost, value = cost_usd[at[0], at[1], option], gain[at[0], at[1], option]
    class_ = at[0] * n_classes + at[1]
    kept = upper_hull(cost, value, class_ * len(members[0]) + model[option])
    cost, value, class_, model_of = cost[kept], value[kept], class_[kept], model[option[kept]]
    fixed = np.broadcast_to(fixed_usd, (n_scenarios, len(members[0])))
    best = Best(
        np.full(n_scenarios, np.nan),
        np.full(n_scenarios, np.nan),
        np.full(n_scenarios, -1),
    )
    for index, models in enumerate(members):
        corner = np.flatnonzero(models[model_of])
        if models.sum() > 1:
            corner = corner[upper_hull(cost[corner], value[corner], class_[corner])]
        left = budget_usd - fixed[:, models].sum(axis=1)
        found, price = _split(
            cost[corner], value[corner], class_[corner], n_classes, left, ROUNDING * budget_usd
        )
        better = ~np.isnan(found) & ~(found <= best.gain)
        best.gain[better], best.usd_price[better] = found[better], price[better]
        best.chosen[better] = index
    return best


def _split(
    cost: Array, gain: Array, class_: Ints, n_classes: int, left_usd: Array, slack_usd: Array
) -> tuple[Array, Array]:
    """(gain, price) of every scenario on one set's hulls; nan where its budget is too small."""
    n_scenarios = len(left_usd)
    first = starts_of(class_)
    scenario = class_[first] // n_classes
    served = np.bincount(scenario, minlength=n_scenarios) == n_classes
    base_cost = np.bincount(scenario, cost[first], n_scenarios)
    base_gain = np.bincount(scenario, gain[first], n_scenarios)
    lower = np.flatnonzero(class_[1:] == class_[:-1])
    d_cost, d_gain = cost[lower + 1] - cost[lower], gain[lower + 1] - gain[lower]
    of = class_[lower] // n_classes
    order = np.lexsort((-d_gain / d_cost, of))
    d_cost, d_gain, of = d_cost[order], d_gain[order], of[order]
    # Dollars spent before each edge, counted from the start of its own scenario.
    spent = np.cumsum(d_cost) - d_cost
    spent -= np.repeat(spent[starts_of(of)], np.diff(np.append(starts_of(of), len(of))))
    over = (left_usd - base_cost)[of] - spent
    part = np.clip(over / d_cost, 0.0, 1.0)
    found = base_gain + np.bincount(of, part * d_gain, n_scenarios)
    # The first edge not taken whole has the price; beyond the last one a dollar buys nothing.
    open_ = np.flatnonzero(over + slack_usd[of] < d_cost)
    price = np.zeros(n_scenarios)
    ends = open_[starts_of(of[open_])]
    price[of[ends]] = d_gain[ends] / d_cost[ends]
    possible = served & (base_cost <= left_usd + slack_usd)
    return np.where(possible, found, np.nan), np.where(possible, price, np.nan)
