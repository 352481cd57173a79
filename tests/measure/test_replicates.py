"""Draws of accuracies err together as the assumption says, and each by its own noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation
from planner.measure.replicates import Correlation, accuracy_draws, parts_of_sets


def row(**changes: object) -> Observation:
    usual: dict[str, object] = {
        "model": "small",
        "method": "majority_vote",
        "question_set": "Q",
        "bucket": ALL,
        "n_samples": 4,
        "accuracy": 0.3,
        "n_questions": 500,
    }
    return Observation.model_validate(usual | changes)


def correlation(a: Observation, b: Observation, *others: Observation) -> float:
    values = accuracy_draws([a, b, *others], Draws(20_000))
    return float(np.corrcoef(values[1:, 0], values[1:, 1])[0, 1])


def test_central_case_is_the_measured_accuracy() -> None:
    rows = [row(accuracy=a, n_samples=n) for n, a in ((1, 0.0), (2, 0.123), (3, 0.5), (4, 1.0))]
    assert accuracy_draws(rows, Draws(10))[0].tolist() == [0.0, 0.123, 0.5, 1.0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"question_set": "other"}, 0.0),
        ({"bucket": "hard"}, 0.0),
        ({"model": "large"}, 0.35),
        ({"method": "weighted_vote", "verifier": "prm"}, 0.6),
        ({"n_samples": 8}, 0.6 + 0.4 * 0.9),
        ({"n_samples": 256}, 0.6 + 0.4 * 0.9**6),
        ({"n_samples": 6}, 0.6 + 0.4 * 0.9 ** np.log2(1.5)),
    ],
)
def test_errors_go_together_as_far_as_assumed(change: dict[str, object], expected: float) -> None:
    base = {"bucket": "easy"}
    assert correlation(row(**base), row(**(base | change))) == pytest.approx(expected, abs=0.02)


def test_points_between_two_doublings_stay_close() -> None:
    between = correlation(row(n_samples=5), row(n_samples=7))
    assert 0.6 + 0.4 * 0.9 < between < 1.0


@pytest.mark.parametrize("accuracy", [0.02, 0.3, 0.97])
def test_spread_is_binomial(accuracy: float) -> None:
    draws = accuracy_draws([row(accuracy=accuracy)], Draws(20_000))[1:, 0]
    assert draws.std() == pytest.approx(np.sqrt(accuracy * (1 - accuracy) / 500), rel=0.06)
    assert draws.mean() == pytest.approx(accuracy, abs=0.001)


def test_a_stated_standard_error_is_used() -> None:
    draws = accuracy_draws([row(accuracy_se=0.005)], Draws(5_000))[1:, 0]
    assert draws.std() == pytest.approx(0.005, rel=0.03)
    exact = accuracy_draws([row(accuracy_se=0.0)], Draws(50))
    assert np.all(exact == 0.3)
    perfect = accuracy_draws([row(accuracy=1.0, accuracy_se=0.0)], Draws(50))
    assert perfect[1:].std() > 0, "one perfect score does not mean that no question is ever missed"


def test_a_whole_errs_with_its_parts() -> None:
    parts = [row(bucket="easy", n_questions=200), row(bucket="hard", n_questions=300)]
    rows = [row(), *parts]
    values = accuracy_draws(rows, Draws(20_000))[1:]
    assert values[:, 0].std() == pytest.approx(np.sqrt(0.21 / 500), rel=0.04)
    mixed = 0.4 * values[:, 1] + 0.6 * values[:, 2]
    assert np.corrcoef(values[:, 0], mixed)[0, 1] > 0.999
    assert mixed.std() == pytest.approx(values[:, 0].std(), rel=0.02)


def test_buckets_that_do_not_add_up_leave_the_whole_on_its_own() -> None:
    part = row(bucket="easy", n_questions=200)
    assert parts_of_sets([row(), part]) == {}
    assert correlation(row(), part) == pytest.approx(0.0, abs=0.02)
    other = row(bucket="hard", n_questions=300)
    assert correlation(row(), part, other) == pytest.approx(np.sqrt(0.4), abs=0.02)


def test_draws_do_not_depend_on_the_other_rows() -> None:
    rows = [row(n_samples=n) for n in (1, 3, 6, 64)] + [row(model="large")]
    together = accuracy_draws(rows, Draws(100, seed=3))
    for i, alone in enumerate(rows):
        assert np.array_equal(accuracy_draws([alone], Draws(100, seed=3))[:, 0], together[:, i])


@given(
    st.floats(0.0, 1.0),
    st.sampled_from([1, 2, 10, 500, 100_000]),
    st.sampled_from([None, 0.0, 1e-9, 0.01, 2.0]),
    st.integers(1, 5000),
)
def test_draws_are_accuracies_whatever_the_row(
    accuracy: float, questions: int, se: float | None, n: int
) -> None:
    given_row = row(accuracy=accuracy, n_questions=questions, accuracy_se=se, n_samples=n)
    values = accuracy_draws([given_row], Draws(40))
    assert np.isfinite(values).all()
    assert values.min() >= 0.0
    assert values.max() <= 1.0


def test_quantiles_agree_with_the_inverse_beta_function() -> None:
    from scipy.special import betaincinv, ndtr

    from planner.measure.replicates import _beta_quantile

    rng = np.random.default_rng(5)
    n = rng.choice([1.0, 2.0, 5.0, 30.0, 500.0, 1e6], 200)
    p = rng.choice([0.0, 0.01, 0.3, 0.5, 0.97, 1.0], 200)
    z = np.clip(rng.normal(size=(200, 100)) * 1.5, -5.5, 5.5)
    exact = betaincinv((n * p + 0.5)[:, None], (n * (1 - p) + 0.5)[:, None], ndtr(z))
    assert np.abs(_beta_quantile(n * p, n * (1 - p), z) - exact).max() < 1e-6


def test_no_rows_no_draws() -> None:
    assert accuracy_draws([], Draws(7)).shape == (8, 0)


def test_impossible_correlations_are_refused() -> None:
    with pytest.raises(ValueError, match="models <= methods"):
        Correlation(models=0.7, methods=0.6)
    with pytest.raises(ValueError, match="doubling_of_picks 0"):
        Correlation(doubling_of_picks=0.0)
    assert Correlation(doubling=1.0).along_curve(1, 1024) == 1.0
    steady = accuracy_draws([row(), row(n_samples=100)], Draws(50), Correlation(doubling=1.0))
    assert np.allclose(steady[:, 0], steady[:, 1])


def test_picks_share_less_of_their_error_between_n_and_2n_than_votes_do() -> None:
    assert Correlation().of_picks().along_curve(4, 8) == pytest.approx(0.6 + 0.4 * 0.5)
    assert Correlation(doubling=0.3).of_picks().doubling == 0.3
