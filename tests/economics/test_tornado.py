"""Tornado bars of plans: the ends are those of the scenario priced anew, not of an estimate."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import planner
from planner.domain.plan import PlanAnswer
from planner.economics.tornado_ends import moved_inputs
from planner.pipeline import solve
from planner.pipeline.solving import staged

HEAD = "model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b\n"
ROWS = """small,majority_vote,set,easy,1,0.70,300,7
small,majority_vote,set,easy,4,0.78,300,7
small,majority_vote,set,hard,1,0.30,300,7
small,majority_vote,set,hard,4,0.38,300,7
large,greedy,set,easy,1,0.82,300,30
large,greedy,set,hard,1,0.52,300,30
"""
SCENARIO = """schema = "planner.scenario/1"
[data]
observations = ["obs.csv"]
[workload]
volume = {volume}
prompt_tokens = 300
output_tokens = [250, 360]
[[workload.classes]]
name = "all"
mix = {{ easy = 0.6, hard = 0.4 }}
min_accuracy = 0.6
[[candidates]]
model = "small"
methods = ["majority_vote"]
[[candidates]]
model = "large"
methods = ["greedy"]
[[supply]]
accelerator = "h200-sxm"
price = ["$2/h", "$3.5/h"]
engine_efficiency = [0.4, 0.75]
utilisation = [0.5, 0.8]
min_replicas = 1
[objective]
kind = "cost"
"""


def text(volume: float = 40e6) -> str:
    return SCENARIO.format(volume=volume)


def written(folder: Path, scenario: str) -> Path:
    (folder / "obs.csv").write_text(HEAD + ROWS, encoding="utf-8")
    (folder / "s.toml").write_text(scenario, encoding="utf-8")
    return folder / "s.toml"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> PlanAnswer:
    path = written(tmp_path_factory.mktemp("tornado"), text())
    return solve(path, draws=300, tornado=True)


@pytest.mark.parametrize(
    ("bar", "key", "unit"),
    [
        ("generated tokens of a sample", "output_tokens", "{}"),
        ("utilisation at the peak", "utilisation", "{}"),
        ("price of a GPU-hour, on-demand", "price", '"${}/h"'),
        ("volume", "volume", "{}"),
    ],
)
def test_an_end_is_what_the_scenario_costs_with_that_input_and_the_others_in_the_middle(
    plan: PlanAnswer, tmp_path: Path, bar: str, key: str, unit: str
) -> None:
    found = next(row for row in plan.tornado if row.input == bar)
    assert found.low < found.high
    for end, value in ((found.low, found.value_low), (found.high, found.value_high)):
        changed = re.sub(
            rf"^{key} = .*$", f"{key} = {unit.format(end)}", text(), flags=re.MULTILINE
        )
        assert changed != text()
        # Whole replicas: one more or less of dozens, where the regression is a thousandth off.
        anew = planner.solve(written(tmp_path, changed), draws=20)
        assert value == pytest.approx(anew.cost_usd_per_day, rel=0.02)


def test_a_slower_engine_takes_more_gpus_at_the_batch_of_the_middle_case(plan: PlanAnswer) -> None:
    found = next(row for row in plan.tornado if row.input == "engine efficiency")
    middle = (0.4 * 0.75) ** 0.5
    assert plan.cost_usd_per_day is not None
    for end, value in ((found.low, found.value_low), (found.high, found.value_high)):
        assert value == pytest.approx(plan.cost_usd_per_day * middle / end, rel=0.03)


def test_bars_are_told_widest_first_and_cover_every_kind_of_input(plan: PlanAnswer) -> None:
    widths = [bar.width for bar in plan.tornado]
    assert widths == sorted(widths, reverse=True)
    kinds = {bar.kind for bar in plan.tornado}
    assert kinds == {
        "accuracy", "engine", "price", "tokens", "utilisation", "volume", "mix", "transfer",
    }  # fmt: skip
    assert plan.tornado_of is not None
    assert plan.tornado_of.value == pytest.approx(plan.objective_value)
    assert plan.tornado_of.unit == "usd_per_day"
    assert {bar.input for bar in plan.tornado if bar.assumed_range} == {"volume", "share of easy"}


def test_better_accuracies_never_cost_more_at_a_floor(plan: PlanAnswer) -> None:
    for bar in plan.tornado:
        if bar.kind in ("accuracy", "transfer") and None not in (bar.value_low, bar.value_high):
            assert bar.value_high <= bar.value_low * (1 + 1e-6)
            if bar.winner_low == bar.winner_high == "this plan":
                assert not bar.changes_winner


def test_the_mix_moves_by_a_tenth_of_the_queries(plan: PlanAnswer) -> None:
    bar = next(bar for bar in plan.tornado if bar.kind == "mix")
    assert (bar.input, bar.low, bar.high) == (
        "share of easy",
        pytest.approx(0.5),
        pytest.approx(0.7),
    )


def test_the_traffic_of_one_class_moves_no_other_class(tmp_path: Path) -> None:
    one = '[[workload.classes]]\nname = "all"\n'
    second = '[[workload.classes]]\nname = "other"\nshare = 0.5\nmix = { easy = 1.0 }\n'
    two = text().replace(one, f"{second}{one}share = 0.5\n")
    stage = staged(written(tmp_path, two), None, 40, 0)
    moved = {m.input: m for m in moved_inputs(stage.table, stage.problem)}
    shift = moved["traffic against benchmark, other"]
    rows = [load.query_class == "other" for load in stage.table.classes]
    for end, harder in zip(shift.problems, (True, False), strict=True):
        assert np.array_equal(
            end.accuracy[~np.array(rows)], stage.problem.accuracy[~np.array(rows)]
        )
        ours = end.accuracy[rows] < stage.problem.accuracy[rows]
        assert bool(ours[stage.problem.allowed[rows]].all()) is harder


def test_the_maps_name_who_wins_at_each_volume_price_and_mix(plan: PlanAnswer) -> None:
    told = plan.winner_map
    assert told is not None
    assert len(told.winner) == len(told.volumes_per_day) == len(told.probability)
    assert all(len(row) == len(told.price_factors) for row in told.winner)
    assert {i for row in told.winner for i in row} <= {-1, *range(len(told.winners))}
    # All rents rise together: without a budget of dollars they change no plan.
    assert all(len(set(row)) == 1 for row in told.winner)
    mixes = [row.mix["easy"] for row in plan.mix_map]
    assert mixes == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])
    costs = [row.value for row in plan.mix_map if row.value is not None]
    assert costs == sorted(costs, reverse=True)
    # Hard queries alone cannot be answered to the floor.
    assert plan.mix_map[0].value is None


def test_a_budget_grows_with_the_volume_and_not_with_prices(tmp_path: Path) -> None:
    # 1,000 replicas today: none of the volumes is so small that whole ones decide.
    most = text(400e6).replace("min_accuracy = 0.6\n", "").replace('"cost"', '"accuracy"')
    middle = planner.solve(written(tmp_path, text(400e6)), draws=20)
    budget = f"[budget]\nusd_per_day = {middle.cost_usd_per_day}\n"
    told = planner.solve(written(tmp_path, most + budget), draws=20, tornado=True).winner_map
    assert told is not None
    # What is left for a query is the same at every volume, so the plan is; not at every price.
    assert len(set(told.winner)) == 1
    half, _, double = told.winner[0]
    assert half >= 0
    assert double == -1


def test_without_the_wish_no_plan_is_solved_again(tmp_path: Path) -> None:
    plain = solve(written(tmp_path, text()), draws=20)
    assert plain.tornado == ()
    assert plain.winner_map is None
