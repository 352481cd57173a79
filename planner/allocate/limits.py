"""Limits given beside a problem's own, and problems that ask for nothing without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from planner.allocate.problem import Problem
from planner.errors import InputError
from planner.errors import Problem as Fault
from planner.units import parse_flop, parse_usd_per_day


def limited(problem: Problem, budget: str | None, whole: bool, max_models: int | None) -> Problem:
    """The problem with the limits of the command line before its own."""
    limited = replace(
        problem,
        whole=problem.whole or whole,
        max_models=problem.max_models if max_models is None else max_models,
    )
    if budget is None:
        return limited
    try:
        if "flop" in budget.lower():
            return replace(limited, budget_flop_per_day=parse_flop(budget.split("/")[0]))
        return replace(limited, budget_usd_per_day=parse_usd_per_day(budget))
    except ValueError as error:
        raise InputError(Fault("--budget", str(error), value=budget)) from None


def needs_a_limit(problem: Problem, where: Path) -> None:
    """Most accuracy without a budget, or least cost without a floor, is no question."""
    limits = (problem.budget_usd_per_day, problem.budget_flop_per_day, problem.budget_gpus)
    floors = (problem.min_accuracy, problem.min_accuracy_overall)
    if problem.objective == "accuracy" and all(limit is None for limit in limits):
        raise InputError(
            Fault(
                str(where),
                "the most accuracy is asked for, and no budget is given",
                remedy="`--budget 500` is dollars a day; or [budget] usd_per_day in the scenario",
            )
        )
    if problem.objective == "cost" and all(floor is None for floor in floors):
        raise InputError(
            Fault(
                str(where),
                "the least cost is asked for, and no accuracy to reach",
                remedy="give a class min_accuracy",
            )
        )
