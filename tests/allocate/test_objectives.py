"""Objectives, budgets and constraints against brute force and exact rational programs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rational import rational
from small_problems import (
    OBJECTIVES,
    brute_force,
    priced,
    random_problem,
    within_the_printed_budgets,
)

from planner.allocate.caps import latency_prices
from planner.allocate.demands import Rule, Rules, Tie, Training
from planner.allocate.plan import violations
from planner.allocate.problem import Problem
from planner.allocate.relax import conflict_of
from planner.allocate.requirements import requirements
from planner.allocate.runner_up import (
    accuracy_edge,
    price_edge,
    runners_up,
    with_accuracy,
    with_price,
    without,
)
from planner.allocate.solvers.books import plan_value
from planner.allocate.solvers.milp import Solution, extreme, feasible, optimum, solve_milp
from planner.allocate.solvers.ratio import at_price, least_ratio
from planner.units import significant


def agrees_with_brute_force(problem: Problem) -> str:
    solution, best = solve_milp(problem), brute_force(problem)
    if best is None:
        assert solution.status == "infeasible"
        return "infeasible"
    assert solution.status == "optimal"
    assert solution.value == pytest.approx(best, rel=1e-6, abs=1e-4)
    assert solution.gap < 1e-5 or abs(solution.bound - solution.value) < 1e-3
    assert not violations(problem, solution.share, solution.replicas)
    within_the_printed_budgets(problem, solution.share, solution.replicas)
    return problem.objective


def test_whole_plans_of_every_objective_and_constraint_equal_brute_force() -> None:
    rng = np.random.default_rng(21)
    seen = [agrees_with_brute_force(random_problem(rng)) for _ in range(150)]
    assert all(seen.count(kind) >= 8 for kind in (*OBJECTIVES, "infeasible"))


@pytest.mark.verify
def test_ten_thousand_whole_plans_equal_brute_force() -> None:
    rng = np.random.default_rng(22)
    for _ in range(10_000):
        agrees_with_brute_force(random_problem(rng))


def agrees_with_fractions(problem: Problem) -> str:
    problem = replace(problem, whole=False, budget_gpus=None, budget_kwh_per_day=None)
    if problem.objective == "cost_per_correct":
        return least_ratio_agrees(problem)
    solution, best = solve_milp(problem), rational(problem)
    if best is None:
        assert solution.status == "infeasible"
        return "infeasible"
    assert solution.value == pytest.approx(float(best), rel=1e-7, abs=1e-6)
    assert not violations(problem, solution.share, solution.replicas)
    within_the_printed_budgets(problem, solution.share, solution.replicas)
    return problem.objective


def least_ratio_agrees(problem: Problem) -> str:
    """At the least price of a correct answer the best net value is exactly none."""
    solution = solve_milp(problem)
    if solution.status == "infeasible":
        assert rational(replace(problem, objective="cost")) is None
        return "infeasible"
    at = at_price(problem, significant(solution.value, 12))
    left = rational(at)
    assert left is not None
    assert abs(float(left)) < 1e-6 * max(
        1.0, float(rational(replace(problem, objective="cost")) or 0)
    )
    return "cost_per_correct"


def test_split_plans_of_every_objective_and_constraint_equal_exact_fractions() -> None:
    rng = np.random.default_rng(23)
    seen = [
        agrees_with_fractions(random_problem(rng, fleets=False, fixed=False)) for _ in range(100)
    ]
    assert all(seen.count(kind) >= 5 for kind in (*OBJECTIVES, "infeasible"))


@pytest.mark.verify
def test_ten_thousand_split_plans_equal_exact_fractions() -> None:
    rng = np.random.default_rng(24)
    for _ in range(10_000):
        agrees_with_fractions(random_problem(rng, fleets=False, fixed=False))


def test_a_budget_that_the_best_plan_takes_whole_is_met_within_a_billionth() -> None:
    # The best plan takes 3.6e16 FLOPs to the last one; within HiGHS's own tolerance of 1e-7 it
    # gave plans over the budget, or a 2e-7 dearer.
    usd = [[0.006, 0.009, 0.026], [0.008, 0.015, 0.009], [0.026, 0.017, 0.007]]
    accuracy = [[0.4, 0.4, 0.4], [0.05, 0.45, 0.45], [0.8, 0.9, 0.65]]
    flop = np.array([[6.0, 4.0, 18.0], [17.0, 1.0, 2.0], [19.0, 6.0, 25.0]]) * 1e12
    problem = replace(
        priced(accuracy, usd, objective="cost", model=np.array([0, 0, 1])),
        queries_per_day=np.array([4000.0, 7000.0, 1000.0]),
        flop=flop,
        budget_flop_per_day=3.6e16,
        ties=(Tie("alike", np.arange(3), np.zeros(3, dtype=np.int64)),),
    )
    found = solve_milp(problem)
    assert found.value == pytest.approx(116.0, rel=5e-9)
    within_the_printed_budgets(problem, found.share, found.replicas)


def test_a_budget_that_is_worth_much_is_spent_to_the_last_dollar() -> None:
    # A dollar buys $23.20: a billionth of the budget left unspent would be seen.
    problem = replace(
        priced([[0.9, 0.35]], [[0.016, 0.015]], objective="net_value"),
        queries_per_day=np.array([8000.0]),
        value_per_correct_usd=np.array([0.044]),
        budget_usd_per_day=121.0,
    )
    found = solve_milp(problem)
    assert found.value == pytest.approx(26.4, rel=1e-10)
    within_the_printed_budgets(problem, found.share, found.replicas)


def test_a_conflict_is_irreducible_and_each_relaxation_is_just_enough() -> None:
    rng = np.random.default_rng(25)
    found = relaxed = 0
    while found < 25:
        problem = random_problem(rng)
        if feasible(problem):
            continue
        found += 1
        conflict = conflict_of(problem)
        asked = requirements(problem)
        core = [one for one in asked if one.told in conflict.together]
        only = problem
        for one in asked:
            if one not in core:
                only = one.drop(only)
        assert not feasible(only), "the conflict alone should be infeasible"
        assert all(feasible(one.drop(only)) for one in core), "a smaller conflict exists"
        for row in conflict.relaxations:
            if row.requirement == "usd_per_day" and row.needed is not None:
                relaxed += 1
                enough = replace(problem, budget_usd_per_day=row.needed * (1 + 1e-6))
                short = replace(problem, budget_usd_per_day=row.needed * (1 - 1e-4))
                assert feasible(enough)
                assert not feasible(short)
    assert relaxed >= 3


def test_a_latency_cap_that_forbids_everything_names_the_shortest_that_does() -> None:
    problem = priced([[0.5, 0.7]], [[0.01, 0.02]], objective="cost", min_accuracy_overall=0.6)
    seconds = np.array([[9.0, 14.0]])
    rule = Rule("p95 of 10 s for homework", seconds > 10, seconds, 10.0, np.array([True]))
    rules = Rules(problem.allowed, (rule,))
    conflict = conflict_of(replace(problem, rules=rules, allowed=rules.allowed()))
    assert "p95 14 s instead of 10 s for homework" in conflict.sentence
    assert "an accuracy of 50% instead of 60%" in conflict.sentence


def test_the_edges_told_of_price_and_accuracy_are_where_the_runner_up_begins_to_win() -> None:
    problem = priced([[0.5, 0.6, 0.55]], [[0.01, 0.02, 0.019]], budget_usd_per_day=16.0)
    rest = without(problem, 0, 2)
    price, accuracy = price_edge(problem, 0, 2, rest), accuracy_edge(problem, 0, 2, rest)
    # On the line from (0.01, 0.5) to (0.02, 0.6): 0.55 for 0.015, or 0.59 for 0.019.
    assert price == pytest.approx(0.015 / 0.019, abs=0.005)
    assert accuracy == pytest.approx(0.59, abs=0.002)
    assert price is not None
    assert accuracy is not None
    assert solve_milp(with_price(problem, 0, 2, price)).share[0, 2] > 0
    assert solve_milp(with_price(problem, 0, 2, price + 0.005)).share[0, 2] == 0
    assert solve_milp(with_accuracy(problem, 0, 2, accuracy)).share[0, 2] > 0
    assert solve_milp(with_accuracy(problem, 0, 2, accuracy - 0.003)).share[0, 2] == 0


def test_a_shadow_price_is_what_one_more_unit_brings() -> None:
    problem = priced([[0.2, 0.6]], [[0.01, 0.05]], objective="cost", min_accuracy=np.array([0.4]))
    prices = solve_milp(problem).prices
    more = optimum(replace(problem, min_accuracy=np.array([0.41])))
    now = optimum(problem)
    assert more is not None
    assert now is not None
    assert prices["min_accuracy 0"] * 0.01 == pytest.approx(more - now, rel=1e-6)


def capped(problem: Problem, seconds: list[list[float]], cap_s: float) -> Problem:
    p95 = np.array(seconds)
    rule = Rule(f"p95 of {cap_s:g} s", ~(p95 <= cap_s), p95, cap_s, np.full(len(p95), True))
    rules = Rules(problem.allowed, (rule,))
    return replace(problem, rules=rules, allowed=rules.allowed())


def test_a_millisecond_is_worth_what_the_next_longer_p95_saves() -> None:
    # Fast and dear, slow and cheap, slower and cheaper; nothing is known of the last.
    cheaper = priced([[0.5] * 4], [[0.03, 0.01, 0.005, 0.001]], objective="cost",
                     min_accuracy_overall=0.4)  # fmt: skip
    problem = capped(cheaper, [[2.0, 12.0, 20.0, np.nan]], 10.0)
    (row,) = latency_prices(problem, solve_milp(problem))
    # $20 a day for 2,000 ms; the 8 s after them, at 5 dollars, are not told.
    assert row.value == pytest.approx(0.01)
    assert (row.requirement, row.unit) == (
        "p95 of 10 s",
        "dollars a day per ms, up to a p95 of 12 s",
    )
    loose = capped(cheaper, [[2.0, 12.0, 20.0, np.nan]], 30.0)
    assert not latency_prices(loose, solve_milp(loose))


@pytest.mark.parametrize(
    ("objective", "gain", "unit"),
    [
        ("accuracy", 0.2, "accuracy per ms"),
        ("net_value", 0.1 * 200, "dollars a day per ms"),
        ("cost_per_correct", 10.0 / 500 * 200, "dollars a day at the last price"),
    ],
)
def test_a_millisecond_is_worth_more_of_every_objective(
    objective: str, gain: float, unit: str
) -> None:
    problem = capped(
        priced([[0.5, 0.7]], [[0.01, 0.01]], objective=objective, budget_usd_per_day=20.0,
               value_per_correct_usd=np.array([0.1])),
        [[2.0, 4.0]], 3.0,
    )  # fmt: skip
    (row,) = latency_prices(problem, solve_milp(problem))
    assert row.value == pytest.approx(gain / 1000)
    assert row.unit.startswith(unit)


def test_the_least_ratio_of_many_options_is_the_least_and_its_bound_is_proven() -> None:
    rng = np.random.default_rng(28)
    for _ in range(5):
        cost = rng.uniform(0.001, 1.0, (1, 300))
        accuracy = np.clip(cost**0.4 * rng.uniform(0.5, 1.0, cost.shape), 0, 1)
        problem = priced(accuracy.tolist(), cost.tolist(), objective="cost_per_correct", whole=True)
        least = float((cost / accuracy).min())
        assert solve_milp(problem).value == pytest.approx(least, rel=1e-9)

        def lazy(priced_at: Problem) -> Solution:
            # Finds a plan that is not the best, and says so by its bound.
            best = solve_milp(priced_at)
            share = np.zeros_like(best.share)
            share[0, 0] = 1.0
            value = plan_value(priced_at, share, best.replicas)
            return replace(best, status="node_limit", share=share, value=value)

        stopped = least_ratio(problem, lazy)
        assert stopped.status == "node_limit"
        assert stopped.bound <= least * (1 + 1e-9)
        assert stopped.value == pytest.approx(cost[0, 0] / accuracy[0, 0])


def test_a_ratio_that_hardly_improves_once_is_still_followed_to_the_least() -> None:
    # From the cheapest, at 1.00 a correct answer, the next plan is one at 0.9944, and only at that
    # price does the one at 0.9625 come first.
    problem = priced([[0.1, 0.9, 0.12]], [[0.1, 0.895, 0.1155]], objective="cost_per_correct")
    found = solve_milp(problem)
    assert found.value == pytest.approx(0.1155 / 0.12, rel=1e-12)
    assert found.bound == pytest.approx(found.value, rel=1e-6)
    assert found.share.tolist() == [[0.0, 0.0, 1.0]]


def test_training_is_bought_only_where_it_pays() -> None:
    needed = np.array([[False, True]])
    base = priced([[0.5, 0.7]], [[0.01, 0.01]], objective="net_value",
                  value_per_correct_usd=np.array([0.1]))  # fmt: skip
    dear = replace(base, training=Training(("fine-tune",), np.array([21.0]), needed))
    cheap = replace(base, training=Training(("fine-tune",), np.array([19.0]), needed))
    # 0.2 more of 1,000 answers a day at $0.10 are worth $20 a day.
    assert solve_milp(dear).share[0].tolist() == [1.0, 0.0]
    assert solve_milp(cheap).share[0].tolist() == [0.0, 1.0]
    assert solve_milp(cheap).value == pytest.approx(70 - 10 - 19)


def test_the_first_model_costs_nothing_extra_and_a_second_does() -> None:
    one = priced([[0.5, 0.1], [0.1, 0.5]], [[0.01, 0.01]] * 2, objective="accuracy",
                 budget_usd_per_day=20.0, extra_model_usd_per_day=1.0)  # fmt: skip
    assert solve_milp(one).value == pytest.approx(0.3)
    assert solve_milp(replace(one, budget_usd_per_day=21.0)).value == pytest.approx(0.5)


def test_the_least_of_what_a_budget_limits_does_not_depend_on_the_budget() -> None:
    problem = priced([[0.5, 0.7]], [[0.01, 0.02]], objective="cost", min_accuracy_overall=0.6)
    for limit in (1.0, 15.0, 900.0):
        found = extreme(replace(problem, budget_usd_per_day=limit), "usd_per_day")
        assert found == pytest.approx(15.0)


def test_halving_and_permuting_classes_changes_no_objective() -> None:
    rng = np.random.default_rng(26)
    checked = 0
    for _ in range(40):
        problem = replace(random_problem(rng, fleets=False), whole=False)
        if problem.shares or problem.ties or problem.min_accuracy is not None:
            continue
        double = np.repeat(np.arange(len(problem.queries_per_day)), 2)[::-1]
        halves = replace(
            problem,
            queries_per_day=problem.queries_per_day[double] / 2,
            value_per_correct_usd=problem.value_per_correct_usd[double],
            cost_per_wrong_usd=(
                None if problem.cost_per_wrong_usd is None else problem.cost_per_wrong_usd[double]
            ),
            **{
                name: getattr(problem, name)[double]
                for name in ("accuracy", "allowed", "gpu_s", "direct_usd", "flop", "eflop")
            },
        )
        checked += same_objective(problem, halves, 1.0)
    assert checked > 8


@pytest.mark.parametrize("factor", [1e-4, 0.01, 7.0, 1e5])
def test_scaling_every_dollar_scales_dollars_and_changes_no_accuracy(factor: float) -> None:
    rng = np.random.default_rng(27)
    checked = 0
    for _ in range(20):
        problem = random_problem(rng)
        checked += same_objective(problem, in_other_dollars(problem, factor), factor)
    assert checked > 8


def same_objective(problem: Problem, other: Problem, factor: float) -> bool:
    """Whether there is a plan; the best of both problems is the same but for dollars."""
    value, found = optimum(problem), optimum(other)
    assert (value is None) == (found is None)
    if value is None or found is None:
        return False
    scale = 1.0 if problem.objective == "accuracy" else factor
    assert found / scale == pytest.approx(value, rel=1e-6, abs=1e-4)
    return True


def in_other_dollars(problem: Problem, factor: float) -> Problem:
    """The problem with every price, worth and budget counted in another currency."""
    fleets, training, usd = problem.fleets, problem.training, problem.budget_usd_per_day
    extra, wrong = problem.extra_model_usd_per_day, problem.cost_per_wrong_usd
    blocks = replace(fleets.blocks, usd_per_gpu_day=fleets.blocks.usd_per_gpu_day * factor)
    return replace(
        problem,
        direct_usd=problem.direct_usd * factor,
        fleets=replace(fleets, blocks=blocks, fixed_usd_per_day=fleets.fixed_usd_per_day * factor),
        value_per_correct_usd=problem.value_per_correct_usd * factor,
        cost_per_wrong_usd=None if wrong is None else wrong * factor,
        extra_model_usd_per_day=None if extra is None else extra * factor,
        budget_usd_per_day=None if usd is None else usd * factor,
        training=(
            None
            if training is None
            else replace(training, usd_per_day=training.usd_per_day * factor)
        ),
    )


def test_the_volume_told_of_a_runner_up_is_one_at_which_it_has_a_share() -> None:
    # A kept model costs $40 a day: at 1,000 queries its 10 points are worth $10, at 10,000 $100.
    problem = priced([[0.5, 0.6]], [[0.01, 0.01]], objective="net_value",
                     value_per_correct_usd=np.array([0.1]),
                     model_fixed_usd_per_day=np.array([0.0, 40.0]))  # fmt: skip
    for factor, volume in ((1.0, 10.0), (3.0, 2.0), (0.1, None)):
        at = replace(problem, queries_per_day=problem.queries_per_day * factor)
        (row,) = runners_up(at, solve_milp(at), ["plain", "better"], [("all", "all")])
        assert (row.chosen, row.option) == ("plain", "better")
        assert row.wins_at_volume_factor == volume
    many = replace(problem, queries_per_day=problem.queries_per_day * 6)
    (row,) = runners_up(many, solve_milp(many), ["plain", "better"], [("all", "all")])
    # Above the edge of 4,000 queries it is the other way round: half the volume is not enough.
    assert (row.chosen, row.option, row.wins_at_volume_factor) == ("better", "plain", 0.5)


def test_volumes_of_a_runner_up_are_tried_with_the_same_budget_for_each_query() -> None:
    problem = priced([[0.5, 0.6]], [[0.01, 0.02]], budget_usd_per_day=10.0, whole=True)
    assert solve_milp(problem).share[0].tolist() == [1.0, 0.0]
    rich = replace(problem, budget_usd_per_day=20.0)
    (row,) = runners_up(rich, solve_milp(rich), ["plain", "better"], [("all", "all")])
    # Half the queries for all of the dollars would buy it; for half of them it never pays.
    assert (row.option, row.wins_at_volume_factor) == ("plain", None)
    assert row.objective_lost == pytest.approx(0.1)
