"""The frontier of a bare table through the command: published arms, knees, one solve at a time."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import called
from test_options_csv import HEADER, WU

import planner
from planner.allocate.bare_frontier import bare_frontier, spread
from planner.allocate.knees import samples_in, through
from planner.allocate.options_csv import BareTable, bare_table
from planner.allocate.solvers import own
from planner.allocate.solvers.milp import solve_milp
from planner.errors import InfeasibleError
from planner.pipeline import frontier_table
from planner.units import significant


def frontier_of(tmp_path: Path, *more: str, header: str = HEADER) -> Any:
    path = tmp_path / "options.csv"
    path.write_text(f"{header}\n{WU}\n", encoding="utf-8")
    return called("frontier", "--options", str(path), *more)


def test_the_knees_of_published_arms_are_the_tree_searches(tmp_path: Path) -> None:
    done = frontier_of(tmp_path, "--points", "5", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == "planner.frontier/1"
    knees = [
        (k["budget_usd_per_day"], k["accuracy"], [o["n_samples"] for o in k["options"]])
        for k in found["knees"]
    ]
    assert knees == [(1.36e14, 0.45, [32]), (1.48e14, 0.468, [32]), (7.08e14, 0.492, [32])]
    assert [k["options"][0]["model"] for k in found["knees"]] == [
        "mistral-7b",
        "llemma-7b",
        "llemma-34b",
    ]
    slope = found["knees"][1]["accuracy_per_usd_per_day"]
    assert slope == pytest.approx((0.492 - 0.468) / (7.08e14 - 1.48e14))
    points = found["points"]
    assert (points[0]["accuracy"], points[-1]["accuracy"]) == (0.45, 0.492)
    assert len(points) == 5
    # Between two options a class is split: accuracy lies on the line between them.
    for point in points[1:]:
        assert point["accuracy"] == pytest.approx(
            0.468 + slope * (point["budget_usd_per_day"] - 1.48e14), abs=1e-6
        )
        assert point["cost_usd_per_day"] <= point["budget_usd_per_day"]
    assert found["gap"] == pytest.approx(0.0, abs=1e-12)


def test_a_frontier_wants_a_scenario_or_a_table(tmp_path: Path) -> None:
    done = called("frontier")
    assert done.returncode == 2
    assert "give a scenario or --options" in done.stderr
    shown = frontier_of(tmp_path)
    assert "Knees" in shown.stdout
    assert "Proven: no plan lies above the frontier" in shown.stdout


def some_table(seed: int, models: int = 3) -> BareTable:
    rng = np.random.default_rng(seed)
    fixed = rng.integers(0, 40, models).astype(float)
    return bare_table(
        [
            {
                "query_class": f"c{c}",
                "queries_per_day": float(100 * (c + 1)),
                "option": f"m{m}@{n}",
                "model": f"m{m}",
                "accuracy": float(np.clip(0.2 + 0.1 * m + 0.09 * np.log2(n) * rng.random(), 0, 1)),
                "cost_usd": round(0.01 * (m + 1) * n * float(rng.uniform(0.5, 1.5)), 4),
                "model_fixed_usd_per_day": float(fixed[m]),
            }
            for c, m, n in itertools.product(range(3), range(models), (1, 4, 16))
        ]
    )


@pytest.mark.parametrize("seed", range(6))
def test_each_point_and_knee_is_the_best_plan_of_its_budget(seed: int) -> None:
    table = some_table(seed)
    found = bare_frontier(table, table.problem, 8)
    for point in found.points:
        alone = own.solve(replace(table.problem, budget_usd_per_day=point.budget_usd_per_day))
        assert point.accuracy == alone.value
        assert significant(point.cost_usd_per_day) <= significant(point.budget_usd_per_day)
    assert found.gap == pytest.approx(0.0, abs=1e-12)
    for knee in found.knees:
        budget = knee.budget_usd_per_day
        alone = own.solve(replace(table.problem, budget_usd_per_day=budget * (1 + 1e-9)))
        assert knee.accuracy == pytest.approx(alone.value, abs=1e-6)
        assert sum(part.share for part in knee.options) == pytest.approx(1.0)
        assert all(part.option == f"{part.model}@{part.n_samples}" for part in knee.options)
    slopes = [knee.accuracy_per_usd_per_day for knee in found.knees]
    assert all(b <= a / 2 for a, b in itertools.pairwise(slopes))
    assert slopes[-1] == 0
    assert found.knees[-1].accuracy == pytest.approx(found.points[-1].accuracy)


@pytest.mark.parametrize("seed", range(4))
def test_whole_points_are_the_best_plans_of_their_budgets_and_none_is_split(seed: int) -> None:
    table = some_table(seed)
    problem = replace(table.problem, whole=True)
    found, split = bare_frontier(table, problem, 6), bare_frontier(table, table.problem, 6)
    assert found.gap is None
    for point, mixed in zip(found.points, split.points, strict=True):
        budget = point.budget_usd_per_day
        assert budget == mixed.budget_usd_per_day
        highs = solve_milp(replace(problem, budget_usd_per_day=budget * (1 + 1e-9)))
        assert point.accuracy == pytest.approx(highs.value, abs=1e-6)
        assert point.accuracy <= mixed.accuracy + 1e-9
        assert significant(point.cost_usd_per_day) <= significant(budget)
    for knee in found.knees:
        assert any(knee.budget_usd_per_day == p.budget_usd_per_day for p in found.points)
        thirds = [part.share * 6 for part in knee.options]
        # Classes of 1, 2 and 3 sixths of the queries: a class that is split would show.
        assert thirds == pytest.approx(np.round(thirds), abs=1e-5)


def test_the_command_draws_whole_options_and_says_less_is_reached_between_them(
    tmp_path: Path,
) -> None:
    done = frontier_of(tmp_path, "--points", "5", "--whole", "--json")
    assert done.returncode == 0, done.stderr
    reached = [point["accuracy"] for point in json.loads(done.stdout)["points"]]
    # One class: below the dearest arm's price only the two cheaper ones can be had.
    assert reached == [0.45, *[0.468] * 3, 0.492]


def test_more_models_than_sets_can_be_listed_for_have_points_and_no_proven_gap() -> None:
    table = some_table(1, models=14)
    fixed = replace(table.problem, model_fixed_usd_per_day=np.full(14, 5.0))
    found = bare_frontier(table, fixed, 3)
    assert found.gap is None
    assert len(found.points) == 3
    assert found.knees[0].budget_usd_per_day == pytest.approx(found.points[0].budget_usd_per_day)


def test_a_limit_of_models_that_leaves_a_class_without_any_is_infeasible(tmp_path: Path) -> None:
    path = tmp_path / "options.csv"
    path.write_text(f"{HEADER}\na,1,x,m,0.5,1\nb,1,y,k,0.5,1\n", encoding="utf-8")
    assert len(frontier_table(path, points=4).knees) == 1
    with pytest.raises(InfeasibleError, match="1 model at most"):
        frontier_table(path, points=4, max_models=1)


@pytest.mark.parametrize(
    ("option", "model", "n"),
    [
        ("vote@16", "m", 16),
        ("best-of-8", "m", 8),
        ("best of 8", "m", 8),
        ("n=32", "m", 32),
        ("majority x64", "m", 64),
        ("Llemma-7B REBASE 32", "llemma-7b", 32),
        ("gpt 4", "gpt-4-turbo", None),
        ("gpt 4 @5", "gpt-4-turbo", 5),
        ("greedy", "m", None),
        ("7B greedy", "m", None),
    ],
)
def test_the_n_of_an_option_is_read_from_its_name(option: str, model: str, n: int | None) -> None:
    assert samples_in(option, model) == n


def test_budgets_are_even_in_log_and_start_at_the_cheapest_plan() -> None:
    assert spread(1.0, 100.0, 3).tolist() == pytest.approx([1, 10, 100])
    assert spread(5.0, 5.0, 3).tolist() == [5.0]
    assert spread(0.0, 1000.0, 4).tolist() == pytest.approx([0, 1, 1000**0.5, 1000])


def test_steps_of_whole_replicas_make_no_knee_below_the_hull() -> None:
    path = through(np.array([1.0, 2.0, 3.0, 4.0, 9.0]), np.array([0.1, 0.1, 0.5, 0.52, 0.52]))
    assert path.budget_usd.tolist() == [1.0, 3.0, 4.0]
    assert path.knees().tolist() == [0, 1, 2]


def test_the_frontier_of_the_example_scenario_has_knees_with_their_n(tmp_path: Path) -> None:
    assert called("init", str(tmp_path / "plan")).returncode == 0
    found = planner.frontier(tmp_path / "plan" / "scenario.toml", points=5, draws=20)
    assert len(found.points) == 5
    assert len(found.knees) >= 2
    for knee in found.knees:
        assert all(f"@{part.n_samples}" in part.option for part in knee.options)
    assert found.knees[-1].accuracy == pytest.approx(max(p.accuracy for p in found.points))
