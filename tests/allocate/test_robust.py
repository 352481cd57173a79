"""Plans over the draws: floors in most of them, least regret, and stability."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_scenario_methods import HEAD

from planner.allocate.problem import API_FLEET, Problem
from planner.allocate.robust import cvar, kept_level
from planner.allocate.solvers.risk import Held, Regretted, solve_held
from planner.errors import InputError
from planner.pipeline import solve

SCENARIO = """schema = "planner.scenario/1"
[data]
observations = ["obs.csv"]
[workload]
volume = "{volume} queries/day"
prompt_tokens = 200
output_tokens = 300
[[workload.classes]]
name = "all"
mix = {{ easy = 0.5, hard = 0.5 }}
{klass}
{candidates}
[[supply]]
accelerator = "h100-sxm"
price = "$2.50/h"
engine_efficiency = {efficiency}
min_replicas = 1
[transfer]
common_sd_logit = 0
option_sd_logit = 0
{tail}
"""
MODELS = ("small", "medium", "large")
ROWS = "\n".join(
    [HEAD]
    + [
        f"{model},greedy,S,{bucket},1,{accuracy},{questions},{size}"
        for model, size, easy, hard in (
            ("small", 1, 0.80, 0.30), ("medium", 8, 0.84, 0.42), ("large", 70, 0.90, 0.60)
        )
        for bucket, accuracy, questions in (("easy", easy, 200), ("hard", hard, 200))
    ]
)  # fmt: skip


def planned(
    tmp_path: Path,
    tail: str,
    klass: str = "",
    efficiency: str = "0.5",
    draws: int = 80,
    volume: str = "100k",
) -> dict[str, Any]:
    (tmp_path / "obs.csv").write_text(ROWS + "\n", encoding="utf-8")
    path = tmp_path / "scenario.toml"
    candidates = "".join(f'[[candidates]]\nmodel = "{m}"\nmethods = ["greedy"]\n' for m in MODELS)
    text = SCENARIO.format(
        klass=klass, candidates=candidates, tail=tail, efficiency=efficiency, volume=volume
    )
    path.write_text(text, encoding="utf-8")
    return solve(path, draws=draws).model_dump(mode="json", by_alias=True)


def problem_of(accuracy: np.ndarray, usd: np.ndarray, **more: Any) -> Problem:
    classes, options = accuracy.shape
    return Problem(
        queries_per_day=np.full(classes, 10.0),
        accuracy=accuracy,
        allowed=np.ones(accuracy.shape, dtype=bool),
        gpu_s=np.zeros(accuracy.shape),
        direct_usd=usd,
        flop=np.zeros(accuracy.shape),
        fleet=np.full(options, API_FLEET),
        model=np.arange(options),
        **more,
    )


def whole_plans(classes: int, options: int) -> Iterator[np.ndarray]:
    for choice in product(range(options), repeat=classes):
        share = np.zeros((classes, options))
        share[np.arange(classes), list(choice)] = 1.0
        yield share


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("risk", ["cvar", "minimax_regret"])
def test_least_regret_is_that_of_every_whole_plan_tried(seed: int, risk: Any) -> None:
    rng = np.random.default_rng(seed)
    drawn = rng.uniform(0.2, 0.9, (20, 2, 4))
    usd = rng.integers(1, 9, (2, 4)).astype(float)
    problem = problem_of(drawn.mean(axis=0), usd, budget_usd_per_day=90.0, whole=True)
    kept = [s for s in whole_plans(2, 4) if (s * usd * 10).sum() <= 90 + 1e-9]
    reached = np.array([(drawn * s * 0.5).sum(axis=(1, 2)) for s in kept])
    regrets = reached.max(axis=0) - reached
    sizes = [r.max() if risk == "minimax_regret" else cvar(r, 0.8) for r in regrets]
    terms = Regretted(drawn, problem.weight, reached.max(axis=0), risk, 0.8)
    found = solve_held(problem, Held(np.zeros((0, 2, 4)), np.zeros(0)), terms)
    mine = reached.max(axis=0) - (drawn * found.share * 0.5).sum(axis=(1, 2))
    size = mine.max() if risk == "minimax_regret" else cvar(mine, 0.8)
    assert size == pytest.approx(min(sizes), abs=2e-6)


def test_cvar_is_the_mean_of_the_worst_draws_the_last_in_part() -> None:
    regret = np.array([5.0, 1.0, 4.0, 2.0, 3.0])
    assert cvar(regret, 0.8) == pytest.approx(5)
    assert cvar(regret, 0.6) == pytest.approx(4.5)
    assert cvar(regret, 0.7) == pytest.approx((5 + 0.5 * 4) / 1.5)


def test_what_nine_of_ten_draws_reach_is_all_but_the_lowest_tenth() -> None:
    reached = np.array([0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert kept_level(reached, 0.9) == 0.2
    assert kept_level(reached, 0.95) == 0.1
    assert kept_level(reached, 1.0) == 0.1
    for share in (0.3, 0.7, 0.9, 0.99):
        assert np.mean(reached >= kept_level(reached, share)) >= share


def test_a_floor_that_holds_in_nine_of_ten_draws_costs_more_and_is_verified(
    tmp_path: Path,
) -> None:
    floor = "min_accuracy = 0.65"
    aim = '[objective]\nkind = "cost"\n'
    wish = "[uncertainty]\nfloor_holds_in = 0.9\ndraws = 10"
    central = planned(tmp_path, aim, floor, draws=300, volume="20M")
    sure = planned(tmp_path, aim + wish, floor, draws=300, volume="20M")
    loose = central["how_sure"]["floors"][0]["probability"]
    told = sure["how_sure"]["floors"][0]
    assert loose < 0.75
    # 150 draws had no part in the choice: a share of .9 there has a standard error of .025.
    assert told["probability"] > 0.84
    assert sure["cost_usd_per_day"] >= central["cost_usd_per_day"]
    assert sure["how_sure"]["wanted"] == 0.9
    assert sure["status"] == "feasible"


def test_a_floor_that_no_plan_keeps_so_often_is_told_with_what_can_be_had(tmp_path: Path) -> None:
    plan = planned(
        tmp_path,
        '[objective]\nkind = "cost"\n[uncertainty]\nfloor_holds_in = 0.99',
        "min_accuracy = 0.74",
    )
    assert plan["status"] == "infeasible"
    assert "of the draws, not in 99" in plan["relaxation"]


@pytest.mark.parametrize("risk", ["cvar", "minimax_regret"])
@pytest.mark.parametrize(
    ("aim", "klass"),
    [("[budget]\nusd_per_day = 150", ""), ('[objective]\nkind = "cost"', "min_accuracy = 0.6")],
    ids=["accuracy", "cost"],
)
def test_the_plan_of_least_regret_has_no_more_of_it_than_the_central_plan(
    tmp_path: Path, risk: str, aim: str, klass: str
) -> None:
    tail = f'{aim}\n[uncertainty]\nrisk = "{risk}"\ndraws = 20'
    plan = planned(tmp_path, tail, klass, efficiency="[0.3, 0.8]")
    told = {row["label"]: row for row in plan["how_sure"]["regret"]}
    which = "cvar" if risk == "cvar" else "worst"
    mine = told["this plan"]
    assert mine["mean"] <= mine["cvar"] + 1e-12
    assert mine["cvar"] <= mine["worst"] + 1e-12
    other = told.get("plan of the central case", mine)
    assert mine[which] <= other[which] + 2e-6
    assert "kept" in plan["feasibility"]


def test_stability_adds_up_to_every_draw_and_the_baseline_has_its_regret(tmp_path: Path) -> None:
    tail = '[baseline]\noption = "medium greedy"\n[budget]\nusd_per_day = 150\n'
    tail += "[uncertainty]\ndraws = 30"
    plan = planned(tmp_path, tail)
    told = plan["how_sure"]
    assert told["draws"] == 30
    assert sum(row["share"] for row in told["best_in"]) == pytest.approx(1)
    assert told["best_in"][0]["plan"] == "this plan"
    assert len(told["regret"]) == 2
    assert told["regret"][0]["mean"] >= 0


def test_a_tail_level_beside_minimax_regret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="minimax_regret looks at the worst draw alone"):
        planned(tmp_path, '[uncertainty]\nrisk = "minimax_regret"\nlevel = 0.8')


@pytest.mark.parametrize(
    ("aim", "unit"),
    [
        ('[objective]\nkind = "net_value"\nvalue_per_correct_usd = 0.02', "usd_per_day"),
        ('[objective]\nkind = "cost_per_correct"', "usd_per_correct"),
    ],
)
def test_regret_of_dollars_is_never_below_that_of_the_best_plan_of_each_draw(
    tmp_path: Path, aim: str, unit: str
) -> None:
    baseline = '[baseline]\noption = "medium greedy"\n'
    tail = f'{baseline}{aim}\n[uncertainty]\nrisk = "cvar"\ndraws = 10'
    told = planned(tmp_path, tail, efficiency="[0.3, 0.8]")["how_sure"]
    assert told["unit"] == unit
    by_label = {row["label"]: row for row in told["regret"]}
    assert by_label["this plan"]["mean"] >= 0
    assert by_label["medium greedy"]["cvar"] >= by_label["this plan"]["cvar"] - 1e-9


def test_an_impossible_scenario_names_its_conflict_whatever_is_asked_of_the_draws(
    tmp_path: Path,
) -> None:
    for wish in ('risk = "cvar"', "floor_holds_in = 0.9"):
        tail = f"[budget]\nusd_per_day = 1\n[uncertainty]\n{wish}"
        plan = planned(tmp_path, tail, "min_accuracy = 0.5")
        assert plan["status"] == "infeasible"
        assert "$1" in plan["relaxation"]
