"""What the second stage of a cascade adds: its work without the router's, and its time."""

from __future__ import annotations

import numpy as np

from planner.allocate.problem import Array
from planner.allocate.table import Table

Z95 = 1.6448536269514722
"""Standard normal quantile of 0.95."""
LEVELS = (0.5, 0.95)


def own_work(table: Table, option: int) -> tuple[Array, Array, Array]:
    """(GPU-seconds (draw, class_), dollars (draw, class_), FLOPs (class_,)) of one query of an
    option less the router's: a query is read by it once, before the first stage.
    """
    candidate = table.entries[option].candidate
    gpu_s, usd = table.gpu_s[:, :, option].copy(), table.direct_usd[:, :, option].copy()
    flop = table.problem.flop[:, option].copy()
    for c, load in enumerate(table.classes):
        if load.router is None or not candidate.covers(load.mix):
            continue
        read_gpu_s, read_usd, read_flop = load.router.added(candidate)
        gpu_s[:, c] -= read_gpu_s
        usd[:, c] -= read_usd
        flop[c] -= read_flop
    return gpu_s, usd, flop


def within_s(first: tuple[Array, Array], then: tuple[Array, Array], handed_on: Array) -> Array:
    """(level, class_) seconds within which LEVELS of the queries of a cascade are answered.

    first, then: (p50, p95) of each stage, (class_,); handed_on: (class_,) share of the queries that
    the second answers. With T = first, and then more where it is handed on,

        P(T <= x) >= (1 - handed_on) P(first <= x)

    so that the quantile of the first stage at level / (1 - handed_on) is enough, by log-normal
    times through its p50 and p95; and so are both stages' quantiles added up, for times that rise
    and fall together. The shorter is told.
    """
    from scipy.special import ndtri

    p50, p95 = (np.asarray(s, dtype=np.float64) for s in first)
    found = []
    for level, one, two in zip(LEVELS, (p50, p95), then, strict=True):
        enough = level / np.maximum(1.0 - handed_on, level)
        with np.errstate(divide="ignore", invalid="ignore"):
            alone = np.exp(np.log(p50) + ndtri(enough) / Z95 * np.log(p95 / p50))
        # Of what is not known (nan) the sum is not known either; fmin passes over one of them.
        shorter = np.where(enough < 1, np.fmin(alone, one + two), one + two)
        found.append(np.where(handed_on > 0, shorter, one))
    return np.stack(found)
