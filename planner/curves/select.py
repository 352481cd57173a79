"""Which families a curve may have, and how much weight each has earned.

The largest n are left out, each family is fitted to the rest and carried on from the last
point kept; weight goes down with its error there, measured against the noise of a step
between two points of one curve. With fewer than four points nothing can be left out, and
the families weigh the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from planner.curves.families import FAMILIES, Family, Kind
from planner.curves.families.base import Array
from planner.curves.fit import Points, fit
from planner.curves.turning import against_a_fall
from planner.domain.method import METHODS

KEPT = 3
"""Fewest points that a family is judged by when the others are left out."""
FOLDS = 3
"""Largest n left out at most: the last, the last two, the last three."""
INDIFFERENCE = 0.005
"""Half a point of accuracy: a difference of form below this is not held against a family."""
CAUTION = 0.5
"""Exponent of the weights: points of one curve err together, so that they say less than as many
independent ones. Set so that intervals 8 times beyond the data hold simulated truths."""
LEAST = 0.01
"""A family of less weight than this is left out."""


def kind_of(method: str) -> Kind:
    """What the accuracy of a method is."""
    known = METHODS.get(method)
    if known and known.samples and not known.may_fall:
        return "coverage"
    return "vote" if method.endswith("vote") else "pick"


def families_for(kind: Kind, families: Sequence[Family] | None = None) -> tuple[Family, ...]:
    """The families (all registered ones by default) that may describe a kind of accuracy."""
    offered = FAMILIES.values() if families is None else families
    return tuple(f for f in offered if kind in f.describes)


def weighed(
    families: Sequence[Family],
    points: Points,
    step_sd: Array,
    changes: NDArray[np.bool_],
    fallen: NDArray[np.bool_],
    rising: bool,
) -> tuple[Array, list[Array]]:
    """Weights (curve, family) that add up to 1, and each family's parameters (curve, parameter).

    points hold the central case only (one draw); step_sd (curve,) is the standard deviation of
    the noise between two neighbouring points of each curve at its end. A weight goes as
    exp(-e^2 / (2 (step_sd^2 steps + INDIFFERENCE^2))), e the error at a point left out so
    many steps beyond the last kept one, its square averaged over the points that a fold leaves
    out, and over folds, as they judge by the same points. A flat family has none where the
    curve visibly `changes` (curve,), nor has one that rises from the best point to the last where
    the points prove that the curve has `fallen` (curve,). All to the power CAUTION. Not to be
    read as a probability: it rests on few points.
    """
    order, counts = _places(points)
    most = min(FOLDS, int(counts.max(initial=0)) - KEPT)
    folds = [np.flatnonzero(counts - left_out >= KEPT) for left_out in range(1, most + 1)]
    kept = [points.weight[:0]]
    for left_out, curves in enumerate(folds, start=1):
        without = points.weight[curves]
        np.put_along_axis(without, order[curves, :left_out], 0.0, axis=-1)
        kept.append(without)
    # All folds are fitted as one batch; they only judge, and need no thorough search.
    rows = np.concatenate([np.empty(0, dtype=np.intp), *folds])
    batch = Points(points.n, points.y[rows], np.concatenate(kept))
    thetas = []
    log_weight = np.zeros((len(counts), len(families)))
    for i, family in enumerate(families):
        thetas.append(fit(family, points, rising)[:, 0])
        theta = fit(family, batch, rising, quick=True)[:, 0] if folds else thetas[-1][:0]
        start = 0
        for left_out, curves in enumerate(folds, start=1):
            stop = start + len(curves)
            value = family.value(points.n, theta[start:stop])
            log_weight[curves, i] += _told(
                value, points.y[curves, 0], order[curves], step_sd[curves], left_out
            )
            start = stop
    log_weight *= CAUTION / np.clip(counts - KEPT, 1, FOLDS)[:, None]
    flat = np.array([family.flat for family in families])
    if not flat.all():
        log_weight = np.where(changes[:, None] & flat, -np.inf, log_weight)
    y = np.where(points.weight > 0, points.y[:, 0], -np.inf)
    values = (family.value(points.n, t) for family, t in zip(families, thetas, strict=True))
    against = np.stack([against_a_fall(y, value, order[:, 0]) for value in values], axis=-1)
    against &= fallen[:, None] & ~against.all(-1, keepdims=True)
    log_weight = np.where(against, -np.inf, log_weight)
    weight = np.exp(log_weight - log_weight.max(-1, keepdims=True))
    share = weight / weight.sum(-1, keepdims=True)
    share = np.where(share < LEAST, 0.0, share)
    return share / share.sum(-1, keepdims=True), thetas


def _places(points: Points) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(places of each curve's points, the largest n first; how many there are)."""
    known = points.weight > 0
    places = np.where(known, np.arange(len(points.n)), -1)
    return -np.sort(-places, axis=-1), known.sum(-1)


def _told(value: Array, y: Array, order: NDArray[np.intp], step_sd: Array, left_out: int) -> Array:
    """Log weight (curve,) by the errors of value at the largest n left out."""
    out, last = order[:, :left_out], order[:, left_out : left_out + 1]
    error = y - value
    beyond = np.take_along_axis(error, out, -1) - np.take_along_axis(error, last, -1)
    steps = np.arange(left_out, 0, -1)
    variance = step_sd[:, None] ** 2 * steps + INDIFFERENCE**2
    log_weight: Array = -0.5 * (beyond**2 / variance).mean(-1)
    return log_weight
