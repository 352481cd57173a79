"""The JSON of `planner fit`: its names are a contract."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planner.curves import curves_json, fit_curves
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations

FIELDS = {
    "model",
    "method",
    "verifier",
    "question_set",
    "bucket",
    "temperature",
    "family",
    "weights",
    "parameters",
    "ceiling",
    "saturates_at_n",
    "peak_n",
    "status",
    "predictions",
}
PREDICTION_FIELDS = {
    "n_samples",
    "depth",
    "thinking_tokens",
    "accuracy",
    "low",
    "high",
    "low_same",
    "high_same",
    "extrapolated",
}


def fitted(points: dict[int, float], method: str = "majority_vote") -> dict[str, Any]:
    rows = tuple(
        Observation(
            model="m",
            method=method,
            question_set="Q",
            bucket=ALL,
            n_samples=n,
            accuracy=accuracy,
            n_questions=500,
        )
        for n, accuracy in points.items()
    )
    observations = Observations(rows, ("obs.csv:2",) * len(rows), {})
    document = curves_json(fit_curves(observations, Draws(200)), [64, 1, 3])
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["schema"] == "planner.curves/1"
    curve: dict[str, Any]
    (curve,) = document["curves"]
    return curve


SATURATING = {n: 0.5 - 0.3 / n for n in (1, 2, 4, 8, 16, 32)}


def test_every_field_of_the_contract_is_there() -> None:
    curve = fitted(SATURATING)
    assert set(curve) >= FIELDS
    assert [p["n_samples"] for p in curve["predictions"]] == [1, 3, 64]
    for prediction in curve["predictions"]:
        assert set(prediction) >= PREDICTION_FIELDS
        assert prediction["low"] <= prediction["accuracy"] <= prediction["high"]
    assert [p["extrapolated"] for p in curve["predictions"]] == [False, False, True]


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
@pytest.mark.parametrize("points", [(1,), (1, 2), (1, 2, 4, 8)])
def test_none_or_all_right_lies_within_its_own_interval(
    accuracy: float, points: tuple[int, ...]
) -> None:
    curve = fitted(dict.fromkeys(points, accuracy))
    for told in (*curve["measured"], *curve["predictions"]):
        assert told["low"] <= told["accuracy"] <= told["high"]
        assert told["high"] > told["low"], "it is not certain"


def test_a_power_law_is_printed_under_the_symbols_of_its_formula() -> None:
    curve = fitted(SATURATING)
    assert curve["family"] == "power_law"
    assert curve["parameters"] == pytest.approx({"ceiling": 0.5, "a": 0.3, "b": 1.0}, rel=1e-5)
    assert curve["ceiling"] == pytest.approx(0.5, abs=1e-5)
    assert curve["peak_n"] is None


def test_saturation_is_the_first_doubling_under_half_a_point() -> None:
    dense = fitted({n: 0.5 - 0.3 / n for n in (1, 2, 4, 8, 16, 32, 64, 128)})
    # 0.3 / n - 0.3 / (2 n) < 0.005 from n = 30 on; read off a grid of eighths of a doubling,
    # with straight lines between the points.
    assert dense["saturates_at_n"] == pytest.approx(32, abs=4)
    assert fitted({1: 0.1, 2: 0.2, 4: 0.3, 8: 0.4})["saturates_at_n"] is None


def test_a_peak_inside_the_data_is_named() -> None:
    falling = fitted({1: 0.3, 4: 0.42, 16: 0.45, 64: 0.40})
    assert falling["peak_n"] == pytest.approx(16)


def test_a_log_linear_curve_has_no_ceiling() -> None:
    curve = fitted({n: 0.1 + 0.05 * i for i, n in enumerate((1, 2, 4, 8, 16, 32, 64))})
    assert curve["family"] == "log_linear"
    assert curve["ceiling"] is None
    assert curve["parameters"]["gain_per_doubling"] == pytest.approx(0.05)


def test_one_point_predicts_at_its_own_n() -> None:
    curve = fitted({16: 0.4})
    assert curve["status"] == "one_point"
    assert curve["family"] is None
    assert [p["n_samples"] for p in curve["predictions"]] == [16]
    assert curve["predictions"][0]["basis"] == "measured"


def test_coverage_ends_at_everything() -> None:
    curve = fitted({1: 0.2, 4: 0.45, 16: 0.67, 64: 0.82}, "oracle_best_of_n")
    assert {"log_linear", "power_law", "exponentiated_power_law"} <= set(curve["weights"])
    assert not {"constant", "two_level_vote", "imperfect_verifier"} & set(curve["weights"])
    if curve["family"] == "exponentiated_power_law":
        assert curve["ceiling"] > 0.95


def test_measured_points_are_those_of_the_rows_and_far_gaps_lie_between_them() -> None:
    curve = fitted({1: 0.2, 4: 0.3, 64: 0.5})
    assert {p["n_samples"]: p["accuracy"] for p in curve["measured"]} == {1: 0.2, 4: 0.3, 64: 0.5}
    assert all(p["low"] < p["accuracy"] < p["high"] for p in curve["measured"])
    assert {p["basis"] for p in curve["measured"]} == {"measured"}
    assert curve["far_gaps"] == [[4, 64]]
    at = {p["n_samples"]: p for p in curve["predictions"]}
    for point in curve["measured"]:
        if point["n_samples"] in at:
            assert {k: at[point["n_samples"]][k] for k in point} == point
