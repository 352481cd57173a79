"""The split optimum by a bracket of multipliers against the optimum by full hulls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from one_budget_problems import random_problem

from planner.allocate.problem import API_FLEET, Problem
from planner.allocate.solvers.bracket import Bracketed, best_bracketed
from planner.allocate.solvers.one_budget import one_budget
from planner.allocate.solvers.subsets import Corners, Opened, Sets, best_opened


def both(problem: Problem) -> tuple[Bracketed | None, Opened | None]:
    """The optimum by brackets, and by the hulls of every class."""
    instance, _ = one_budget(problem)
    sets = Sets.of(instance)
    assert sets is not None
    return best_bracketed(problem, sets), best_opened(Corners.of(instance), sets)


def dollars_and_gain(problem: Problem, found: Bracketed) -> tuple[float, float]:
    """Of the plan itself, by its options, with the fixed costs of the models it uses."""
    split, classes = found.split, np.arange(len(problem.queries_per_day))
    share = np.zeros(problem.accuracy.shape)
    share[classes, found.option[split.vertex]] = 1.0
    if split.moved is not None:
        lower = split.vertex[split.moved]
        share[split.moved, found.option[lower]] = 1.0 - split.moved_share
        share[split.moved, found.option[lower + 1]] += split.moved_share
    assert problem.allowed[share > 0].all()
    used = np.unique(problem.model[(share > 0).any(axis=0)])
    fixed = problem.model_fixed_usd_per_day
    usd = 0.0 if fixed is None else float(fixed[used].sum())
    usd += float((share * problem.direct_usd * problem.queries_per_day[:, None]).sum())
    return usd, float((share * problem.accuracy * problem.weight[:, None]).sum())


def uniform(seed: int, classes: int, options: int, models: int) -> Problem:
    """Uniform accuracies and costs, some cells forbidden, models of unlike many options."""
    rng = np.random.default_rng(seed)
    shape = (classes, options)
    allowed = rng.random(shape) < 0.9
    allowed[:, 0] = True
    cheapest = 0.1 * classes
    fixed = rng.uniform(0.0, 0.1, models) * cheapest
    return Problem(
        queries_per_day=rng.lognormal(0, 1, classes),
        accuracy=rng.random(shape),
        allowed=allowed,
        gpu_s=np.zeros(shape),
        direct_usd=rng.random(shape),
        flop=np.zeros(shape),
        fleet=np.full(options, API_FLEET),
        model=np.append(np.arange(models), rng.integers(0, models, options - models)),
        model_fixed_usd_per_day=fixed,
        budget_usd_per_day=rng.uniform(1.0, 6.0) * cheapest,
    )


def problems() -> Iterator[Problem]:
    for seed in range(12):
        yield uniform(seed, 25, 20, 1 + seed % 4)
    for seed in range(150):
        yield random_problem(np.random.default_rng(3000 + seed), whole=False)


def test_brackets_and_full_hulls_find_the_same_optimum_and_price() -> None:
    proven = binding = 0
    for problem in problems():
        found, best = both(problem)
        binding += best is not None and best.split.usd_price > 0
        if found is None:
            continue
        proven += 1
        assert best is not None
        assert found.split.gain == pytest.approx(best.split.gain, abs=1e-11)
        usd, gain = dollars_and_gain(problem, found)
        assert gain == pytest.approx(best.split.gain, abs=1e-11)
        assert usd <= (problem.budget_usd_per_day or 0.0) * (1 + 1e-9)
    assert proven > max(30, 0.8 * binding)


def test_the_usual_problem_is_proven_without_the_full_hulls() -> None:
    assert all(both(uniform(seed, 25, 20, 3))[0] is not None for seed in range(20, 30))


def test_costs_that_lie_many_decades_apart_are_bracketed_too() -> None:
    for scale in (1e-12, 1e-5, 1e5, 1e12):
        base = uniform(40, 15, 12, 2)
        usd = np.where(np.arange(15)[:, None] < 7, base.direct_usd, base.direct_usd * scale)
        fixed = np.zeros(2)
        for budget in (3.0, 3.0 * scale):
            problem = replace(
                base, direct_usd=usd, model_fixed_usd_per_day=fixed, budget_usd_per_day=budget
            )
            found, best = both(problem)
            if found is not None:
                assert best is not None
                assert found.split.gain == pytest.approx(best.split.gain, abs=1e-11)


def test_a_set_of_models_that_the_budget_cannot_keep_is_never_opened() -> None:
    base = uniform(50, 10, 8, 2)
    best_is_dear = replace(
        base,
        accuracy=np.where(base.model == 1, 0.99, base.accuracy),
        model_fixed_usd_per_day=np.array([0.0, 1e9]),
        budget_usd_per_day=float((base.queries_per_day * 0.3).sum()),
    )
    found, _ = both(best_is_dear)
    assert found is not None
    assert (best_is_dear.model[found.option] == 0).all()


def test_where_no_price_proves_a_plan_none_is_told() -> None:
    base = uniform(60, 10, 8, 2)
    for budget in (0.0, 1e-9, 1e9):
        assert both(replace(base, budget_usd_per_day=budget))[0] is None


def test_a_table_that_would_be_mostly_empty_is_left_to_the_full_hulls() -> None:
    model = np.append(np.zeros(40, dtype=int), np.arange(1, 9))
    problem = replace(uniform(70, 6, 48, 9), model=model)
    assert both(problem)[0] is None
