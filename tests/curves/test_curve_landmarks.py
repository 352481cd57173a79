"""What a curve tells beside its accuracies: two intervals, ceilings, gains, falls."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from planner.curves import Curve, CurveBook, curves_json, fit_curves
from planner.domain.draws import Draws, interval90
from planner.domain.observation import ALL, Observation, Observations

N = [2**i for i in range(9)]
SATURATING = {n: 0.5 - 0.3 * n**-0.6 for n in N}


def curve_of(
    points: dict[int, float], method: str = "majority_vote", questions: int = 500
) -> Curve:
    rows = tuple(
        Observation(
            model="m",
            method=method,
            verifier="prm" if method == "best_of_n" else None,
            question_set="Q",
            bucket=ALL,
            n_samples=n,
            accuracy=accuracy,
            n_questions=questions,
        )
        for n, accuracy in points.items()
    )
    table = Observations(rows, ("obs.csv:2",) * len(rows), {})
    (curve,) = fit_curves(table, Draws(400)).values()
    return curve


def width(values: np.ndarray) -> float:
    low, high = interval90(values)
    return high - low


@pytest.mark.parametrize("method", ["majority_vote", "best_of_n", "oracle_best_of_n"])
@pytest.mark.parametrize("n", [1, 256, 1024, 4096])
def test_the_same_questions_are_known_better_than_new_ones(method: str, n: int) -> None:
    curve = curve_of(SATURATING, method)
    assert width(curve.same_questions(n)[:, 0]) < width(curve.accuracy(n)[:, 0])


def test_at_a_measured_n_the_same_questions_show_what_was_measured() -> None:
    curve = curve_of(SATURATING)
    same = curve.same_questions(N)
    assert same == pytest.approx(np.repeat([list(SATURATING.values())], 401, axis=0))
    widths = [width(curve.same_questions(n)[:, 0]) for n in (256, 512, 1024, 4096)]
    assert widths == sorted(widths)
    assert widths[1] > 0


def test_a_single_point_is_known_for_its_own_questions() -> None:
    assert curve_of({16: 0.4}).same_questions(16)[:, 0] == pytest.approx(0.4)


def test_a_rough_curve_leaves_the_form_more_open_than_a_smooth_one() -> None:
    rough = {n: y + 0.02 * (-1) ** i for i, (n, y) in enumerate(SATURATING.items())}
    smooth, ragged = (curve_of(points).same_questions(1024)[:, 0] for points in (SATURATING, rough))
    assert width(ragged) > 1.5 * width(smooth)


def test_json_says_how_far_beyond_the_data_and_what_a_doubling_gains() -> None:
    document = curves_json(CurveBook([curve_of(SATURATING)]), [64, 256, 2048])["curves"][0]
    inside, last, beyond = document["predictions"]
    assert [p["extrapolation_factor"] for p in (inside, last, beyond)] == [1.0, 1.0, 8.0]
    assert inside["gain_of_doubling"] == pytest.approx(SATURATING[128] - SATURATING[64])
    assert beyond["gain_low"] <= beyond["gain_of_doubling"] <= beyond["gain_high"]
    assert document["ceiling_low"] < 0.5 < document["ceiling_high"]
    assert document["aicc"] is None
    assert "share their questions" in document["aicc_reason"]
    assert inside["low_same"] <= inside["accuracy"] <= inside["high_same"]


def test_a_fall_of_few_questions_is_not_called_proven() -> None:
    seen = {1: 0.752, 2: 0.796, 4: 0.806, 8: 0.796, 16: 0.788}
    curve = curve_of(seen, "best_of_n")
    assert curve.weights["imperfect_verifier"] > 0.0
    (note,) = curve.notes
    assert note.code == "fall_unproven"
    assert "9 of 500 questions" in note.message
    fall = curves_json(CurveBook([curve]), [])["curves"][0]["fall"]
    assert (fall["from_n"], fall["to_n"]) == (4, 16)
    assert not fall["proven"]
    sure = curve_of(seen, "best_of_n", questions=50_000)
    assert [note.code for note in sure.notes] == ["falls_with_n"]


@pytest.mark.parametrize("method", ["majority_vote", "oracle_best_of_n"])
def test_a_rising_curve_has_no_fall(method: str) -> None:
    curve = curve_of(SATURATING, method)
    assert curve.notes == ()
    assert curves_json(CurveBook([curve]), [])["curves"][0]["fall"] is None


@pytest.mark.realdata
def test_the_fall_of_qwen_by_a_small_verifier_is_unproven_and_by_its_own_it_rises(
    shared_data: Path,
) -> None:
    points: dict[str, dict[int, float]] = defaultdict(dict)
    with (shared_data / "qwen_math_prm" / "aggregated.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if (row["params_b"], row["method"]) == ("7.0", "best_of_n_prm_last"):
                points[row["verifier"]][int(row["n_samples"])] = float(row["accuracy"])
    small = curve_of(points["prm_1.5b_trained_on_1.5b"], "best_of_n")
    assert [note.code for note in small.notes] == ["fall_unproven"]
    own = curve_of(points["prm_1.5b_trained_on_7b"], "best_of_n")
    assert own.measured[0, -1] > own.measured[0, 2]


def landmark(points: dict[int, float], method: str = "majority_vote") -> dict[str, float | None]:
    document = curves_json(CurveBook([curve_of(points, method, questions=100_000)]), [1])
    return {name: document["curves"][0][name] for name in ("saturates_at_n", "peak_n")}


def test_a_vote_of_two_that_gains_nothing_is_not_the_end_of_the_gains() -> None:
    climbs_on = {1: 0.30, 2: 0.30, 4: 0.36, 8: 0.42, 16: 0.48, 32: 0.54}
    assert landmark(climbs_on)["saturates_at_n"] is None
    stops = {1: 0.30, 2: 0.30, 4: 0.36, 8: 0.42, 16: 0.42, 32: 0.42, 64: 0.42}
    assert landmark(stops)["saturates_at_n"] == pytest.approx(8, rel=0.1)


def test_saturation_is_the_smallest_n_after_the_last_doubling_that_gains() -> None:
    """Each doubling n to 2n gains half of the one before; .4 points from n = 16 on."""
    gains = (0.064, 0.032, 0.016, 0.008, 0.004, 0.002, 0.001)
    points = {2**i: 0.3 + sum(gains[:i]) for i in range(8)}
    n = landmark(points)["saturates_at_n"]
    assert n is not None
    # Between 8 (.8 points) and 16 (.4): straight lines in log n gain .5 at 8 * 2^.75.
    assert n == pytest.approx(8 * 2**0.75, rel=0.1)


def test_a_curve_that_falls_has_a_peak_and_saturates_before_it() -> None:
    found = landmark({1: 0.30, 2: 0.36, 4: 0.42, 8: 0.40, 16: 0.34}, "best_of_n")
    assert found["peak_n"] == 4
    assert found["saturates_at_n"] == pytest.approx(4, rel=0.35)


def test_coverage_that_falls_is_called_impossible_and_coverage_that_rises_is_not() -> None:
    (note,) = curve_of({1: 0.5, 2: 0.4, 4: 0.45}, "oracle_best_of_n").notes
    assert note.code == "coverage_falls"
    assert "from 50.0% at n = 1 to 40.0% at 2" in note.message
    # A step within half a point may be rounding.
    assert curve_of({1: 0.5, 2: 0.6, 4: 0.598}, "oracle_best_of_n").notes == ()


def test_the_ceiling_lies_within_its_interval() -> None:
    for method in ("majority_vote", "oracle_best_of_n", "best_of_n"):
        curve = curve_of(SATURATING, method)
        document = curves_json(CurveBook([curve]), [1])["curves"][0]
        assert document["ceiling_low"] <= document["ceiling"] <= document["ceiling_high"], method
    # The exponentiated power law reaches 1 so slowly that at 1e9 samples it is far from it.
    slow = {n: float(np.exp(-3 * n**-0.05)) for n in N}
    document = curves_json(CurveBook([curve_of(slow, "oracle_best_of_n")]), [1])["curves"][0]
    assert document["ceiling_low"] <= document["ceiling"] <= document["ceiling_high"]


def test_what_twice_the_largest_n_gains_is_told_whatever_n_is_asked_for() -> None:
    curve = curve_of(SATURATING)
    end = curves_json(CurveBook([curve]), [1])["curves"][0]["gain_at_end"]
    asked = curves_json(CurveBook([curve]), [256])["curves"][0]["predictions"][0]
    assert end["n_samples"] == 256
    assert end["gain"] == pytest.approx(asked["gain_of_doubling"])
    assert end["low"] < end["gain"] < end["high"]
