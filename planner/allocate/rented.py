"""The fleets that the options of a table run on, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner import units
from planner.allocate.problem import API_FLEET, Blocks, Fleets, replica_capacity_gpu_s_per_day
from planner.cost.fleets import Fleet
from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL
from planner.options import Candidate


@dataclass(frozen=True)
class Rented:
    """A fleet that may be bought: replicas of a generator or of a verifier, on one supply."""

    fleet: Fleet
    supply: Supply
    model: str
    verifier: str | None
    """That shares the generator's GPUs."""


def fleets_of(
    candidates: Sequence[Candidate],
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[Rented, ...]]:
    """(fleet, verifier's own fleet) of each candidate and the fleets there are.

    Options that run on the very same replicas share a fleet; metered ones have none.
    """
    found: dict[int, int] = {}
    of: list[Rented] = []

    def place(fleet: Fleet | None, supply: Supply, model: str, verifier: str | None) -> int:
        if fleet is None:
            return API_FLEET
        if id(fleet) not in found:
            found[id(fleet)] = len(of)
            of.append(Rented(fleet, supply, model, verifier))
        return found[id(fleet)]

    own, reader = [], []
    for made in candidates:
        if made.metered:
            own.append(API_FLEET)
            reader.append(API_FLEET)
            continue
        shared = made.verifier if made.reader_fleet is None else None
        own.append(place(made.fleet, made.supply, made.model, shared))
        reader.append(place(made.reader_fleet, made.supply, made.verifier or "", None))
    return np.array(own, dtype=np.int64), np.array(reader, dtype=np.int64), tuple(of)


def fleets_in(of: Sequence[Rented], draw: int = CENTRAL) -> Fleets:
    """The fleets at the prices and the utilisation of a draw."""
    if not of:
        return Fleets.none()
    gpus = np.array([c.fleet.gpus_per_replica for c in of], dtype=np.int64)
    terms = [c.supply.terms for c in of]
    pools = {id(c.supply): c.supply for c in of}
    of_pool = {key: p for p, key in enumerate(pools)}
    blocks = [(p, block) for p, pool in enumerate(pools.values()) for block in pool.blocks]
    blocks.sort(key=lambda one: (one[0], float(one[1].usd_per_gpu_hour[draw])))  # prices may cross
    utilisation = np.array([c.supply.utilisation[draw] for c in of])
    peak = np.array([t.peak_to_mean for t in terms])
    return Fleets(
        gpus_per_replica=gpus,
        capacity_gpu_s_per_day=replica_capacity_gpu_s_per_day(gpus, utilisation, peak),
        min_replicas=np.array([t.min_replicas for t in terms], dtype=np.int64),
        pool=np.array([of_pool[id(c.supply)] for c in of], dtype=np.int64),
        blocks=Blocks(
            pool=np.array([p for p, _ in blocks], dtype=np.int64),
            usd_per_gpu_day=np.array(
                [b.usd_per_gpu_hour[draw] * units.HOURS_PER_DAY for _, b in blocks]
            ),
            gpus=np.array([b.gpus for _, b in blocks]),
        ),
        fixed_usd_per_day=np.array([t.fleet_usd_per_day for t in terms]),
    )
