"""The problem that the planner's own solver exists for: one budget of dollars a day."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import API_FLEET, Array, Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ROUNDING = 1e-12
"""Relative excess over a budget that is rounding of sums: costs in decimals add up inexactly."""
COVERED = frozenset(
    {
        *("queries_per_day", "accuracy", "allowed", "direct_usd", "model", "whole"),
        *("model_fixed_usd_per_day", "budget_usd_per_day", "max_models"),
        # Work that nothing is asked of while no option has a fleet and no other budget is set.
        *("gpu_s", "flop", "fleet", "fleets", "group"),
    }
)
"""Fields of a problem that may hold anything; every other one must be as it is by default."""
NOT_COVERED = tuple((f.name, f.default) for f in fields(Problem) if f.name not in COVERED)


@dataclass(frozen=True)
class OneBudget:
    """Most mean accuracy for at most a budget; a cell is an option that may answer a class.

    maximise   sum_cell share * gain
    subject to sum_cell share = 1 in every class, share >= 0 (or 0 or 1: whole options),
               sum_cell share * cost_usd + sum_model opened * fixed_usd <= budget_usd,
               share <= opened[model of the cell], sum_model opened <= max_models
    """

    gain: Array
    """(cell,) mean accuracy over all queries that the cell brings if it answers its whole class."""
    cost_usd: Array
    """(cell,) dollars a day if it answers its whole class."""
    class_: Ints
    """(cell,) ascending, and within a class by model."""
    model: Ints
    """(cell,)"""
    n_classes: int
    fixed_usd: Array
    """(model,) dollars a day of each model opened."""
    budget_usd: float
    max_models: int

    @property
    def n_models(self) -> int:
        """Length of the `model` axis."""
        return len(self.fixed_usd)

    @property
    def slack_usd(self) -> float:
        """Dollars over the budget that count as rounding."""
        return ROUNDING * abs(self.budget_usd)


def covers(problem: Problem) -> bool:
    """Whether the planner's own solver is meant for a problem.

    It is for accuracy under one budget in dollars, options bought by the query, fixed costs of
    models and a limit on their number. Anything else, known today or added later, is not.
    """
    return (
        problem.budget_usd_per_day is not None
        and not (problem.fleet != API_FLEET).any()
        and all(getattr(problem, name) is default for name, default in NOT_COVERED)
    )


def one_budget(problem: Problem) -> tuple[OneBudget, Ints]:
    """A covered problem (see `covers`) by cells, and the option of each cell."""
    by_model = np.argsort(problem.model, kind="stable")
    class_, column = np.nonzero(problem.allowed[:, by_model])
    option = by_model[column]
    instance = OneBudget(
        gain=problem.accuracy[class_, option] * problem.weight[class_],
        cost_usd=problem.direct_usd[class_, option] * problem.queries_per_day[class_],
        class_=class_,
        model=problem.model[option],
        n_classes=len(problem.queries_per_day),
        fixed_usd=fixed_usd(problem),
        budget_usd=float(problem.budget_usd_per_day or 0.0),
        max_models=most_models(problem),
    )
    return instance, option


def fixed_usd(problem: Problem) -> Array:
    """(model,) dollars a day of each model opened."""
    fixed = problem.model_fixed_usd_per_day
    return np.zeros(problem.n_models) if fixed is None else fixed[: problem.n_models]


def most_models(problem: Problem) -> int:
    """How many models may be opened."""
    limit = problem.n_models if problem.max_models is None else problem.max_models
    return min(limit, problem.n_models)
