"""The cheapest model of a loss over its life: published examples, brute force, properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from planner.curves.training_loss import LossLaw
from planner.economics.training.laws import LAWS
from planner.economics.training.optimum import (
    Trained,
    cheapest,
    chinchilla,
    chinchilla_for_flop,
    chinchilla_of,
    flop_rates,
)

SARDANA = LAWS["sardana"].law
PUBLISHED = [published.law for published in LAWS.values()]


def optimum(law: LossLaw, size: float, inference: float) -> tuple[Trained, Trained, float, float]:
    """(optimum, Chinchilla-optimal model, FLOPs of either) at the quality of a size."""
    rival = chinchilla_of(law, size)
    rates = flop_rates(inference)
    found = cheapest(law, law.loss(rival.params, rival.tokens), *rates)
    return found, rival, float(found.cost(*rates)), float(rival.cost(*rates))


def test_published_example_of_30b_quality_and_1e13_tokens() -> None:
    """Sardana et al. 2024 (arXiv:2401.00448): loss ~1.95, 13.6B, 2.84x the data, 28% less."""
    found, rival, spent, before = optimum(SARDANA, 30e9, 1e13)
    assert float(SARDANA.loss(rival.params, rival.tokens)) == pytest.approx(1.95, abs=0.01)
    assert float(found.params) == pytest.approx(13.6e9, abs=0.1e9)
    assert float(found.tokens / rival.tokens) == pytest.approx(2.84, abs=0.02)
    assert 1 - spent / before == pytest.approx(0.28, abs=0.005)


def test_published_example_of_13b_quality_and_2e12_tokens() -> None:
    """The same, figure 1: 7B saves 1.7e22 FLOPs (17%) of 9.7e22."""
    found, _, spent, before = optimum(SARDANA, 13e9, 2e12)
    assert float(found.params) == pytest.approx(7e9, abs=0.05e9)
    assert 1 - spent / before == pytest.approx(0.174, abs=0.005)
    assert before - spent == pytest.approx(1.69e22, abs=0.01e22)
    assert (before, spent) == pytest.approx((9.7e22, 8.0e22), abs=0.05e22)


def test_published_example_of_7b_quality_and_1e11_tokens() -> None:
    """The same: 6B on 1.18x the data."""
    found, rival, _, _ = optimum(SARDANA, 7e9, 1e11)
    assert float(found.params) == pytest.approx(6e9, abs=0.05e9)
    assert float(found.tokens / rival.tokens) == pytest.approx(1.18, abs=0.005)


def test_published_example_of_70b_quality_and_2e12_tokens() -> None:
    """The same: a Chinchilla-optimal 70B on 4.26e12 tokens needs 1.3% more FLOPs."""
    _, rival, spent, before = optimum(SARDANA, 70e9, 2e12)
    assert before / spent - 1 == pytest.approx(0.013, abs=0.0005)
    assert float(rival.tokens) == pytest.approx(4.26e12, abs=0.01e12)


def test_rounded_exponents_do_not_give_the_published_example() -> None:
    """Negative control: two digits of alpha and beta give 15.9B, 2.21x and 18%."""
    found, rival, spent, before = optimum(LAWS["hoffmann"].law, 30e9, 1e13)
    assert float(found.params) == pytest.approx(15.9e9, abs=0.05e9)
    assert float(found.tokens / rival.tokens) == pytest.approx(2.21, abs=0.005)
    assert 1 - spent / before == pytest.approx(0.18, abs=0.005)


def test_the_refit_of_besiroglu_gives_another_optimum() -> None:
    """11.6B, computed from the published coefficients when the sources were compared."""
    found, _, _, _ = optimum(LAWS["besiroglu"].law, 30e9, 1e13)
    assert float(found.params) == pytest.approx(11.6e9, abs=0.05e9)


LAW = st.builds(
    LossLaw,
    E=st.floats(0.5, 2.5),
    A=st.floats(50, 2000),
    B=st.floats(50, 5000),
    alpha=st.floats(0.15, 0.7),
    beta=st.floats(0.15, 0.7),
)
SIZE = st.floats(8.0, 12.0).map(lambda x: 10.0**x)
TOKENS = st.floats(8.0, 15.0).map(lambda x: 10.0**x)


@given(LAW, SIZE, TOKENS)
def test_no_model_of_the_same_loss_is_cheaper(law: LossLaw, size: float, inference: float) -> None:
    """Against a minimiser over N that knows nothing of the reduction, and a grid of N."""
    rival = chinchilla_of(law, size)
    loss = float(law.loss(rival.params, rival.tokens))
    train, life = (float(rate) for rate in flop_rates(inference))
    least = (law.A / (loss - law.E)) ** (1 / law.alpha)

    def cost(log_n: float) -> float:
        n = least * np.exp(log_n)
        rest = loss - law.E - law.A * n**-law.alpha
        return float(np.log(n * (train * (law.B / rest) ** (1 / law.beta) + life)))

    found = cheapest(law, loss, train, life)
    spent = float(np.log(found.cost(train, life)))
    assert float(law.loss(found.params, found.tokens)) == pytest.approx(loss, rel=1e-9)
    grid = np.geomspace(1e-4, 30.0, 300)
    assert spent <= min(map(cost, grid)) + 1e-9
    best = minimize_scalar(cost, bounds=(1e-6, 40.0), method="bounded", options={"xatol": 1e-9})
    assert spent <= best.fun + 1e-9


@given(LAW, SIZE)
def test_without_inference_the_optimum_is_chinchilla(law: LossLaw, size: float) -> None:
    rival = chinchilla_of(law, size)
    loss = law.loss(rival.params, rival.tokens)
    for found in (cheapest(law, loss, 6.0, 0.0), chinchilla(law, loss)):
        assert float(found.params) == pytest.approx(size, rel=1e-7)
        assert float(found.tokens) == pytest.approx(float(rival.tokens), rel=1e-7)
    flop = 6.0 * rival.params * rival.tokens
    again = chinchilla_for_flop(law, flop)
    assert float(again.params) == pytest.approx(size, rel=1e-9)
    assert float(again.tokens) == pytest.approx(float(rival.tokens), rel=1e-9)


@pytest.mark.parametrize("law", PUBLISHED)
def test_more_inference_means_a_smaller_model_on_more_tokens(law: LossLaw) -> None:
    rival = chinchilla_of(law, 30e9)
    loss = law.loss(rival.params, rival.tokens)
    found = cheapest(law, loss, 6.0, 2.0 * np.geomspace(1e9, 1e17, 60))
    assert np.all(np.diff(found.params) < 0)
    assert np.all(np.diff(found.tokens) > 0)
    # However much is served, no model is smaller than the loss allows.
    assert np.all(found.params > (law.A / (loss - law.E)) ** (1 / law.alpha))


@given(LAW, SIZE, TOKENS, st.floats(0.01, 100.0))
def test_dearer_flops_of_both_kinds_move_nothing(
    law: LossLaw, size: float, inference: float, price: float
) -> None:
    rival = chinchilla_of(law, size)
    loss = law.loss(rival.params, rival.tokens)
    one = cheapest(law, loss, 6.0, 2.0 * inference)
    other = cheapest(law, loss, 6.0 * price, 2.0 * inference * price)
    assert float(one.params) == pytest.approx(float(other.params), rel=1e-9)


def test_a_better_loss_takes_more_of_everything() -> None:
    found = cheapest(SARDANA, np.linspace(2.4, 1.72, 40), 6.0, 2e13)
    assert np.all(np.diff(found.params) > 0)
    assert np.all(np.diff(found.tokens) > 0)


def test_a_loss_under_the_floor_is_reached_by_no_model() -> None:
    found = cheapest(SARDANA, [1.0, 1.69, 1.7], 6.0, 2e13)
    assert np.isnan(found.params).tolist() == [True, True, False]


def test_draws_are_solved_as_if_each_were_alone() -> None:
    laws = LossLaw(*(np.array([getattr(law, name) for law in PUBLISHED]) for name in (
        "E", "A", "B", "alpha", "beta")))  # fmt: skip
    together = cheapest(laws, 2.0, 6.0, 2e12)
    alone = [cheapest(law, 2.0, 6.0, 2e12) for law in PUBLISHED]
    assert together.params == pytest.approx([float(found.params) for found in alone], rel=1e-12)
    assert together.tokens == pytest.approx([float(found.tokens) for found in alone], rel=1e-12)
