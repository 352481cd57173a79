"""Beyond the data the draws part further than their families do, and nowhere else."""

from __future__ import annotations

import math

import numpy as np
import pytest

from planner.curves import fit_curves
from planner.curves.families import FAMILIES
from planner.curves.shape import Shape
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations


def shape(weights: list[float]) -> Shape:
    """Lines .3 + slope ln n of slopes .01, .02, ...; draw i + 1 follows family i."""
    count = len(weights)
    theta = np.array([[0.3, 0.01 * (i + 1)] for i in range(count)])
    return Shape(
        (FAMILIES["log_linear"],) * count,
        np.array(weights),
        tuple(theta),
        np.r_[0, np.arange(count)],
        np.vstack([theta[:1], theta]),
    )


def test_four_even_families_part_by_the_spread_of_a_further_one() -> None:
    of = shape([0.25] * 4)
    n, last = np.array([80.0]), 10.0
    moved = of.trend(n) + of.parting(n, last, np.ones(1))
    gain = (moved[1:, 0] - of.trend(np.array([last]))[1:, 0]) / math.log(8.0)
    further = math.sqrt(5.0 / 3.0)
    assert gain == pytest.approx(0.025 + further * (np.array([0.01, 0.02, 0.03, 0.04]) - 0.025))
    assert moved[0] == of.trend(n)[0], "the central case stays"


def test_one_family_alone_does_not_part() -> None:
    of = shape([1.0])
    assert np.array_equal(of.parting(np.array([80.0]), 10.0, np.ones(1)), np.zeros((2, 1)))
    assert np.array_equal(of.gain_parted(10.0), np.ones(2))


def test_few_plausible_families_count_as_three() -> None:
    apart = shape([0.5, 0.5]).parting(np.array([80.0]), 10.0, np.ones(1))[1:, 0]
    assert apart == pytest.approx(
        (math.sqrt(2.0) - 1.0) * 0.005 * math.log(8.0) * np.array([-1, 1])
    )


def test_what_is_forgotten_of_the_last_point_does_not_part() -> None:
    of = shape([0.5, 0.5])
    n, last = np.array([80.0]), 10.0
    forgotten = of.parting(n, last, np.zeros(1))[2, 0]
    assert forgotten == pytest.approx((math.sqrt(2.0) - 1.0) * 0.005 * math.log(80.0))


def test_rising_draws_part_by_a_factor_of_their_gain_which_is_never_negative() -> None:
    even = shape([0.25] * 4).gain_parted(10.0)
    parted = 0.025 + math.sqrt(5.0 / 3.0) * (np.array([0.01, 0.02, 0.03, 0.04]) - 0.025)
    assert even[1:] == pytest.approx(parted / np.array([0.01, 0.02, 0.03, 0.04]))
    assert even[0] == 1.0
    flat = np.array([0.3, 0.0])
    of = shape([0.5, 0.5])
    stays = Shape(of.families, of.weights, (flat, of.central[1]), of.choice, of.theta)
    assert stays.gain_parted(10.0)[1] == 0.0


def test_rising_draws_part_by_what_the_families_gain_eight_times_beyond_the_data() -> None:
    line, law = FAMILIES["log_linear"], FAMILIES["power_law"]
    theta = np.array([[0.3, 0.05, 0.0], [0.3, 0.2, 0.5]])
    central = (theta[0, :2], theta[1])
    of = Shape((line, law), np.array([0.5, 0.5]), central, np.array([0, 0, 1]), theta[[0, 0, 1]])
    steps = zip((line, law), central, strict=True)
    gains = [float(np.diff(family.value(np.array([10.0, 80.0]), t))[0]) for family, t in steps]
    parted = np.mean(gains) + math.sqrt(2.0) * (np.array(gains) - np.mean(gains))
    assert gains[0] == pytest.approx(0.05 * math.log(8.0))
    assert of.gain_parted(10.0)[1:] == pytest.approx(np.maximum(parted / gains, 0.0))


def test_across_a_gap_within_the_data_nothing_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = tuple(
        Observation(
            model="m",
            method="oracle_best_of_n",
            question_set="Q",
            bucket=ALL,
            n_samples=n,
            accuracy=0.8 - 0.5 * n**-0.5,
            n_questions=200,
        )
        for n in (1, 2, 4, 16, 64)
    )
    (curve,) = fit_curves(Observations(rows, ("",) * 5, {}), Draws(50)).values()
    within, beyond = curve.accuracy([8, 32]), curve.accuracy(512)
    monkeypatch.setattr(Shape, "_further", 0.0)
    assert np.array_equal(curve.accuracy([8, 32]), within)
    assert not np.array_equal(curve.accuracy(512), beyond)
