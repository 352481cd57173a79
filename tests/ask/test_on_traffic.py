"""How sure an answer is of traffic that is not the benchmark."""

from __future__ import annotations

from pathlib import Path
from statistics import NormalDist

import pytest

import planner
from planner.domain.answer import Answer
from planner.report.sections.answer import section
from planner.report.text import Sides

HEAD = "model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b\n"
FIXED = "small,greedy,set,all,1,0.50,500,7\nlarge,greedy,set,all,1,0.49,500,70\n"
SCENARIO = """[data]
observations = ["obs.csv"]
[workload]
volume = "30M queries/day"
[[candidates]]
model = "small"
methods = ["greedy"]
[[candidates]]
model = "large"
methods = ["greedy"]
[[supply]]
accelerator = "h200-sxm"
price = "$2.50/h"
[transfer]
common_sd_logit = {common}
option_sd_logit = {own}
"""


def asked(folder: Path, common: float, own: float) -> Answer:
    (folder / "obs.csv").write_text(HEAD + FIXED, encoding="utf-8")
    scenario = folder / "scenario.toml"
    scenario.write_text(SCENARIO.format(common=common, own=own), encoding="utf-8")
    question = "small greedy or large greedy at 30M queries/day"
    return planner.ask(question, scenario=scenario, draws=2000)


def by_hand(own: float) -> float:
    """The chance that the small side, always cheaper, is no more than a point less accurate.

    At 50% a logit is 25 points; 500 questions err by sqrt(.25 / 500), with a correlation of .35
    between models.
    """
    questions = 2 * 0.25 / 500 * (1 - 0.35)
    return NormalDist().cdf((0.50 - 0.49 + 0.01) / (questions + 2 * (0.25 * own) ** 2) ** 0.5)


def test_a_probability_on_the_questions_is_not_sold_as_one_on_the_traffic(tmp_path: Path) -> None:
    answer = asked(tmp_path, common=0.5, own=0.2)
    assert answer.leader == "small greedy"
    assert answer.probability_winner == pytest.approx(by_hand(0.0), abs=0.03)
    assert answer.probability_winner_on_traffic == pytest.approx(by_hand(0.2), abs=0.03)
    said = next(s for s in answer.explanation if s.startswith("That holds for questions like set."))
    assert "0.2 logits" in said
    assert f"{answer.probability_winner_on_traffic:.0%}" in said


def test_what_all_sides_share_moves_no_comparison(tmp_path: Path) -> None:
    answer = asked(tmp_path, common=0.5, own=0.0)
    assert answer.probability_winner_on_traffic == pytest.approx(
        answer.probability_winner, abs=0.01
    )


def test_traffic_that_is_the_benchmark_has_no_second_probability(tmp_path: Path) -> None:
    answer = asked(tmp_path, common=0.0, own=0.0)
    assert answer.probability_winner_on_traffic is None
    assert not any("questions like set" in said for said in answer.explanation)


def test_the_tile_of_the_probability_tells_both(tmp_path: Path) -> None:
    answer = asked(tmp_path, common=0.5, own=0.2)
    page = str(section(answer, Sides(answer)))
    assert "on traffic that may suit one side better" in page
