"""Whether the measured points prove that a curve falls at its end, and what then tells its end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from planner.curves.families import Family
from planner.curves.families.base import Array
from planner.curves.fit import Points, fit
from planner.domain.draws import CENTRAL

PROOF_SD = 4.0
"""Standard deviations of a fall that prove it for the fit: the best point is the luckiest of
several, and what follows is final, so that few curves in thousands may be wrong, not one in 20."""

LEFT = 3
"""Fewest points, from the best one on, that a curve is fitted to."""


def falls(measured: Array) -> bool:
    """True where the last point of measured (draw, point) lies below the best beyond all doubt."""
    best = int(measured[CENTRAL].argmax())
    drop = measured[:, best] - measured[:, -1]
    return bool(drop[CENTRAL] > PROOF_SD * drop[1:].std() > 0.0)


def against_a_fall(y: Array, value: Array, last: NDArray[np.intp]) -> NDArray[np.bool_]:
    """True where a fitted curve rises over the fall that y proves, shape (curve,).

    y and value (curve, point) are what was measured and fitted; last (curve,) is the place of the
    last point measured of each curve, and y is below all others where nothing was.
    """
    rows = np.arange(len(y))
    best = y.argmax(1)
    against: NDArray[np.bool_] = value[rows, last] >= value[rows, best]
    return against


def from_the_peak(
    families: Sequence[Family], points: Points, noise_sd: Array, fallen: NDArray[np.bool_]
) -> Array:
    """Weights (curve, point) of points by which the end of each curve is told.

    Those that points have, but 0 before the best point where the curve has `fallen` (curve,) and
    each family misses some point by more than PROOF_SD of noise_sd (curve, point): no family goes
    up and down as the curve does, and a compromise between both would carry on a fall that has
    long ended, or hide one that goes on. Left as they are where fewer than three points remain.
    points hold the central case only.
    """
    weight = points.weight.copy()
    curves = np.flatnonzero(fallen)
    if not len(curves):
        return weight
    some = Points(points.n, points.y[curves], weight[curves])
    known = some.weight > 0
    missed = np.ones(len(curves), dtype=bool)
    for family in families:
        value = family.value(some.n, fit(family, some)[:, 0])
        off = np.where(known, np.abs(some.y[:, 0] - value), 0.0)
        missed &= (off > PROOF_SD * noise_sd[curves]).any(-1)
    best = np.where(known, some.y[:, 0], -np.inf).argmax(-1)
    before = np.arange(len(some.n)) < best[:, None]
    missed &= (known & ~before).sum(-1) >= LEFT
    weight[curves] = np.where(missed[:, None] & before, 0.0, some.weight)
    return weight
