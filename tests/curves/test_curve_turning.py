"""A curve that has provably fallen is not said to rise again."""

from __future__ import annotations

import numpy as np
import pytest

from planner.curves import Curve, fit_curves
from planner.curves.families import FAMILIES
from planner.curves.fit import Points
from planner.curves.turning import falls, from_the_peak
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations

N = 2 ** np.arange(9)
DOUBLINGS = np.arange(9)


def picks(accuracy: np.ndarray, questions: int = 5000) -> Curve:
    """Best of n by a PRM at n = 1 to 256, as counted in one benchmark run."""
    right = np.random.default_rng(0).binomial(questions, accuracy)
    rows = tuple(
        Observation(
            model="m",
            method="best_of_n",
            verifier="prm",
            question_set="Q",
            bucket=ALL,
            n_samples=int(n),
            accuracy=float(r / questions),
            n_questions=questions,
        )
        for n, r in zip(N, right, strict=True)
    )
    (curve,) = fit_curves(Observations(rows, ("",) * len(rows), {}), Draws(200)).values()
    return curve


@pytest.mark.parametrize(
    ("truth", "follows"),
    [
        # What coverage misses falls as 1/n, and wrong samples win more and more.
        ((1.0 - 0.7 / N) * N**-0.1, True),
        (0.4 + 0.05 * np.minimum(DOUBLINGS, 4) - 0.04 * np.maximum(DOUBLINGS - 4, 0), True),
        # A late fall that no family draws: at least it does not rise again.
        (0.4 + 0.05 * np.minimum(DOUBLINGS, 5) - 0.03 * np.maximum(DOUBLINGS - 5, 0) ** 2, False),
    ],
)
def test_picks_that_provably_fall_go_on_falling(truth: np.ndarray, follows: bool) -> None:
    curve = picks(truth)
    assert curve.shape is not None
    assert curve.shape.fallen
    beyond = curve.accuracy([512, 1024, 4096])
    assert np.all(beyond <= curve.measured[:, -1:] + 1e-12)
    assert np.all(np.diff(beyond[0]) <= 0.0)
    if follows:
        assert beyond[0, 1] < curve.measured[0, -1] - 0.03


@pytest.mark.parametrize("questions", [1000, 5000])
@pytest.mark.parametrize(
    "truth",
    [
        0.3 + 0.2 * np.exp(-(((DOUBLINGS - 2) / 1.5) ** 2)),
        0.4 + 0.05 * np.minimum(DOUBLINGS, 3) - 0.05 * np.clip(DOUBLINGS - 3, 0, 3),
    ],
)
def test_a_fall_that_has_ended_is_not_carried_on(truth: np.ndarray, questions: int) -> None:
    curve = picks(truth, questions)
    assert curve.shape is not None
    assert curve.shape.fallen
    at = curve.accuracy([512, 2048])
    low, high = np.quantile(at[1:], [0.05, 0.95], axis=0)
    assert np.all((low < truth[-1]) & (truth[-1] < high))
    assert np.all(at[0] > truth[-1] - 0.045)


def test_a_fall_that_no_family_draws_is_told_by_what_follows_the_peak() -> None:
    truth = 0.3 + 0.2 * np.exp(-(((DOUBLINGS - 2) / 1.5) ** 2))
    curve = picks(truth)
    assert curve.shape is not None
    forms = np.stack(
        [
            family.value(curve.n_measured, theta)
            for family, theta in zip(curve.shape.families, curve.shape.central, strict=True)
        ]
    )
    off = curve.measured[0] - curve.shape.weights @ forms
    assert np.abs(off[2:]).max() < 0.02
    assert np.abs(off[:2]).min() > 0.04


def test_a_fall_that_a_family_follows_is_told_by_all_points() -> None:
    curve = picks((1.0 - 0.7 / N) * N**-0.1)
    assert curve.shape is not None
    assert curve.weights["imperfect_verifier"] > 0.9
    value = curve.shape.families[list(curve.weights).index("imperfect_verifier")].value(
        curve.n_measured, curve.shape.central[list(curve.weights).index("imperfect_verifier")]
    )
    assert np.abs(curve.measured[0] - value).max() < 0.02


def test_the_central_curve_alone_falls_too() -> None:
    curve = picks((1.0 - 0.7 / N) * N**-0.1)
    assert np.array_equal(curve.central().accuracy([512, 4096])[0], curve.accuracy([512, 4096])[0])


def test_a_fall_within_the_noise_forbids_no_rise() -> None:
    truth = np.full(9, 0.5)
    truth[-1] = 0.48
    curve = picks(truth, questions=200)
    assert not falls(curve.measured)
    assert curve.accuracy(1024)[1:, 0].max() > curve.measured[1:, -1].max()


def test_a_fall_is_proven_by_its_deviations_not_by_its_size() -> None:
    noise = np.array([0.0, -1.0, 1.0, -1.0, 1.0])[:, None] * np.array([0.0, 0.0, 0.01])
    assert falls(np.array([0.3, 0.45, 0.40]) + noise)
    assert not falls(np.array([0.3, 0.43, 0.40]) + noise)
    assert not falls(np.array([0.3, 0.4, 0.5]) + noise)


def test_two_points_from_the_peak_on_do_not_tell_its_end_alone() -> None:
    n = np.arange(1.0, 7.0)
    y = np.array([0.2, 0.2, 0.2, 0.2, 0.6, 0.3])
    weight = np.full((1, 6), 1e4)
    points = Points(n, y[None, None], weight)
    families = [FAMILIES["log_linear"], FAMILIES["power_law"]]
    noise, fallen = np.full((1, 6), 0.01), np.ones(1, dtype=bool)
    assert np.array_equal(from_the_peak(families, points, noise, fallen), weight)
    early = Points(n, y[None, None, [0, 1, 4, 5, 2, 3]], weight)
    kept = from_the_peak(families, early, noise, fallen)
    assert kept.tolist() == [[0.0, 0.0, 1e4, 1e4, 1e4, 1e4]]
    assert np.array_equal(from_the_peak(families, early, noise, ~fallen), weight)
