"""From a solution to whole replicas, allocated dollars, and a check that trusts neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.allocate.problem import API_FLEET, Array, Problem
from planner.allocate.solvers.milp import Solution, plan_cost_usd_per_day

CHECK_TOLERANCE = 1e-6
"""Relative excess over a requirement that the check lets pass: printed numbers have 9 digits."""


@dataclass(frozen=True)
class Accounts:
    """The money and load of an allocation, from shares and replicas alone."""

    cost_usd_per_day: float
    flop_per_day: float
    gpus: int
    load_gpu_s_per_day: Array
    """(fleet,)"""
    utilisation: Array
    """(fleet,) mean share of the bought GPU time in use; nan for a fleet that is not bought."""
    allocated_usd_per_query: Array
    """(class_, option) a query's share of its fleet's cost, by GPU-seconds, and its direct cost.

    Over all queries it adds up to cost_usd_per_day less the fixed cost of models; nan where the
    option has no share.
    """


def accounts(problem: Problem, share: Array, replicas: NDArray[np.int64]) -> Accounts:
    """Books an allocation. Pure arithmetic on what is printed: it knows nothing of the solver."""
    served = share * problem.queries_per_day[:, None]
    live = share > 0
    direct = np.where(live, problem.direct_usd, 0.0)
    flop = np.where(live, problem.flop, 0.0)
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
        flop_per_day=float((served * flop).sum()),
        gpus=int(f.gpus(replicas).sum()),
        load_gpu_s_per_day=load,
        utilisation=utilisation,
        allocated_usd_per_query=allocated,
    )


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
    if problem.budget_usd_per_day is not None:
        yield "dollars a day", books.cost_usd_per_day, problem.budget_usd_per_day
    if problem.budget_flop_per_day is not None:
        yield "FLOPs a day", books.flop_per_day, problem.budget_flop_per_day
    if problem.budget_gpus is not None:
        yield "GPUs", float(books.gpus), float(problem.budget_gpus)
    if problem.max_models is not None:
        kept = len(problem.models_used(share))
        yield "models kept", float(kept), float(problem.max_models)


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
