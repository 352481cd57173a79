"""Votes between two answers: exactly, and for many chances at once from a table.

The regularised incomplete beta function is slow. With p = sin^2 s a vote over n samples is a
smooth step of width 1 / sqrt(n) in s, whose first two derivatives by s are closed forms, so that
quintic Hermite pieces on an even grid of s give it to 1e-11.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from planner.curves.families.base import Array

NODES_PER_STEP = 48
"""Nodes of the table for each unit of sqrt(largest n), and for sqrt(n) = LEAST at the least."""
LEAST, MOST = 8.0, 400.0


def vote(n: Array, p: Array) -> Array:
    """I_p((n + 1)/2, (n + 1)/2): chance that a vote over n samples is right; they broadcast."""
    from scipy.special import betainc

    half = (n + 1.0) / 2.0
    return np.asarray(betainc(half, half, p), dtype=np.float64)


def vote_from_table(n: Array, p: Array) -> Array:
    """The same for n (point,) and p (..., 1), shape (..., point)."""
    table, nodes = _table(n.tobytes())
    place = np.arcsin(np.sqrt(p[..., 0])) * (nodes / (math.pi / 2.0))
    left = np.minimum(place.astype(np.int64), nodes - 1)
    t = (place - left)[..., None]
    right: Array = table[5].take(left, axis=0)
    for power in (4, 3, 2, 1, 0):
        right *= t
        right += table[power].take(left, axis=0)
    return right


@lru_cache(maxsize=64)
def _table(n_bytes: bytes) -> tuple[Array, int]:
    """Coefficients (power, node, point) of each piece in the distance to its left node."""
    from scipy.special import betaln

    n = np.frombuffer(n_bytes)
    nodes = round(NODES_PER_STEP * min(max(math.sqrt(n.max()), LEAST), MOST))
    step = math.pi / 2.0 / nodes
    s = step * np.arange(nodes + 1)[:, None]
    p = np.sin(s) ** 2
    half = (n + 1.0) / 2.0
    width, over = np.sin(2.0 * s) ** 2 / 4.0, np.exp(-betaln(half, half) - half * math.log(4.0))
    four = 4.0 * width
    value = vote(n, p)
    first = step * 4.0 * over * four ** (half - 0.5)
    second = step**2 * 16.0 * (half - 0.5) * over * four ** (half - 1.0) * np.cos(2.0 * s)
    v0, v1, d0, d1, c0, c1 = (
        part for each in (value, first, second) for part in (each[:-1], each[1:])
    )
    rise = v1 - v0
    table = np.stack(
        [
            v0,
            d0,
            0.5 * c0,
            10.0 * rise - 6.0 * d0 - 4.0 * d1 - 1.5 * c0 + 0.5 * c1,
            -15.0 * rise + 8.0 * d0 + 7.0 * d1 + 1.5 * c0 - c1,
            6.0 * rise - 3.0 * (d0 + d1) - 0.5 * (c0 - c1),
        ]
    )
    return table, nodes
