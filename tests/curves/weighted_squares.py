"""What the fits of families minimise."""

from __future__ import annotations

from planner.curves.families import Family
from planner.curves.families.base import Array
from planner.curves.fit import Points


def objective(family: Family, points: Points, theta: Array) -> Array:
    """Sum over points of weight (y - value)^2, shape (curve, draw)."""
    residual = points.y - family.value(points.n, theta)
    total: Array = (points.weight[:, None] * residual**2).sum(-1)
    return total
