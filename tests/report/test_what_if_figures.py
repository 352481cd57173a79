"""The sliders' arithmetic in Python: against the answer it came from, and against asking anew."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from planner import pipeline
from planner.cost.settings import settings_from_text
from planner.domain.answer import Answer
from planner.domain.plan import PlanAnswer
from planner.domain.what_if import Series, WhatIf
from planner.economics.what_if import Figures, Moved, figures

FLOAT32 = 1e-6
TERMS = {"price": "$2/h", "output_tokens": "300", "utilisation": "0.6"}
"""Those of the fixture `asked`."""


def what_if(found: Answer | PlanAnswer) -> WhatIf:
    assert found.what_if is not None
    return found.what_if


def holds(got: Figures, answer: Answer) -> None:
    """The figures of every side's first row, and the verdict."""
    for i, line in enumerate(got.lines):
        row = next(option for option in answer.options if option.side == i)
        assert line.usd_per_day.central == pytest.approx(row.cost_usd_per_day, rel=FLOAT32)
        assert line.usd_per_day.low == pytest.approx(row.cost_usd_per_day_low, rel=FLOAT32)
        assert line.usd_per_day.high == pytest.approx(row.cost_usd_per_day_high, rel=FLOAT32)
        assert line.usd_per_correct == pytest.approx(row.cost_usd_per_correct, rel=FLOAT32)
        assert line.accuracy.central == pytest.approx(row.accuracy, rel=FLOAT32)
        assert line.accuracy.low == pytest.approx(row.accuracy_low, rel=FLOAT32)
        assert line.gpus == row.gpus
    assert got.probability == answer.probability_winner
    # No slider moves the size of a replica, which the page says: only asking anew looks at smaller.
    undone = any(found.code == "smaller_replicas" for found in answer.warnings)
    assert got.decided == (answer.winner != "undecided" or undone)


def test_unmoved_sliders_show_the_answer_itself(asked: Answer) -> None:
    holds(figures(what_if(asked)), asked)


def asked_anew(question: str, terms: dict[str, str]) -> Answer:
    return pipeline.ask(question, draws=100, settings=settings_from_text(**(TERMS | terms)))


def test_moved_sliders_show_what_asking_anew_answers(asked: Answer) -> None:
    assert what_if(asked).lengths[4] == 2.0
    moved = Moved(queries_per_day=4e5, price_times=1.5, length=4, utilisation=0.8)
    terms = {"price": "$3/h", "output_tokens": "600", "utilisation": "0.8"}
    anew = asked_anew("7B+PRM or 34B greedy at 400k queries/day", terms)
    holds(figures(what_if(asked), moved), anew)


@pytest.mark.verify
@pytest.mark.parametrize(
    ("question", "terms", "moved"),
    [
        ("7B+PRM or 34B greedy at 40k queries/day", {}, Moved(queries_per_day=4e4)),
        ("7B+PRM or 34B greedy at 1M queries/day", {"price": "$3/h"}, Moved(price_times=1.5)),
        ("7B+PRM or 34B greedy at 1M queries/day", {"output_tokens": "150"}, Moved(length=0)),
        ("7B+PRM or 34B greedy at 1M queries/day", {"utilisation": "0.8"}, Moved(utilisation=0.8)),
        ("7B+PRM@16 or 34B greedy at 1M queries/day", {}, Moved(n_samples={0: 16})),
    ],
    ids=["volume", "price", "length", "utilisation", "n"],
)
def test_each_slider_shows_what_asking_anew_answers(
    asked: Answer, question: str, terms: dict[str, str], moved: Moved
) -> None:
    holds(figures(what_if(asked), moved), asked_anew(question, terms))


def test_unmoved_sliders_show_the_plan_itself(planned: PlanAnswer) -> None:
    got = figures(what_if(planned))
    plan, base = got.lines
    assert planned.baseline is not None
    assert plan.usd_per_day.central == pytest.approx(planned.cost_usd_per_day, rel=FLOAT32)
    assert plan.usd_per_day.low == pytest.approx(planned.cost_usd_per_day_low, rel=FLOAT32)
    assert plan.usd_per_day.high == pytest.approx(planned.cost_usd_per_day_high, rel=FLOAT32)
    assert plan.accuracy.central == pytest.approx(planned.accuracy, rel=FLOAT32)
    assert plan.accuracy.high == pytest.approx(planned.accuracy_high, rel=FLOAT32)
    assert plan.gpus == sum(row.gpus for row in planned.fleet)
    assert base.usd_per_day.low == pytest.approx(planned.baseline.cost_usd_per_day_low, rel=FLOAT32)
    assert base.accuracy.central == pytest.approx(planned.baseline.accuracy, rel=FLOAT32)
    assert got.probability == planned.probability_beats_baseline


SUPPLIES = """
[[supply]]
accelerator = "h100-sxm"
price = "$1.10/h"
kind = "reserved"
count = 10
utilisation = 0.7
min_replicas = 2
"""


def test_a_plan_of_several_blocks_own_readers_and_paid_routing_is_shown_as_it_is(
    scenario: Path, tmp_path: Path
) -> None:
    text = scenario.read_text(encoding="utf-8")
    text = text.replace('observations = ["', f'observations = ["{scenario.parent}/')
    text = text.replace("[[supply]]", SUPPLIES + "\n[[supply]]", 1)
    text = text.replace(
        'verifier = "llemma-7b-prm-levels-1-3"',
        'verifier = "llemma-7b-prm-levels-1-3"\nverifier_fleet = "own"',
    )
    text = text.replace("# [operations]\n# fleet_cost", "[operations]\nfleet_cost")
    text = text.replace("[baseline]", '[router]\nsignal = "level"\ncost = 0.0001\n\n[baseline]')
    text = text.replace("usd_per_day = 1500", "usd_per_day = 4000")
    text = text.replace(
        'methods = ["majority_vote", "weighted_vote"]', 'methods = ["weighted_vote"]'
    )
    before, _, after = text.partition('[[candidates]]\nmodel = "llemma-34b')
    text = before + after[after.index("[[supply]]") :]
    path = tmp_path / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    plan = pipeline.solve(path, draws=50)
    got = figures(what_if(plan))
    assert got.lines[0].usd_per_day.central == pytest.approx(plan.cost_usd_per_day, rel=FLOAT32)
    assert got.lines[0].usd_per_day.high == pytest.approx(plan.cost_usd_per_day_high, rel=FLOAT32)
    assert got.lines[0].accuracy.central == pytest.approx(plan.accuracy, rel=FLOAT32)
    assert got.probability == plan.probability_beats_baseline


def test_the_break_even_of_the_sliders_is_that_of_the_horizon(asked: Answer) -> None:
    assert asked.over_time is not None
    told = asked.over_time.break_evens["volume"]
    found = figures(what_if(asked)).break_even
    assert told is not None
    assert found is not None
    # One halves the step of a grid to 0.4%, the other further; both count the same draws.
    assert found.median == pytest.approx(told.median, rel=0.02)


def test_training_moves_the_break_even_and_leaves_the_dollars_a_day(asked: Answer) -> None:
    page = what_if(asked)
    before = figures(page)
    assert before.break_even is not None
    assert before.break_even.median is not None
    other = 1 - before.leader
    lines = list(page.lines)
    dear = lines[before.leader].model_copy(update={"training_usd_per_day": Series(value=2000.0)})
    lines[before.leader] = dear
    after = figures(page.model_copy(update={"lines": tuple(lines)}))
    assert after.lines == before.lines
    assert after.probability == before.probability
    assert after.break_even is not None
    assert (after.break_even.median or math.inf) > 2 * before.break_even.median
    cheap = page.lines[other].model_copy(update={"training_usd_per_day": Series(value=2000.0)})
    lines = list(page.lines)
    lines[other] = cheap
    earlier = figures(page.model_copy(update={"lines": tuple(lines)})).break_even
    assert earlier is not None
    assert earlier.median is not None
    assert earlier.median < before.break_even.median
