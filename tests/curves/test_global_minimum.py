"""Fits end in the lowest minimum there is, whatever the curve."""

from __future__ import annotations

import numpy as np
import pytest
from weighted_squares import objective

from planner.curves.families import FAMILIES, Curved, Family, Separable
from planner.curves.families.base import Array
from planner.curves.fit import Points, fit
from planner.curves.gauss_newton import gauss_newton

FEW, MANY = 2.0 ** np.arange(5), 2.0 ** np.arange(11)
STARTS = 40


def curves(n: Array, seed: int, count: int = 24) -> Array:
    """Noisy curves that rise, fall, peak or do nothing, pure noise, and degenerate ones."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(count):
        truth = (
            0.7 - 0.4 * n ** -rng.uniform(0.1, 1.5),
            np.exp(-rng.uniform(0.5, 4.0) * n ** -rng.uniform(0.1, 0.9)),
            (0.7 - 0.3 * n**-0.7) * n ** -rng.uniform(0.0, 0.1),
            np.full(len(n), rng.uniform()),
            rng.uniform(size=len(n)),
            FAMILIES["two_level_vote"].value(n, rng.uniform([0.2, 0.55, 0.2], [0.85, 0.9, 0.47])),
        )[i % 6]
        questions = rng.choice([30, 200, 1000, 10**5])
        found.append(rng.binomial(questions, np.clip(truth, 0.0, 1.0)) / questions)
    zeros = np.zeros(len(n) - 1)
    spike = np.r_[0.2, 0.9, np.full(len(n) - 2, 0.2)]
    degenerate = [np.r_[zeros, 0.0], np.r_[zeros, 0.0] + 1.0, np.r_[zeros, 1.0], np.r_[1.0, zeros]]
    return np.array([*found, *degenerate, spike, np.linspace(0.9, 0.1, len(n))])


def of_kind(kind: type[Family]) -> pytest.MarkDecorator:
    named = {name: f for name, f in FAMILIES.items() if isinstance(f, kind)}
    return pytest.mark.parametrize("family", named.values(), ids=named)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("n", [FEW, MANY], ids=["5 points", "11 points"])
@of_kind(Curved)
def test_no_start_anywhere_leads_lower(family: Curved, n: Array, seed: int) -> None:
    """Within 1e-9 of the best of 40 descents from all over the parameters and their edges."""
    y = curves(n, seed)
    rng = np.random.default_rng(100 + seed)
    weight = rng.uniform(0.5, 2.0, y.shape)
    points = Points(n, y[:, None], weight)
    found = objective(family, points, fit(family, points))[:, 0]
    low, high = np.array(list(family.bounds.values())).T
    logs = np.array([name in family.logs for name in family.parameters])
    ends = [np.where(logs, np.log(np.where(logs, end, 1.0)), end) for end in (low, high)]
    start = rng.uniform(*ends, (len(y) * STARTS, len(low)))
    at_edge = rng.random((2, *start.shape)) < np.array([0.1, 0.5])[:, None, None]
    start = np.where(at_edge[0], np.where(at_edge[1], *ends), start)
    start = np.where(logs, np.exp(np.where(logs, start, 0.0)), start)
    every = np.repeat(y, STARTS, axis=0), np.repeat(weight, STARTS, axis=0)
    best = gauss_newton(family, n, *every, start)[1].reshape(-1, STARTS).min(1)
    assert np.all(found <= best * (1.0 + 1e-9) + 1e-13 * weight.sum(1))


@pytest.mark.parametrize(
    ("seed", "curve", "lower"),
    [
        (30, 11, (0.15538, 0.96706, 0.3599)),
        (33, 15, (0.61537, 0.95428, 1e-6)),
        (38, 27, (0.01967, 1.0 - 1e-6, 0.29626)),
        (41, 5, (0.72428, 0.93334, 0.0088)),
    ],
)
def test_votes_that_once_ended_in_a_wrong_minimum_do_not(
    seed: int, curve: int, lower: tuple[float, ...]
) -> None:
    """`lower` was found by descents from 40 starts, where fewer starts of the fit missed it."""
    family = FAMILIES["two_level_vote"]
    assert isinstance(family, Curved)
    y = curves(FEW, seed)
    weight = np.random.default_rng(100 + seed).uniform(0.5, 2.0, y.shape)[curve, None]
    points = Points(FEW, y[curve, None, None], weight)
    found = objective(family, points, fit(family, points))[0, 0]
    best = gauss_newton(family, FEW, y[curve, None], weight, np.array([lower]))[1][0]
    assert found <= best * (1.0 + 1e-9)


@pytest.mark.parametrize("n", [FEW, MANY], ids=["5 points", "11 points"])
@of_kind(Separable)
def test_no_shape_within_bounds_fits_better(family: Separable, n: Array) -> None:
    """Within 1e-9 of 4,001 shapes from bound to bound, and of all shapes around the best."""
    y = np.concatenate([curves(n, seed) for seed in (0, 1, 2)])
    weight = np.random.default_rng(7).uniform(0.5, 2.0, y.shape)
    points = Points(n, y[:, None], weight)
    theta = fit(family, points)
    found = objective(family, points, theta)[:, 0]
    if not family.shaped:
        design = np.stack([np.ones(len(n)), family.basis(n, family.shapes[0])])
        for i in range(len(y)):
            root = np.sqrt(weight[i])
            left = y[i] - np.linalg.lstsq((design * root).T, y[i] * root, rcond=None)[0] @ design
            assert found[i] <= (weight[i] * left**2).sum() * (1.0 + 1e-9) + 1e-13
        return
    low, high = family.bounds[list(family.bounds)[-1]]
    assert theta[..., 2].min() >= low
    assert theta[..., 2].max() <= high
    grid = np.geomspace(low, high, 4_001)
    best = profile(family, points, np.repeat(grid[None], len(y), axis=0))
    width = (high / low) ** (1 / 4_000)
    for _ in range(3):
        at, step = best[1][:, None], np.linspace(-1.0, 1.0, 41)
        shapes = np.clip(at * width**step, low, high)
        best, width = profile(family, points, shapes), width ** (1 / 20)
    assert np.all(found <= best[0] * (1.0 + 1e-9) + 1e-13 * weight.sum(1))


def profile(family: Separable, points: Points, shapes: Array) -> tuple[Array, Array]:
    """(lowest objective, its shape) over shapes (curve, shape), each (curve,)."""
    each = Points(points.n, np.repeat(points.y, shapes.shape[1], axis=1), points.weight)
    errors = objective(family, each, fit(family, each, shape=shapes))
    best = errors.argmin(1)
    rows = np.arange(len(shapes))
    return errors[rows, best], shapes[rows, best]
