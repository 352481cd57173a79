"""EVPI, EVPPI and EVSI against closed forms, nested simulation and the order they must keep."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln, gammaln, ndtr

from planner.domain.draws import Draws
from planner.economics.value_of_information import Choice, Measurable, evpi, evppi, evsi, taken
from planner.economics.voi_regression import Directions, regressed
from planner.economics.voi_sample import (
    binomial_error,
    correlation,
    equivalent_questions,
    posterior_means,
)

DRAWS = 4000


def normals(*names: str, seed: int = 1) -> np.ndarray:
    stream = Draws(DRAWS, seed)
    return np.column_stack([stream.normal(name)[1:] for name in names])


def unit_normal_loss(mean: float, sd: float) -> float:
    """E[max(x, 0)] - max(mean, 0) of x ~ N(mean, sd^2)."""
    z = abs(mean) / sd
    return float(sd * np.exp(-z * z / 2) / np.sqrt(2 * np.pi) - abs(mean) * ndtr(-z))


def two_decisions(mean: float, sd: float, rest: float) -> tuple[Choice, np.ndarray]:
    """Do nothing, or do what is worth theta plus something unrelated."""
    z = normals("theta", "rest")
    theta = mean + sd * z[:, 0]
    return Choice(np.column_stack([np.zeros(DRAWS), theta + rest * z[:, 1]])), theta[:, None]


@pytest.mark.parametrize(("mean", "sd", "rest"), [(-0.5, 1.2, 0.8), (0.3, 0.5, 0.0), (1, 2, 3)])
def test_two_normal_decisions_have_the_unit_normal_loss(
    mean: float, sd: float, rest: float
) -> None:
    choice, theta = two_decisions(mean, sd, rest)
    whole = np.hypot(sd, rest)
    assert evpi(choice).gain == pytest.approx(unit_normal_loss(mean, whole), abs=0.03 * whole)
    known = evppi(choice, theta)
    assert known.gain == pytest.approx(unit_normal_loss(mean, sd), abs=0.03 * sd)
    assert known.probability_changes == pytest.approx(ndtr(-abs(mean) / sd), abs=0.03)
    for n, prior_n in ((1, 4), (16, 4), (300, 100)):
        error = np.array([[sd**2 * prior_n / n]])
        exact = unit_normal_loss(mean, sd * np.sqrt(n / (n + prior_n)))
        assert evsi(choice, theta, error).gain == pytest.approx(exact, abs=0.03 * sd)


def test_partial_information_agrees_with_nested_simulation() -> None:
    # Three decisions, curved in the input of interest, with another input beside it.
    def worth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.stack([0.4 + 0 * x + 0 * y, np.sin(2 * x) + y, 0.5 * x * x - 0.2 + x * y], -1)

    z = normals("x", "y")
    x, y = 0.6 * z[:, 0], 0.7 * z[:, 1]
    found = evppi(Choice(worth(x, y)), x[:, None])
    rng = np.random.default_rng(3)
    outer, inner = 0.6 * rng.normal(size=3000), 0.7 * rng.normal(size=2000)
    nested = worth(outer[:, None], inner[None]).mean(axis=1)
    mean = worth(0.6 * rng.normal(size=10**6), 0.7 * rng.normal(size=10**6)).mean(axis=0)
    assert found.gain == pytest.approx(nested.max(axis=1).mean() - mean.max(), abs=0.015)


def test_a_binomial_measurement_agrees_with_the_beta_posterior() -> None:
    # Accuracy ~ Beta(a, b), measured on q questions: the posterior mean is (a + k) / (a + b + q).
    a, b, q, rival = 30.0, 20.0, 120, 0.62
    p = np.random.default_rng(5).beta(a, b, DRAWS)[:, None]
    assert equivalent_questions(p)[0] == pytest.approx(a + b, rel=0.1)
    choice = Choice(np.column_stack([np.full(DRAWS, rival), p[:, 0]]))
    k = np.arange(q + 1)
    log_prob = gammaln(q + 1) - gammaln(k + 1) - gammaln(q - k + 1)
    prob = np.exp(log_prob + betaln(a + k, b + q - k) - betaln(a, b))
    exact = prob @ np.maximum((a + k) / (a + b + q), rival) - rival
    assert evsi(choice, p, binomial_error(p, q)).gain == pytest.approx(exact, rel=0.08)


def test_draws_of_the_posterior_mean_have_the_covariance_of_the_linear_rule() -> None:
    z = normals("a", "b", "c")
    inputs = z @ np.array([[1.0, 0.3, 0.0], [0.0, 0.5, 0.2], [0.0, 0.0, 2.0]])
    error = np.diag([0.5, 0.1, 3.0]) + 0.05
    prior = np.cov(inputs.T, ddof=0)
    wanted = prior @ np.linalg.solve(prior + error, prior)
    assert np.cov(posterior_means(inputs, error).T, ddof=0) == pytest.approx(wanted, abs=1e-9)


def test_inputs_that_do_not_vary_or_repeat_each_other_are_no_trouble() -> None:
    z = normals("a")
    inputs = np.column_stack([z, z, np.full(DRAWS, 0.3)])
    found = posterior_means(inputs, np.eye(3))
    assert np.isfinite(found).all()
    assert found[:, 2] == pytest.approx(0.3)
    # Two readings of one quantity are as good as one of half the variance.
    assert found[:, 0].std() == pytest.approx(np.sqrt(1 / 1.5), rel=1e-3)
    choice = Choice(np.column_stack([np.zeros(DRAWS), z[:, 0]]))
    assert evppi(choice, inputs).gain == pytest.approx(unit_normal_loss(0, 1), rel=0.01)
    assert evppi(choice, np.full((DRAWS, 2), 0.4)).gain == 0.0


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    decisions=st.integers(2, 5),
    inputs=st.integers(1, 4),
)
def test_samples_tell_no_more_than_the_input_and_the_input_no_more_than_everything(
    seed: int, decisions: int, inputs: int
) -> None:
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(600, inputs)) @ rng.normal(size=(inputs, inputs))
    value = theta @ rng.normal(size=(inputs, decisions)) + rng.normal(size=decisions)
    value += rng.normal() * rng.normal(size=(600, decisions))
    choice = Choice(value)
    known = Measurable.of(choice, theta)
    assert known.exact.gain is not None
    gains = [known.measured(np.eye(inputs) * 8.0 / n).gain for n in (1, 4, 16, 64, 10**6)]
    assert all(gain is not None and gain >= 0 for gain in gains)
    scale = float(np.abs(value).max())
    assert np.all(np.diff(np.array(gains, dtype=float)) >= -0.004 * scale)
    assert gains[-1] <= known.exact.gain + 1e-12
    # The regression is one of 600 draws: it may take a little noise for knowledge.
    assert known.exact.gain <= float(evpi(choice).gain or 0.0) + 0.01 * scale


def test_what_has_nothing_to_do_with_the_decisions_is_worth_nothing() -> None:
    choice, _ = two_decisions(0.1, 1.0, 0.5)
    found = [evppi(choice, normals(f"noise {i}")).gain for i in range(20)]
    assert max(gain or 0.0 for gain in found) < 0.01


def test_one_direction_is_kept_of_inputs_that_move_together() -> None:
    z = normals("a")
    inputs = z * np.arange(1.0, 9.0) + 1e-9 * normals(*(f"b{i}" for i in range(8)))
    assert regressed(z, inputs).directions.to_direction.shape == (8, 1)


def test_where_requirements_decide_the_probability_of_a_change_is_told_and_no_gain() -> None:
    # The cheap decision keeps the floor in the mean; measured, it may turn out not to.
    accuracy = 0.52 + 0.04 * normals("a")
    floor = 0.5
    cost = np.tile([-1.0, -2.0], (DRAWS, 1))
    margins = np.stack([accuracy - floor, np.full((DRAWS, 1), 0.2)], axis=1)
    choice = Choice(cost, margins)
    assert choice.taken == 0
    found = evppi(choice, accuracy)
    assert found.gain is None
    assert found.probability_changes == pytest.approx(ndtr(-0.5), abs=0.01)
    assert [decision for decision, _ in found.changes_to] == [1]
    less = evsi(choice, accuracy, np.array([[0.04**2]]))
    assert less.probability_changes == pytest.approx(ndtr(-0.5 * np.sqrt(2)), abs=0.01)


def test_gains_too_small_to_matter_change_no_decision() -> None:
    choice, theta = two_decisions(-0.5, 1.2, 0.0)
    patient = Choice(choice.value, matters=0.7)
    share = evppi(patient, theta).probability_changes
    assert share == pytest.approx(ndtr(-1.2 / 1.2), abs=0.02)


def test_where_no_decision_keeps_every_requirement_the_nearest_is_taken() -> None:
    value = np.array([[9.0, 1.0]])
    assert taken(value, np.array([[[-0.3], [-0.1]]])).tolist() == [1]
    assert taken(value, np.array([[[-0.3], [0.1]]])).tolist() == [1]
    assert taken(value, np.array([[[0.0], [0.1]]])).tolist() == [0]


def test_a_measurement_without_questions_is_refused() -> None:
    with pytest.raises(ValueError, match="has questions"):
        binomial_error(np.full((4, 1), 0.5), 0)


def test_accuracies_of_one_question_set_err_together_as_their_draws_do() -> None:
    z = normals("a", "b")
    accuracy = 0.5 + 0.03 * np.column_stack([z[:, 0], 0.6 * z[:, 0] + 0.8 * z[:, 1]])
    error = binomial_error(accuracy, 400)
    assert error[0, 1] / error[0, 0] == pytest.approx(0.6, abs=0.03)
    assert error[0, 0] == pytest.approx(0.25 / 400, rel=0.02)
    assert correlation(np.full((9, 2), 0.5)).tolist() == [[1, 0], [0, 1]]


def test_the_questions_that_two_runs_share_are_the_fewer_ones_among_the_more() -> None:
    """The mean of 100 of 400 questions errs with that of all by the variance of one over 400."""
    rng = np.random.default_rng(5)
    p = rng.beta(20, 20, 20_000)
    error = binomial_error(np.column_stack([p, p]), np.array([100.0, 400.0]))
    one = float((p * (1 - p)).mean())
    assert error == pytest.approx(np.array([[one / 100, one / 400], [one / 400, one / 400]]))


def test_directions_have_unit_variance_whatever_the_units_of_the_inputs() -> None:
    rng = np.random.default_rng(6)
    inputs = rng.normal(0, 1, (500, 3)) * [1e-3, 1.0, 1e6] + [5.0, 0.0, 1e7]
    along = Directions.of(inputs).along(inputs)
    assert along.shape == (500, 3)
    assert along.std(axis=0) == pytest.approx([1.0, 1.0, 1.0])
    assert along.mean(axis=0) == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
