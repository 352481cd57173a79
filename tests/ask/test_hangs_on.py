"""Tornado bars and maps of a question: the ends are what the question itself gives there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import planner
from planner.cost.settings import settings_from_text
from planner.domain.answer import Answer

HEAD = "model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b\n"
ROWS = """small,majority_vote,set,all,1,0.40,500,7
small,majority_vote,set,all,8,0.52,500,7
small,majority_vote,set,all,64,0.58,500,7
large,greedy,set,all,1,0.50,500,70
"""
TERMS = {"price": "2..3", "engine_efficiency": "0.4..0.75", "output_tokens": "250..360"}


def asked(folder: Path, volume: str = "30M", **terms: str) -> Answer:
    path = folder / "obs.csv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    question = f"small majority vote or large greedy at {volume} queries/day"
    settings = settings_from_text(accelerator="h200-sxm", **(TERMS | terms))
    return planner.ask(question, data=[path], settings=settings, draws=300)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    return asked(tmp_path_factory.mktemp("ask"))


def bar(answer: Answer, name: str) -> Any:
    return next(row for row in answer.tornado if row.input.startswith(name))


def ratio(answer: Answer) -> float:
    assert answer.tornado_of is not None
    return answer.tornado_of.value


def test_the_ratio_in_the_middle_is_that_of_the_two_costs(answer: Answer) -> None:
    assert 0 < ratio(answer) < 1
    assert answer.tornado_of is not None
    assert answer.leader in answer.tornado_of.what
    widths = [row.width for row in answer.tornado]
    assert widths == sorted(widths, reverse=True)


def test_the_volume_is_judged_anew(answer: Answer, tmp_path: Path) -> None:
    row = bar(answer, "volume")
    assert (row.low, row.high) == (15e6, 60e6)
    assert row.value_low == pytest.approx(ratio(asked(tmp_path, "15M")), rel=1e-6)


@pytest.mark.parametrize("end", ["low", "high"])
def test_prices_and_lengths_are_those_of_the_question_asked_with_them(
    answer: Answer, tmp_path: Path, end: str
) -> None:
    """Asked again a replica's batch is chosen anew, which the draws keep: hence the two percent."""
    for name, term, rel in (
        ("generated tokens", "output_tokens", 0.02),
        ("price of a GPU-hour", "price", 1e-9),
    ):
        row = bar(answer, name)
        anew = ratio(asked(tmp_path, **{term: f"{getattr(row, end):.12g}"}))
        assert getattr(row, f"value_{end}") == pytest.approx(anew, rel=rel)


def test_each_bucket_of_the_traffic_has_its_accuracies(tmp_path: Path) -> None:
    rows = ROWS.replace(",all,", ",easy,") + ROWS.replace(",all,", ",hard,").replace("0.", "0.1")
    path = tmp_path / "obs.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    settings = settings_from_text(accelerator="h200-sxm", **TERMS)
    question = "small majority vote or large greedy at 30M queries/day with 70% easy, 30% hard"
    told = planner.ask(question, data=[path], settings=settings, draws=60).tornado
    named = {row.input for row in told if row.kind == "accuracy"}
    assert len(named) == 4
    assert all(name.endswith((" on easy", " on hard")) for name in named)
    easy = next(row for row in told if row.kind == "mix")
    assert easy.input == "share of easy"
    assert (easy.low, easy.high) == pytest.approx((0.6, 0.8))


def test_an_engine_that_is_better_for_all_moves_both_sides_and_one_of_its_own_one(
    answer: Answer,
) -> None:
    common = bar(answer, "engine efficiency, of every model alike")
    own = [row for row in answer.tornado if row.input.startswith("engine efficiency of ")]
    assert len(own) == 2
    assert (common.low, common.high) == pytest.approx((0.4, 0.75), rel=0.01)
    assert all(abs(np.log(row.value_high / row.value_low)) > 0.1 for row in own)
    assert abs(np.log(common.value_high / common.value_low)) < 0.1


def test_a_better_side_costs_less_at_equal_accuracy(answer: Answer) -> None:
    first = answer.leader
    mine, theirs = bar(answer, f"accuracy of {first}"), None
    theirs = next(r for r in answer.tornado if r.kind == "accuracy" and r.input != mine.input)
    assert mine.value_low > mine.value_high
    assert theirs.value_low < theirs.value_high
    engine = bar(answer, f"engine efficiency of {first}")
    assert engine.value_low > engine.value_high
    # All rents rise together: the ratio of costs does not move.
    rent = bar(answer, "price of a GPU-hour")
    assert abs(np.log(rent.value_high / rent.value_low)) < 0.05


def test_the_map_has_the_question_in_its_middle(answer: Answer) -> None:
    told = answer.winner_map
    assert told is not None
    assert told.price_factors == (1.0,)
    middle = told.volumes_per_day.index(30e6)
    won = told.winners[told.winner[middle][0]]
    assert won == answer.leader
    assert told.probability[middle][0] == pytest.approx(answer.probability_winner)


def test_accuracies_of_traffic_are_wider_than_those_of_the_questions(answer: Answer) -> None:
    for row in answer.options:
        assert row.production_accuracy_low < row.accuracy_low
        assert row.production_accuracy_high > row.accuracy_high
    named = [row.name for row in answer.assumptions]
    assert "transfer from benchmark to traffic, each option" in named


def test_an_accuracy_of_one_n_is_not_told_as_that_of_another(answer: Answer) -> None:
    """A side of any n has an accuracy at each: the bar names the n that its ends are of."""
    row = bar(answer, "accuracy of small majority vote at n = ")
    n = int(row.input.rpartition(" ")[2])
    curve = next(curve for curve in answer.curves if curve.label == "small majority vote")
    at = min(curve.points, key=lambda point: abs(point.n_samples - n))
    assert row.low < at.accuracy < row.high
    assert not bar(answer, "accuracy of large greedy").input.endswith("1")
