"""The volume from which a greater CAPEX is paid back by a smaller OPEX."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from planner.economics.parity import Array, Crossing

VOLUMES_PER_DECADE = 60


def volume_grid(low: float = 1e2, high: float = 1e11) -> Array:
    """Volumes to search, queries a day, even in log."""
    return np.geomspace(low, high, int(VOLUMES_PER_DECADE * np.log10(high / low)) + 1)


def break_even_volume(
    opex_usd_per_day: Callable[[Array], Array],
    rival_opex_usd_per_day: Callable[[Array], Array],
    extra_capex_usd: Array,
    horizon_days: float,
    volumes: Array | None = None,
) -> Crossing:
    """Volume beyond which paying extra_capex_usd once and opex each day is the cheaper way.

    Both opex functions take volumes (v,) and give (draw, v) dollars a day; extra_capex_usd is
    (draw,). Undiscounted over horizon_days:

        extra_capex_usd + horizon_days * opex(v) = horizon_days * rival_opex(v)

    Whole replicas make steps, so that there may be several crossings: the one beyond which the
    investment stays ahead to the end of the grid is given; inf where it is never ahead there.
    """
    grid = volume_grid() if volumes is None else volumes
    saved = (rival_opex_usd_per_day(grid) - opex_usd_per_day(grid)) * horizon_days
    ahead = saved >= extra_capex_usd[:, None]
    # First index of the final unbroken run of True.
    behind_last = np.where(~ahead, np.arange(len(grid)), -1).max(axis=1)
    first = behind_last + 1
    exists = first < len(grid)
    n = np.where(exists, grid[np.minimum(first, len(grid) - 1)], np.inf)
    return Crossing(n)
