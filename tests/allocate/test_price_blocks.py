"""GPUs bought in blocks of price against enumeration, and what must hold of them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from planner.allocate.plan import accounts, violations
from planner.allocate.problem import API_FLEET, Blocks, Fleets, Problem
from planner.allocate.solvers.books import plan_cost_usd_per_day, plan_value
from planner.allocate.solvers.milp import solve_milp

MOST = 5
"""Replicas of a fleet that the enumeration tries."""


def cheapest_fill(blocks: Blocks, pool: int, gpus: int) -> float | None:
    """Least dollars of so many GPUs of a pool over every whole split between its blocks."""
    own = [b for b in range(len(blocks)) if blocks.pool[b] == pool]
    ranges = [range(int(min(blocks.gpus[b], gpus)) + 1) for b in own]
    costs = [
        sum(k * blocks.usd_per_gpu_day[b] for k, b in zip(split, own, strict=True))
        for split in itertools.product(*ranges)
        if sum(split) == gpus
    ]
    return min(costs, default=None)


def random_problem(rng: np.random.Generator) -> Problem:
    n_classes, n_options = int(rng.integers(1, 3)), int(rng.integers(2, 4))
    n_fleets, n_pools = int(rng.integers(1, 3)), int(rng.integers(1, 3))
    gpus = rng.integers(1, 4, n_fleets)
    pool_of_block = np.sort(np.concatenate([np.arange(n_pools), rng.integers(0, n_pools, 2)]))
    usd = rng.integers(1, 40, len(pool_of_block)).astype(float)
    order = np.lexsort((usd, pool_of_block))
    stock = rng.integers(1, 6, len(pool_of_block)).astype(float)
    stock[rng.random(len(stock)) < 0.3] = np.inf
    fleets = Fleets(
        gpus_per_replica=gpus,
        capacity_gpu_s_per_day=gpus * 40_000.0,
        min_replicas=rng.integers(1, 3, n_fleets),
        pool=rng.integers(0, n_pools, n_fleets),
        blocks=Blocks(pool_of_block[order], usd[order], stock[order]),
        fixed_usd_per_day=rng.integers(0, 30, n_fleets).astype(float),
    )
    fleet = rng.integers(API_FLEET, n_fleets, n_options)
    on_fleet = fleet != API_FLEET
    shape = (n_classes, n_options)
    objective: Literal["accuracy", "cost"] = "accuracy" if rng.random() < 0.5 else "cost"
    return Problem(
        queries_per_day=rng.integers(1, 6, n_classes) * 1000.0,
        accuracy=rng.integers(1, 20, shape) / 20,
        allowed=np.ones(shape, dtype=bool),
        gpu_s=np.where(on_fleet, rng.integers(1, 30, shape), 0.0),
        direct_usd=np.where(on_fleet, 0.0, rng.integers(1, 60, shape) / 1000),
        flop=np.ones(shape),
        fleet=fleet,
        model=np.arange(n_options),
        fleets=fleets,
        objective=objective,
        budget_usd_per_day=float(rng.integers(20, 200)) if objective == "accuracy" else None,
        min_accuracy_overall=None if objective == "accuracy" else float(rng.integers(4, 14) / 20),
        budget_gpus=int(rng.integers(2, 12)) if rng.random() < 0.2 else None,
        whole=True,
    )


def enumerated(problem: Problem) -> float | None:
    """Best value over every whole choice, every number of replicas, every split over blocks."""
    n_classes, n_options = problem.accuracy.shape
    f = problem.fleets
    best: float | None = None
    for choice in itertools.product(range(n_options), repeat=n_classes):
        share = np.zeros((n_classes, n_options))
        share[np.arange(n_classes), choice] = 1.0
        direct = float((share * problem.queries_per_day[:, None] * problem.direct_usd).sum())
        accuracy = float((share * problem.accuracy * problem.weight[:, None]).sum())
        for counts in itertools.product(range(MOST + 1), repeat=len(f)):
            replicas = np.array(counts, dtype=np.int64)
            load = accounts(problem, share, replicas).load_gpu_s_per_day
            served = (load <= replicas * f.capacity_gpu_s_per_day + 1e-6).all()
            enough = ((replicas == 0) | (replicas >= f.min_replicas)).all()
            used = f.pool_gpus(replicas)
            if not served or not enough:
                continue
            if problem.budget_gpus is not None and used.sum() > problem.budget_gpus:
                continue
            fills = [cheapest_fill(f.blocks, p, int(k)) for p, k in enumerate(used)]
            if any(fill is None for fill in fills):
                continue
            usd = direct + sum(fill for fill in fills if fill is not None)
            usd += float(f.fixed_usd_per_day[replicas > 0].sum())
            if problem.objective == "cost":
                if accuracy >= (problem.min_accuracy_overall or 0) - 1e-9:
                    best = usd if best is None else min(best, usd)
            elif usd <= (problem.budget_usd_per_day or 0) + 1e-9:
                best = accuracy if best is None else max(best, accuracy)
    return best


def test_whole_plans_over_price_blocks_equal_enumeration() -> None:
    rng = np.random.default_rng(31)
    infeasible = solved = 0
    for _ in range(60):
        problem = random_problem(rng)
        solution, best = solve_milp(problem), enumerated(problem)
        if best is None and solution.status == "infeasible":
            infeasible += 1
            continue
        if (solution.replicas > MOST).any():
            continue  # beyond what is enumerated
        assert solution.status == "optimal"
        assert best is not None
        solved += 1
        assert solution.value == pytest.approx(best, rel=1e-6, abs=1e-6)
        assert not violations(problem, solution.share, solution.replicas)
    assert solved >= 30
    assert infeasible >= 3


def test_a_split_plan_costs_what_its_whole_gpus_cost_cheapest_first() -> None:
    rng = np.random.default_rng(32)
    for _ in range(40):
        problem = replace(random_problem(rng), whole=False)
        solution = solve_milp(problem)
        if solution.status == "infeasible":
            continue
        f = problem.fleets
        fills = [
            cheapest_fill(f.blocks, p, int(k)) for p, k in enumerate(f.pool_gpus(solution.replicas))
        ]
        assert None not in fills
        rent = sum(fill for fill in fills if fill is not None)
        rent += f.fixed_usd_per_day[solution.replicas > 0].sum()
        assert f.usd_per_day(solution.replicas).sum() == pytest.approx(rent)
        assert not violations(problem, solution.share, solution.replicas)


def two_blocks(usd_owned: float = 5.0, owned: float = 2.0) -> Problem:
    """One class on one fleet of single GPUs, each good for 1,000 queries: owned, then rented."""
    fleets = Fleets(
        gpus_per_replica=np.array([1]),
        capacity_gpu_s_per_day=np.array([1000.0]),
        min_replicas=np.array([1]),
        pool=np.array([0]),
        blocks=Blocks(np.array([0, 0]), np.array([usd_owned, 60.0]), np.array([owned, np.inf])),
        fixed_usd_per_day=np.array([7.0]),
    )
    return Problem(
        queries_per_day=np.array([3500.0]),
        accuracy=np.array([[0.5]]),
        allowed=np.ones((1, 1), dtype=bool),
        gpu_s=np.ones((1, 1)),
        direct_usd=np.zeros((1, 1)),
        flop=np.ones((1, 1)),
        fleet=np.array([0]),
        model=np.array([0]),
        fleets=fleets,
        objective="cost",
    )


def test_owned_gpus_are_used_first_and_the_rest_is_rented() -> None:
    problem = two_blocks()
    solution = solve_milp(problem)
    assert solution.replicas.tolist() == [4]
    assert plan_cost_usd_per_day(problem, solution.share, solution.replicas) == 2 * 5 + 2 * 60 + 7
    used = problem.fleets.blocks.used(problem.fleets.pool_gpus(solution.replicas))
    assert used.tolist() == [2.0, 2.0]
    assert problem.fleets.next_usd_per_gpu_day(solution.replicas).tolist() == [60.0]
    assert problem.fleets.next_usd_per_gpu_day(np.array([1])).tolist() == [5.0]


def test_an_api_takes_over_where_the_next_gpu_is_dearer() -> None:
    problem = two_blocks()
    both = replace(
        problem,
        accuracy=np.array([[0.5, 0.5]]),
        allowed=np.ones((1, 2), dtype=bool),
        gpu_s=np.array([[1.0, 0.0]]),
        direct_usd=np.array([[0.0, 0.03]]),
        flop=np.ones((1, 2)),
        fleet=np.array([0, API_FLEET]),
        model=np.array([0, 1]),
    )
    solution = solve_milp(both)
    # Two owned GPUs serve 2,000 queries at $5; a rented one would save $30 of tokens for $60.
    assert solution.replicas.tolist() == [2]
    assert solution.share[0] == pytest.approx([2000 / 3500, 1500 / 3500])
    assert solution.value == pytest.approx(2 * 5 + 7 + 1500 * 0.03)


def test_a_stock_that_is_too_small_is_infeasible() -> None:
    problem = two_blocks()
    short = replace(problem.fleets.blocks, gpus=np.array([2.0, 1.0]))
    assert (
        solve_milp(replace(problem, fleets=replace(problem.fleets, blocks=short))).status
        == "infeasible"
    )
    broken = violations(
        replace(problem, fleets=replace(problem.fleets, blocks=short)),
        np.ones((1, 1)),
        np.array([4]),
    )
    assert any("GPUs of pool 0" in said for said in broken)


def test_an_option_of_unknown_flops_is_not_bought_under_a_flop_budget() -> None:
    problem = replace(
        two_blocks(), flop=np.array([[np.nan]]), budget_flop_per_day=1e20, whole=False
    )
    assert solve_milp(problem).status == "infeasible"
    assert plan_value(two_blocks(), np.ones((1, 1)), np.array([4])) == 137.0
