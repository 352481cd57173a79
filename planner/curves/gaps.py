"""How a curve goes between two neighbouring measured points, by how far apart they are."""

from __future__ import annotations

import numpy as np

from planner.curves.families.base import Array

NEAR = 2.0
"""Between measured points no further apart than this factor of n the line is straight."""
WIDE_GAP = 4.0
"""Between measured points further apart than this factor of n the bend is not known."""


def bent(x: Array, bend: Array) -> Array:
    """(1 - e^(-bend x)) / bend of distances x (point,) in log n, shape (draw, point)."""
    b = np.maximum(bend, 1e-9)[:, None]
    gone: Array = -np.expm1(-b * x) / b
    return gone
