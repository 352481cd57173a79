"""The loss law comes back from runs that follow it, and from the published ones."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from planner.curves.training_loss import LossLaw, fit_loss_law


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
    assert pytest.approx(12_846, rel=0.1) == everything.B
    assert everything.beta == pytest.approx(0.453, abs=0.01)


@pytest.mark.realdata
def test_published_coverage_of_the_largest_pythia(shared_data: Path) -> None:
    from planner.measure.coverage import pass_at_k

    with (shared_data / "published" / "brown2024_pythia_math_per_question.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "Pythia 12B"]
    correct = [int(float(row["n_correct"])) for row in rows]
    coverage = pass_at_k(correct, 10_000, [1, 10, 100, 1000, 10_000])
    assert coverage == pytest.approx([0.0232, 0.1568, 0.4834, 0.7233, 0.8750], abs=5e-5)
