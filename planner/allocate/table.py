"""From options and query classes to a problem of arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import Array, Problem
from planner.allocate.prune import alike, undominated
from planner.allocate.rented import Rented, fleets_in, fleets_of
from planner.domain.draws import CENTRAL
from planner.domain.method import METHODS
from planner.options import Candidate, FasterFleets, RouterWork
from planner.options.checked import Checker, with_checker
from planner.units import format_seconds


@dataclass(frozen=True)
class Entry:
    """One option: a candidate at one n."""

    candidate: Candidate
    n: int

    @property
    def label(self) -> str:
        """As it is named on the page."""
        return option_label(self.candidate, self.n)

    @property
    def stages(self) -> tuple[Entry, ...]:
        """The options that it is made of."""
        return (self,)

    def answers(self, class_: int) -> tuple[float, ...]:
        """Share of the queries of a class that each of its stages answers, central case."""
        del class_
        return (1.0,)


def option_label(candidate: Candidate, n: int) -> str:
    """As "Llemma 7B weighted vote by PRM @16"; without n where the method has one sample only."""
    return f"{candidate.label} @{n}" if METHODS[candidate.method].samples else candidate.label


@dataclass(frozen=True)
class ClassLoad:
    """A query class, or one difficulty bucket of it as the router tells it."""

    query_class: str
    bucket: str
    mix: Mapping[str, float]
    """Buckets of the question set that its queries are made of."""
    queries_per_day: float
    max_latency_p95_s: float | None = None
    router: RouterWork | None = None
    """What tells its bucket, where that costs anything."""
    checker: Checker | None = None
    """What checks its answers."""


@dataclass(frozen=True)
class Table:
    """Options against classes, with their draws."""

    entries: tuple[Entry, ...]
    classes: tuple[ClassLoad, ...]
    accuracy: Array
    """(draw, class_, option); nan where it was not measured."""
    gpu_s: Array
    """(draw, class_, option) GPU-seconds of one query; 0 where it is metered."""
    direct_usd: Array
    """(draw, class_, option) dollars of one query that is metered; 0 on a fleet."""
    latency_s: Callable[[], tuple[Array, Array]]
    """(p50, p95), each (class_, option), central case, in full batches; nan where it is not known.
    Computed where a cap or a cascade asks for it: a plan restates it at the load of its fleets."""
    fleet_of: tuple[Rented, ...]
    """What each fleet serves, and its price."""
    reader_gpu_s: Array
    """(draw, class_, option) GPU-seconds of one query on its verifier's own fleet; else 0."""
    problem: Problem
    measured: Array
    """(class_, option) accuracy as it was measured, central case."""
    benchmark: Array | None = None
    """(draw, class_, option) where `accuracy` is that of real traffic; None: they are the same."""

    @property
    def latency_p50_s(self) -> Array:
        """(class_, option), see `latency_s`."""
        return self.latency_s()[0]

    @property
    def latency_p95_s(self) -> Array:
        """(class_, option), see `latency_s`."""
        return self.latency_s()[1]

    def too_slow(self) -> str | None:
        """A sentence on classes that no option may serve: what the fastest would take.

        None where every class has an option, or it is not the latency cap that forbids them.
        """
        said = []
        for c, load in enumerate(self.classes):
            if self.problem.allowed[c].any() or load.max_latency_p95_s is None:
                continue
            measured = np.isfinite(self.accuracy[CENTRAL, c]) & np.isfinite(self.latency_p95_s[c])
            if measured.any():
                fastest = float(self.latency_p95_s[c][measured].min())
                said.append(
                    f"a latency cap (p95) of {format_seconds(fastest)} instead of"
                    f" {format_seconds(load.max_latency_p95_s)} for {load.query_class}"
                )
        return f"What would do, in the smallest batches: {'; '.join(said)}." if said else None

    def used(self, share: Array) -> list[Candidate]:
        """The candidates that have a share (class_, option), each once."""
        live = np.flatnonzero((share > 0).any(axis=0))
        found = [stage.candidate for o in live for stage in self.entries[o].stages]
        return list({id(candidate): candidate for candidate in found}.values())

    @property
    def draws(self) -> int:
        """Length of the `draw` axis."""
        return len(self.accuracy)


def option_table(entries: Sequence[Entry], classes: Sequence[ClassLoad]) -> Table:
    """Prices every option for every class and bucket; what was not measured is not allowed.

    Where a class has a latency cap, options that miss it are offered in smaller batches too.
    """
    entries = [*entries, *_in_smaller_batches(entries, classes)]
    shape = (len(classes), len(entries))
    n_draws = entries[0].candidate.supply.draws.rows
    accuracy = np.full((n_draws, *shape), np.nan)
    usd, gpu_s = np.zeros((n_draws, *shape)), np.zeros((n_draws, *shape))
    reader_gpu_s = np.zeros((n_draws, *shape))
    flop = np.zeros(shape)
    for candidate, at in _by_candidate(entries):
        n = np.array([float(entries[o].n) for o in at])
        for c, load in enumerate(classes):
            if not candidate.covers(load.mix):
                continue
            accuracy[:, c, at] = candidate.accuracy(n, load.mix)
            flop[c, at] = candidate.flop(n, load.mix)[CENTRAL]
            (usd if candidate.metered else gpu_s)[:, c, at] = candidate.load(n, load.mix)
            if not candidate.metered:
                reader_gpu_s[:, c, at] = candidate.reader_gpu_s(n, load.mix)
            if candidate.method == "checked_best_of_n" and load.checker is None:
                accuracy[:, c, at] = np.nan
            elif candidate.method == "checked_best_of_n" and load.checker is not None:
                for o, samples in zip(at, n, strict=True):
                    told = with_checker(candidate, int(samples), load.mix, load.checker)
                    accuracy[:, c, o] = told.accuracy
                    usd[:, c, o] += told.checks * load.checker.usd_per_check
            if load.router is not None:
                more_gpu_s, more_usd, more_flop = load.router.added(candidate)
                gpu_s[:, c, at] += more_gpu_s[:, None]
                usd[:, c, at] += more_usd[:, None]
                flop[c, at] += more_flop
    fleet_index, reader_index, fleet_of = fleets_of([entry.candidate for entry in entries])
    models = {m: i for i, m in enumerate(dict.fromkeys(e.candidate.model for e in entries))}
    model = np.array([models[e.candidate.model] for e in entries], dtype=np.int64)
    central = np.nan_to_num(accuracy[CENTRAL])

    @cache
    def latency_s() -> tuple[Array, Array]:
        return _latency_s(entries, classes)

    allowed = _allowed(classes, np.isfinite(accuracy[CENTRAL]), latency_s)
    problem = Problem(
        queries_per_day=np.array([load.queries_per_day for load in classes]),
        accuracy=central,
        allowed=undominated(
            allowed,
            central,
            [gpu_s[CENTRAL], usd[CENTRAL], flop, reader_gpu_s[CENTRAL]],
            alike(fleet_index, reader_index, model),
        ),
        gpu_s=gpu_s[CENTRAL],
        direct_usd=usd[CENTRAL],
        flop=flop,
        fleet=fleet_index,
        reader_fleet=reader_index,
        reader_gpu_s=reader_gpu_s[CENTRAL],
        model=model,
        fleets=fleets_in(fleet_of),
    )
    return Table(
        entries=tuple(entries),
        classes=tuple(classes),
        accuracy=accuracy,
        gpu_s=gpu_s,
        direct_usd=usd,
        latency_s=latency_s,
        fleet_of=fleet_of,
        reader_gpu_s=reader_gpu_s,
        problem=problem,
        measured=central,
    )


def _latency_s(entries: Sequence[Entry], classes: Sequence[ClassLoad]) -> tuple[Array, Array]:
    p50, p95 = np.zeros((2, len(classes), len(entries)))
    for candidate, at in _by_candidate(entries):
        n = [entries[o].n for o in at]
        for c, load in enumerate(classes):
            if candidate.covers(load.mix):
                p50[c, at], p95[c, at] = candidate.latency_s(n, load.mix)
    return p50, p95


def with_accuracy(table: Table, accuracy: Array) -> Table:
    """The table with other accuracies (draw, class_, option); every option measured is allowed
    again until `wished` takes its rules and what is dominated away.
    """
    central = np.nan_to_num(accuracy[CENTRAL])
    known = np.isfinite(accuracy[CENTRAL])
    problem = replace(table.problem, accuracy=central, allowed=known)
    return replace(table, accuracy=accuracy, problem=problem)


def _in_smaller_batches(entries: Sequence[Entry], classes: Sequence[ClassLoad]) -> list[Entry]:
    """Options on fleets whose batch a latency cap chose; smaller n of theirs run there as well."""
    fleets, found = FasterFleets(), dict[tuple[int, int, int], Entry]()
    for load in classes:
        cap_s = load.max_latency_p95_s
        if cap_s is None:
            continue
        for candidate, at in _by_candidate(entries):
            if candidate.metered or not candidate.covers(load.mix):
                continue
            counts = [entries[o].n for o in at]
            _, p95 = candidate.latency_s(counts, load.mix)
            for n in (n for n, slow in zip(counts, p95 > cap_s, strict=True) if slow):
                faster = fleets.meeting(candidate, n, load.mix, cap_s)
                if faster is candidate:
                    continue
                for fewer in (k for k in counts if k <= n):
                    key = (id(candidate), id(faster.fleet), fewer)
                    found.setdefault(key, Entry(faster, fewer))
    return list(found.values())


def _by_candidate(entries: Sequence[Entry]) -> list[tuple[Candidate, list[int]]]:
    """Positions of the entries of each candidate: all its n are priced in one call."""
    found: dict[int, tuple[Candidate, list[int]]] = {}
    for o, entry in enumerate(entries):
        found.setdefault(id(entry.candidate), (entry.candidate, []))[1].append(o)
    return list(found.values())


def _allowed(
    classes: Sequence[ClassLoad],
    measured: NDArray[np.bool_],
    latency_s: Callable[[], tuple[Array, Array]],
) -> NDArray[np.bool_]:
    allowed = measured.copy()
    for c, load in enumerate(classes):
        if load.max_latency_p95_s is not None:
            # Where the latency is not known (nan) the cap cannot be promised.
            allowed[c] &= latency_s()[1][c] <= load.max_latency_p95_s
    return allowed
