"""Figures that stand beside each other are of the same thing."""

from __future__ import annotations

import pytest

import planner
from planner.domain.plan import PlanAnswer
from planner.ingest.template import init_scenario
from planner.units import format_usd

VALUE, WRONG = 0.03, 0.004
QUESTION = "7B+PRM or 34B greedy at 1M queries/day"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> PlanAnswer:
    folder = tmp_path_factory.mktemp("net")
    init_scenario(folder)
    path = folder / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    told = f"value_per_correct_usd = {VALUE}\ncost_per_wrong_usd = {WRONG}"
    assert 'kind = "accuracy"' in text
    text = text.replace('kind = "accuracy"', f'kind = "net_value"\n{told}')
    path.write_text(text, encoding="utf-8")
    return planner.solve(path, draws=60)


def test_dollars_a_correct_answer_are_of_another_accuracy_than_the_one_told(
    plan: PlanAnswer,
) -> None:
    assert plan.optimism is not None
    assert plan.optimism > 0.001
    assert plan.accuracy is not None
    assert plan.queries_per_day is not None
    assert plan.cost_usd_per_day is not None
    correct = plan.accuracy * plan.queries_per_day
    assert plan.cost_usd_per_correct == pytest.approx(plan.cost_usd_per_day / correct)
    worth = VALUE * correct - WRONG * (plan.queries_per_day - correct)
    assert plan.net_value_usd_per_day == pytest.approx(worth - plan.cost_usd_per_day)


def test_costs_over_time_are_of_another_n_or_saving_than_the_one_told() -> None:
    told = planner.ask(QUESTION, draws=200).over_time
    assert told is not None
    costs, saved, *_ = told.sentences
    assert "Llemma 7B + PRM, weighted vote at n = 3.9 costs" in costs
    usd = {path.label: path.present_usd for path in told.paths}
    (other,) = (label for label in told.compared if label != told.cheaper)
    middle = usd[other] - usd[str(told.cheaper)]
    assert f"it saves {format_usd(middle)} in the middle case" in saved
