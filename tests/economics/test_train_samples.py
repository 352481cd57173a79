"""Parameters, training tokens and samples together, against brute force (Roberts et al. 2026)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.curves.loss_accuracy import beta_coverage
from planner.curves.training_loss import LossLaw
from planner.economics.training.budgets import (
    chinchilla_within,
    least_loss,
    most_coverage,
    real_samples,
)
from planner.economics.training.optimum import cheapest
from planner.economics.training.with_samples import cheapest_with_samples

LAW = LossLaw(E=1.5, A=400, B=400, alpha=0.34, beta=0.30, G=0.5, gamma=0.4)
THETA = (2.3, 6.0, 0.9, 1.5, -0.5)
LAWS = st.builds(
    LossLaw,
    E=st.floats(1.0, 2.0),
    A=st.floats(100, 1000),
    B=st.floats(100, 3000),
    alpha=st.floats(0.25, 0.5),
    beta=st.floats(0.25, 0.5),
    G=st.floats(0.05, 1.0),
    gamma=st.floats(0.2, 1.0),
)


@settings(max_examples=20)
@given(LAWS, st.floats(0.15, 0.8), st.floats(9, 14))
def test_no_other_size_and_samples_of_the_same_loss_are_cheaper(
    law: LossLaw, over: float, inference: float
) -> None:
    loss, life = law.E + over, 2.0 * 10.0**inference
    found = cheapest_with_samples(law, loss, 6.0, life)
    k, n = float(found.samples), float(found.params)
    assert k == round(k) >= 1
    assert float(law.loss(found.params, found.tokens, k)) == pytest.approx(loss, rel=1e-9)
    rows = np.unique(np.rint(np.geomspace(1, 20 * k + 20, 200)))[:, None]
    rest = loss - law.E - law.G * rows**-law.gamma
    params = n * np.geomspace(1e-2, 1e2, 800)
    left = rest - law.A * params**-law.alpha
    tokens = (law.B / np.where(left > 0, left, np.nan)) ** (1 / law.beta)
    spent = params * (6.0 * tokens + life * rows)
    assert float(found.cost(6.0, life)) <= np.nanmin(spent) * (1 + 1e-9)


def test_more_inference_means_fewer_samples_of_a_query() -> None:
    found = cheapest_with_samples(LAW, 2.3, 6.0, 2.0 * np.geomspace(1e8, 1e16, 50))
    assert np.all(np.diff(found.samples) <= 0)
    assert found.samples[0] > found.samples[-1]


def test_without_a_term_for_samples_one_is_drawn() -> None:
    plain = replace(LAW, G=0.0)
    found = cheapest_with_samples(plain, 2.0, 6.0, 2e12)
    alone = cheapest(plain, 2.0, 6.0, 2e12)
    assert float(found.samples) == 1
    assert (float(found.params), float(found.tokens)) == pytest.approx(
        (float(alone.params), float(alone.tokens)), rel=1e-12
    )


def test_without_inference_nothing_is_sampled() -> None:
    found = cheapest_with_samples(LAW, 2.6, 6.0, 0.0)
    assert float(found.samples) == 1
    assert float(found.params) == pytest.approx(float(cheapest(LAW, 2.6, 6.0, 0.0).params))


def test_samples_reach_a_loss_that_one_sample_cannot() -> None:
    assert np.isnan(cheapest(LAW, 1.9, 6.0, 2e12).params)
    found = cheapest_with_samples(LAW, [1.9, 1.4], 6.0, 2e12)
    assert np.isfinite(found.params).tolist() == [True, False]
    assert found.samples[0] > 2


@settings(max_examples=20)
@given(LAWS, st.floats(19, 26), st.floats(9, 12.5))
def test_no_other_size_within_both_budgets_has_less_loss(
    law: LossLaw, train: float, serve: float
) -> None:
    train_flop, flop_per_token = 10.0**train, 10.0**serve
    params = np.geomspace(1e4, flop_per_token / 2, 20_000)
    loss = law.loss(params, train_flop / (6 * params), flop_per_token / (2 * params))
    real = real_samples(law, train_flop, flop_per_token)
    reached = float(law.loss(real.params, real.tokens, real.samples))
    assert reached <= loss.min() + 1e-12
    assert float(real.samples) >= 1 - 1e-12
    whole = least_loss(law, train_flop, flop_per_token)
    k = np.arange(1.0, 400.0)[:, None]
    sizes = np.minimum(params[::40], flop_per_token / (2 * k))
    tried = law.loss(sizes, train_flop / (6 * sizes), k)
    assert float(law.loss(whole.params, whole.tokens, whole.samples)) <= tried.min() + 1e-9
    assert float(6 * whole.params * whole.tokens) <= train_flop * (1 + 1e-9)
    assert float(2 * whole.params * whole.samples) <= flop_per_token * (1 + 1e-9)


def test_most_coverage_is_found_by_brute_force_too() -> None:
    found = most_coverage(LAW, THETA, 1e21, 140e9)
    k = np.arange(1.0, 3000.0)[:, None]
    cap = 140e9 / (2 * k)
    params = cap * np.geomspace(1e-2, 1.0, 400)
    tried = beta_coverage(LAW.loss(params, 1e21 / (6 * params)), k, THETA)
    reached = float(beta_coverage(LAW.loss(found.params, found.tokens), found.samples, THETA))
    assert reached >= tried.max() - 1e-9


def test_sampling_overtrains_the_optimal_model() -> None:
    """The finding of Roberts et al.: with samples the best model is smaller, on more tokens."""
    for found in (least_loss(LAW, 1e22, 140e9), most_coverage(LAW, THETA, 1e22, 140e9)):
        plain = chinchilla_within(LAW, 1e22, 140e9)
        assert float(found.params) < float(plain.params)
        assert float(found.tokens / found.params) > 2 * float(plain.tokens / plain.params)


def test_a_model_too_large_for_the_token_budget_is_cut_to_it() -> None:
    found = least_loss(LAW, 1e26, 2e7)
    assert (float(found.params), float(found.samples)) == pytest.approx((1e7, 1.0))
