"""Who wins, in how many draws, and whether that is enough to say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SURE = 0.8
"""A side is named the winner from this probability on; below it the answer is "undecided"."""


TIE = 1e-9
"""Relative difference under which two sides are equal."""


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
    """Share of the draws that each side wins; what is missing to 1 are ties."""

    @property
    def ties(self) -> float:
        """Share of the draws that nobody wins."""
        return max(0.0, 1.0 - sum(self.probabilities))


def cheapest(cost: Array, matters: float) -> Verdict:
    """The side of least cost.

    cost (draw, side), inf where a side cannot do it. A draw in which two sides cost the same, as
    whole GPUs often make them, is a tie and won by nobody. `gain` is the median saving as a
    fraction of the other side's cost; the verdict is decided from SURE on and where the gain is at
    least `matters`.
    """
    leader, shares, others = _leader(-cost)
    with np.errstate(invalid="ignore"):
        saving = np.where(np.isfinite(others), 1 - cost[:, leader] / -others, 1.0)
    return _verdict(leader, shares, saving, matters)


def most_accurate(accuracy: Array, matters: float) -> Verdict:
    """The side of most accuracy (draw, side), -inf where a side cannot do it; gain in accuracy."""
    leader, shares, others = _leader(accuracy)
    with np.errstate(invalid="ignore"):
        lead = np.minimum(accuracy[:, leader] - others, 1.0)
    return _verdict(leader, shares, lead, matters)


def _leader(worth: Array) -> tuple[int, list[float], Array]:
    """(side that wins most draws, share won by each, (draw,) best worth of the other sides)."""
    n_sides = worth.shape[1]
    if n_sides == 1:
        return 0, [1.0], worth[:, 0]
    best_other = np.column_stack(
        [np.delete(worth, side, axis=1).max(axis=1) for side in range(n_sides)]
    )
    edge = np.where(np.isfinite(best_other), np.abs(best_other) * TIE, 0.0)
    won = (worth > best_other + edge)[1:]
    shares = [float(share) for share in won.mean(axis=0)]
    leader = int(np.argmax(shares))
    return leader, shares, best_other[:, leader]


def _verdict(leader: int, shares: list[float], gains: Array, matters: float) -> Verdict:
    gain = float(np.median(np.nan_to_num(gains[1:], nan=0.0, neginf=-1.0)))
    alone = len(shares) == 1
    decided = alone or (shares[leader] >= SURE and gain >= matters)
    return Verdict(leader, shares[leader], gain, decided, tuple(shares))


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
