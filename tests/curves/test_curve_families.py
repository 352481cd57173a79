"""What every registered family promises to fitting, choosing and predicting."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from planner.curves.families import FAMILIES, Curved, Family, Separable
from planner.curves.families.base import Array
from planner.curves.fit import Points, fit, objective
from planner.curves.select import families_for

N = 2.0 ** np.arange(0, 11)
FAMILY = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)


def members(family: Family, count: int = 60) -> Array:
    """Parameters drawn over what a family is for, shape (curve, parameter)."""
    rng = np.random.default_rng(7)
    if isinstance(family, Separable):
        level, slope = rng.uniform(0.1, 0.5, count), rng.uniform(-0.03, 0.08, count)
        shape = rng.uniform(0.1, 1.5, count)
        columns = [level, slope if family.sloped else 0.0 * slope, shape]
        return np.stack(columns[: len(family.parameters)], axis=-1)
    low, high = np.array(list(family.bounds.values())).T
    return np.clip(rng.uniform([0.3, 0.05], [4.0, 1.0], (count, 2)), low, high)


def one_point_each(theta: Array, family: Family) -> Points:
    y = family.value(N, theta)[None]
    return Points(N[None], y, np.ones((1, len(N))))


@FAMILY
def test_family_is_described(family: Family) -> None:
    assert FAMILIES[family.name] is family
    assert isinstance(family, Separable | Curved)
    for text in (family.name, family.formula, family.reference, type(family).__doc__):
        assert text
    assert set(family.bounds) == set(family.parameters)
    assert all(low <= high for low, high in family.bounds.values())
    assert family.describes
    assert any(family in families_for(kind) for kind in ("coverage", "selection"))


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
    assert fitted[steep] == pytest.approx(theta[steep], rel=1e-3, abs=1e-6)


@FAMILY
def test_ceiling_is_where_the_curve_goes(family: Family) -> None:
    theta = members(family)
    far = family.value(np.array([1e250]), theta)[:, 0]
    ceiling = family.ceiling(theta)
    bounded = np.isfinite(ceiling)
    assert far[bounded] == pytest.approx(ceiling[bounded], abs=1e-6)
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
    theta = fit(family, Points(N[None], y[None, None], weight), rising)[0, 0]
    assert np.isfinite(theta).all()
    assert np.isfinite(family.value(N, theta)).all()
    if rising:
        assert np.all(np.diff(family.value(N, theta)) >= -1e-9)


@FAMILY
def test_derivatives_are_those_of_the_formula(family: Family) -> None:
    theta = members(family, 20)
    h = 1e-6
    if isinstance(family, Curved):
        for i, column in enumerate(family.gradient(N, theta)):
            step = np.eye(theta.shape[1])[i] * h
            numeric = (family.value(N, theta + step) - family.value(N, theta - step)) / (2 * h)
            assert column == pytest.approx(numeric, abs=1e-7)
    elif isinstance(family, Separable):
        shape = np.array([0.05, 0.5, 2.0])[:, None]
        for order in (1, 2):
            up, down = (family.basis(N, shape + d, order - 1) for d in (h, -h))
            numeric = (up - down) / (2 * h)
            expected = family.basis(N, shape, order)
            if family.shaped:
                assert expected == pytest.approx(numeric, rel=1e-5, abs=1e-5)
            else:
                assert np.all(expected == 0.0)


@FAMILY
def test_fit_is_as_good_as_a_general_optimiser_finds(family: Family) -> None:
    from scipy.optimize import least_squares

    rng = np.random.default_rng(11)
    theta = members(family, 12)
    noisy = np.clip(family.value(N, theta) + 0.01 * rng.normal(size=(12, len(N))), 0.01, 0.99)
    weight = rng.uniform(0.5, 2.0, (1, len(N)))
    points = Points(N[None], noisy[None], weight)
    fitted = fit(family, points)
    found = objective(family, points, fitted)[0]
    low, high = (np.array(edge) for edge in zip(*family.bounds.values(), strict=True))
    low = np.where(low == high, low - 1e-12, low)
    if isinstance(family, Separable):
        low[0], high[0] = -math.inf, math.inf
    for i, y in enumerate(noisy):
        best = min(
            least_squares(
                lambda t, y=y: np.sqrt(weight[0]) * (family.value(N, t) - y),
                np.clip(start, low + 1e-13, high - 1e-13),
                bounds=(low, high),
                xtol=1e-14,
                ftol=1e-14,
                gtol=1e-14,
                x_scale="jac",
            ).cost
            * 2
            for start in (fitted[0, i], theta[i])
        )
        assert found[i] <= best * (1 + 1e-9) + 1e-15
