"""Many logistic regressions at once are those of statsmodels, and never fail."""

from __future__ import annotations

import numpy as np
import pytest

from planner.curves.logistic_fit import logistic_fit

N = 2.0 ** np.arange(8)
DESIGN = np.column_stack([np.ones(len(N)), np.log(N)])


def test_coefficients_are_those_of_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    total = np.full((20, len(N)), 300.0)
    right = rng.binomial(300, 1.0 / (1.0 + np.exp(0.5 - 0.3 * np.log(N))), total.shape) * 1.0
    found = logistic_fit(DESIGN, right, total)
    for i in range(20):
        counts = np.column_stack([right[i], total[i] - right[i]])
        model = sm.GLM(counts, DESIGN, family=sm.families.Binomial())
        assert found[i] == pytest.approx(model.fit(tol=1e-14).params, abs=1e-10)


@pytest.mark.parametrize(
    "right", [np.zeros(8), np.full(8, 50.0), np.r_[np.zeros(4), np.full(4, 50.0)]]
)
def test_counts_without_a_finite_maximum_end_in_numbers(right: np.ndarray) -> None:
    theta = logistic_fit(DESIGN, right[None], np.full((1, 8), 50.0))
    assert np.isfinite(theta).all()
    chance = 1.0 / (1.0 + np.exp(-np.clip(DESIGN @ theta[0], -40, 40)))
    assert chance == pytest.approx(right / 50.0, abs=1e-3)


def test_points_without_questions_count_for_nothing() -> None:
    total = np.full((1, 8), 50.0)
    right = np.array([[5.0, 9, 12, 15, 20, 22, 0, 0]])
    total[0, 6:] = 0.0
    short = logistic_fit(DESIGN[:6], right[:, :6], total[:, :6])
    assert logistic_fit(DESIGN, right, total) == pytest.approx(short, abs=1e-9)
