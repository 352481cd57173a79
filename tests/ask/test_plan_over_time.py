"""A plan over time: its first month is the plan, later ones follow the volume."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_over_time import OBSERVED, SCENARIO

import planner
from planner import units
from planner.domain.plan import PlanAnswer

CLASS = '[[workload.classes]]\nname = "all"\nmix = { easy = 0.8, hard = 0.2 }\n'
MORE = '[baseline]\noption = "llama-3-70b greedy"\n[budget]\nusd_per_day = 9000\n'


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> PlanAnswer:
    folder: Path = tmp_path_factory.mktemp("plan_over_time")
    (folder / "obs.csv").write_text(OBSERVED, encoding="utf-8")
    text = SCENARIO.replace("[[candidates]]", f"{CLASS}[[candidates]]", 1)
    # January is a month of the mean season here, so that the first month is the planned day.
    text = text.replace("0.4, 0.4, 1.3, 1.3, 1.3, 1.3", "0.5, 0.5, 1.25, 1.25, 1.25, 1.25")
    (folder / "scenario.toml").write_text(text + MORE, encoding="utf-8")
    return planner.solve(folder / "scenario.toml", draws=30)


def test_the_first_month_costs_what_the_plan_says_of_a_day(plan: PlanAnswer) -> None:
    assert plan.over_time is not None
    first, path = plan.over_time.by_month[0], plan.over_time.paths[0]
    assert first.queries_per_day == pytest.approx(2e6)
    assert plan.cost_usd_per_day is not None
    paid = first.usd[0] - path.training_usd
    assert paid == pytest.approx(plan.cost_usd_per_day * units.DAYS_PER_MONTH, rel=1e-6)
    assert first.gpus[0] == sum(row.gpus for row in plan.fleet)
    assert path.training_usd == pytest.approx(plan.capex_usd or 0.0)


def test_a_plan_stands_beside_today_over_the_same_months(plan: PlanAnswer) -> None:
    found = plan.over_time
    assert found is not None
    ours, today = found.paths
    assert found.compared == (ours.label, today.label)
    assert plan.baseline is not None
    assert today.label == plan.baseline.label
    daily = found.by_month[0].usd[1] / units.DAYS_PER_MONTH
    assert daily == pytest.approx(plan.baseline.cost_usd_per_day, rel=1e-6)
    assert found.cheaper == (ours.label if ours.present_usd < today.present_usd else today.label)
    assert set(found.break_even_sentences) == {"date", "date_undiscounted"}
    assert any(text.startswith("4 owned") for text in found.sunk)


def test_gpus_of_the_plan_follow_its_volume(plan: PlanAnswer) -> None:
    assert plan.over_time is not None
    months = plan.over_time.by_month
    busiest = max(months, key=lambda month: month.queries_per_day)
    quiet = min(months, key=lambda month: month.queries_per_day)
    assert busiest.gpus[0] > months[0].gpus[0] > quiet.gpus[0]


def test_a_plan_tells_its_last_point_and_the_people_it_replaces(plan: PlanAnswer) -> None:
    price = plan.shadow_price_accuracy_per_usd_per_day
    assert price is not None
    assert plan.last_point_usd_per_day == pytest.approx(0.01 / price)
    assert plan.over_time is not None
    assert plan.over_time.sentences[-1].startswith("One more point of accuracy would cost $")
    (tutor,) = plan.human
    assert tutor.compared_with == "the plan"
    assert plan.accuracy is not None
    assert tutor.points_ahead == pytest.approx((plan.accuracy - 0.956) * 100)
