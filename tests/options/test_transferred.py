"""Accuracies on real traffic: shifts in logits, shared and each option's own, and pilots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import planner
from planner.domain.draws import Draws
from planner.domain.transfer import Transfer
from planner.errors import InputError
from planner.options.transferred import Option, Piloted, Shifts

A: Option = ("a", "greedy", None)
B: Option = ("b", "majority_vote", None)
DRAWS = Draws(4000, 3)


def test_options_of_a_class_share_most_of_their_shift_and_classes_share_none() -> None:
    shifts = Shifts(Transfer(common_sd_logit=0.5, option_sd_logit=0.2), DRAWS)
    a, b, elsewhere = shifts.of("c", A), shifts.of("c", B), shifts.of("d", A)
    assert a[0] == b[0] == 0.0
    assert a[1:].std() == pytest.approx(np.hypot(0.5, 0.2), rel=0.03)
    assert np.corrcoef(a, b)[0, 1] == pytest.approx(0.25 / 0.29, abs=0.03)
    assert abs(np.corrcoef(a, elsewhere)[0, 1]) < 0.05
    assert (a - b)[1:].std() == pytest.approx(np.sqrt(2) * 0.2, rel=0.04)


def test_accuracies_move_in_logits_and_stay_within_bounds() -> None:
    shifts = Shifts(Transfer(), DRAWS)
    accuracy = np.tile([0.0, 0.3, 0.5, 1.0], (DRAWS.rows, 1))
    moved = shifts.shifted(accuracy, "c", A)
    assert moved[0] == pytest.approx([0.0, 0.3, 0.5, 1.0])
    assert (moved[:, 0] == 0).all()
    assert (moved[:, 3] == 1).all()
    logit = np.log(moved[:, 1] / (1 - moved[:, 1])) - np.log(0.3 / 0.7)
    assert logit == pytest.approx(shifts.of("c", A))


def test_no_shift_leaves_every_accuracy_as_it_is() -> None:
    accuracy = np.full((DRAWS.rows, 2), 0.4)
    nothing = Shifts(Transfer(common_sd_logit=0, option_sd_logit=0), DRAWS)
    assert nothing.shifted(accuracy, "c", A) is accuracy


def piloted(option: Option, accuracy: float, questions: float, benchmark: float = 0.5) -> Piloted:
    return Piloted("c", option, accuracy, questions, np.full(DRAWS.rows, benchmark))


def test_a_pilot_of_one_option_updates_it_and_the_others_by_the_normal_rule() -> None:
    common, own = 0.5, 0.2
    row = piloted(A, 0.35, 199)
    shifts = Shifts(Transfer(common_sd_logit=common, option_sd_logit=own), DRAWS, (row,))
    y, v = row.seen_logit, row.variance
    assert y == pytest.approx(np.log((0.35 * 199 + 0.5) / (0.65 * 199 + 0.5)))
    assert v == pytest.approx(1 / (200 * 0.35 * 0.65), rel=0.02)
    spread = common**2 + own**2 + v
    for option, covariance in ((A, common**2 + own**2), (B, common**2)):
        drawn = shifts.of("c", option)
        assert drawn[0] == pytest.approx(covariance / spread * y)
        assert drawn[1:].mean() == pytest.approx(covariance / spread * y, abs=0.02)
        left = common**2 + own**2 - covariance**2 / spread
        assert drawn[1:].std() == pytest.approx(np.sqrt(left), rel=0.06)
    assert shifts.of("d", A)[0] == 0.0


def test_a_large_pilot_leaves_no_doubt_of_its_option() -> None:
    row = piloted(A, 0.7, 1e6, benchmark=0.6)
    shifts = Shifts(Transfer(), DRAWS, (row,))
    moved = shifts.shifted(row.benchmark, "c", A)
    assert moved == pytest.approx(np.full(DRAWS.rows, 0.7), abs=0.005)


HEAD = "model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b\n"
ROWS = """small,majority_vote,set,all,1,0.50,2000,7
small,majority_vote,set,all,8,0.60,2000,7
large,greedy,set,all,1,0.62,2000,30
"""
SCENARIO = """schema = "planner.scenario/1"
[data]
observations = ["obs.csv"]
[workload]
volume = "1M queries/day"
[[workload.classes]]
name = "help desk"
[[candidates]]
model = "small"
methods = ["majority_vote"]
[[candidates]]
model = "large"
methods = ["greedy"]
[[supply]]
accelerator = "h200-sxm"
price = "$2.50/h"
engine_efficiency = 0.6
[budget]
usd_per_day = 2000
[baseline]
option = "small majority@1"
"""


def scenario(folder: Path, transfer: str = "", pilot: str = "") -> Path:
    (folder / "obs.csv").write_text(HEAD + ROWS, encoding="utf-8")
    if pilot:
        (folder / "pilot.csv").write_text(HEAD + pilot, encoding="utf-8")
    (folder / "s.toml").write_text(SCENARIO + transfer, encoding="utf-8")
    return folder / "s.toml"


def test_plans_are_as_unsure_of_traffic_as_the_scenario_says_and_list_it(tmp_path: Path) -> None:
    wide = planner.solve(scenario(tmp_path), draws=200)
    none = "[transfer]\ncommon_sd_logit = 0\noption_sd_logit = 0\n"
    narrow = planner.solve(scenario(tmp_path, none), draws=200)
    assert wide.accuracy == pytest.approx(narrow.accuracy)
    assert wide.accuracy_high - wide.accuracy_low > 0.25
    assert narrow.accuracy_high - narrow.accuracy_low < 0.08
    named = {row.name: row for row in wide.assumptions}
    assert named["transfer from benchmark to traffic, all options of a class"].value == 0.5
    assert named["transfer from benchmark to traffic, each option"].value == 0.2
    # What all options share hardly changes how a plan compares with its baseline.
    assert wide.baseline is not None
    assert wide.baseline.accuracy_high - wide.baseline.accuracy_low > 0.25
    assert wide.probability_beats_baseline == pytest.approx(
        narrow.probability_beats_baseline, abs=0.15
    )


def test_a_pilot_moves_the_plan_to_what_traffic_shows(tmp_path: Path) -> None:
    seen = "large,greedy,help desk,all,1,0.40,1000,30\n"
    seen += "small,majority_vote,help desk,all,8,0.66,1000,7\n"
    plan = planner.solve(scenario(tmp_path, '[transfer]\npilot = "pilot.csv"\n', seen), draws=200)
    assert {row.model for row in plan.allocation} == {"small"}
    assert plan.accuracy_high - plan.accuracy_low < 0.15
    sources = [row.source for row in plan.assumptions if row.name.startswith("transfer")]
    assert sources == ["assumed; updated by the pilot pilot.csv"] * 2


def test_rows_of_a_pilot_that_name_nothing_known_are_all_told(tmp_path: Path) -> None:
    seen = "large,greedy,elsewhere,all,1,0.40,100,30\nhuge,greedy,help desk,all,1,0.66,100,7\n"
    path = scenario(tmp_path, '[transfer]\npilot = "pilot.csv"\n', seen)
    with pytest.raises(InputError) as refused:
        planner.solve(path, draws=50)
    assert len(refused.value.problems) == 2
    assert "no query class is named" in str(refused.value)
    assert "it is no option here" in str(refused.value)
