"""Choosing the best of noisy options: how much it flatters, and that the remedies take it off."""

from __future__ import annotations

import numpy as np
import pytest

from planner.allocate.optimism import (
    Array,
    best_only,
    shared_error,
    shrink,
    simulated_optimism,
    split_optimism,
)

OPTIONS, QUESTIONS, TRUTH = 20, 500, 0.5
ERROR = np.full(OPTIONS, np.sqrt(TRUTH * (1 - TRUTH) / QUESTIONS))


def equal_options(rng: np.random.Generator) -> Array:
    return rng.binomial(QUESTIONS, TRUTH, OPTIONS) / QUESTIONS


def test_twenty_equal_options_flatter_by_four_points_and_shrunk_ones_do_not() -> None:
    rng = np.random.default_rng(0)
    plain, shrunk, corrected = [], [], []
    for seed in range(200):
        estimate = equal_options(rng)
        best = shrink(estimate, ERROR).value.max()
        left = simulated_optimism(estimate, ERROR, repeats=20, seed=seed).mean
        plain.append(estimate.max() - TRUTH)
        shrunk.append(best - TRUTH)
        corrected.append(best - left - TRUTH)
    # The highest of twenty standard normals is 1.867 on average: 1.867 * 2.24 points.
    assert np.mean(plain) == pytest.approx(1.867 * ERROR[0], abs=0.002)
    # Noise sometimes looks like a spread between options, and no spread is less than 0.
    assert abs(np.mean(shrunk)) < 0.006
    # What is left is measured by simulation and taken off.
    assert abs(np.mean(corrected)) < 0.003


def test_differing_options_are_chosen_as_well_and_stated_truly() -> None:
    rng = np.random.default_rng(1)
    plain, stated, worth = [], [], []
    for _ in range(300):
        truth = rng.normal(0.5, 0.04, OPTIONS)
        estimate = truth + rng.normal(0, 1, OPTIONS) * ERROR
        found = shrink(estimate, ERROR).value
        plain.append(estimate.max() - truth[estimate.argmax()])
        stated.append(found.max() - truth[found.argmax()])
        worth.append(truth[found.argmax()] - truth.mean())
    assert np.mean(plain) > 0.015
    assert abs(np.mean(stated)) < 0.004
    assert np.mean(worth) > 0.06


def test_an_exactly_known_option_is_not_moved_and_a_noisy_one_is_the_most() -> None:
    found = shrink(np.array([0.3, 0.5, 0.7, 0.9]), np.array([0.0, 0.01, 0.1, 1.0]))
    moved = np.abs(found.value - [0.3, 0.5, 0.7, 0.9])
    assert moved[0] == 0
    assert (np.diff(moved) > 0).all()
    assert found.sd[0] == 0


def test_groups_are_shrunk_towards_their_own_mean() -> None:
    estimate = np.array([0.2, 0.22, 0.21, 0.8, 0.82, 0.81])
    found = shrink(estimate, np.full(6, 0.05), np.array([0, 0, 0, 1, 1, 1]))
    assert found.value == pytest.approx([0.21] * 3 + [0.81] * 3, abs=1e-9)
    assert found.spread == pytest.approx(np.zeros(6))


def test_errors_that_options_share_do_not_shrink_what_tells_them_apart() -> None:
    estimate, error = np.linspace(0.4, 0.6, 9), np.full(9, 0.06)
    alone, together = (shrink(estimate, error, correlation=c).value for c in (0.0, 0.9))
    assert np.ptp(together) > 1.5 * np.ptp(alone)


def test_estimates_without_any_difference_stay() -> None:
    for error in (0.0, 0.1):
        found = shrink(np.full(3, 0.4), np.full(3, error))
        assert found.value == pytest.approx([0.4] * 3)


def test_halves_show_the_optimism_of_a_plain_choice_and_its_absence_when_shrunk() -> None:
    rng = np.random.default_rng(2)
    plain, shrunk = [], []
    for seed in range(12):
        correct = (rng.random((QUESTIONS, OPTIONS)) < TRUTH).astype(float)
        plain.append(split_optimism(correct, shrunk=False, repeats=10, seed=seed).mean)
        shrunk.append(split_optimism(correct, repeats=10, seed=seed).mean)
    # Half the questions: the square root of two times the four points of all of them.
    assert np.mean(plain) == pytest.approx(1.867 * ERROR[0] * np.sqrt(2), abs=0.012)
    assert abs(np.mean(shrunk)) < 0.012


def test_simulation_from_aggregates_shows_the_same() -> None:
    rng = np.random.default_rng(3)
    plain = [
        simulated_optimism(equal_options(rng), ERROR, shrunk=False, repeats=100, seed=s).mean
        for s in range(10)
    ]
    shrunk = [
        simulated_optimism(equal_options(rng), ERROR, repeats=100, seed=s).mean for s in range(10)
    ]
    assert 0.03 < np.mean(plain) < 0.045
    assert abs(np.mean(shrunk)) < 0.008


def test_the_same_seed_gives_the_same_optimism_and_another_does_not() -> None:
    estimate = equal_options(np.random.default_rng(4))
    first, same, other = (
        simulated_optimism(estimate, ERROR, repeats=20, seed=s, shrunk=False) for s in (1, 1, 2)
    )
    assert first == same
    assert first != other


def test_questions_of_uneven_difficulty_show_that_options_share_errors() -> None:
    rng = np.random.default_rng(5)
    easy = rng.random(800) < 0.5
    alike = (rng.random((800, 4)) < np.where(easy, 0.95, 0.05)[:, None]).astype(float)
    assert shared_error(alike) > 0.6
    assert shared_error((rng.random((800, 4)) < 0.5).astype(float)) < 0.1
    assert shared_error(np.ones((10, 3))) == 0


def test_all_of_the_plan_goes_to_the_best_of_each_row() -> None:
    assert best_only(np.array([[0.1, 0.3], [0.9, 0.3]])).tolist() == [[0, 1], [1, 0]]


def test_what_cannot_be_shrunk_or_halved_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        shrink(np.ones(2), np.array([-1.0, 1.0]))
    with pytest.raises(ValueError, match="correlation is 1"):
        shrink(np.ones(2), np.ones(2), correlation=1.0)
    with pytest.raises(ValueError, match="at least 4"):
        split_optimism(np.ones((3, 2)))
