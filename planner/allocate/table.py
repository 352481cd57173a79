"""From options and query classes to a problem of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import Array, Fleets, Problem, replica_capacity_gpu_s_per_day
from planner.cost.fleets import fleet_usd_per_day
from planner.cost.supply import Supply
from planner.domain.draws import CENTRAL
from planner.domain.method import METHODS
from planner.options import Candidate


@dataclass(frozen=True)
class Entry:
    """One option: a candidate at one n."""

    candidate: Candidate
    n: int

    @property
    def label(self) -> str:
        """As it is named on the page."""
        return option_label(self.candidate, self.n)


def option_label(candidate: Candidate, n: int) -> str:
    """ "Llemma 7B weighted vote by PRM @16", or without n where the method has one sample only."""
    return f"{candidate.label} @{n}" if METHODS[candidate.method].samples else candidate.label


@dataclass(frozen=True)
class ClassLoad:
    """A query class, or one difficulty bucket of it as the router tells it."""

    query_class: str
    bucket: str
    mix: Mapping[str, float]
    """Buckets of the question set that its queries are made of."""
    queries_per_day: float
    min_accuracy: float | None = None
    max_latency_p95_s: float | None = None
    allow: tuple[str, ...] | None = None
    """Models that may answer it; None: all."""
    forbid: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Options against classes, with their draws."""

    entries: tuple[Entry, ...]
    classes: tuple[ClassLoad, ...]
    supply: Supply
    accuracy: Array
    """(draw, class_, option); nan where it was not measured."""
    latency_p50_s: Array
    """(class_, option), central case."""
    latency_p95_s: Array
    """(class_, option), central case."""
    fleet_of: tuple[Candidate, ...]
    """A candidate of each fleet, for its name."""
    problem: Problem


def option_table(entries: Sequence[Entry], classes: Sequence[ClassLoad], supply: Supply) -> Table:
    """Prices every option for every class and bucket; what was not measured is not allowed."""
    shape = (len(classes), len(entries))
    n_draws = supply.usd_per_gpu_hour.shape[0]
    accuracy = np.full((n_draws, *shape), np.nan)
    gpu_s, flop, p50, p95 = (np.zeros(shape) for _ in range(4))
    for candidate, at in _by_candidate(entries):
        n = np.array([float(entries[o].n) for o in at])
        for c, load in enumerate(classes):
            if not candidate.covers(load.mix):
                continue
            accuracy[:, c, at] = candidate.accuracy(n, load.mix)
            gpu_s[c, at] = candidate.gpu_s(n, load.mix)[CENTRAL]
            flop[c, at] = candidate.flop(n, load.mix)[CENTRAL]
            fast, slow = candidate.latency_s(n, _heaviest(load.mix))
            p50[c, at], p95[c, at] = fast[CENTRAL], slow[CENTRAL]
    fleet_index, fleet_of = _fleet_index(entries)
    models = {m: i for i, m in enumerate(dict.fromkeys(e.candidate.model for e in entries))}
    problem = Problem(
        queries_per_day=np.array([load.queries_per_day for load in classes]),
        accuracy=np.nan_to_num(accuracy[CENTRAL]),
        allowed=_undominated(
            _allowed(entries, classes, np.isfinite(accuracy[CENTRAL]), p95),
            np.nan_to_num(accuracy[CENTRAL]),
            gpu_s,
            flop,
            fleet_index,
        ),
        gpu_s=gpu_s,
        direct_usd=np.zeros(shape),
        flop=flop,
        fleet=fleet_index,
        model=np.array([models[e.candidate.model] for e in entries]),
        fleets=_fleets(fleet_of, supply),
        min_accuracy=_floors(classes),
    )
    return Table(tuple(entries), tuple(classes), supply, accuracy, p50, p95, fleet_of, problem)


def _by_candidate(entries: Sequence[Entry]) -> list[tuple[Candidate, list[int]]]:
    """Positions of the entries of each candidate: all its n are priced in one call."""
    found: dict[int, tuple[Candidate, list[int]]] = {}
    for o, entry in enumerate(entries):
        found.setdefault(id(entry.candidate), (entry.candidate, []))[1].append(o)
    return list(found.values())


def _heaviest(mix: Mapping[str, float]) -> str:
    return max(mix, key=lambda bucket: mix[bucket])


def _fleet_index(entries: Sequence[Entry]) -> tuple[NDArray[np.int64], tuple[Candidate, ...]]:
    """Options that run on the very same replicas share a fleet."""
    found: dict[int, int] = {}
    of: list[Candidate] = []
    index = []
    for entry in entries:
        key = id(entry.candidate.fleet)
        if key not in found:
            found[key] = len(of)
            of.append(entry.candidate)
        index.append(found[key])
    return np.array(index, dtype=np.int64), tuple(of)


def _fleets(of: Sequence[Candidate], supply: Supply) -> Fleets:
    gpus = np.array([c.fleet.gpus_per_replica for c in of], dtype=np.int64)
    terms = supply.terms
    stock = np.inf if terms.stock_gpus is None else float(terms.stock_gpus)
    return Fleets(
        gpus_per_replica=gpus,
        usd_per_replica_day=fleet_usd_per_day(supply.usd_per_gpu_hour[CENTRAL], gpus, 1),
        capacity_gpu_s_per_day=replica_capacity_gpu_s_per_day(
            gpus, float(supply.utilisation[CENTRAL]), terms.peak_to_mean
        ),
        min_replicas=np.full(len(of), terms.min_replicas, dtype=np.int64),
        stock_gpus=np.full(len(of), stock),
    )


def _allowed(
    entries: Sequence[Entry],
    classes: Sequence[ClassLoad],
    measured: NDArray[np.bool_],
    p95_s: Array,
) -> NDArray[np.bool_]:
    allowed = measured.copy()
    for c, load in enumerate(classes):
        for o, entry in enumerate(entries):
            model = entry.candidate.model
            if load.allow is not None and model not in load.allow:
                allowed[c, o] = False
            if model in load.forbid:
                allowed[c, o] = False
        if load.max_latency_p95_s is not None:
            allowed[c] &= p95_s[c] <= load.max_latency_p95_s
    return allowed


def _undominated(
    allowed: NDArray[np.bool_],
    accuracy: Array,
    gpu_s: Array,
    flop: Array,
    fleet: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Takes away what another option of the same fleet does at least as well for no more.

    Of equal options the first stays. Within a fleet this can cost no plan anything: model,
    verifier and replicas are the same.
    """
    kept = allowed.copy()
    for c in range(len(allowed)):
        for f in np.unique(fleet):
            at = np.flatnonzero(allowed[c] & (fleet == f))
            a, g, w = accuracy[c, at], gpu_s[c, at], flop[c, at]
            no_worse = (a[:, None] >= a) & (g[:, None] <= g) & (w[:, None] <= w)
            better = (a[:, None] > a) | (g[:, None] < g) | (w[:, None] < w)
            earlier = np.arange(len(at))[:, None] < np.arange(len(at))
            beaten = (no_worse & (better | earlier)).any(axis=0)
            kept[c, at[beaten]] = False
    return kept


def _floors(classes: Sequence[ClassLoad]) -> Array | None:
    floors = [np.nan if c.min_accuracy is None else c.min_accuracy for c in classes]
    return None if np.isnan(floors).all() else np.array(floors)
