"""The planner's own solver against HiGHS, brute force and linear programs in fractions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from one_budget_problems import brute_force, exact_split, random_problem

from planner.allocate.exact import exact_costs_usd
from planner.allocate.plan import violations
from planner.allocate.problem import Problem
from planner.allocate.solvers import own
from planner.allocate.solvers.milp import Solution, solve_milp
from planner.allocate.solvers.multiplier import Edges, best_split
from planner.allocate.solvers.one_budget import covers, one_budget
from planner.allocate.solvers.states import _Reach
from planner.allocate.solvers.subsets import Corners, Sets, lagrangians, solve_set
from planner.allocate.solvers.whole import MOST_STATES, best_whole

SAME = 1e-8
"""Shares are multiples of 1e-9, so a split plan gives away up to that much accuracy."""


def agree_with_highs(problem: Problem, found: Solution, seed: int) -> None:
    highs = solve_milp(problem)
    assert highs.status == found.status, seed
    assert highs.value == pytest.approx(found.value, abs=1e-6, nan_ok=True), seed


def agree_with_brute_force(seeds: range, *, with_milp: bool) -> int:
    """Whole plans of random problems equal brute force; how many were infeasible."""
    infeasible = 0
    for seed in seeds:
        problem = random_problem(np.random.default_rng(seed), whole=True)
        found, best = own.solve(problem), brute_force(problem)
        if best is None:
            infeasible += 1
            assert found.status == "infeasible", seed
        else:
            assert found.status == "optimal", seed
            assert found.value == pytest.approx(float(best[0]), abs=1e-12), seed
            assert exact_costs_usd(problem, found.share)[0] == best[1], seed
            assert not violations(problem, found.share, found.replicas), seed
        if with_milp:
            agree_with_highs(problem, found, seed)
    return infeasible


def agree_with_fractions(seeds: range, *, with_milp: bool) -> int:
    """Split plans of random problems equal the linear program; how many were infeasible."""
    infeasible = 0
    for seed in seeds:
        problem = random_problem(np.random.default_rng(seed), whole=False)
        found, best = own.solve(problem), exact_split(problem)
        if best is None:
            infeasible += 1
            assert found.status == "infeasible", seed
        else:
            assert found.status == "optimal", seed
            assert found.value == pytest.approx(float(best), abs=SAME), seed
            assert found.bound == pytest.approx(float(best), abs=1e-12), seed
            assert max(exact_costs_usd(problem, found.share)) <= problem.budget_usd_per_day, seed
            assert not violations(problem, found.share, found.replicas), seed
        if with_milp:
            agree_with_highs(problem, found, seed)
    return infeasible


def test_whole_plans_equal_brute_force_and_cost_no_more() -> None:
    assert 10 < agree_with_brute_force(range(200), with_milp=False) < 150


def test_split_plans_equal_a_linear_program_in_fractions() -> None:
    assert 10 < agree_with_fractions(range(200), with_milp=False) < 150


def test_highs_agrees_on_plans_and_on_what_is_infeasible() -> None:
    agree_with_brute_force(range(1000, 1020), with_milp=True)
    agree_with_fractions(range(1000, 1020), with_milp=True)


def test_a_plan_that_costs_the_budget_to_the_last_cent_is_not_lost() -> None:
    for seed, whole, best in ((24507, False, 0.3625), (12188, True, 0.6076923076923078)):
        problem = random_problem(np.random.default_rng(seed), whole=whole)
        for most_states in (MOST_STATES, 0):
            found = own.solve(problem, most_states)
            assert (found.status, found.value) == ("optimal", pytest.approx(best, abs=SAME))
            assert exact_costs_usd(problem, found.share)[0] == problem.budget_usd_per_day
        agree_with_highs(problem, found, seed)


@pytest.mark.verify
def test_five_thousand_whole_plans_equal_brute_force_and_highs() -> None:
    agree_with_brute_force(range(10_000, 15_000), with_milp=True)


@pytest.mark.verify
def test_five_thousand_split_plans_equal_fractions_and_highs() -> None:
    agree_with_fractions(range(20_000, 25_000), with_milp=True)


def answered(problem: Problem) -> tuple[str, float]:
    found = own.solve(problem)
    return found.status, found.value


def pairs(count: int, start: int) -> Iterator[tuple[np.random.Generator, Problem]]:
    """Random problems, half of them with whole options, and what to change them with."""
    for seed in range(start, start + count):
        rng = np.random.default_rng(seed)
        yield rng, random_problem(rng, whole=bool(seed % 2))


def test_more_budget_never_loses_accuracy() -> None:
    for _, problem in pairs(40, 100):
        found = [
            own.solve(replace(problem, budget_usd_per_day=b)).value for b in np.linspace(0, 120, 13)
        ]
        known = [value for value in found if not np.isnan(value)]
        assert all(b >= a - SAME for a, b in itertools.pairwise(known))


def test_a_budget_once_possible_stays_possible() -> None:
    for _, problem in pairs(40, 150):
        possible = [
            own.solve(replace(problem, budget_usd_per_day=b)).status == "optimal"
            for b in np.linspace(0, 120, 13)
        ]
        assert possible == sorted(possible)


@pytest.mark.parametrize("factor", [1e-6, 0.3, 7.0, 1e9])
def test_scaling_every_price_and_the_budget_scales_the_cost_and_nothing_else(
    factor: float,
) -> None:
    for _, problem in pairs(40, 200):
        fixed = problem.model_fixed_usd_per_day
        dearer = replace(
            problem,
            direct_usd=problem.direct_usd * factor,
            model_fixed_usd_per_day=None if fixed is None else fixed * factor,
            budget_usd_per_day=(problem.budget_usd_per_day or 0.0) * factor,
        )
        a, b = own.solve(problem), own.solve(dearer)
        assert (a.status, a.value) == (b.status, pytest.approx(b.value, abs=SAME, nan_ok=True))
        cost = [float(exact_costs_usd(p, s.share)[0]) for p, s in ((problem, a), (dearer, b))]
        assert cost[1] == pytest.approx(cost[0] * factor, rel=1e-6)


def test_permuting_classes_permutes_the_plan() -> None:
    for rng, problem in pairs(40, 300):
        # Accuracies without ties, so that there is one best plan.
        single = replace(problem, accuracy=rng.random(problem.accuracy.shape))
        order = rng.permutation(len(single.queries_per_day))
        permuted = replace(
            single,
            queries_per_day=single.queries_per_day[order],
            **{n: getattr(single, n)[order] for n in ("accuracy", "allowed", "direct_usd")},
        )
        a, b = own.solve(single), own.solve(permuted)
        assert a.status == b.status
        served = single.queries_per_day[order] > 0
        assert a.share[order][served] == pytest.approx(b.share[served], abs=SAME)


def test_a_duplicated_option_changes_nothing() -> None:
    for rng, problem in pairs(40, 400):
        columns = [*range(len(problem.model)), int(rng.integers(len(problem.model)))]
        doubled = replace(
            problem,
            model=problem.model[columns],
            fleet=problem.fleet[columns],
            **{
                name: getattr(problem, name)[:, columns]
                for name in ("accuracy", "allowed", "direct_usd", "gpu_s", "flop")
            },
        )
        status, value = answered(problem)
        assert answered(doubled) == (status, pytest.approx(value, abs=SAME, nan_ok=True))


def test_halving_a_class_changes_nothing_where_classes_may_be_split() -> None:
    for _, problem in pairs(40, 500):
        split = replace(problem, whole=False)
        rows = [*range(len(split.queries_per_day)), 0]
        queries = split.queries_per_day[rows]
        queries[[0, -1]] /= 2
        halved = replace(
            split,
            queries_per_day=queries,
            **{
                name: getattr(split, name)[rows]
                for name in ("accuracy", "allowed", "direct_usd", "gpu_s", "flop")
            },
        )
        if not queries.sum():
            continue
        status, value = answered(split)
        assert answered(halved) == (status, pytest.approx(value, abs=SAME, nan_ok=True))


def test_the_shadow_price_is_what_one_more_dollar_brings() -> None:
    tried = 0
    for _, problem in pairs(60, 600):
        split = replace(problem, whole=False)
        found = own.solve(split)
        if found.status == "infeasible" or not found.shadow_price:
            continue
        more = replace(split, budget_usd_per_day=(split.budget_usd_per_day or 0.0) + 1e-3)
        gained = own.solve(more).bound - found.bound
        # A set of models that only now fits may bring more; none brings less.
        assert gained >= found.shadow_price * 1e-3 - 1e-9
        tried += 1
    assert tried > 10


def test_of_models_that_are_as_good_the_cheaper_is_opened_under_a_loose_budget() -> None:
    agree_with_brute_force(range(12259, 12260), with_milp=True)


def test_where_a_budget_ends_with_an_option_the_price_is_that_of_the_next_dollar() -> None:
    edges = Edges.of(np.array([0.0, 2.0, 7.0]), np.array([0.0, 0.4, 0.6]), np.zeros(3, dtype=int))
    ends = ((1.0, 0.2), (2.0, 0.04), (3.0, 0.04), (7.0, 0.0), (9.0, 0.0))
    for (budget, price), slack in itertools.product(ends, (0.0, 1e-12)):
        split = best_split(edges, budget, slack_usd=slack)
        assert split is not None
        assert split.usd_price == pytest.approx(price)
        assert split.gain == pytest.approx(np.interp(budget, [0, 2, 7], [0, 0.4, 0.6]))


def test_of_equally_good_split_plans_the_cheapest_is_taken() -> None:
    cell = np.zeros((1, 3))
    problem = Problem(
        queries_per_day=np.array([100.0]),
        accuracy=np.array([[0.6, 0.6, 0.6]]),
        allowed=cell == 0,
        gpu_s=cell,
        direct_usd=np.array([[0.1, 0.1, 0.2]]),
        flop=cell,
        fleet=np.full(3, -1),
        model=np.array([0, 1, 2]),
        model_fixed_usd_per_day=np.array([9.0, 5.0, 0.5]),
        budget_usd_per_day=50.0,
    )
    for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        shuffled = replace(
            problem,
            direct_usd=problem.direct_usd[:, order],
            model_fixed_usd_per_day=np.array([9.0, 5.0, 0.5])[order],
        )
        found = own.solve(shuffled)
        assert float(exact_costs_usd(shuffled, found.share)[0]) == 15.0


def test_at_its_own_multiplier_the_bound_of_a_set_is_what_it_reaches() -> None:
    tried = 0
    for seed in range(800, 1000):
        problem = random_problem(np.random.default_rng(seed), whole=False)
        instance, _ = one_budget(problem)
        corners, sets = Corners.of(instance), Sets.of(instance)
        assert sets is not None
        for place, models in enumerate(sets.members):
            opened = solve_set(corners, models)
            if opened is None or opened.split.usd_price == 0:
                continue
            tried += 1
            price = opened.split.usd_price
            bound = lagrangians(corners, sets, price)[place] + price * instance.budget_usd
            assert bound == pytest.approx(opened.split.gain, abs=1e-12)
    assert tried > 40


def test_small_problems_are_searched_to_the_end() -> None:
    for seed in range(900, 960):
        problem = random_problem(np.random.default_rng(seed), whole=True)
        instance, _ = one_budget(problem)
        sets = Sets.of(instance)
        assert sets is not None
        assert best_whole(Corners.of(instance), sets).complete


def test_what_later_classes_lose_by_spending_is_the_least_that_their_edges_allow() -> None:
    # Up: $2 at 0.1 each, then $3 at 0.3; down: $4 at 0.2; a dollar left over loses 1.0.
    reach = _Reach(
        step=np.array([1, 2, 2]),
        upward=np.array([True, False, True]),
        usd=np.array([2.0, 4.0, 3.0]),
        loss=np.array([0.2, 0.8, 0.9]),
        usd_price=1.0,
    )
    usd = np.array([-5.0, -4.0, -1.0, 0.0, 1.0, 2.0, 3.5, 5.0, 9.0])
    found = reach.least_loss(0, usd, 0.0)
    assert found.tolist() == pytest.approx([np.inf, 0.8, 0.2, 0.0, 0.1, 0.2, 0.65, 1.1, 5.1])
    # After the first of them only the second class is left; and after both a dollar only loses.
    assert reach.least_loss(1, np.array([2.0, 3.0, 4.0]), 0.0).tolist() == pytest.approx(
        [0.6, 0.9, 1.9]
    )
    assert reach.least_loss(2, np.array([-1.0, 0.0, 2.0]), 0.0).tolist() == [np.inf, 0.0, 2.0]


def test_a_share_that_is_round_is_printed_round() -> None:
    cell = np.zeros((1, 2))
    problem = Problem(
        queries_per_day=np.array([100.0]),
        accuracy=np.array([[0.2, 0.6]]),
        allowed=cell == 0,
        gpu_s=cell,
        direct_usd=np.array([[0.1, 0.3]]),
        flop=cell,
        fleet=np.full(2, -1),
        model=np.array([0, 1]),
        budget_usd_per_day=18.0,
    )
    assert own.solve(problem).share.tolist() == [[0.6, 0.4]]


def test_a_search_without_states_falls_back_on_highs_and_agrees() -> None:
    for _, problem in pairs(60, 700):
        whole = replace(problem, whole=True)
        full, none = own.solve(whole), own.solve(whole, most_states=0)
        assert none.status == full.status
        assert none.value == pytest.approx(full.value, abs=1e-7, nan_ok=True)


def test_where_the_search_ends_early_what_highs_finds_better_is_taken() -> None:
    better = 0
    for seed in (1, 3, 8):
        rng = np.random.default_rng(seed)
        shape = (12, 8)
        usd, accuracy = rng.random(shape), rng.random(shape)
        problem = Problem(
            queries_per_day=rng.integers(1, 9, 12).astype(float),
            accuracy=accuracy,
            allowed=np.ones(shape, dtype=bool),
            gpu_s=np.zeros(shape),
            direct_usd=usd,
            flop=np.zeros(shape),
            fleet=np.full(8, -1),
            model=np.arange(8) % 2,
            budget_usd_per_day=14.0,
            whole=True,
        )
        instance, _ = one_budget(problem)
        sets = Sets.of(instance)
        assert sets is not None
        early = best_whole(Corners.of(instance), sets, most_states=0)
        full, none = own.solve(problem), own.solve(problem, most_states=0)
        assert none.value == pytest.approx(full.value, abs=1e-7)
        assert (full.solver, none.solver) == ("planner", "HiGHS")
        assert early.plan is not None
        better += early.plan.gain < full.value - 1e-6
    assert better == 2


def test_more_models_than_their_sets_can_be_listed_for_are_left_to_highs() -> None:
    rng = np.random.default_rng(1)
    problem = random_problem(rng, whole=True)
    n = 14
    many = replace(
        problem,
        **{
            name: rng.integers(1, 9, (3, n)).astype(float) / 10
            for name in ("accuracy", "direct_usd", "gpu_s", "flop")
        },
        queries_per_day=np.array([1.0, 2.0, 3.0]),
        allowed=np.ones((3, n), dtype=bool),
        model=np.arange(n),
        fleet=np.full(n, -1),
        model_fixed_usd_per_day=rng.integers(1, 5, n) / 10,
        budget_usd_per_day=3.0,
        max_models=None,
    )
    assert answered(many) == ("optimal", pytest.approx(solve_milp(many).value, abs=1e-6))
    assert own.solve(many).solver == "HiGHS"
    assert own.solve(problem).solver == "planner"


@pytest.mark.parametrize(
    ("change", "meant"),
    [
        ({}, True),
        ({"budget_usd_per_day": None}, False),
        ({"objective": "cost"}, False),
        ({"budget_flop_per_day": 1.0}, False),
        ({"min_accuracy_overall": 0.5}, False),
        ({"budget_gpus": 3}, False),
    ],
)
def test_a_limit_that_the_own_solver_does_not_know_is_never_passed_over(
    change: dict[str, object], meant: bool
) -> None:
    problem = random_problem(np.random.default_rng(5), whole=True)
    assert covers(replace(problem, **change)) is meant
