"""The link of loss and accuracy comes back, tells its error, and is refused for a reason."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.special import expit

from planner.curves.loss_accuracy import LinkError, LossLink, Scored, beta_coverage, fit_link
from planner.domain.draws import Draws

LOSS = np.linspace(2.8, 1.9, 8)
INTERCEPT, SLOPE = 6.0, -2.7


def scored(loss: np.ndarray, accuracy: np.ndarray, questions: float = 1000.0) -> Scored:
    return Scored("easy", np.atleast_2d(loss), accuracy, np.full(len(accuracy), questions))


def world(rng: np.random.Generator, models: int, questions: int, scatter: float) -> Scored:
    """Models about a known line, more scattered than their questions make them."""
    loss = np.linspace(2.8, 1.9, models)
    chance = expit(INTERCEPT + SLOPE * loss + scatter * rng.standard_normal(models))
    return scored(loss, rng.binomial(questions, chance) / questions, float(questions))


def test_a_known_line_comes_back_without_error() -> None:
    found = fit_link(scored(LOSS, expit(INTERCEPT + SLOPE * LOSS)), Draws(50, 0))
    assert found.intercept[0] == pytest.approx(INTERCEPT, rel=1e-6)
    assert found.slope[0] == pytest.approx(SLOPE, rel=1e-6)
    assert (found.error, found.scatter_logit) == pytest.approx((0, 0), abs=1e-6)
    assert (found.models, found.lowest_loss, found.highest_loss) == (8, 1.9, 2.8)


def test_loss_at_an_accuracy_is_the_inverse_of_accuracy_at_a_loss() -> None:
    found = fit_link(world(np.random.default_rng(1), 8, 400, 0.1), Draws(50, 0))
    assert found.accuracy(found.loss_at(0.6)) == pytest.approx(0.6, rel=1e-9)
    assert np.isnan(LossLink("x", np.zeros(1), np.ones(1), 0, 0, 0, 4, 1, 2, 9).loss_at(0.5)).all()


def test_the_error_told_is_that_of_models_left_out_one_by_one() -> None:
    table = world(np.random.default_rng(2), 6, 300, 0.3)
    errors = []
    for out in range(6):
        kept = np.delete(np.arange(6), out)
        rest = Scored("easy", table.loss[:, kept], table.accuracy[kept], table.questions[kept])
        alone = fit_link(rest, Draws(1, 0))
        at = expit(alone.slope[0] * table.loss[0, out] + alone.intercept[0])
        errors.append(abs(at - table.accuracy[out]))
    found = fit_link(table, Draws(1, 0))
    assert found.error == pytest.approx(np.mean(errors), abs=1e-6)
    assert found.worst_error == pytest.approx(np.max(errors), abs=1e-6)


def test_three_models_are_refused() -> None:
    with pytest.raises(LinkError, match="3 models are too few: from 4 on"):
        fit_link(scored(LOSS[:3], np.array([0.2, 0.4, 0.6])), Draws(1, 0))


def test_accuracy_that_rises_with_the_loss_is_refused() -> None:
    with pytest.raises(LinkError, match="accuracy does not fall as the loss rises"):
        fit_link(scored(LOSS[:4], np.array([0.6, 0.5, 0.4, 0.3])), Draws(1, 0))
    with pytest.raises(LinkError, match="all models have the same loss"):
        fit_link(scored(np.full(4, 2.0), np.array([0.6, 0.5, 0.4, 0.3])), Draws(1, 0))


def held(models: int, scatter: float, worlds: int = 150) -> float:
    """Share of simulated worlds whose next model, in the middle, is inside its 90% interval."""
    rng = np.random.default_rng(3)
    inside = 0
    for seed in range(worlds):
        found = fit_link(world(rng, models, 400, scatter), Draws(100, seed))
        truth = expit(INTERCEPT + SLOPE * 2.2 + scatter * rng.standard_normal())
        low, high = np.quantile(found.accuracy(2.2)[1:], [0.05, 0.95])
        inside += low <= truth <= high
    return inside / worlds


@pytest.mark.parametrize("models", [5, 8])
def test_the_interval_holds_the_accuracy_of_a_new_model(models: int) -> None:
    """Some 87% over many worlds, where 90% are meant; 150 worlds tell it to 3 points."""
    assert 0.8 <= held(models, 0.3) <= 0.96


@pytest.mark.verify
@pytest.mark.parametrize("models", [4, 5, 8, 15])
def test_the_interval_holds_over_many_worlds(models: int) -> None:
    assert 0.85 <= held(models, 0.3, worlds=2_000) <= 0.92


def test_models_on_the_line_are_not_taken_to_stay_on_it() -> None:
    """Five models cannot show that models do not scatter: the interval is then too wide."""
    assert held(5, 0.0) >= 0.9


def test_losses_that_differ_between_draws_are_fitted_draw_by_draw() -> None:
    draws = Draws(30, 0)
    shift = np.concatenate([[0.0], np.linspace(-0.2, 0.2, 30)])
    table = scored(LOSS, expit(INTERCEPT + SLOPE * LOSS), 1e6)
    moved = Scored("easy", LOSS + shift[:, None], table.accuracy, table.questions)
    found = fit_link(moved, draws)
    # Where a draw's law says that all losses are higher, the accuracy stands at a higher loss.
    assert found.loss_at(0.5) - fit_link(table, draws).loss_at(0.5) == pytest.approx(
        shift, abs=0.01
    )


def test_coverage_counts_questions_that_some_sample_answers() -> None:
    """Chances Beta(a, b) over questions, simulated; as if all were alike overstates it (Jensen)."""
    theta = (2.3, 6.0, 0.9, 1.0, -0.2)
    rng = np.random.default_rng(4)
    for loss in (2.0, 2.4):
        mu = 0.9 / (1 + np.exp(6.0 * (loss - 2.3)))
        nu = np.exp(1.0 - 0.2 * loss)
        chance = rng.beta(mu * nu, (1 - mu) * nu, 400_000)
        for k in (1, 4, 64):
            told = float(beta_coverage(loss, k, theta))
            assert told == pytest.approx(np.mean(1 - (1 - chance) ** k), abs=3e-3)
            naive = float(beta_coverage(loss, k, theta, one_chance=True))
            assert naive == pytest.approx(1 - (1 - mu) ** k)
            assert naive > told or k == 1
    assert all(
        float(beta_coverage(2.2, b, theta)) > float(beta_coverage(2.2, a, theta))
        for a, b in combinations((1, 2, 8, 100), 2)
    )
