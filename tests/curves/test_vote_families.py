"""Votes and picks that rise and fall: closed forms, published values, and where to stop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.curves import Curve, CurveBook, curves_json, fit_curves
from planner.curves.families.imperfect_verifier import ImperfectVerifier
from planner.curves.families.two_level_vote import TwoLevelVote
from planner.curves.families.vote_table import vote, vote_from_table
from planner.domain.draws import Draws
from planner.domain.observation import ALL, Observation, Observations

CHEN = np.array([0.6, 0.85, 0.4])
"""Chen et al. 2024, arXiv:2403.02419: 60% easy questions at .85, the others at .4."""


def curve_at(method: str, points: dict[int, float], questions: int) -> Curve:
    rows = tuple(
        Observation(
            model="m",
            method=method,
            question_set="Q",
            bucket=ALL,
            n_samples=n,
            accuracy=accuracy,
            n_questions=questions,
        )
        for n, accuracy in points.items()
    )
    table = Observations(rows, ("obs.csv:2",) * len(rows), {})
    (curve,) = fit_curves(table, Draws(200)).values()
    return curve


def binomial_majority(k: int, p: float) -> float:
    return sum(
        math.comb(k, right) * p**right * (1 - p) ** (k - right)
        for right in range(k // 2 + 1, k + 1)
    )


@pytest.mark.parametrize("k", [1, 3, 5, 21, 101])
@pytest.mark.parametrize("p", [0.05, 0.4, 0.5, 0.85])
def test_a_vote_over_an_odd_number_is_the_binomial_majority(k: int, p: float) -> None:
    assert vote(np.array([float(k)]), np.array([p]))[0] == pytest.approx(
        binomial_majority(k, p), rel=1e-12, abs=1e-15
    )


def test_votes_of_the_two_level_model_come_out_as_published() -> None:
    family = TwoLevelVote()
    odd = np.arange(1.0, 100.0, 2.0)
    value = family.value(odd, CHEN)
    assert value[0] == pytest.approx(0.67)
    assert value[2] == pytest.approx(0.7110, abs=5e-5)
    assert odd[value.argmax()] == 5
    assert family.peak(*CHEN) == 5
    assert family.ceiling(CHEN) == pytest.approx(0.6)
    assert family.value(np.array([1e6]), CHEN)[0] == pytest.approx(0.6, abs=1e-6)


@given(st.floats(0.05, 0.95), st.floats(0.55, 0.95), st.floats(0.05, 0.45))
def test_the_peak_of_votes_is_where_brute_force_finds_it(easy: float, p1: float, p2: float) -> None:
    family = TwoLevelVote()
    odd = np.arange(1.0, 4001.0, 2.0)
    value = family.value(odd, np.array([easy, p1, p2]))
    peak = family.peak(easy, p1, p2)
    if peak is not None and peak < 4000:
        assert value[(peak - 1) // 2] == pytest.approx(value.max(), abs=1e-9)


def test_what_votes_lose_beyond_their_peak_is_not_missed() -> None:
    """Measured up to n = 11, the curve peaks at 5; without the two-level family it would not."""
    odd = (1, 3, 5, 7, 9, 11)
    exact = TwoLevelVote().value(np.array(odd, dtype=float), CHEN)
    seen = dict(zip(odd, map(float, exact), strict=True))
    curve = curve_at("majority_vote", seen, 100_000)
    assert max(curve.weights, key=curve.weights.__getitem__) == "two_level_vote"
    found = curve.accuracy([5, 11, 101])[0]
    assert found[0] > found[1] > found[2]
    document = curves_json(_book(curve), [5, 101])["curves"][0]
    assert document["peak_n"] == pytest.approx(5, abs=0.6)
    coverage = curve_at("oracle_best_of_n", seen, 100_000)
    assert "two_level_vote" not in coverage.weights, "coverage never falls"


def _book(curve: Curve) -> CurveBook:
    return CurveBook([curve])


@pytest.mark.parametrize("theta", [(0.3, 0.7, 0.05), (0.6, 0.4, 0.02), (0.1, 1.0, 0.2)])
def test_the_peak_of_an_imperfect_verifier_is_where_its_formula_has_it(
    theta: tuple[float, float, float],
) -> None:
    family = ImperfectVerifier()
    n = np.geomspace(1.0, 1e4, 200_001)
    value = family.value(n, np.array(theta))
    assert family.peak(*theta) == pytest.approx(n[value.argmax()], rel=1e-3)
    assert value[0] == pytest.approx(theta[0])


def test_a_perfect_verifier_never_peaks_and_a_hopeless_one_peaks_at_once() -> None:
    assert ImperfectVerifier.peak(0.3, 0.5, 0.0) == math.inf
    assert ImperfectVerifier.peak(1.0, 0.5, 0.1) == 1.0
    assert ImperfectVerifier.peak(0.9, 0.01, 0.5) == 1.0


@pytest.mark.parametrize("n", [(1.0, 2.0, 3.0, 5.0), (1.0, 64.0, 1024.0), (16.0, 1e5)])
def test_the_table_of_votes_is_the_incomplete_beta_function(n: tuple[float, ...]) -> None:
    rng = np.random.default_rng(1)
    p = np.r_[rng.uniform(size=500), 0.5 + 0.01 * rng.normal(size=500), 0.0, 1e-6, 0.5, 1.0]
    at = np.array(n)
    assert vote_from_table(at, p[:, None]) == pytest.approx(vote(at, p[:, None]), abs=1e-10)
