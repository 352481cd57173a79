"""A curve that has provably fallen is not said to rise again."""

from __future__ import annotations

import numpy as np
import pytest

from planner.curves import Curve, fit_curves
from planner.curves.turning import falls
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
    assert curve.weights["imperfect_verifier"] > 0.9
    beyond = curve.accuracy([512, 1024, 4096])
    assert np.all(beyond <= curve.measured[:, -1:] + 1e-12)
    assert np.all(np.diff(beyond[0]) <= 0.0)
    if follows:
        assert beyond[0, 1] < curve.measured[0, -1] - 0.03


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
