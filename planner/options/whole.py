"""What comes of whole replicas: room for more samples, a query alone, a half-empty container."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from planner import units
from planner.cost.at_load import batch_at_load
from planner.cost.idle import idle_query_s
from planner.cost.replicas import replicas
from planner.domain.draws import CENTRAL
from planner.options.candidate import Candidate

MOST_FREE = 100_000
"""Samples beyond which nobody asks whether one more is free."""


def most_on_the_same(
    candidate: Candidate, n: int, mix: Mapping[str, float], queries_per_day: float
) -> int:
    """Largest n that the replicas of n still serve, central case: up to there samples are free."""
    bought = _replicas(candidate, n, mix, queries_per_day)

    def held(samples: int) -> bool:
        return _replicas(candidate, samples, mix, queries_per_day) == bought

    low, high = n, 2 * n
    while high < MOST_FREE and held(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if held(middle) else (low, middle)
    return low


def _replicas(
    candidate: Candidate, n: int, mix: Mapping[str, float], queries_per_day: float
) -> int:
    gpu_s = float(candidate.gpu_s([float(n)], mix)[CENTRAL, 0])
    load = gpu_s * queries_per_day / units.SECONDS_PER_DAY
    terms, utilisation = candidate.supply.terms, float(candidate.supply.utilisation[CENTRAL])
    fleet = candidate.on_fleet
    return int(replicas(load, fleet, utilisation, terms.peak_to_mean, terms.min_replicas))


def idle_s(candidate: Candidate, n: int) -> float:
    """Kernel seconds of a query of the whole that has a replica to itself, central case."""
    fleet = candidate.on_fleet
    work = candidate.work([float(n)])
    central = replace(fleet.hardware, time_factor=1.0)
    alone = idle_query_s(fleet.generator, central, work, fleet.verifier, fleet.gpus_per_replica)
    return float(np.ravel(alone.total_s)[CENTRAL])


def as_full_as_the_load(candidate: Candidate) -> Candidate:
    """A serverless candidate at the batch that the whole load fills one replica to.

    A container is billed while it works, and works on what is there: at a low volume on little
    more than one query, so that a query takes more of its seconds. Taken at the fewest samples, and
    as if it served every query; from one full replica up the operating batch stands.
    """
    volume = candidate.supply.terms.queries_per_day
    fleet = candidate.fleet
    if fleet is None or volume is None or candidate.supply.terms.cold_start is None:
        return candidate
    gpu_s = candidate.gpu_s(
        [candidate.measured_n()[0]], dict.fromkeys(list(candidate.curves)[:1], 1)
    )
    busy = gpu_s[:, 0] * volume / units.SECONDS_PER_DAY / fleet.gpus_per_replica
    batch = batch_at_load(fleet, np.minimum(busy, 1.0))
    return replace(candidate, fleet=replace(fleet, batch=batch))
