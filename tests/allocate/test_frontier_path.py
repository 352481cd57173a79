"""The whole frontier, and many scenarios at once, against one solve at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from one_budget_problems import random_problem

from planner.allocate.problem import API_FLEET, Problem
from planner.allocate.solvers import frontier_lines
from planner.allocate.solvers import frontier_path as frontier
from planner.allocate.solvers.frontier_lines import FrontierPath, Line, gap_over, highest
from planner.allocate.solvers.frontier_path import (
    _excess,
    _first_prices,
    _Table,
    frontier_path,
)
from planner.allocate.solvers.one_budget import one_budget
from planner.allocate.solvers.scenarios import best_of_scenarios
from planner.allocate.solvers.subsets import Corners, Sets, best_opened


def path_of(problem: Problem) -> tuple[Corners, Sets, FrontierPath]:
    instance, _ = one_budget(problem)
    corners, sets = Corners.of(instance), Sets.of(instance)
    assert sets is not None
    path = frontier_path(corners, sets)
    assert path is not None
    return corners, sets, path


def best_at(corners: Corners, sets: Sets, budget_usd: float) -> float:
    instance = replace(corners.instance, budget_usd=budget_usd)
    opened = best_opened(replace(corners, instance=instance), sets)
    return np.nan if opened is None else opened.split.gain


def compared(problem: Problem, tolerance: float, budgets: int = 37) -> FrontierPath:
    corners, sets, path = path_of(problem)
    # Between the points too, and below the cheapest plan, where there is none.
    usd = np.linspace(path.budget_usd[0] * 0.5, path.budget_usd[-1] * 1.1, budgets)
    best = np.array([best_at(corners, sets, budget) for budget in usd])
    found = path.at(usd)
    assert (np.isnan(best) == np.isnan(found)).all()
    known = ~np.isnan(best)
    assert (found[known] <= best[known] + 1e-12).all()
    assert (best[known] <= found[known] + path.gap + 1e-12).all()
    assert path.gap <= tolerance
    assert (np.diff(path.accuracy) >= -1e-12).all()
    return path


def test_a_few_sets_are_exact_at_every_budget() -> None:
    tried = 0
    for seed in range(60):
        problem = random_problem(np.random.default_rng(seed), whole=False)
        corners, sets, _ = path_of(problem) if problem.max_models is None else (None, None, None)
        if corners is None or sets is None:
            continue
        compared(problem, 1e-12)
        tried += 1
    assert tried > 20


def curves(seed: int, *, classes: int, options: int, models: int) -> Problem:
    """Saturating curves of several models, each with a fixed cost."""
    rng = np.random.default_rng(seed)
    model = np.arange(options) % models
    n = 2.0 ** (np.arange(options) // models)
    ceiling = rng.uniform(0.4, 0.95, (classes, models))[:, model]
    accuracy = ceiling - rng.uniform(0.1, 0.35, (classes, models))[:, model] * n**-0.5
    usd = np.geomspace(1, 9, models)[model] * n * rng.lognormal(0, 0.3, (classes, 1))
    return Problem(
        queries_per_day=rng.lognormal(3, 1, classes),
        accuracy=accuracy,
        allowed=np.ones(accuracy.shape, dtype=bool),
        gpu_s=np.zeros(accuracy.shape),
        direct_usd=usd,
        flop=np.zeros(accuracy.shape),
        fleet=np.full(options, API_FLEET),
        model=model,
        model_fixed_usd_per_day=rng.uniform(10, 400, models),
        budget_usd_per_day=1.0,
    )


def test_ten_models_with_fixed_costs_are_drawn_within_a_thousandth() -> None:
    for seed in range(2):
        compared(curves(seed, classes=10, options=60, models=10), 1e-3, budgets=12)


def test_many_sets_stay_within_the_gap_that_is_stated() -> None:
    for seed in range(4):
        compared(curves(seed, classes=12, options=30, models=5), 1e-3)


def test_the_gap_shrinks_with_more_multipliers(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = curves(1, classes=12, options=30, models=5)
    fine = path_of(problem)[2].gap
    monkeypatch.setattr(frontier, "MOST_PRICES", 1)
    monkeypatch.setattr(frontier, "FIRST_PRICES", 4)
    assert path_of(problem)[2].gap > fine


@pytest.mark.parametrize(("prices", "sets"), [(3, 24), (6, 24), (3, 0), (6, 1)])
def test_a_coarse_frontier_states_how_coarse_it_is(
    monkeypatch: pytest.MonkeyPatch, prices: int, sets: int
) -> None:
    monkeypatch.setattr(frontier, "MOST_PRICES", 1)
    monkeypatch.setattr(frontier, "FIRST_PRICES", prices)
    monkeypatch.setattr(frontier, "MORE_SETS", sets)
    for seed in range(3):
        compared(curves(seed, classes=8, options=20, models=4), 1.0, budgets=150)


def line(budget: list[float], gain: list[float], price: list[float]) -> Line:
    return Line(np.array(budget), np.array(gain), np.array(price))


def test_what_passes_the_path_unseen_between_two_points_is_told_as_its_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flat = line([0.0, 10.0], [0.5, 0.7], [0.02, 0.0])
    steep = line([0.0, 10.0], [0.4, 0.9], [0.05, 0.0])
    members = np.eye(2, dtype=bool)
    crossed = highest([flat, steep], members)
    # They meet where 0.5 + 0.02 x = 0.4 + 0.05 x.
    assert crossed.budget_usd.tolist() == pytest.approx([0.0, 10 / 3, 10.0])
    assert crossed.gap == pytest.approx(0.0, abs=1e-12)
    monkeypatch.setattr(frontier_lines, "CROSSED", 0)
    unseen = highest([flat, steep], members)
    assert unseen.at(np.array([9.999]))[0] == pytest.approx(0.7, abs=1e-4)
    assert unseen.gap == pytest.approx(0.2)


def test_a_line_that_begins_between_two_points_is_no_gap_but_a_jump() -> None:
    early, late = (
        line([0.0, 10.0], [0.5, 0.6], [0.01, 0.0]),
        line([6.0, 10.0], [0.8, 0.9], [0.025, 0.0]),
    )
    path = highest([early, late], np.eye(2, dtype=bool))
    assert path.at(np.array([5.999, 6.0])).tolist() == pytest.approx([0.55999, 0.8])
    assert path.gap == pytest.approx(0.0, abs=1e-12)


def test_a_set_s_bound_stands_furthest_over_its_line_where_neighbours_meet() -> None:
    curve = line([0.0, 1.0, 3.0], [0.0, 0.6, 0.8], [1.0, 0.2, 0.0])
    path = highest([curve], np.ones((1, 1), dtype=bool))
    # x = 0.6 + 0.2 (x - 1) at x = 0.5, where the line has 0.3; and at 2, where both have 0.8, 0.7.
    assert curve.peaks.tolist() == pytest.approx([0.5, 2.0])
    assert gap_over(path, curve) == pytest.approx(0.2)


def test_a_set_that_begins_above_the_path_passes_it_by_all_that_lies_between() -> None:
    path = highest([line([0.0, 10.0], [0.5, 0.6], [0.01, 0.0])], np.ones((1, 1), dtype=bool))
    jump = line([4.0, 10.0], [0.7, 0.71], [0.0, 0.0])
    assert gap_over(path, jump) == pytest.approx(0.7 - 0.54)
    under = line([4.0, 10.0], [0.3, 0.31], [0.01, 0.0])
    assert gap_over(path, under) == pytest.approx(0.3 - 0.54)
    # A budget without end: the path ends at 0.6, the set's bound at 0.66.
    beyond = line([4.0, 30.0], [0.4, 0.66], [0.01, 0.0])
    assert gap_over(path, beyond) == pytest.approx(0.06)


def test_the_most_that_a_set_may_pass_the_path_by_is_never_understated() -> None:
    for seed in range(3):
        corners, sets, _ = path_of(curves(seed, classes=8, options=20, models=4))
        table = _Table.of(corners, _first_prices(corners))
        bound = table.bounds(sets)
        some = [table.line(models) for models in sets.members[:5]]
        path = highest(some, sets.members[:5])
        told = _excess(path, some, bound, table.usd_price)
        usd = np.linspace(path.budget_usd[0], path.budget_usd[-1] * 3, 4000)
        most = np.array([
            ((own[:, None] + table.usd_price[:, None] * usd).min(axis=0) - path.at(usd)).max()
            for own in bound
        ])  # fmt: skip
        assert (told >= most - 1e-12).all()
        assert np.median(told - most) < 0.02


def test_knees_are_where_a_dollar_buys_half_of_what_it_did() -> None:
    path = FrontierPath(
        budget_usd=np.arange(5.0),
        accuracy=np.array([0.1, 0.5, 0.8, 0.9, 0.9]),
        usd_price=np.array([0.4, 0.3, 0.1, 0.0, 0.0]),
        models=np.ones((5, 1), dtype=bool),
        gap=0.0,
    )
    assert path.knees().tolist() == [0, 2, 3, 4]


@pytest.mark.parametrize("forbidden", [0.1, 0.6])
def test_scenarios_solved_together_are_those_solved_alone(forbidden: float) -> None:
    rng = np.random.default_rng(4)
    problem = curves(2, classes=4, options=12, models=3)
    n = 40
    gain = np.clip(problem.accuracy + rng.normal(0, 0.05, (n, 4, 12)), 0, 1) / 4
    cost = problem.direct_usd * rng.lognormal(0, 0.3, (n, 4, 12)) * 10
    cost[rng.random(cost.shape) < forbidden] = np.inf
    fixed = rng.uniform(0, 60, (n, 3))
    budget = rng.uniform(20, 900, n)
    sets = Sets.of(one_budget(problem)[0])
    assert sets is not None
    found = best_of_scenarios(gain, cost, problem.model, fixed, budget, sets.members)
    for i in range(n):
        alone = replace(
            problem,
            queries_per_day=np.full(4, 1.0),
            accuracy=gain[i] * 4,
            allowed=np.isfinite(cost[i]),
            direct_usd=np.where(np.isfinite(cost[i]), cost[i], 0.0),
            model_fixed_usd_per_day=fixed[i],
            budget_usd_per_day=budget[i],
        )
        opened = best_opened(Corners.of(one_budget(alone)[0]), sets)
        if opened is None:
            assert np.isnan(found.gain[i])
            assert found.chosen[i] == -1
        else:
            assert found.gain[i] == pytest.approx(opened.split.gain, abs=1e-12)
            assert found.usd_price[i] == pytest.approx(opened.split.usd_price, rel=1e-9)
