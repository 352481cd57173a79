"""What a load makes of a fleet: whole replicas, their rent, and how many sequences run in each."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner import units
from planner.cost.fleets import Fleet

Array = NDArray[np.float64]

LOAD_ITERATIONS = 60
"""Iterations for the batch at a load; each closes at least a third of the gap up to .8 load."""


def replicas(
    load_gpu_s_per_s: ArrayLike,
    fleet: Fleet,
    utilisation: float,
    peak_to_mean: float = 1.0,
    min_replicas: int = 1,
) -> NDArray[np.int64]:
    """Whole replicas for a mean load in GPU-seconds a second; the shape of the load.

    replicas = max(min_replicas, ceil(load x peak_to_mean / (utilisation x gpus_per_replica)))
    """
    load = np.asarray(load_gpu_s_per_s, dtype=np.float64)
    wanted = load * peak_to_mean / (utilisation * fleet.gpus_per_replica)
    # A load that fills replicas exactly must not buy one more for a rounding error.
    return np.maximum(np.ceil(wanted - 1e-9), min_replicas).astype(np.int64)


def fleet_usd_per_day(
    usd_per_gpu_hour: ArrayLike, gpus_per_replica: ArrayLike, replicas: ArrayLike
) -> Array:
    """Rent of a fleet: price x GPUs x replicas x 24. GPUs and replicas are whole numbers."""
    gpus = np.asarray(gpus_per_replica) * np.asarray(replicas)
    hourly = np.asarray(usd_per_gpu_hour, dtype=np.float64) * gpus
    return np.asarray(hourly * units.HOURS_PER_DAY, dtype=np.float64)


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
