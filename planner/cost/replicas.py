"""Whole replicas: what a load takes, and what is bought for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.fleets import Fleet


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
