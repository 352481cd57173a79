"""How many sequences run side by side in a replica that is not full."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.fleets import Fleet

Array = NDArray[np.float64]

LOAD_ITERATIONS = 60
"""Iterations for the batch at a load; each closes at least a third of the gap up to .8 load."""


def batch_at_load(fleet: Fleet, utilisation: ArrayLike) -> Array:
    """Sequences that run side by side in a replica at a mean utilisation, (draw,); at least one.

    utilisation: share of the replicas' GPU-seconds, priced at the operating batch, that is used. An
    emptier replica steps faster, so that fewer sequences run at a time (Little's law):
    batch = utilisation x operating batch x step(batch) / step(operating batch), solved by iteration
    from above, which falls to the largest solution.
    """
    rate = np.asarray(utilisation, dtype=np.float64) * fleet.batch / fleet.step_s
    batch = fleet.batch + np.zeros_like(rate)
    for _ in range(LOAD_ITERATIONS):
        batch = np.clip(rate * fleet.step_at(batch), 1.0, fleet.batch)
    return batch
