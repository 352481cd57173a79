"""Fits of many curves at once are the fits of each alone."""

from __future__ import annotations

import numpy as np
from weighted_squares import objective

from planner.curves.families import FAMILIES
from planner.curves.families.base import Array
from planner.curves.fit import Points, fit
from planner.curves.select import weighed


def some_points(curves: int = 7, draws: int = 5, seed: int = 0) -> Points:
    rng = np.random.default_rng(seed)
    n = 2.0 ** np.arange(8)
    y = 0.5 - 0.3 * n ** -rng.uniform(0.2, 1.0, (curves, draws, 1))
    y += 0.01 * rng.normal(size=y.shape)
    return Points(n, y, rng.uniform(1.0, 3.0, (curves, len(n))))


def test_curves_and_draws_do_not_touch_each_other() -> None:
    points = some_points()
    for family in FAMILIES.values():
        together = fit(family, points)
        for i in range(7):
            for j in range(5):
                alone = Points(
                    points.n,
                    points.y[i : i + 1, j : j + 1],
                    points.weight[i : i + 1],
                )
                apart = fit(family, alone)[0, 0]
                assert np.allclose(
                    family.value(points.n, apart), family.value(points.n, together[i, j]), atol=1e-7
                )


def test_blocks_change_nothing() -> None:
    points = some_points(curves=30, draws=200)
    for name in ("power_law", "logistic"):
        whole = fit(FAMILIES[name], points)
        last = Points(points.n, points.y[20:], points.weight[20:])
        apart = fit(FAMILIES[name], last)
        assert np.allclose(
            FAMILIES[name].value(points.n, whole[20:]),
            FAMILIES[name].value(points.n, apart),
            atol=1e-7,
        )


def test_a_draw_started_at_its_curve_ends_where_a_search_would() -> None:
    points = some_points(curves=3, draws=40)
    for family in FAMILIES.values():
        central = Points(points.n, points.y[:, :1], points.weight)
        near = fit(family, central)[:, 0]
        started = objective(family, points, fit(family, points, near=near))
        searched = objective(family, points, fit(family, points))
        assert np.quantile(started / searched, 0.9) < 1.0 + 1e-4


def test_points_that_are_left_out_do_not_count() -> None:
    points = some_points()
    weight = points.weight.copy()
    weight[:, -2:] = 0.0
    y = points.y.copy()
    y[..., -2:] = 0.0
    short = Points(points.n[:-2], points.y[..., :-2], points.weight[:, :-2])
    for family in FAMILIES.values():
        padded = family.value(short.n, fit(family, Points(points.n, y, weight)))
        assert np.allclose(padded, family.value(short.n, fit(family, short)), atol=1e-7)


def one_curve(n: Array, y: Array) -> Points:
    return Points(n, y[None, None], np.ones((1, len(n))))


def test_families_that_miss_the_largest_n_lose_weight() -> None:
    n = 2.0 ** np.arange(9)
    families = [FAMILIES[name] for name in ("constant", "log_linear", "power_law")]
    sd, changes, fallen = np.full(1, 0.003), np.ones(1, dtype=bool), np.zeros(1, dtype=bool)
    saturating, rising = 0.6 - 0.3 / n, 0.1 + 0.05 * np.log2(n)
    for y, winner in ((saturating, "power_law"), (rising, "log_linear")):
        (weights,) = weighed(families, one_curve(n, y), sd, changes, fallen, False)[0]
        named = dict(zip((f.name for f in families), weights, strict=True))
        assert np.isclose(weights.sum(), 1.0)
        assert named["constant"] == 0.0, "a constant has no part in a curve that changes"
        assert named[winner] >= max(named.values()) - 1e-3
    assert weighed(families, one_curve(n, saturating), sd, changes, fallen, False)[0][0, 1] < 0.05


def test_three_points_leave_families_equal() -> None:
    n = np.array([1.0, 4.0, 16.0])
    points = one_curve(n, np.array([0.2, 0.3, 0.35]))
    families = [FAMILIES["log_linear"], FAMILIES["power_law"]]
    weights, thetas = weighed(
        families, points, np.zeros(1), np.ones(1, dtype=bool), np.zeros(1, dtype=bool), False
    )
    assert weights.tolist() == [[0.5, 0.5]]
    assert [theta.shape for theta in thetas] == [(1, 2), (1, 3)]


def test_a_curve_short_of_points_is_not_judged_by_those_of_its_neighbours() -> None:
    n = 2.0 ** np.arange(6)
    y = np.stack([0.6 - 0.3 / n, 0.1 + 0.05 * np.log2(n)])
    weight = np.ones((2, 6))
    weight[1, 3:] = 0.0
    families = [FAMILIES["log_linear"], FAMILIES["power_law"]]
    sd, changes, fallen = np.full(2, 0.003), np.ones(2, dtype=bool), np.zeros(2, dtype=bool)
    weights = weighed(families, Points(n, y[:, None], weight), sd, changes, fallen, False)[0]
    assert weights[0, 1] > 0.9
    assert weights[1].tolist() == [0.5, 0.5]
