"""Latency of queries on a fleet in the central case: in a full batch, and at a load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.assumptions import P95_TO_MEAN, SAMPLE_LENGTH_CV
from planner.cost.fleets import Fleet, prefill_pass_s
from planner.cost.queueing import (
    LEVELS,
    Demand,
    Station,
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
    reader: Fleet | None = None,
) -> Array:
    """Seconds from a query's arrival to its answer over a mix of queries, (quantile, n).

    utilisation: mean share of the fleet's time in use; None: every batch full and no wait, which
    is what a replica may promise at its busiest while its queue is empty. reader: the verifier's
    own fleet; it reads after the samples are there, and nothing is taken to wait for it.
    """
    # The other draws would be computed and left out.
    fleet, reader = fleet.central, None if reader is None else reader.central
    wide = max(np.atleast_1d(part.work.decoded_tokens).shape[-1] for part in parts)
    columns = []
    for i in range(wide):
        values, weights = [], []
        for part in parts:
            if utilisation is None:
                points = _full_points(fleet, part, i)
            else:
                points = response_points(*station_of(fleet, part, i), utilisation)
            read_s = 0.0 if reader is None else _reading_s(reader, _work_at(part, i))[1]
            values.append(points[0] + read_s)
            weights.append(points[1] * part.share)
        columns.append(
            weighted_quantiles(np.concatenate(values), np.concatenate(weights), quantiles)
        )
    return np.stack(columns, axis=-1)


def station_of(fleet: Fleet, part: Part, i: int) -> tuple[Station, Demand]:
    """A replica as these queries meet it, and what the i-th n of them asks, central case."""
    work = _work_at(part, i)
    places = max(int(fleet.batch[CENTRAL]), 1)
    gpus, hardware = fleet.gpus_per_replica, fleet.hardware
    byte_s = float(np.atleast_1d(kv_s_per_byte(fleet.generator, hardware, gpus))[CENTRAL])
    kv_bytes = fleet.generator.kv_bytes
    one_more = float(kv_bytes(work.context_tokens + 1) - kv_bytes(work.context_tokens))
    read_s, verify_s = _reading_s(fleet, work)
    station = Station(
        step_s=_step_s(fleet, work, np.arange(places + 1, dtype=np.float64)),
        token_s=one_more * byte_s / float(fleet.engine_efficiency[CENTRAL]),
        read_s=read_s,
        verify_s=verify_s,
    )
    return station, _demand(part, work)


def _full_points(fleet: Fleet, part: Part, i: int) -> tuple[Array, Array]:
    """Points and weights of a query's time in full batches, nothing waiting."""
    work = _work_at(part, i)
    cached = fleet.batch[CENTRAL] * float(fleet.generator.kv_bytes(work.context_tokens))
    kernel_s = (
        np.ravel(fleet.step_base_s)[CENTRAL] + cached * np.ravel(fleet.cached_byte_s)[CENTRAL]
    )
    full_s = float(kernel_s) / float(fleet.engine_efficiency[CENTRAL])
    times = sum(_reading_s(fleet, work)) + _demand(part, work).longest() * full_s
    return times, np.full(LEVELS, 1 / LEVELS)


def _work_at(part: Part, i: int) -> TokenWork:
    return TokenWork(**{f.name: _central(getattr(part.work, f.name), i) for f in fields(TokenWork)})


def _step_s(fleet: Fleet, work: TokenWork, batch: Array) -> Array:
    """Seconds of a decode step of (batch,) sequences at the context of this work."""
    gpus, hardware = fleet.gpus_per_replica, fleet.hardware
    byte_s = float(np.atleast_1d(kv_s_per_byte(fleet.generator, hardware, gpus))[CENTRAL])
    base = decode_base_s(fleet.generator, hardware, batch[:, None], gpus)[:, CENTRAL]
    cached = batch * float(fleet.generator.kv_bytes(work.context_tokens))
    return np.asarray((base + cached * byte_s) / float(fleet.engine_efficiency[CENTRAL]))


def _reading_s(fleet: Fleet, work: TokenWork) -> tuple[float, float]:
    """Seconds in which a replica reads the prompts, and its verifier all samples."""
    read_s = prefill_pass_s(fleet, fleet.generator, work.prefill_tokens, work.read_length)
    verify_s = np.zeros(1)
    if fleet.verifier is not None:
        verify_s = prefill_pass_s(fleet, fleet.verifier, work.verifier_tokens, work.verifier_length)
    return float(np.ravel(read_s)[CENTRAL]), float(np.ravel(verify_s)[CENTRAL])


def _demand(part: Part, work: TokenWork) -> Demand:
    return Demand(
        parallel=float(work.parallel),
        tokens=float(work.step_tokens * work.serial_steps),
        p95_to_mean=part.p95_to_mean,
        sample_cv=part.sample_cv,
        tail=float(work.tail_steps / np.maximum(work.serial_steps, 1e-300)),
    )


def _central(values: Array, i: int) -> Array:
    """The central case of an array that broadcasts to (draw, n), at the i-th n."""
    row = values if values.ndim < 2 else values[CENTRAL]
    row = np.atleast_1d(row)
    return np.asarray(row[i if len(row) > 1 else 0])
