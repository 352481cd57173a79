"""The requirements of a problem one by one: each can be dropped, and most can be measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from planner.allocate.demands import Rule
from planner.allocate.problem import Problem
from planner.units import format_count, format_flop, format_percent, format_usd

Drop = Callable[[Problem], Problem]


@dataclass(frozen=True)
class Requirement:
    """One thing that a plan must keep to."""

    name: str
    told: str
    """In words, with what is asked."""
    drop: Drop
    """The problem without it."""
    row: str | None = None
    """Row of the program that measures what it takes; None where nothing does."""
    limit: float | None = None
    floor: bool = False
    """At least the limit, not at most."""
    write: Callable[[float], str] = format_count
    rule: Rule | None = None


def requirements(problem: Problem, class_names: Sequence[str] = ()) -> list[Requirement]:
    """Every requirement of a problem. class_names: of the groups that have floors."""
    return [
        *_budgets(problem),
        *_floors(problem, class_names),
        *_constraints(problem),
        *_rules(problem),
    ]


def _budgets(problem: Problem) -> list[Requirement]:
    writers: dict[str, tuple[str, Callable[[float], str]]] = {
        "usd_per_day": ("a budget of {} a day", format_usd),
        "flop_per_day": ("{} a day", format_flop),
        "eflop_per_day": ("{} a day, memory-aware,", format_flop),
        "kwh_per_day": ("{} kWh a day", format_count),
        "gpus": ("{} GPUs", format_count),
    }
    found = []
    for row, (words, write) in writers.items():
        name = f"budget_{row}"
        limit = getattr(problem, name)
        if limit is None:
            continue

        def drop(p: Problem, name: str = name) -> Problem:
            nothing: dict[str, Any] = {name: None}
            return replace(p, **nothing)

        def told(x: float, words: str = words, write: Callable[[float], str] = write) -> str:
            return words.format(write(x))

        found.append(Requirement(row, told(limit), drop, row, float(limit), write=told))
    return found


def _floors(problem: Problem, class_names: Sequence[str]) -> list[Requirement]:
    found = []
    floors = np.zeros(0) if problem.min_accuracy is None else problem.min_accuracy
    for g in np.flatnonzero(np.isfinite(floors)).tolist():
        name = class_names[g] if g < len(class_names) else f"class {g}"

        def told(x: float, name: str = name) -> str:
            return f"an accuracy of {format_percent(x)} for {name}"

        def drop(p: Problem, g: int = g) -> Problem:
            left = np.array(p.min_accuracy)
            left[g] = np.nan
            return replace(p, min_accuracy=None if np.isnan(left).all() else left)

        limit = float(floors[g])
        row = f"min_accuracy {g}"
        found.append(Requirement(row, told(limit), drop, row, limit, True, told))
    if problem.min_accuracy_overall is not None:
        limit = problem.min_accuracy_overall

        def overall(x: float) -> str:
            return f"an accuracy of {format_percent(x)}"

        found.append(
            Requirement(
                "min_accuracy", overall(limit), lambda p: replace(p, min_accuracy_overall=None),
                "min_accuracy", limit, True, overall,
            )
        )  # fmt: skip
    return found


def _constraints(problem: Problem) -> list[Requirement]:
    found = []
    if problem.max_models is not None:
        limit = float(problem.max_models)

        def models(x: float) -> str:
            return f"{x:.0f} model{'' if x == 1 else 's'} at most"

        found.append(
            Requirement("max_models", models(limit), lambda p: replace(p, max_models=None),
                        "max_models", limit, write=models)
        )  # fmt: skip
    if problem.whole:
        whole = "no class split between options"
        found.append(Requirement("whole", whole, lambda p: replace(p, whole=False)))
    found += _shares(problem)
    for tie in problem.ties or ():

        def untie(p: Problem, tie: object = tie) -> Problem:
            return replace(p, ties=tuple(t for t in p.ties or () if t is not tie) or None)

        found.append(Requirement(f"tie {tie.name}", tie.name, untie))
    stock = problem.fleets.blocks.pool_gpus
    for pool in np.flatnonzero(np.isfinite(stock)).tolist():

        def unlimited(p: Problem, pool: int = pool) -> Problem:
            blocks = p.fleets.blocks
            last = int(np.flatnonzero(blocks.pool == pool)[-1])
            gpus = blocks.gpus.copy()
            gpus[last] = np.inf
            return replace(p, fleets=replace(p.fleets, blocks=replace(blocks, gpus=gpus)))

        def stocked(x: float) -> str:
            return f"a stock of {format_count(x)} GPUs"

        limit = float(stock[pool])
        found.append(Requirement(
            f"stock {pool}", stocked(limit), unlimited, f"pool {pool}", limit, write=stocked
        ))  # fmt: skip
    return found


def _shares(problem: Problem) -> list[Requirement]:
    found = []
    for i, share in enumerate(problem.shares or ()):
        # The row is found by its place: a limit that is dropped keeps its row, without bounds.
        def free(p: Problem, i: int = i) -> Problem:
            shares = list(p.shares or ())
            shares[i] = replace(shares[i], low=0.0, high=1.0)
            return replace(p, shares=tuple(shares))

        for limit, floor in ((share.high, False), (share.low, True)):
            if limit == (0.0 if floor else 1.0):
                continue

            def told(x: float, floor: bool = floor, name: str = share.name) -> str:
                return f"at {'least' if floor else 'most'} {format_percent(x)} {name}"

            found.append(
                Requirement(f"share {i}", told(limit), free, f"share {i}", limit, floor, told)
            )
    return found


def _rules(problem: Problem) -> list[Requirement]:
    found = []
    for rule in () if problem.rules is None else problem.rules.rules:

        def drop(p: Problem, rule: Rule = rule) -> Problem:
            if p.rules is None:
                return p
            left = p.rules.without(rule)
            return replace(p, rules=left, allowed=left.allowed())

        found.append(Requirement(rule.name, rule.name, drop, rule=rule))
    return found
