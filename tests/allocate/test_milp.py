"""The allocation against brute force, published arms and properties that must hold."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from planner.allocate.compare import everywhere
from planner.allocate.plan import accounts, checked, violations
from planner.allocate.problem import API_FLEET, Fleets, Problem, replica_capacity_gpu_s_per_day
from planner.allocate.relax import cheapest_relaxation
from planner.allocate.solvers.books import plan_cost_usd_per_day, plan_value
from planner.allocate.solvers.highs import NODE_LIMIT, highs
from planner.allocate.solvers.milp import solve_milp


def table(
    accuracy: list[list[float]],
    usd: list[list[float]],
    queries: list[float],
    models: list[int] | None = None,
    **more: Any,
) -> Problem:
    """A problem whose options carry their whole cost per query."""
    a = np.array(accuracy)
    return Problem(
        queries_per_day=np.array(queries, dtype=float),
        accuracy=a,
        allowed=np.ones(a.shape, dtype=bool),
        gpu_s=np.zeros(a.shape),
        direct_usd=np.array(usd, dtype=float),
        flop=np.array(usd, dtype=float),
        fleet=np.full(a.shape[1], API_FLEET),
        model=np.array(models if models is not None else range(a.shape[1])),
        **more,
    )


# Wu et al. 2024 (arXiv:2408.00724), Table 1: FLOPs per question and MATH500 accuracy, percent.
WU_ARMS = [
    ("Mistral-7B sampling 256", 8.70e14, 0.428),
    ("Mistral-7B REBASE 32", 1.36e14, 0.450),
    ("Llemma-7B sampling 256", 10.0e14, 0.455),
    ("Llemma-7B REBASE 32", 1.48e14, 0.468),
    ("Llemma-34B sampling 64", 12.1e14, 0.467),
    ("Llemma-34B REBASE 32", 7.08e14, 0.492),
]


@pytest.mark.parametrize(
    ("budget", "best"),
    [
        (1.4e14, "Mistral-7B REBASE 32"),
        (1.5e14, "Llemma-7B REBASE 32"),
        (7.1e14, "Llemma-34B REBASE 32"),
        (1e17, "Llemma-34B REBASE 32"),
    ],
)
def test_published_arms_under_a_flop_budget_are_chosen_as_published(
    budget: float, best: str
) -> None:
    flop = [[f for _, f, _ in WU_ARMS]]
    problem = table(
        [[a for _, _, a in WU_ARMS]], flop, [1.0], budget_flop_per_day=budget, whole=True
    )
    solution = solve_milp(problem)
    assert solution.status == "optimal"
    assert WU_ARMS[int(np.argmax(solution.share[0]))][0] == best
    assert solution.gap < 1e-9


def test_published_arms_below_the_cheapest_are_infeasible_and_say_what_is_needed() -> None:
    flop = [[f for _, f, _ in WU_ARMS]]
    problem = table(
        [[a for _, _, a in WU_ARMS]], flop, [1.0], budget_flop_per_day=1.3e14, whole=True
    )
    assert solve_milp(problem).status == "infeasible"
    assert "136 TFLOP a day" in cheapest_relaxation(problem)


def test_no_sampling_arm_of_wu_is_ever_bought() -> None:
    flop = [[f for _, f, _ in WU_ARMS]]
    for budget in np.geomspace(1.36e14, 2e15, 25):
        problem = table(
            [[a for _, _, a in WU_ARMS]], flop, [1.0], budget_flop_per_day=budget, whole=True
        )
        chosen = WU_ARMS[int(np.argmax(solve_milp(problem).share[0]))][0]
        assert "REBASE" in chosen


def brute_force(problem: Problem) -> float | None:
    """Best objective over every whole choice and the least replicas that carry it."""
    n_classes, n_options = problem.accuracy.shape
    best: float | None = None
    for choice in itertools.product(range(n_options), repeat=n_classes):
        share = np.zeros((n_classes, n_options))
        share[np.arange(n_classes), choice] = 1.0
        replicas = least_replicas(problem, share)
        if replicas is None or violations(problem, share, replicas):
            continue
        value = plan_value(problem, share, replicas)
        better = best is None or (value > best if problem.objective == "accuracy" else value < best)
        best = value if better else best
    return best


def least_replicas(problem: Problem, share: np.ndarray) -> np.ndarray | None:
    f = problem.fleets
    load = accounts(problem, share, np.zeros(len(f), dtype=np.int64)).load_gpu_s_per_day
    used = np.zeros(len(f), dtype=bool)
    for o, fleet in enumerate(problem.fleet):
        if fleet != API_FLEET and share[:, o].any():
            used[fleet] = True
    need = np.ceil(
        load / np.where(f.capacity_gpu_s_per_day > 0, f.capacity_gpu_s_per_day, 1) - 1e-9
    )
    replicas = np.where(used, np.maximum(need, f.min_replicas), 0).astype(np.int64)
    return None if (f.pool_gpus(replicas) > f.blocks.pool_gpus).any() else replicas


def random_problem(rng: np.random.Generator) -> Problem:
    n_classes, n_options, n_models = rng.integers(1, 4), rng.integers(2, 5), rng.integers(1, 3)
    shape = (n_classes, n_options)
    n_fleets = int(rng.integers(0, 3))
    gpus = rng.integers(1, 3, n_fleets)
    fleets = Fleets.rented(
        gpus_per_replica=gpus,
        usd_per_replica_day=gpus * float(rng.integers(10, 60)),
        capacity_gpu_s_per_day=replica_capacity_gpu_s_per_day(gpus, 0.7, 1.5),
        min_replicas=rng.integers(1, 3, n_fleets),
        stock_gpus=np.where(rng.random(n_fleets) < 0.3, 4.0, np.inf),
    )
    fleet = (
        rng.integers(API_FLEET, n_fleets, n_options) if n_fleets else np.full(n_options, API_FLEET)
    )
    on_fleet = fleet != API_FLEET
    allowed = rng.random(shape) < 0.85
    allowed[:, 0] = True
    queries = rng.integers(1, 9, n_classes) * 1000.0
    objective: Literal["accuracy", "cost"] = "accuracy" if rng.random() < 0.6 else "cost"
    problem = Problem(
        queries_per_day=queries,
        accuracy=rng.integers(1, 20, shape) / 20,
        allowed=allowed,
        gpu_s=np.where(on_fleet, rng.integers(1, 40, shape), 0.0),
        direct_usd=np.where(on_fleet, 0.0, rng.integers(1, 30, shape) / 1000),
        flop=rng.integers(1, 30, shape) * 1e12,
        fleet=fleet,
        model=rng.integers(0, n_models, n_options),
        fleets=fleets,
        objective=objective,
        whole=True,
    )
    if objective == "accuracy" or rng.random() < 0.3:
        problem = replace(problem, budget_usd_per_day=float(rng.integers(20, 300)))
    if rng.random() < 0.3:
        problem = replace(
            problem, budget_flop_per_day=float(queries.sum() * rng.integers(2, 25) * 1e12)
        )
    if rng.random() < 0.2:
        problem = replace(problem, budget_gpus=int(rng.integers(0, 6)))
    if objective == "cost" or rng.random() < 0.3:
        problem = replace(problem, min_accuracy_overall=float(rng.integers(4, 16) / 20))
    if rng.random() < 0.3:
        floors = np.where(rng.random(n_classes) < 0.5, np.nan, rng.integers(1, 12, n_classes) / 20)
        problem = replace(problem, min_accuracy=floors)
    if rng.random() < 0.3:
        problem = replace(problem, max_models=1)
    return problem


def test_whole_plans_equal_brute_force_on_small_problems_of_every_mix() -> None:
    rng = np.random.default_rng(11)
    infeasible = 0
    for _ in range(150):
        problem = random_problem(rng)
        solution, best = solve_milp(problem), brute_force(problem)
        if best is None:
            assert solution.status == "infeasible"
            infeasible += 1
            continue
        assert solution.status == "optimal"
        assert solution.value == pytest.approx(best, rel=1e-6, abs=1e-6)
        assert not violations(problem, solution.share, solution.replicas)
    assert 10 < infeasible < 110, "the random problems should be a mixture of both kinds"


def test_one_option_for_every_query_has_the_replicas_that_carry_it() -> None:
    rng = np.random.default_rng(14)
    tried = 0
    for _ in range(60):
        problem = replace(random_problem(rng), budget_gpus=None)
        for option in range(problem.accuracy.shape[1]):
            made = everywhere(problem, option)
            assert (made is None) == (not problem.allowed[:, option].all())
            if made is None:
                continue
            share, replicas = made
            needed = least_replicas(problem, share)
            if needed is not None:
                tried += int(needed.sum() > 1)
                assert replicas.tolist() == needed.tolist()
    assert tried > 20


def test_splitting_never_does_worse_than_whole_options_and_keeps_every_requirement() -> None:
    rng = np.random.default_rng(12)
    for _ in range(60):
        problem = random_problem(rng)
        whole, split = solve_milp(problem), solve_milp(replace(problem, whole=False))
        if whole.status == "infeasible":
            continue
        assert not violations(replace(problem, whole=False), split.share, split.replicas)
        if problem.objective == "accuracy":
            assert split.value >= whole.value - 1e-6
        else:
            assert split.value <= whole.value * (1 + 1e-6)


def test_two_options_are_mixed_on_the_line_between_them_when_a_class_may_be_split() -> None:
    problem = table([[0.2, 0.6]], [[1.0, 5.0]], [100.0], budget_usd_per_day=300.0)
    solution = solve_milp(problem)
    assert solution.share[0] == pytest.approx([0.5, 0.5], abs=1e-6)
    assert solution.value == pytest.approx(0.4, abs=1e-6)
    # 0.4 accuracy for 400 dollars a day more.
    assert solution.shadow_price == pytest.approx(0.001, rel=1e-6)


def test_more_budget_never_loses_accuracy() -> None:
    rng = np.random.default_rng(13)
    for _ in range(10):
        problem = replace(
            random_problem(rng), objective="accuracy", min_accuracy=None, min_accuracy_overall=None
        )
        values = [
            solve_milp(replace(problem, budget_usd_per_day=float(b))).value
            for b in (60, 120, 240, 480)
        ]
        known = [v for v in values if not np.isnan(v)]
        assert all(b >= a - 1e-6 for a, b in itertools.pairwise(known))


def test_scaling_every_price_and_the_budget_scales_the_cost_and_changes_no_share() -> None:
    rng = np.random.default_rng(14)
    for _ in range(15):
        problem = random_problem(rng)
        f = problem.fleets
        dearer = replace(
            problem,
            direct_usd=problem.direct_usd * 1000,
            fleets=replace(
                f, blocks=replace(f.blocks, usd_per_gpu_day=f.blocks.usd_per_gpu_day * 1000)
            ),
            budget_usd_per_day=None
            if problem.budget_usd_per_day is None
            else problem.budget_usd_per_day * 1000,
        )
        a, b = solve_milp(problem), solve_milp(dearer)
        assert a.status == b.status
        if a.status == "optimal":
            cost = plan_cost_usd_per_day(problem, a.share, a.replicas)
            assert plan_cost_usd_per_day(dearer, b.share, b.replicas) == pytest.approx(
                1000 * cost, rel=1e-6
            )


def test_a_duplicated_option_and_permuted_classes_change_nothing() -> None:
    rng = np.random.default_rng(15)
    for _ in range(15):
        problem = random_problem(rng)
        order = rng.permutation(len(problem.queries_per_day))
        columns = [*range(problem.accuracy.shape[1]), 0]
        other = replace(
            problem,
            queries_per_day=problem.queries_per_day[order],
            **{
                name: getattr(problem, name)[order][:, columns]
                for name in ("accuracy", "allowed", "gpu_s", "direct_usd", "flop")
            },
            fleet=problem.fleet[columns],
            model=problem.model[columns],
            min_accuracy=None if problem.min_accuracy is None else problem.min_accuracy[order],
        )
        a, b = solve_milp(problem), solve_milp(other)
        assert a.status == b.status
        if a.status == "optimal":
            assert b.value == pytest.approx(a.value, rel=1e-6)


def test_replicas_are_whole_and_at_least_the_minimum() -> None:
    problem = replace(
        table([[0.5]], [[0.0]], [1000.0]),
        gpu_s=np.array([[1.0]]),
        fleet=np.array([0]),
        fleets=Fleets.rented(
            gpus_per_replica=np.array([2]),
            usd_per_replica_day=np.array([100.0]),
            capacity_gpu_s_per_day=replica_capacity_gpu_s_per_day(np.array([2]), 0.7, 2.0),
            min_replicas=np.array([2]),
            stock_gpus=np.array([np.inf]),
        ),
    )
    solution = solve_milp(problem)
    assert solution.replicas.tolist() == [2]
    books = accounts(problem, solution.share, solution.replicas)
    assert books.gpus == 4
    assert books.cost_usd_per_day == 200.0
    # Allocated dollars add up to the plan's.
    assert np.nansum(books.allocated_usd_per_query * solution.share * 1000.0) == pytest.approx(
        200.0
    )
    assert checked(problem, solution).startswith("Checked")


def test_the_second_search_has_no_cap_on_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    import scipy.optimize

    given = []

    def watched(*terms: Any, options: dict[str, Any], **more: Any) -> Any:
        given.append(dict(options))
        return milp(*terms, options=options, **more)

    milp = scipy.optimize.milp
    monkeypatch.setattr(scipy.optimize, "milp", watched)
    least = np.array([1.0, 2.0]), (np.zeros(2), np.ones(2))
    row = np.ones((1, 2)), np.array([1.0]), np.array([2.0])
    for _ in range(2):
        assert highs(*least, [row], np.ones(2, dtype=np.int64)).fun == 1.0
    assert [options["node_limit"] for options in given] == [NODE_LIMIT, NODE_LIMIT]


def test_the_check_finds_an_overspent_budget() -> None:
    problem = table([[0.2, 0.6]], [[1.0, 5.0]], [100.0], budget_usd_per_day=300.0)
    share = np.array([[0.4, 0.6]])
    assert any("dollars" in v for v in violations(problem, share, np.zeros(0, dtype=np.int64)))


def test_an_unreachable_accuracy_floor_names_the_most_that_can_be_had() -> None:
    problem = table(
        [[0.2, 0.6]], [[1.0, 5.0]], [100.0], budget_usd_per_day=300.0, min_accuracy_overall=0.5
    )
    sentence = cheapest_relaxation(problem)
    assert "$400" in sentence
    assert "40" in sentence


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("budget", ["usd", "flop", "eflop"])
def test_a_plan_that_costs_the_budget_is_found_and_one_that_costs_a_hair_more_is_not(
    whole: bool, budget: str
) -> None:
    # 3 * 0.1 is more than 0.3 where numbers are binary.
    usd = [[0.05, 0.1]] * 3
    base = table([[0.5, 0.9]] * 3, usd, [1.0, 1.0, 1.0], [0, 0], whole=whole, eflop=np.array(usd))
    name = f"budget_{budget}_per_day"
    assert solve_milp(replace(base, **{name: 0.3})).value == pytest.approx(0.9, abs=1e-8)
    for hair in (1e-10, 5e-10, 1e-9, 3e-9, 5e-8, 5e-7):
        limit = 0.3 * (1 - hair)
        found = solve_milp(replace(base, **{name: limit}))
        books = accounts(base, found.share, found.replicas)
        taken = {"usd": books.cost_usd_per_day, "flop": books.flop_per_day}
        assert taken.get(budget, books.eflop_per_day) <= limit * (1 + 1e-12), hair
        best = (0.9 + 0.9 + 0.5) / 3 if whole else 0.9
        assert found.value == pytest.approx(best, abs=1e-5), hair
        assert found.bound >= found.value
