"""How noisy a curve is along itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

from planner.curves import CurveKey
from planner.curves.grouping import Known
from planner.curves.roughness import ROUGHNESS_MIN, noise_of_step, roughness_of
from planner.domain.observation import ALL, Observation
from planner.measure.replicates import Correlation

ASSUMED = Correlation()
UNEVEN = [1, 2, 32, 64, 1024, 2048, 32768]


def known(n: list[int], accuracy: np.ndarray, questions: int = 400) -> Known:
    rows = [
        Observation(
            model="m",
            method="majority_vote",
            question_set="Q",
            bucket=ALL,
            n_samples=x,
            accuracy=float(y),
            n_questions=questions,
        )
        for x, y in zip(n, accuracy, strict=True)
    ]
    return Known(
        CurveKey.of(rows[0]), rows, n=np.array(n, dtype=np.float64), measured=accuracy[None]
    )


def test_the_noise_of_a_step_is_that_of_a_difference_of_correlated_shares() -> None:
    one = known([1, 4], np.array([0.4, 0.6]), questions=99)
    together = 0.6 + 0.4 * 0.9**2
    wanted = math.sqrt(2 * (1 - together) * 0.25 / 99)
    assert noise_of_step(one, 0, 1, ASSUMED) == pytest.approx(wanted)
    assert noise_of_step(one, 1, 0, ASSUMED) == pytest.approx(wanted)


def test_a_short_step_is_less_noisy_than_a_long_one_on_either_side_of_a_point() -> None:
    off = 0.004 * np.array([0, 1, 0, -1, 0, 1, 0])
    one = known(UNEVEN, 0.5 + off)
    u = np.log(UNEVEN)
    lines, expected = [], []
    for i in range(1, 6):
        near = (u[i] - u[i - 1]) / (u[i + 1] - u[i - 1])
        y = one.measured[0]
        lines.append(y[i] - (1 - near) * y[i - 1] - near * y[i + 1])
        before, after = (noise_of_step(one, *step, ASSUMED) for step in ((i - 1, i), (i, i + 1)))
        expected.append(((1 - near) * before) ** 2 + (near * after) ** 2)
    slope, level = np.polyfit(u[1:-1], lines, 1)
    bent = np.sum((np.array(lines) - level - slope * u[1:-1]) ** 2) / 3
    wanted = math.sqrt(bent / np.mean(expected))
    assert ROUGHNESS_MIN < wanted < 1.0
    assert roughness_of(one, ASSUMED) == pytest.approx(wanted)


def test_smooth_curves_are_told_from_rough_ones_only_by_seven_points() -> None:
    n = [2**i for i in range(9)]
    smooth = 0.5 + 0.02 * np.arange(9)
    rough = smooth + 0.05 * (-1.0) ** np.arange(9)
    assert roughness_of(known(n, smooth), ASSUMED) == ROUGHNESS_MIN
    assert roughness_of(known(n, rough), ASSUMED) == 1.0
    assert roughness_of(known(n[:6], smooth[:6]), ASSUMED) == 1.0
