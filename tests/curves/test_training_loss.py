"""The loss law comes back from runs that follow it, and from the published ones."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from planner.curves.training_loss import LossLaw, Runs, fit_loss_law, resampled_laws


def test_a_known_law_comes_back() -> None:
    law = LossLaw(1.69, 406.4, 410.7, 0.336, 0.283)
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7.5, 10.5, 120), 10 ** rng.uniform(9.0, 11.5, 120)
    found = fit_loss_law(params, tokens, law.loss(params, tokens))
    assert (found.E, found.alpha, found.beta) == pytest.approx((1.69, 0.336, 0.283), abs=2e-3)
    assert found.loss(params, tokens) == pytest.approx(law.loss(params, tokens), rel=1e-4)


def test_too_few_runs_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 5 runs"):
        fit_loss_law(np.full(5, 1e9), np.full(5, 1e10), np.full(5, 2.5))


def test_a_known_law_with_samples_comes_back() -> None:
    law = LossLaw(1.7, 400, 900, 0.34, 0.32, 0.5, 0.4)
    rng = np.random.default_rng(1)
    params, tokens = 10 ** rng.uniform(7.5, 10.5, 150), 10 ** rng.uniform(9.0, 11.5, 150)
    samples = 2.0 ** rng.integers(0, 9, 150)
    found = fit_loss_law(params, tokens, law.loss(params, tokens, samples), samples)
    assert (found.alpha, found.beta, found.gamma) == pytest.approx((0.34, 0.32, 0.4), abs=5e-3)
    assert pytest.approx([1.7, 0.5], abs=0.02) == [found.E, found.G]
    with pytest.raises(ValueError, match="seven coefficients need more than 7 runs"):
        fit_loss_law(params[:7], tokens[:7], np.full(7, 2.5), samples[:7])


def test_no_nearby_law_fits_noisy_runs_better() -> None:
    """Against a general minimiser that starts at the law found, outliers among the runs."""
    law = LossLaw(1.69, 406.4, 410.7, 0.336, 0.283)
    rng = np.random.default_rng(2)
    params, tokens = 10 ** rng.uniform(7.5, 10.5, 80), 10 ** rng.uniform(9.0, 11.5, 80)
    loss = law.loss(params, tokens) * np.exp(0.003 * rng.standard_t(2, 80))
    found = fit_loss_law(params, tokens, loss)

    def objective(theta: np.ndarray) -> float:
        e, a, b, alpha, beta = theta
        modelled = np.log(np.exp(e) + np.exp(a) * params**-alpha + np.exp(b) * tokens**-beta)
        size = np.abs(modelled - np.log(loss))
        return 1e6 * float(np.where(size <= 1e-3, size**2 / 2, 1e-3 * (size - 5e-4)).sum())

    at = np.array([np.log(found.E), np.log(found.A), np.log(found.B), found.alpha, found.beta])
    better = minimize(objective, at, method="Nelder-Mead", options={"maxiter": 1500})
    assert objective(at) <= better.fun * (1 + 1e-6)


def test_resampled_laws_hold_the_true_one() -> None:
    law = LossLaw(1.69, 406.4, 410.7, 0.336, 0.283)
    held = np.zeros(3)
    rng = np.random.default_rng(3)
    for _ in range(8):
        params, tokens = 10 ** rng.uniform(7.5, 10.5, 100), 10 ** rng.uniform(9.0, 11.5, 100)
        loss = law.loss(params, tokens) * np.exp(0.005 * rng.standard_normal(100))
        counts = rng.multinomial(100, np.full(100, 0.01), 60).astype(float)
        found = resampled_laws(Runs(params, tokens, loss), counts)
        for i, (values, truth) in enumerate(
            ((found.E, law.E), (found.alpha, law.alpha), (found.beta, law.beta))
        ):
            low, high = np.quantile(values[1:], [0.05, 0.95])
            held[i] += low <= truth <= high
    assert np.all(held >= 5)


def test_the_highest_losses_are_left_out_and_the_order_is_kept() -> None:
    runs = Runs(np.arange(1.0, 6.0), np.ones(5), np.array([3.0, 9.0, 2.0, 8.0, 1.0]), np.ones(5))
    kept = runs.without_highest(2)
    assert kept.params.tolist() == [1, 3, 5]
    assert kept.samples is not None
    assert len(kept.samples) == 3


@pytest.mark.realdata
def test_published_standard_errors_of_the_chinchilla_refit(shared_data: Path) -> None:
    """Bootstrap of the replication: E .0246, A 120, B 1259, alpha .0151, beta .0198."""
    with (shared_data / "chinchilla" / "chinchilla_loss.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    params, flop, loss = (
        np.array([float(row[name]) for row in rows]) for name in ("params", "train_flop", "value")
    )
    runs = Runs(params, flop / (6.0 * params), loss).without_highest(5)
    counts = np.random.default_rng(0).multinomial(240, np.full(240, 1 / 240), 400).astype(float)
    laws = resampled_laws(runs, counts)
    spread = [
        float(np.std(values[1:])) for values in (laws.E, laws.A, laws.B, laws.alpha, laws.beta)
    ]
    assert spread == pytest.approx([0.0246, 120.4, 1258.9, 0.0151, 0.0198], rel=0.15)


@pytest.mark.realdata
def test_published_refit_of_the_chinchilla_runs(shared_data: Path) -> None:
    """Besiroglu et al. 2024: E 1.817, A 482, B 2085, alpha .3478, beta .3659.

    They drop the five highest losses; with them B and beta leap (negative control).
    """
    with (shared_data / "chinchilla" / "chinchilla_loss.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    params, flop, loss = (
        np.array([float(row[name]) for row in rows]) for name in ("params", "train_flop", "value")
    )
    tokens = flop / (6.0 * params)
    kept = np.argsort(loss)[:-5]
    law = fit_loss_law(params[kept], tokens[kept], loss[kept])
    assert pytest.approx(1.8172, abs=0.003) == law.E
    assert pytest.approx(477.8, rel=0.02) == law.A
    assert pytest.approx(2143, rel=0.04) == law.B
    assert law.alpha == pytest.approx(0.3473, abs=0.002)
    assert law.beta == pytest.approx(0.3672, abs=0.003)
    everything = fit_loss_law(params, tokens, loss)
    assert pytest.approx(12_846, rel=0.01) == everything.B
    assert everything.beta == pytest.approx(0.453, abs=0.001)


@pytest.mark.realdata
def test_published_coverage_of_the_largest_pythia(shared_data: Path) -> None:
    from planner.measure.coverage import pass_at_k

    with (shared_data / "published" / "brown2024_pythia_math_per_question.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "Pythia 12B"]
    correct = [int(float(row["n_correct"])) for row in rows]
    coverage = pass_at_k(correct, 10_000, [1, 10, 100, 1000, 10_000])
    assert coverage == pytest.approx([0.0232, 0.1568, 0.4834, 0.7233, 0.8750], abs=5e-5)
