"""Limits given beside a problem's own, and problems that ask for nothing without one."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from planner.allocate.problem import Problem
from planner.errors import InputError
from planner.errors import Problem as Fault
from planner.units import parse_flop, parse_kwh_per_day, parse_usd_per_day

BUDGETS = (
    "budget_usd_per_day",
    "budget_flop_per_day",
    "budget_eflop_per_day",
    "budget_kwh_per_day",
    "budget_gpus",
)
"""Fields of a problem that limit what a day takes."""


def limited(problem: Problem, budget: str | None, whole: bool, max_models: int | None) -> Problem:
    """The problem with the limits of the command line before its own."""
    limited = replace(
        problem,
        whole=problem.whole or whole,
        max_models=problem.max_models if max_models is None else max_models,
    )
    return limited if budget is None else replace(limited, **budgets_of(budget))


def budgets_of(text: str) -> dict[str, Any]:
    """Budgets of a problem from words: "500", "$15k/month, 64 GPUs", "1e20 FLOP/day".

    Dollars a day unless a unit is given: FLOP, eFLOP (memory-aware), GPUs, kWh. Several are parted
    by a comma and a space, `;` or "and". Raises InputError.
    """
    found: dict[str, Any] = {}
    for part in re.split(r",\s+|;|\band\b", text):
        try:
            found |= _budget_of(part.strip())
        except ValueError as error:
            raise InputError(Fault("--budget", str(error), value=part.strip())) from None
    return found


def _budget_of(text: str) -> dict[str, Any]:
    work = re.sub(r"\s*(?:/|\bper\b|\ba\b)\s*d(?:ay)?$", "", text)
    if re.search(r"eflops?$", work):
        raise ValueError(
            f"{text!r} can be read in two ways; write eFLOP for memory-aware FLOPs, or EFLOP for"
            " 1e18 FLOPs"
        )
    if re.search(r"eFLOPs?$", work):
        return {"budget_eflop_per_day": parse_flop(re.sub(r"eFLOPs?$", "", work))}
    if "flop" in work.lower():
        return {"budget_flop_per_day": parse_flop(work)}
    if re.search(r"[km]wh$", work, re.IGNORECASE):
        return {"budget_kwh_per_day": parse_kwh_per_day(work)}
    if gpus := re.fullmatch(r"([1-9]\d*)\s*gpus?", work, re.IGNORECASE):
        return {"budget_gpus": int(gpus[1])}
    return {"budget_usd_per_day": parse_usd_per_day(text)}


def needs_a_limit(problem: Problem, where: Path) -> None:
    """Most accuracy without a budget, or least cost without a floor, is no question."""
    limits = [name for name in BUDGETS if getattr(problem, name) is not None]
    floors = (problem.min_accuracy, problem.min_accuracy_overall)
    if problem.objective == "accuracy" and not limits:
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
                remedy="give a class min_accuracy, or [constraints]",
            )
        )
