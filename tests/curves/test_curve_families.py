"""What every registered family promises to fitting, choosing and predicting."""

from __future__ import annotations

import json
from typing import get_args

import numpy as np
import pytest
from weighted_squares import objective

from planner.curves.families import FAMILIES, Curved, Family, Kind, Separable
from planner.curves.families.base import Array
from planner.curves.families.imperfect_verifier import ImperfectVerifier
from planner.curves.fit import Points, fit
from planner.curves.select import families_for

N = 2.0 ** np.arange(0, 11)
FAMILY = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


RANGES = {
    "logistic": ([0.3, 1.0, 0.3], [0.95, 50.0, 1.2]),
    "two_level_vote": ([0.2, 0.55, 0.2], [0.8, 0.9, 0.45]),
    "imperfect_verifier": ([0.1, 0.2, 0.005], [0.5, 1.0, 0.06]),
    "overthinking": ([0.1, 0.2, 0.005], [0.5, 1.0, 0.06]),
    "exponentiated_power_law": ([0.3, 0.05], [4.0, 1.0]),
    "beta_binomial": ([0.1, 0.5], [2.0, 50.0]),
    "heavy_tail": ([0.3, 1.0, 0.3], [0.95, 50.0, 1.5]),
}
"""Lowest and highest parameters that a curved family is tried at."""


def members(family: Family, count: int = 60) -> Array:
    """Parameters drawn over what a family is for, shape (curve, parameter)."""
    rng = np.random.default_rng(7)
    if isinstance(family, Separable):
        level, slope = rng.uniform(0.1, 0.5, count), rng.uniform(-0.03, 0.08, count)
        shape = rng.uniform(0.1, 1.5, count)
        columns = [level, slope if family.sloped else 0.0 * slope, shape]
        return np.stack(columns[: len(family.parameters)], axis=-1)
    low, high = RANGES[family.name]
    return rng.uniform(low, high, (count, len(low)))


def one_point_each(theta: Array, family: Family) -> Points:
    y = family.value(N, theta)[None]
    return Points(N, y, np.ones((1, len(N))))


@FAMILY
def test_family_is_described(family: Family) -> None:
    assert FAMILIES[family.name] is family
    assert isinstance(family, Separable | Curved)
    for text in (family.name, family.formula, family.reference, type(family).__doc__):
        assert text
    assert set(family.bounds) == set(family.parameters)
    assert all(low <= high for low, high in family.bounds.values())
    assert family.describes
    assert any(family in families_for(kind) for kind in get_args(Kind))


@FAMILY
def test_value_has_the_shapes_it_promises(family: Family) -> None:
    theta = members(family, 6)
    flat = family.value(N, theta)
    assert flat.shape == (6, len(N))
    stacked = family.value(np.stack([N, 2 * N])[:, None], theta.reshape(2, 3, -1))
    assert stacked.shape == (2, 3, len(N))
    assert np.allclose(stacked[0], flat[:3])
    assert family.ceiling(theta).shape == (6,)


@FAMILY
def test_fit_recovers_its_own_curves(family: Family) -> None:
    theta = members(family)
    points = one_point_each(theta, family)
    fitted = fit(family, points)[0]
    assert np.abs(family.value(N, fitted) - points.y[0]).max() < 1e-7
    steep = np.abs(theta[:, 1]) > 0.005 if isinstance(family, Separable) else slice(None)
    assert fitted[steep] == pytest.approx(theta[steep], rel=1e-3, abs=1e-5)


@FAMILY
def test_ceiling_is_where_the_curve_goes(family: Family) -> None:
    theta = members(family)
    # Below the n at which the shape of a vote over half of them is no number any more.
    far = family.value(np.array([1e250 if family.name != "two_level_vote" else 1e7]), theta)[:, 0]
    ceiling = family.ceiling(theta)
    bounded = np.isfinite(ceiling)
    assert far[bounded] == pytest.approx(
        ceiling[bounded], abs=0.06 if isinstance(family, ImperfectVerifier) else 1e-6
    )
    assert np.all(np.sign(ceiling[~bounded]) == np.sign(far[~bounded]))


@FAMILY
def test_a_monotone_family_never_turns(family: Family) -> None:
    steps = np.diff(family.value(np.geomspace(1, 4096, 200), members(family)), axis=-1)
    if family.monotone:
        assert np.all((steps >= -1e-12).all(-1) | (steps <= 1e-12).all(-1))
    if family.describes == {"coverage"}:
        assert np.all(steps >= -1e-12)


@FAMILY
def test_published_parameters_are_plain_numbers(family: Family) -> None:
    published = family.published(members(family, 1)[0])
    assert published
    assert json.loads(json.dumps(published)) == published


@FAMILY
@pytest.mark.parametrize(
    "y",
    [
        np.zeros(11),
        np.ones(11),
        np.full(11, 0.3),
        np.r_[np.zeros(10), 1.0],
        np.r_[1.0, np.zeros(10)],
        np.linspace(0.9, 0.1, 11),
        np.r_[0.2, 0.9, np.full(9, 0.2)],
    ],
    ids=["zero", "one", "flat", "last jumps", "first only", "falls", "spike"],
)
@pytest.mark.parametrize("kept", [11, 3, 2, 1])
@pytest.mark.parametrize("rising", [False, True])
def test_degenerate_curves_end_in_numbers(
    family: Family, y: Array, kept: int, rising: bool
) -> None:
    weight = np.where(np.arange(11) < kept, 1.0, 0.0)[None]
    theta = fit(family, Points(N, y[None, None], weight), rising)[0, 0]
    assert np.isfinite(theta).all()
    assert np.isfinite(family.value(N, theta)).all()
    if rising and family.monotone:
        assert np.all(np.diff(family.value(N, theta)) >= -1e-9)


@FAMILY
def test_derivatives_are_those_of_the_formula(family: Family) -> None:
    theta = members(family, 20)
    h = 1e-5
    if isinstance(family, Curved):
        for i, column in enumerate(family.gradient(N, theta)):
            step = np.eye(theta.shape[1])[i] * h
            numeric = (family.value(N, theta + step) - family.value(N, theta - step)) / (2 * h)
            assert column == pytest.approx(numeric, abs=1e-6)
    elif isinstance(family, Separable) and family.shaped:
        shape = np.array([0.05, 0.5, 2.0])[:, None]
        value, first, second = family.basis_slopes(N, shape)
        up, down = (family.basis_slopes(N, shape + d) for d in (h, -h))
        assert value == pytest.approx(family.basis(N, shape), rel=1e-12, abs=1e-13)
        assert first == pytest.approx((up[0] - down[0]) / (2 * h), rel=1e-5, abs=1e-5)
        assert second == pytest.approx((up[1] - down[1]) / (2 * h), rel=1e-5, abs=1e-5)


def battery() -> Array:
    """Noisy curves that rise, saturate, or peak, and degenerate ones, shape (curve, n)."""
    rng = np.random.default_rng(11)
    curves = []
    for questions in (200, 500, 10**6):
        truths = [0.7 - 0.4 * N ** -rng.uniform(0.1, 1.5) for _ in range(3)]
        truths += [np.exp(-rng.uniform(0.5, 4.0) * N ** -rng.uniform(0.1, 0.9)) for _ in range(2)]
        truths.append((0.7 - 0.3 * N**-0.7) * N**-0.03)
        curves += [rng.binomial(questions, truth) / questions for truth in truths]
    spike = np.r_[0.2, 0.9, np.full(9, 0.2)]
    last = np.r_[np.zeros(10), 1.0]
    fall = np.linspace(0.9, 0.1, 11)
    return np.array([*curves, np.zeros(11), np.ones(11), np.full(11, 0.3), last, fall, spike])


@FAMILY
def test_no_optimiser_from_any_start_finds_a_better_fit(family: Family) -> None:
    """Objectives within 1e-9 of least_squares from many starts, of degenerate curves too."""
    y = battery()
    rng = np.random.default_rng(3)
    weight = rng.uniform(0.5, 2.0, y.shape)
    points = Points(N, y[:, None], weight)
    theta = fit(family, points)
    found = objective(family, points, theta)[:, 0]
    for i in range(len(y)):
        best = lowest(family, y[i], weight[i], theta[i, 0], rng)
        assert found[i] <= best * (1.0 + 1e-9) + 1e-13 * weight[i].sum(), f"curve {i}"


def lowest(family: Family, y: Array, weight: Array, near: Array, rng: np.random.Generator) -> float:
    """The least weighted sum of squares by scipy, from `near` and from random starts."""
    from scipy.optimize import least_squares

    logs = [isinstance(family, Curved) and name in family.logs for name in family.parameters]
    low, high = (np.array(edge) for edge in zip(*family.bounds.values(), strict=True))
    low = np.where(low == high, low - 1e-12, low)
    span = np.clip([low, high], -1.0, 2.0)
    ends = [np.where(logs, np.log(np.where(logs, e, 1.0)), e) for e in (low, high)]
    span = np.where(logs, ends, span)
    first = np.where(logs, np.log(np.where(logs, near, 1.0)), near)

    def residual(t: Array) -> Array:
        theta = np.where(logs, np.exp(np.where(logs, t, 0.0)), t)
        return np.asarray(np.sqrt(weight) * (family.value(N, theta) - y))

    edge = 1e-12 * np.maximum(1.0, np.abs(first))
    found = []
    for start in (first, *rng.uniform(span[0], span[1], (4, len(first)))):
        inside = np.clip(start, ends[0] + edge, ends[1] - edge)
        solved = least_squares(
            residual, inside, bounds=ends, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=400
        )
        found.append(2.0 * solved.cost)
    return min(found)
