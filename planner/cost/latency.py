"""Latency of queries on a fleet in the central case: in a full batch, and at a load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.assumptions import P95_TO_MEAN, SAMPLE_LENGTH_CV
from planner.cost.fleets import Fleet, prefill_pass_s
from planner.cost.queueing import (
    Demand,
    Station,
    full_points,
    response_points,
    weighted_quantiles,
)
from planner.cost.seconds import decode_base_s, kv_s_per_byte
from planner.cost.work import TokenWork
from planner.domain.draws import CENTRAL

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """Queries of one kind: their work, how their lengths vary, and their share of the traffic."""

    share: float
    work: TokenWork
    """Of (draw, n); the central case counts."""
    p95_to_mean: float = P95_TO_MEAN.value
    sample_cv: float = SAMPLE_LENGTH_CV


def latency_quantiles(
    fleet: Fleet,
    parts: Sequence[Part],
    quantiles: ArrayLike,
    utilisation: float | None = None,
) -> Array:
    """Seconds from a query's arrival to its answer over a mix of queries, (quantile, n).

    utilisation: mean share of the fleet's time in use; None: every batch full and no wait, which
    is what a replica may promise at its busiest while its queue is empty.
    """
    wide = max(np.atleast_1d(part.work.decoded_tokens).shape[-1] for part in parts)
    columns = []
    for i in range(wide):
        values, weights = [], []
        for part in parts:
            station, demand = station_of(fleet, part, i)
            if utilisation is None:
                points = full_points(station, demand)
            else:
                points = response_points(station, demand, utilisation)
            values.append(points[0])
            weights.append(points[1] * part.share)
        columns.append(
            weighted_quantiles(np.concatenate(values), np.concatenate(weights), quantiles)
        )
    return np.stack(columns, axis=-1)


def station_of(fleet: Fleet, part: Part, i: int) -> tuple[Station, Demand]:
    """A replica as these queries meet it, and what the i-th n of them asks, central case."""
    work = TokenWork(**{f.name: _central(getattr(part.work, f.name), i) for f in fields(TokenWork)})
    gpus, hardware = fleet.gpus_per_replica, fleet.hardware
    efficiency = float(fleet.engine_efficiency[CENTRAL])
    places = max(int(fleet.batch[CENTRAL]), 1)
    batch = np.arange(places + 1, dtype=np.float64)
    base = _first(decode_base_s(fleet.generator, hardware, batch[:, None], gpus))
    cached = fleet.generator.kv_bytes(work.context_tokens)
    byte_s = float(np.atleast_1d(kv_s_per_byte(fleet.generator, hardware, gpus))[CENTRAL])
    one_more = fleet.generator.kv_bytes(work.context_tokens + 1) - cached
    prompt = work.prefill_tokens - work.reread_tokens
    turns = np.maximum(work.parallel * work.serial_steps, 1.0)
    read_s = prefill_pass_s(
        fleet, fleet.generator, work.prefill_tokens, prompt + work.reread_tokens / turns
    )
    verify_s = np.zeros(1)
    if fleet.verifier is not None:
        verify_s = prefill_pass_s(fleet, fleet.verifier, work.verifier_tokens, work.verifier_length)
    station = Station(
        step_s=(base + batch * float(cached) * byte_s) / efficiency,
        token_s=float(one_more) * byte_s / efficiency,
        read_s=float(np.ravel(read_s)[CENTRAL]),
        verify_s=float(np.ravel(verify_s)[CENTRAL]),
    )
    demand = Demand(
        parallel=float(work.parallel),
        tokens=float(work.step_tokens * work.serial_steps),
        p95_to_mean=part.p95_to_mean,
        sample_cv=part.sample_cv,
    )
    return station, demand


def _central(values: Array, i: int) -> Array:
    """The central case of an array that broadcasts to (draw, n), at the i-th n."""
    row = values if values.ndim < 2 else values[CENTRAL]
    row = np.atleast_1d(row)
    return np.asarray(row[i if len(row) > 1 else 0])


def _first(by_batch_and_draw: Array) -> Array:
    """(batch,) of the central case from (batch, draw)."""
    return np.asarray(by_batch_and_draw[:, CENTRAL])
