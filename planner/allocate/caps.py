"""Caps on the latency of a class: looser ones, and what a millisecond more of one is worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner import units
from planner.allocate.demands import Rule
from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.milp import Solution, relaxed
from planner.allocate.solvers.ratio import at_price
from planner.allocate.told import UNIT
from planner.domain.why import ShadowPrice


def looser_caps_s(problem: Problem, rule: Rule) -> Array:
    """(step,) rising: p95 over a cap of options that every other rule leaves to its classes."""
    assert rule.seconds is not None
    assert rule.classes is not None
    assert problem.rules is not None
    others = problem.rules.allowed(but=rule)
    over = rule.classes[:, None] & others & (rule.seconds > rule.cap_s)
    return np.unique(rule.seconds[over & np.isfinite(rule.seconds)])


def with_cap(problem: Problem, rule: Rule, cap_s: float) -> Problem:
    """The problem with another cap in the place of a rule's."""
    assert rule.seconds is not None
    assert rule.classes is not None
    assert problem.rules is not None
    # Where the latency is not known (nan) the cap cannot be promised.
    slow = rule.classes[:, None] & ~(rule.seconds <= cap_s)
    return replace(problem, allowed=problem.rules.allowed(but=rule) & ~slow)


def latency_prices(problem: Problem, solution: Solution) -> tuple[ShadowPrice, ...]:
    """What one millisecond more of each latency cap brings, up to the next p95 that an option has.

    price = (objective at the next cap - objective at this one) / (next cap - this one)

    of the continuous relaxation, in which GPUs are divisible. A cap that no option misses has none.
    Where the objective is a ratio, it is the dollars at the plan's price of a correct answer.
    """
    if problem.objective == "cost_per_correct" and np.isfinite(solution.value):
        linear = at_price(problem, solution.value)
    else:
        linear = problem
    found = []
    for rule in () if problem.rules is None else problem.rules.rules:
        if rule.seconds is None or not len(caps := looser_caps_s(problem, rule)):
            continue
        now = relaxed(with_cap(linear, rule, rule.cap_s))
        then = relaxed(with_cap(linear, rule, float(caps[0])))
        if now is None or then is None:
            continue
        gained = then - now if linear.maximised else now - then
        per_ms = max(0.0, gained) / ((caps[0] - rule.cap_s) / units.MILLI)
        next_cap = units.format_seconds(float(caps[0]))
        unit = f"{UNIT[problem.objective]} per ms, up to a p95 of {next_cap}"
        found.append(ShadowPrice(requirement=rule.name, value=float(per_ms), unit=unit))
    return tuple(found)
