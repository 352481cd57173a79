"""Objectives, budgets and constraints against brute force and exact rational programs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from planner.allocate.check import exact
from planner.allocate.demands import Rule, Rules, ShareLimit, Tie, Training
from planner.allocate.plan import accounts, violations
from planner.allocate.problem import API_FLEET, Fleets, Problem, replica_capacity_gpu_s_per_day
from planner.allocate.relax import conflict_of
from planner.allocate.requirements import requirements
from planner.allocate.runner_up import accuracy_edge, price_edge, wins, with_accuracy, with_price
from planner.allocate.solvers.books import plan_value
from planner.allocate.solvers.milp import extreme, feasible, optimum, solve_milp
from planner.allocate.solvers.ratio import at_price
from planner.units import significant

OBJECTIVES = ("accuracy", "cost", "net_value", "cost_per_correct")
BUDGETS = ("usd", "flop", "eflop", "kwh", "gpus")


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

    def maybe(chance: float) -> bool:
        return bool(rng.random() < chance)

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
        cost_per_wrong_usd=rng.integers(0, 20, n_classes) / 1000 if maybe(0.5) else None,
        whole=True,
    )
    if maybe(0.4):
        problem = replace(problem, budget_usd_per_day=float(rng.integers(20, 300)))
    total = float(queries.sum())
    if maybe(0.25):
        problem = replace(problem, budget_flop_per_day=total * rng.integers(2, 25) * 1e12)
    if maybe(0.25):
        problem = replace(problem, budget_eflop_per_day=total * rng.integers(2, 25) * 1e12)
    if maybe(0.2):
        problem = replace(problem, budget_kwh_per_day=float(rng.integers(5, 120)))
    if maybe(0.2):
        problem = replace(problem, budget_gpus=int(rng.integers(0, 6)))
    if maybe(0.3):
        problem = replace(problem, min_accuracy_overall=float(rng.integers(4, 14) / 20))
    if maybe(0.3):
        floors = np.where(rng.random(n_classes) < 0.5, np.nan, rng.integers(1, 12, n_classes) / 20)
        problem = replace(problem, min_accuracy=floors)
    if maybe(0.3):
        low, high = sorted(rng.integers(0, 5, 2) / 4)
        limit = ShareLimit("some", rng.random(n_options) < 0.5, rng.random(n_classes) < 0.7,
                           float(low if maybe(0.4) else 0.0), float(high))  # fmt: skip
        problem = replace(problem, shares=(limit,))
    if maybe(0.25) and n_classes > 1:
        tie = Tie("alike", np.arange(int(n_classes)), rng.integers(0, 2, n_options))
        problem = replace(problem, ties=(tie,))
    if fixed and maybe(0.3):
        problem = replace(problem, max_models=int(rng.integers(1, 3)))
    if fixed and maybe(0.3):
        problem = replace(problem, extra_model_usd_per_day=float(rng.integers(1, 40)))
    if fixed and maybe(0.3):
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


def test_whole_plans_of_every_objective_and_constraint_equal_brute_force() -> None:
    rng = np.random.default_rng(21)
    seen = [agrees_with_brute_force(random_problem(rng)) for _ in range(150)]
    assert all(seen.count(kind) >= 8 for kind in (*OBJECTIVES, "infeasible"))


@pytest.mark.verify
def test_ten_thousand_whole_plans_equal_brute_force() -> None:
    rng = np.random.default_rng(22)
    for _ in range(10_000):
        agrees_with_brute_force(random_problem(rng))


def rational(problem: Problem) -> Fraction | None:
    """The optimum of a problem without replicas or fixed costs, by an exact simplex."""
    classes, options = np.nonzero(problem.allowed)
    cells = list(zip(classes.tolist(), options.tolist(), strict=True))
    queries = [exact(float(q)) for q in problem.queries_per_day]
    total = sum(queries)
    accuracy = [exact(float(problem.accuracy[c, o])) for c, o in cells]
    usd = [queries[c] * exact(float(problem.direct_usd[c, o])) for c, o in cells]
    rows: list[tuple[list[Fraction], str, Fraction]] = []
    for c in range(len(queries)):
        rows.append(([Fraction(int(k == c)) for k, _ in cells], "=", Fraction(1)))
    if problem.budget_usd_per_day is not None:
        rows.append((usd, "<", exact(problem.budget_usd_per_day)))
    for values, budget in ((problem.flop, problem.budget_flop_per_day),
                           (problem.eflop, problem.budget_eflop_per_day)):  # fmt: skip
        if budget is not None:
            assert values is not None
            used = [queries[c] * exact(float(values[c, o])) for c, o in cells]
            rows.append((used, "<", exact(float(budget))))
    mean = [queries[c] * a / total for (c, _), a in zip(cells, accuracy, strict=True)]
    if problem.min_accuracy_overall is not None:
        rows.append((mean, ">", exact(problem.min_accuracy_overall)))
    for c, floor in enumerate([] if problem.min_accuracy is None else problem.min_accuracy):
        if np.isfinite(floor):
            own = [a if k == c else Fraction(0) for (k, _), a in zip(cells, accuracy, strict=True)]
            rows.append((own, ">", exact(float(floor))))
    for limit in problem.shares or ():
        among = sum(q for c, q in enumerate(queries) if limit.classes[c])
        part = [
            queries[c] / among if limit.classes[c] and limit.options[o] else Fraction(0)
            for c, o in cells
        ] if among else [Fraction(0)] * len(cells)  # fmt: skip
        rows += [(part, "<", exact(limit.high)), (part, ">", exact(limit.low))]
    for tie in problem.ties or ():
        for label, other in itertools.product(set(tie.label.tolist()), tie.classes[1:].tolist()):
            sign = {int(tie.classes[0]): 1, other: -1}
            row = [Fraction(sign.get(c, 0) * int(tie.label[o] == label)) for c, o in cells]
            rows.append((row, "=", Fraction(0)))
    worth = [queries[c] * exact(significant(float(problem.worth_usd[c, o]), 12)) for c, o in cells]
    cost = {
        "accuracy": [-m for m in mean],
        "cost": usd,
        "net_value": [u - w for u, w in zip(usd, worth, strict=True)],
    }[problem.objective]
    value = simplex(cost, rows)
    return None if value is None else (-value if problem.maximised else value)


def simplex(
    cost: Sequence[Fraction], rows: Sequence[tuple[Sequence[Fraction], str, Fraction]]
) -> Fraction | None:
    """Least cost @ x, x >= 0, in fractions: two phases, Bland's rule. None where infeasible."""
    n, m = len(cost), len(rows)
    slacks = [i for i, (_, kind, _) in enumerate(rows) if kind != "="]
    width = n + len(slacks) + m
    table: list[list[Fraction]] = []
    for i, (row, kind, right) in enumerate(rows):
        line = [*row, *([Fraction(0)] * (len(slacks) + m)), right]
        if kind != "=":
            line[n + slacks.index(i)] = Fraction(1 if kind == "<" else -1)
        if right < 0:
            line = [-x for x in line]
        line[n + len(slacks) + i] = Fraction(1)
        table.append(line)
    basis = [n + len(slacks) + i for i in range(m)]
    first = [Fraction(int(j >= n + len(slacks))) for j in range(width)]
    if pivoted(table, basis, first, width) > 0:
        return None
    for i, at in enumerate(basis):  # artificial variables that stayed, at zero
        if at >= n + len(slacks):
            new = next((j for j in range(n + len(slacks)) if table[i][j] != 0), None)
            if new is not None:
                pivot(table, basis, i, new)
    second = [*cost, *([Fraction(0)] * (len(slacks) + m))]
    return pivoted(table, basis, second, n + len(slacks))


def pivoted(
    table: list[list[Fraction]], basis: list[int], cost: Sequence[Fraction], columns: int
) -> Fraction:
    while True:
        reduced = (
            (j, cost[j] - sum(cost[b] * row[j] for b, row in zip(basis, table, strict=True)))
            for j in range(columns)
        )
        enter = next((j for j, price in reduced if price < 0), None)
        if enter is None:
            return sum(
                (cost[b] * row[-1] for b, row in zip(basis, table, strict=True)), Fraction(0)
            )
        ratios = [
            (row[-1] / row[enter], basis[i], i) for i, row in enumerate(table) if row[enter] > 0
        ]
        pivot(table, basis, min(ratios)[2], enter)


def pivot(table: list[list[Fraction]], basis: list[int], i: int, j: int) -> None:
    table[i] = [x / table[i][j] for x in table[i]]
    for k, row in enumerate(table):
        if k != i and row[j] != 0:
            factor = row[j]
            table[k] = [x - factor * y for x, y in zip(row, table[i], strict=True)]
    basis[i] = j


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


def priced(accuracy: list[list[float]], usd: list[list[float]], **more: object) -> Problem:
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
    return replace(base, **more)  # type: ignore[arg-type]


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
    price, accuracy = price_edge(problem, 0, 2), accuracy_edge(problem, 0, 2)
    # On the line from (0.01, 0.5) to (0.02, 0.6): 0.55 for 0.015, or 0.59 for 0.019.
    assert price == pytest.approx(0.015 / 0.019, abs=0.005)
    assert accuracy == pytest.approx(0.59, abs=0.002)
    assert wins(with_price(problem, 0, 2, price), 0, 2)
    assert not wins(with_price(problem, 0, 2, price + 0.005), 0, 2)
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


def test_halving_and_permuting_classes_and_scaling_dollars_change_no_objective() -> None:
    rng = np.random.default_rng(26)
    checked = 0
    for _ in range(40):
        problem = replace(random_problem(rng, fleets=False), whole=False)
        if problem.shares or problem.ties or problem.min_accuracy is not None:
            continue
        value = optimum(problem)
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
        other = optimum(halves)
        assert (value is None) == (other is None)
        if value is not None and other is not None:
            checked += 1
            assert other == pytest.approx(value, rel=1e-6, abs=1e-4)
    assert checked > 8
