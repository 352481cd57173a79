"""Best of n with a checker that errs, against simulation and against coverage."""

from __future__ import annotations

import numpy as np
import pytest

from planner.options.checked import (
    Checker,
    beta_nodes,
    beta_of,
    checked,
    checked_over_beta,
)

PERFECT = Checker(0.0, 0.0, 0.0)


def simulated(
    p: np.ndarray, n: int, checker: Checker, rng: np.random.Generator
) -> tuple[float, float]:
    """(accuracy, checks) by drawing and checking the samples of every question."""
    right = rng.random((len(p), n)) < p[:, None]
    roll = rng.random((len(p), n))
    passes = np.where(
        right, roll >= checker.false_negative_rate, roll < checker.false_positive_rate
    )
    some = passes.any(axis=1)
    first = np.where(some, passes.argmax(axis=1), n - 1)
    picked = right[np.arange(len(p)), first]
    return float(picked.mean()), float((first + 1).mean())


@pytest.mark.parametrize("n", [1, 2, 7, 40])
@pytest.mark.parametrize("errors", [(0.0, 0.0), (0.1, 0.0), (0.0, 0.3), (0.05, 0.2), (0.4, 0.5)])
@pytest.mark.parametrize("shape", [(0.3, 0.9), (2.0, 5.0)])
def test_accuracy_and_checks_are_those_of_a_simulation(
    n: int, errors: tuple[float, float], shape: tuple[float, float]
) -> None:
    rng = np.random.default_rng(n)
    checker = Checker(0.001, *errors)
    p = rng.beta(*shape, size=40_000)
    accuracy, checks = simulated(p, n, checker, rng)
    found = checked_over_beta(np.array([shape[0]]), np.array([shape[1]]), n, checker)
    assert found.accuracy[0] == pytest.approx(accuracy, abs=0.01)
    assert found.checks[0] == pytest.approx(checks, rel=0.02)
    by_question = checked(p, n, checker)
    assert by_question.accuracy.mean() == pytest.approx(accuracy, abs=0.01)


@pytest.mark.parametrize("n", [1, 3, 16, 64])
def test_a_checker_without_errors_has_coverage(n: int) -> None:
    from scipy.special import betaln

    alpha, beta = np.array([0.2, 1.0, 4.0]), np.array([0.7, 1.0, 9.0])
    coverage = -np.expm1(betaln(alpha, beta + n) - betaln(alpha, beta))
    assert checked_over_beta(alpha, beta, n, PERFECT).accuracy == pytest.approx(coverage, abs=1e-9)


def test_one_sample_is_as_right_as_it_is_whatever_the_checker() -> None:
    p = np.linspace(0, 1, 11)
    assert checked(p, 1, Checker(0.1, 0.3, 0.2)).accuracy == pytest.approx(p)


def test_a_checker_that_passes_everything_gains_nothing_from_samples() -> None:
    p = np.linspace(0, 1, 11)
    found = checked(p, 50, Checker(0.1, 1.0, 0.0))
    assert found.accuracy == pytest.approx(p)
    assert found.checks == pytest.approx(np.ones(11))


def test_the_quadrature_has_the_moments_of_the_distribution() -> None:
    alpha, beta = np.array([0.1, 1.0, 0.5, 30.0]), np.array([0.1, 1.0, 2.5, 70.0])
    p, weight = beta_nodes(alpha, beta)
    mean = alpha / (alpha + beta)
    square = mean * (alpha + 1) / (alpha + beta + 1)
    assert weight.sum(axis=1) == pytest.approx(np.ones(4))
    assert (p * weight).sum(axis=1) == pytest.approx(mean)
    assert (p**2 * weight).sum(axis=1) == pytest.approx(square)


def test_a_beta_is_found_again_from_its_first_and_last_coverage() -> None:
    from scipy.special import betaln

    alpha, beta = np.array([0.3, 2.0]), np.array([0.9, 5.0])
    many = -np.expm1(betaln(alpha, beta + 32) - betaln(alpha, beta))
    found = beta_of(alpha / (alpha + beta), many, 32)
    assert found[0] == pytest.approx(alpha, rel=1e-6)
    assert found[1] == pytest.approx(beta, rel=1e-6)
