"""The table of a scenario with its accuracies shrunk, and what optimism its plan is left with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planner.allocate.luck import (
    FEWEST,
    Group,
    Optimism,
    Shrinkage,
    design_of,
    optimism_left,
    optimism_of_halves,
)
from planner.allocate.problem import Array, Problem
from planner.allocate.table import Entry, Table, with_accuracy
from planner.domain.draws import CENTRAL

SIMULATIONS = 16
"""Choices that are made again from simulated estimates."""
MANY_CELLS = 20_000
"""Cells (class_, option) from which fewer simulations are made: each is a whole solve."""
ALIKE = 4
"""Fewest models with one method on a bucket that can be told from luck."""


def shrunk(table: Table) -> tuple[Table, Shrinkage]:
    """The table with estimates of each class and method shrunk, and how.

    Only where ALIKE or more candidates have the method: of fewer nobody can tell whether they
    differ by luck.
    """
    shrinkage = Shrinkage(tuple(_groups(table)), table.accuracy[: SIMULATIONS + 1])
    if not shrinkage.groups:
        return table, shrinkage
    return with_accuracy(table, shrinkage.draws(table.accuracy)), shrinkage


def _groups(table: Table) -> list[Group]:
    known = np.isfinite(table.accuracy[CENTRAL])
    found = []
    for c in range(len(table.classes)):
        by_method: dict[str, dict[tuple[object, ...], list[int]]] = {}
        for o, entry in enumerate(table.entries):
            if known[c, o] and type(entry) is Entry:
                alike = by_method.setdefault(entry.candidate.method, {})
                alike.setdefault(_estimate(entry), []).append(o)
        for estimates in by_method.values():
            if len({key[:-1] for key in estimates}) < ALIKE:
                continue
            members = [options[0] for options in estimates.values()]
            design = design_of([table.entries[o].n for o in members])
            if len(members) - design.shape[1] < FEWEST:
                continue
            group = Group.of(table.accuracy, c, np.array(members), design)
            copies = [(o, m) for m, same in enumerate(estimates.values()) for o in same[1:]]
            found.append(replace(group, copies=tuple(copies)))
    return found


def _estimate(entry: Entry) -> tuple[object, ...]:
    """What an accuracy was measured of: the same on every supply and in every batch."""
    made = entry.candidate
    axes = (made.depth, made.width, made.thinking_tokens, made.temperature)
    return (made.model, made.verifier, *axes, entry.n)


def plan_optimism(
    table: Table,
    shrinkage: Shrinkage,
    problem: Problem,
    choose: Callable[[Problem], Array | None],
    *,
    by_question: bool = False,
) -> Optimism:
    """What the plan promises too much: its choice is made again from other estimates.

    problem: the table's with its wishes. choose: how shares (class_, option) are chosen; None where
    there is no plan. by_question: the draws are resamples of questions whose outcomes are known one
    by one. Such a resample differs from the whole as one half of the questions does, so that the
    plan can be chosen on one half and judged on the other; else estimates are simulated.
    """
    cells = problem.allowed.sum()
    count = SIMULATIONS if cells <= MANY_CELLS else 4
    shrunk_draws = table.accuracy if table.benchmark is None else table.benchmark
    raw = shrunk_draws if shrinkage.unshrunk is None else shrinkage.unshrunk
    errors = np.nan_to_num(raw[1 : count + 1] - raw[CENTRAL])

    def again(estimates: Array) -> Array | None:
        return choose(replace(problem, accuracy=estimates, allowed=problem.permitted))

    if by_question:
        measured = problem.accuracy + np.nan_to_num(raw[CENTRAL] - shrunk_draws[CENTRAL])
        halves = errors[: count // 2]
        return optimism_of_halves(measured, halves, problem.weight, again, shrinkage)
    return optimism_left(problem.accuracy, errors, problem.weight, again, shrinkage)


def measured_accuracy(table: Table, share: Array) -> float:
    """Mean accuracy of shares (class_, option) by what was measured, before any shrinking."""
    weighted = share * table.problem.weight[:, None]
    return float((np.where(share > 0, table.measured, 0.0) * weighted).sum())
