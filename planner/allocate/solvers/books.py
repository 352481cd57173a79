"""Objectives of an allocation from its shares and replicas alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import Array, Problem

ROUNDING = 1e-12
"""Relative excess over a budget that is rounding of sums in floats."""


def plan_value(problem: Problem, share: Array, replicas: NDArray[np.int64]) -> float:
    """The objective of an allocation: mean accuracy, dollars a day, or dollars a correct answer.

    Net value is the worth of the answers less the cost, dollars a day; a plan without a correct
    answer costs inf for each.
    """
    if problem.objective == "accuracy":
        accuracy = np.where(problem.allowed, problem.accuracy, 0.0)
        return float((share * accuracy * problem.weight[:, None]).sum())
    cost = plan_cost_usd_per_day(problem, share, replicas)
    if problem.objective == "cost":
        return cost
    if problem.objective == "net_value":
        worth = np.where(share > 0, problem.worth_usd, 0.0)
        return float((share * worth * problem.queries_per_day[:, None]).sum()) - cost
    correct = plan_correct_per_day(problem, share)
    return cost / correct if correct > 0 else float("inf")


def plan_correct_per_day(problem: Problem, share: Array) -> float:
    """Correct answers a day."""
    accuracy = np.where(share > 0, problem.accuracy, 0.0)
    return float((share * accuracy * problem.queries_per_day[:, None]).sum())


def plan_cost_usd_per_day(problem: Problem, share: Array, replicas: NDArray[np.int64]) -> float:
    """Dollars a day: GPUs of whole replicas cheapest first, what is bought by the token, the fixed
    cost of each fleet and model kept, and training where it is part of the cost.
    """
    direct = np.where(problem.allowed, problem.direct_usd, 0.0)
    cost = float((share * problem.queries_per_day[:, None] * direct).sum())
    cost += float(problem.fleets.usd_per_day(replicas).sum())
    return cost + fixed_usd_per_day(problem, np.any(share > 0, axis=0))


def fixed_usd_per_day(problem: Problem, used: NDArray[np.bool_]) -> float:
    """Dollars a day of models and training where `used` (option,) have a share."""
    models = problem.models_used(used)
    usd = 0.0
    if problem.model_fixed_usd_per_day is not None:
        usd += float(problem.model_fixed_usd_per_day[models].sum())
    if problem.extra_model_usd_per_day is not None:
        usd += problem.extra_model_usd_per_day * max(len(models) - 1, 0)
    if problem.training is not None:
        usd += float(problem.training.usd_per_day[problem.training.bought(used)].sum())
    return usd


def overspent_budgets(
    problem: Problem, share: Array, replicas: NDArray[np.int64]
) -> dict[str, float]:
    """Budgets of a problem, by the field's name, that an allocation takes more of than rounding."""
    served = np.where(share > 0, share * problem.queries_per_day[:, None], 0.0)
    used = share > 0
    taken: dict[str, float] = {}
    if problem.budget_usd_per_day is not None:
        taken["budget_usd_per_day"] = plan_cost_usd_per_day(problem, share, replicas)
    if problem.budget_flop_per_day is not None:
        taken["budget_flop_per_day"] = float((served * np.where(used, problem.flop, 0.0)).sum())
    if problem.budget_eflop_per_day is not None and problem.eflop is not None:
        taken["budget_eflop_per_day"] = float((served * np.where(used, problem.eflop, 0.0)).sum())
    if problem.budget_kwh_per_day is not None and problem.kwh_per_gpu_day is not None:
        kwh = problem.fleets.gpus(replicas) * np.nan_to_num(problem.kwh_per_gpu_day)
        taken["budget_kwh_per_day"] = float(kwh.sum())
    limits = {name: float(getattr(problem, name)) for name in taken}
    return {n: most for n, most in limits.items() if taken[n] > most + ROUNDING * abs(most)}
