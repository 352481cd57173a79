"""Which families a curve may have, and how much weight each has earned.

The largest n is left out, each family is fitted to the rest and carried on from the last
point kept; weight goes down with its error there, measured against the noise of a step
between two points of one curve. With fewer than four points nothing can be left out, and
the families weigh the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.curves.families import FAMILIES, Family, Kind
from planner.curves.families.base import Array
from planner.curves.fit import Points, fit
from planner.domain.method import METHODS

MIN_POINTS = 4
"""Fewest points of which the last can be left out."""
INDIFFERENCE = 0.005
"""Half a point of accuracy: a difference of form below this is not held against a family."""


def kind_of(method: str) -> Kind:
    """What the accuracy of a method is: coverage, or the accuracy of one selected answer."""
    known = METHODS.get(method)
    return "coverage" if known and known.samples and not known.may_fall else "selection"


def families_for(kind: Kind, families: Sequence[Family] | None = None) -> tuple[Family, ...]:
    """The families (all registered ones by default) that may describe a kind of accuracy."""
    offered = FAMILIES.values() if families is None else families
    return tuple(f for f in offered if kind in f.describes)


def family_weights(
    families: Sequence[Family],
    points: Points,
    step_sd: Array,
    changes: NDArray[np.bool_],
    rising: bool,
) -> Array:
    """Weights that add up to 1, shape (curve, family).

    points hold the central case only (one draw), ascending in n; step_sd (curve,) is the
    standard deviation of the noise between the last two points of each curve. A weight goes
    as exp(-e^2 / (2 (step_sd^2 + INDIFFERENCE^2))), e the error at the n left out; a flat
    family has none where the curve visibly `changes` (curve,). Not to be read as a
    probability: it rests on one point.
    """
    counts = (points.weight > 0).sum(-1)
    last = np.maximum(counts - 1, 0)
    kept = points.weight.copy()
    np.put_along_axis(kept, last[:, None], 0.0, axis=-1)
    before = replace(points, weight=np.where((counts >= MIN_POINTS)[:, None], kept, points.weight))
    ends = np.stack([np.maximum(last - 1, 0), last], axis=-1)
    n_ends = np.take_along_axis(points.n, ends, -1)
    y_ends = np.take_along_axis(points.y[:, 0], ends, -1)
    errors = []
    for family in families:
        value = family.value(n_ends, fit(family, before, rising)[:, 0])
        errors.append((y_ends[:, 1] - y_ends[:, 0]) - (value[:, 1] - value[:, 0]))
    variance = step_sd**2 + INDIFFERENCE**2
    log_weight = -0.5 * np.stack(errors, axis=-1) ** 2 / variance[:, None]
    log_weight = np.where((counts >= MIN_POINTS)[:, None], log_weight, 0.0)
    flat = np.array([family.flat for family in families])
    if not flat.all():
        log_weight = np.where(changes[:, None] & flat, -np.inf, log_weight)
    weight = np.exp(log_weight - log_weight.max(-1, keepdims=True))
    share: Array = weight / weight.sum(-1, keepdims=True)
    return share
