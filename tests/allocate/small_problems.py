"""Small random allocation problems, and their best whole plans by trying every choice."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np

from planner.allocate.check import exact
from planner.allocate.demands import ShareLimit, Tie, Training
from planner.allocate.plan import accounts, violations
from planner.allocate.problem import API_FLEET, Fleets, Problem, replica_capacity_gpu_s_per_day
from planner.allocate.solvers.books import plan_value
from planner.units import significant

OBJECTIVES = ("accuracy", "cost", "net_value", "cost_per_correct")


def some_fleets(rng: np.random.Generator, count: int) -> Fleets:
    gpus = rng.integers(1, 3, count)
    return Fleets.rented(
        gpus_per_replica=gpus,
        usd_per_replica_day=gpus * float(rng.integers(10, 60)),
        capacity_gpu_s_per_day=replica_capacity_gpu_s_per_day(gpus, 0.7, 1.5),
        min_replicas=rng.integers(1, 3, count),
        stock_gpus=np.where(rng.random(count) < 0.3, 4.0, np.inf),
    )


def random_problem(rng: np.random.Generator, *, fleets: bool = True, fixed: bool = True) -> Problem:
    """A small problem of small whole costs; budgets and constraints come and go at random."""
    n_classes, n_options, n_models = rng.integers(1, 4), rng.integers(2, 5), rng.integers(1, 4)
    shape = (int(n_classes), int(n_options))
    n_fleets = int(rng.integers(0, 3)) if fleets else 0
    fleet = rng.integers(API_FLEET, n_fleets, n_options) if n_fleets else np.full(n_options, -1)
    owned = fleet != API_FLEET
    allowed = rng.random(shape) < 0.85
    allowed[:, 0] = True
    queries = rng.integers(1, 9, n_classes) * 1000.0

    problem = Problem(
        queries_per_day=queries,
        accuracy=rng.integers(1, 20, shape) / 20,
        allowed=allowed,
        gpu_s=np.where(owned, rng.integers(1, 40, shape), 0.0),
        direct_usd=np.where(owned, 0.0, rng.integers(1, 30, shape) / 1000),
        flop=rng.integers(1, 30, shape) * 1e12,
        eflop=rng.integers(1, 30, shape) * 1e12,
        fleet=fleet,
        model=rng.integers(0, n_models, n_options),
        fleets=some_fleets(rng, n_fleets),
        kwh_per_gpu_day=rng.integers(5, 30, n_fleets).astype(float),
        objective=OBJECTIVES[rng.integers(0, 4)],
        value_per_correct_usd=rng.integers(0, 60, n_classes) / 1000,
        cost_per_wrong_usd=rng.integers(0, 20, n_classes) / 1000 if _chance(rng, 0.5) else None,
        whole=True,
    )
    return _constrained(rng, _budgeted(rng, problem), fixed=fixed)


def _chance(rng: np.random.Generator, chance: float) -> bool:
    return bool(rng.random() < chance)


def _budgeted(rng: np.random.Generator, problem: Problem) -> Problem:
    total = float(problem.queries_per_day.sum())
    if _chance(rng, 0.4):
        problem = replace(problem, budget_usd_per_day=float(rng.integers(20, 300)))
    if _chance(rng, 0.25):
        problem = replace(problem, budget_flop_per_day=total * rng.integers(2, 25) * 1e12)
    if _chance(rng, 0.25):
        problem = replace(problem, budget_eflop_per_day=total * rng.integers(2, 25) * 1e12)
    if _chance(rng, 0.2):
        problem = replace(problem, budget_kwh_per_day=float(rng.integers(5, 120)))
    if _chance(rng, 0.2):
        problem = replace(problem, budget_gpus=int(rng.integers(0, 6)))
    return problem


def _constrained(rng: np.random.Generator, problem: Problem, *, fixed: bool) -> Problem:
    n_classes, n_options = problem.accuracy.shape
    if _chance(rng, 0.3):
        problem = replace(problem, min_accuracy_overall=float(rng.integers(4, 14) / 20))
    if _chance(rng, 0.3):
        floors = np.where(rng.random(n_classes) < 0.5, np.nan, rng.integers(1, 12, n_classes) / 20)
        problem = replace(problem, min_accuracy=floors)
    if _chance(rng, 0.3):
        low, high = sorted(rng.integers(0, 5, 2) / 4)
        limit = ShareLimit("some", rng.random(n_options) < 0.5, rng.random(n_classes) < 0.7,
                           float(low if _chance(rng, 0.4) else 0.0), float(high))  # fmt: skip
        problem = replace(problem, shares=(limit,))
    if _chance(rng, 0.25) and n_classes > 1:
        tie = Tie("alike", np.arange(int(n_classes)), rng.integers(0, 2, n_options))
        problem = replace(problem, ties=(tie,))
    return _with_fixed_costs(rng, problem) if fixed else problem


def _with_fixed_costs(rng: np.random.Generator, problem: Problem) -> Problem:
    n_options = problem.accuracy.shape[1]
    if _chance(rng, 0.3):
        problem = replace(problem, max_models=int(rng.integers(1, 3)))
    if _chance(rng, 0.3):
        problem = replace(problem, extra_model_usd_per_day=float(rng.integers(1, 40)))
    if _chance(rng, 0.3):
        needed = rng.random((2, n_options)) < 0.4
        problem = replace(
            problem, training=Training(("a", "b"), rng.integers(1, 40, 2) * 1.0, needed)
        )
    return problem


def least_replicas(problem: Problem, share: np.ndarray) -> np.ndarray:
    f = problem.fleets
    load = accounts(problem, share, np.zeros(len(f), dtype=np.int64)).load_gpu_s_per_day
    used = [bool(share[:, problem.fleet == i].any()) for i in range(len(f))]
    least = np.ceil(load / f.capacity_gpu_s_per_day - 1e-9)
    return np.where(used, np.maximum(least, f.min_replicas), 0).astype(np.int64)


def brute_force(problem: Problem) -> float | None:
    """The best objective over every whole choice, with the least replicas that carry it."""
    n_classes, n_options = problem.accuracy.shape
    best: float | None = None
    for choice in itertools.product(range(n_options), repeat=n_classes):
        share = np.zeros((n_classes, n_options))
        share[np.arange(n_classes), choice] = 1.0
        replicas = least_replicas(problem, share)
        if violations(problem, share, replicas):
            continue
        value = plan_value(problem, share, replicas)
        if best is None or (value > best if problem.maximised else value < best):
            best = value
    return best


def within_the_printed_budgets(problem: Problem, share: np.ndarray, replicas: np.ndarray) -> None:
    books = accounts(problem, share, replicas)
    pairs = (
        (books.cost_usd_per_day, problem.budget_usd_per_day),
        (books.flop_per_day, problem.budget_flop_per_day),
        (books.eflop_per_day, problem.budget_eflop_per_day),
        (books.kwh_per_day, problem.budget_kwh_per_day),
        (float(books.gpus), problem.budget_gpus),
    )
    for printed, limit in pairs:
        if limit is not None:
            assert exact(significant(printed)) <= exact(float(limit))


def priced(accuracy: list[list[float]], usd: list[list[float]], **more: Any) -> Problem:
    a = np.array(accuracy)
    base = Problem(
        queries_per_day=np.full(len(a), 1000.0),
        accuracy=a,
        allowed=np.ones(a.shape, dtype=bool),
        gpu_s=np.zeros(a.shape),
        direct_usd=np.array(usd, dtype=float),
        flop=np.array(usd, dtype=float) * 1e12,
        fleet=np.full(a.shape[1], API_FLEET),
        model=np.arange(a.shape[1]),
    )
    return replace(base, **more)
