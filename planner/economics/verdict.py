"""Who wins, in how many draws, and whether that is enough to say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SURE = 0.8
"""A side is named the winner from this probability on; below it the answer is "undecided"."""


@dataclass(frozen=True)
class Verdict:
    """The likelier of several sides, and whether it may be called the winner."""

    leader: int
    """Index of the side that wins in most draws."""
    probability: float
    """Share of the draws in which the leader wins."""
    gain: float
    """Median advantage of the leader over the best other side, in the units compared."""
    decided: bool
    probabilities: tuple[float, ...]
    """Share of the draws that each side wins."""


def cheapest(cost: Array, tie_break: Array, matters: float) -> Verdict:
    """The side of least cost.

    cost (draw, side), inf where a side cannot do it; tie_break (draw, side) decides between
    equal costs: with whole GPUs two sides often need the same number. `gain` is the median
    saving as a fraction of the other side's cost; the verdict is decided from SURE on and where
    the gain is at least `matters`.
    """
    order = np.lexsort((tie_break, cost), axis=1)
    wins = order[1:, 0]
    shares = [float((wins == side).mean()) for side in range(cost.shape[1])]
    leader = int(np.argmax(shares))
    others = np.delete(cost, leader, axis=1).min(axis=1) if cost.shape[1] > 1 else cost[:, leader]
    with np.errstate(invalid="ignore"):
        saving = np.where(np.isfinite(others), 1 - cost[:, leader] / others, 1.0)
    gain = float(np.median(np.nan_to_num(saving[1:], nan=0.0, neginf=-1.0)))
    return Verdict(
        leader, shares[leader], gain, shares[leader] >= SURE and gain >= matters, tuple(shares)
    )


def most_accurate(accuracy: Array, tie_break: Array, matters: float) -> Verdict:
    """The side of most accuracy (draw, side), -inf where a side cannot do it; gain in accuracy."""
    order = np.lexsort((tie_break, -accuracy), axis=1)
    wins = order[1:, 0]
    shares = [float((wins == side).mean()) for side in range(accuracy.shape[1])]
    leader = int(np.argmax(shares))
    others = np.delete(accuracy, leader, axis=1).max(axis=1) if accuracy.shape[1] > 1 else 0.0
    with np.errstate(invalid="ignore"):
        lead = np.minimum(accuracy[:, leader] - others, 1.0)
    gain = float(np.median(np.nan_to_num(lead[1:], nan=0.0, neginf=-1.0)))
    return Verdict(
        leader, shares[leader], gain, shares[leader] >= SURE and gain >= matters, tuple(shares)
    )


def dominates(cost: Array, accuracy: Array, matters: Sequence[float]) -> Verdict:
    """For sides that differ in both: the one that is cheaper AND more accurate.

    cost, accuracy (draw, side); matters = (cost fraction, accuracy points): smaller differences
    count as none. A draw in which no side dominates is won by nobody, so that a real trade comes
    out undecided.
    """
    cost_matters, accuracy_matters = matters
    n_sides = cost.shape[1]
    shares = []
    for side in range(n_sides):
        others = [other for other in range(n_sides) if other != side]
        better = np.ones(len(cost), dtype=bool)
        for other in others:
            no_dearer = cost[:, side] <= cost[:, other] * (1 + cost_matters)
            no_worse = accuracy[:, side] >= accuracy[:, other] - accuracy_matters
            gains = (cost[:, side] < cost[:, other] * (1 - cost_matters)) | (
                accuracy[:, side] > accuracy[:, other] + accuracy_matters
            )
            better &= no_dearer & no_worse & gains
        shares.append(float(better[1:].mean()))
    leader = int(np.argmax(shares))
    return Verdict(leader, shares[leader], float("nan"), shares[leader] >= SURE, tuple(shares))
