"""From a solution to whole replicas, allocated dollars, and a check that trusts neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.allocate.problem import API_FLEET, Array, Problem
from planner.allocate.solvers.books import fixed_usd_per_day, plan_cost_usd_per_day
from planner.allocate.solvers.milp import Solution
from planner.allocate.solvers.rows import share_weight

CHECK_TOLERANCE = 1e-6
"""Relative excess over a requirement that the check lets pass: printed numbers have 9 digits."""


@dataclass(frozen=True)
class Accounts:
    """The money and load of an allocation, from shares and replicas alone."""

    cost_usd_per_day: float
    fixed_usd_per_day: float
    """Of models and training: part of cost_usd_per_day that no query carries."""
    flop_per_day: float
    eflop_per_day: float
    """nan where they are not known."""
    kwh_per_day: float
    """Of the GPUs in service; nan where they are not known."""
    gpus: int
    load_gpu_s_per_day: Array
    """(fleet,)"""
    utilisation: Array
    """(fleet,) mean share of the bought GPU time in use; nan for a fleet that is not bought."""
    allocated_usd_per_query: Array
    """(class_, option) a query's share of its fleet's cost, by GPU-seconds, and its direct cost.

    Over all queries it adds up to cost_usd_per_day less fixed_usd_per_day; nan where the
    option has no share.
    """


def accounts(problem: Problem, share: Array, replicas: NDArray[np.int64]) -> Accounts:
    """Books an allocation. Pure arithmetic on what is printed: it knows nothing of the solver."""
    served = share * problem.queries_per_day[:, None]
    live = share > 0
    direct = np.where(live, problem.direct_usd, 0.0)
    flop = np.where(live, problem.flop, 0.0)
    eflop = np.where(live, np.nan if problem.eflop is None else problem.eflop, 0.0)
    f = problem.fleets
    load = np.zeros(len(f))
    for fleet, gpu_s in problem.loads:
        owned = fleet != API_FLEET
        used = np.where(live, served * gpu_s, 0.0)
        np.add.at(load, fleet[owned], used.sum(axis=0)[owned])
    rent = f.usd_per_day(replicas)
    with np.errstate(divide="ignore", invalid="ignore"):
        usd_per_gpu_s = np.where(load > 0, rent / load, 0.0)
        # Capacity is stated after headroom; utilisation is of all bought seconds.
        bought = replicas * f.gpus_per_replica * units.SECONDS_PER_DAY
        utilisation = np.where(bought > 0, load / bought, np.nan)
    rented = np.zeros_like(direct)
    for fleet, gpu_s in problem.loads:
        by_option = np.zeros(len(fleet))
        by_option[fleet != API_FLEET] = usd_per_gpu_s[fleet[fleet != API_FLEET]]
        rented = rented + gpu_s * by_option
    allocated = np.where(live, rented + direct, np.nan)
    return Accounts(
        cost_usd_per_day=plan_cost_usd_per_day(problem, share, replicas),
        fixed_usd_per_day=fixed_usd_per_day(problem, np.any(live, axis=0)),
        flop_per_day=float((served * flop).sum()),
        eflop_per_day=float((served * eflop).sum()),
        kwh_per_day=_kwh_per_day(problem, replicas),
        gpus=int(f.gpus(replicas).sum()),
        load_gpu_s_per_day=load,
        utilisation=utilisation,
        allocated_usd_per_query=allocated,
    )


def _kwh_per_day(problem: Problem, replicas: NDArray[np.int64]) -> float:
    """Energy of the GPUs in service: gpus * kWh of one a day."""
    if problem.kwh_per_gpu_day is None:
        return float("nan") if len(replicas) else 0.0
    gpus = problem.fleets.gpus(replicas)
    return float(np.where(gpus > 0, gpus * problem.kwh_per_gpu_day, 0.0).sum())


def violations(problem: Problem, share: Array, replicas: NDArray[np.int64]) -> list[str]:
    """Every requirement that the allocation breaks, in words; empty when it keeps them all."""
    found = _share_violations(problem, share)
    found += [
        f"{what}: {value:.9g} over {limit:.9g}"
        for what, value, limit in _limits(problem, share, replicas)
        if value > limit + CHECK_TOLERANCE * max(abs(limit), 1e-12)
    ]
    found += [
        f"accuracy{of}: {value:.9g} under {floor:.9g}"
        for of, value, floor in _floors(problem, share)
        if value < floor - CHECK_TOLERANCE
    ]
    return found


def _share_violations(problem: Problem, share: Array) -> list[str]:
    found = [
        f"class {c}: shares add up to {total:.9g}"
        for c, total in enumerate(share.sum(axis=1))
        if abs(total - 1) > CHECK_TOLERANCE
    ]
    if (share[~problem.allowed] > 0).any():
        found.append("an option that is not allowed has a share")
    if problem.whole and ((share > CHECK_TOLERANCE) & (share < 1 - CHECK_TOLERANCE)).any():
        found.append("a class is split")
    return found


def _limits(
    problem: Problem, share: Array, replicas: NDArray[np.int64]
) -> Iterator[tuple[str, float, float]]:
    """(what, value, most that it may be) of every requirement that is a limit."""
    books = accounts(problem, share, replicas)
    f = problem.fleets
    for i in range(len(f)):
        capacity = replicas[i] * f.capacity_gpu_s_per_day[i]
        yield f"load of fleet {i}", books.load_gpu_s_per_day[i], capacity
        if replicas[i] > 0:
            yield f"least replicas of fleet {i}", float(f.min_replicas[i]), float(replicas[i])
    for pool, (used, stock) in enumerate(
        zip(f.pool_gpus(replicas), f.blocks.pool_gpus, strict=True)
    ):
        yield f"GPUs of pool {pool}", float(used), float(stock)
    budgets = (
        ("dollars a day", books.cost_usd_per_day, problem.budget_usd_per_day),
        ("FLOPs a day", books.flop_per_day, problem.budget_flop_per_day),
        ("eFLOPs a day", books.eflop_per_day, problem.budget_eflop_per_day),
        ("kWh a day", books.kwh_per_day, problem.budget_kwh_per_day),
        ("GPUs", float(books.gpus), problem.budget_gpus),
    )
    for what, value, most in budgets:
        if most is not None:
            yield what, value, float(most)
    yield from _share_limits(problem, share)


def _share_limits(problem: Problem, share: Array) -> Iterator[tuple[str, float, float]]:
    """(what, value, most that it may be) of models kept, limits of shares, and ties."""
    if problem.max_models is not None:
        kept = len(problem.models_used(np.flatnonzero((share > 0).any(axis=0))))
        yield "models kept", float(kept), float(problem.max_models)
    for limit in problem.shares or ():
        answered = share[:, limit.options].sum(axis=1) @ share_weight(problem, limit.classes)
        yield f"share of {limit.name}", float(answered), limit.high
        yield f"least share of {limit.name}", limit.low, float(answered)
    for tie in problem.ties or ():
        for label in np.unique(tie.label):
            alike = share[np.ix_(tie.classes, tie.label == label)].sum(axis=1)
            # Over one, so that the relative tolerance is one of shares.
            yield f"difference between {tie.name}", float(np.ptp(alike)) + 1.0, 1.0


def _floors(problem: Problem, share: Array) -> Iterator[tuple[str, float, float]]:
    """(of what, accuracy, least that it may be) of every floor."""
    by_class = (share * np.where(share > 0, problem.accuracy, 0.0)).sum(axis=1)
    if problem.min_accuracy is not None:
        by_group = np.bincount(problem.groups, by_class * problem.weight_in_group)
        for g, floor in enumerate(problem.min_accuracy):
            yield f" of group {g}", float(by_group[g]), float(floor)
    if problem.min_accuracy_overall is not None:
        yield "", float(by_class @ problem.weight), problem.min_accuracy_overall


def checked(problem: Problem, solution: Solution) -> str:
    """One sentence on whether the printed plan keeps every requirement."""
    broken = violations(problem, solution.share, solution.replicas)
    if broken:
        return "Broken: " + "; ".join(broken)
    return "Checked from the printed numbers: every requirement is kept."
