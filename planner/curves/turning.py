"""Whether the measured points prove that a curve falls at its end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.curves.families.base import Array
from planner.domain.draws import CENTRAL

PROOF_SD = 4.0
"""Standard deviations of a fall that prove it for the fit: the best point is the luckiest of
several, and what follows is final, so that few curves in thousands may be wrong, not one in 20."""


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
