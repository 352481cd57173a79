"""Fits of many curves at once are the fits of each alone."""

from __future__ import annotations

import numpy as np

from planner.curves.families import FAMILIES
from planner.curves.fit import Points, fit
from planner.curves.select import family_weights


def some_points(curves: int = 7, draws: int = 5, seed: int = 0) -> Points:
    rng = np.random.default_rng(seed)
    n = np.repeat(2.0 ** np.arange(8)[None], curves, axis=0)
    y = 0.5 - 0.3 * n[:, None] ** -rng.uniform(0.2, 1.0, (curves, draws, 1))
    y += 0.01 * rng.normal(size=y.shape)
    return Points(n, y, rng.uniform(1.0, 3.0, n.shape))


def test_curves_and_draws_do_not_touch_each_other() -> None:
    points = some_points()
    for family in FAMILIES.values():
        together = fit(family, points)
        for i in range(7):
            for j in range(5):
                alone = Points(
                    points.n[i : i + 1],
                    points.y[i : i + 1, j : j + 1],
                    points.weight[i : i + 1],
                )
                assert np.allclose(fit(family, alone)[0, 0], together[i, j], rtol=1e-6)


def test_chunks_change_nothing() -> None:
    points = some_points(curves=60, draws=400)
    family = FAMILIES["power_law"]
    whole = fit(family, points)
    assert np.allclose(whole[40:], fit(family, points.part(40, 60)), rtol=1e-9)


def test_padding_and_left_out_points_do_not_count() -> None:
    points = some_points()
    weight = points.weight.copy()
    weight[:, -2:] = 0.0
    n, y = points.n.copy(), points.y.copy()
    n[:, -2:], y[..., -2:] = 1.0, 0.0
    short = Points(points.n[:, :-2], points.y[..., :-2], points.weight[:, :-2])
    for family in FAMILIES.values():
        assert np.allclose(fit(family, Points(n, y, weight)), fit(family, short), rtol=1e-6)


def test_families_that_miss_the_largest_n_lose_weight() -> None:
    n = 2.0 ** np.arange(9)[None]
    families = list(FAMILIES.values())[:3]
    sd, changes = np.full(1, 0.003), np.ones(1, dtype=bool)
    saturating, rising = 0.6 - 0.3 / n, 0.1 + 0.05 * np.log2(n)
    for y, winner in ((saturating, "power_law"), (rising, "log_linear")):
        points = Points(n, y[:, None], np.ones_like(n))
        weights = family_weights(families, points, sd, changes, False)[0]
        named = dict(zip((f.name for f in families), weights, strict=True))
        assert np.isclose(weights.sum(), 1.0)
        assert named["constant"] == 0.0, "a constant has no part in a curve that changes"
        assert named[winner] >= max(named.values()) - 1e-3
    points = Points(n, saturating[:, None], np.ones_like(n))
    assert family_weights(families, points, sd, changes, False)[0][1] < 0.05


def test_three_points_leave_families_equal() -> None:
    n = np.array([[1.0, 4.0, 16.0]])
    points = Points(n, np.array([[[0.2, 0.3, 0.35]]]), np.ones_like(n))
    families = [FAMILIES["log_linear"], FAMILIES["power_law"]]
    weights = family_weights(families, points, np.zeros(1), np.ones(1, dtype=bool), False)
    assert weights.tolist() == [[0.5, 0.5]]
