"""What a plan changes against today's allocation, by query class and bucket."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planner.allocate.baseline import Side, accuracy_draws, label_of, usd_draws
from planner.allocate.plan import accounts
from planner.allocate.problem import Array, Problem
from planner.allocate.solvers.milp import Solution
from planner.allocate.table import Table
from planner.domain.draws import CENTRAL
from planner.domain.page_facts import Change
from planner.options.candidate import Candidate
from planner.units import format_percent


def changes(
    table: Table, problem: Problem, solution: Solution, baseline: Sequence[Side]
) -> tuple[Change, ...]:
    """Every class and bucket before and after, in the order of the table.

    Dollars of both are allocated by GPU-seconds (or as paid by the query), so that each column adds
    up to its dollars a day, less what models and training cost whatever the queries.
    """
    if not baseline:
        return ()
    books = accounts(problem, solution.share, solution.replicas)
    before = _usd_by_class(table, baseline)
    found = []
    for c, load in enumerate(table.classes):
        share = solution.share[c]
        used = np.flatnonzero(share > 0)
        usd = float((share[used] * books.allocated_usd_per_query[c, used]).sum())
        found.append(
            Change(
                query_class=load.query_class,
                bucket=load.bucket,
                queries_per_day=load.queries_per_day,
                before=label_of(baseline),
                after=_labels(table, share, used.tolist()),
                accuracy_before=float(accuracy_draws(baseline, load.mix, load)[CENTRAL]),
                accuracy_after=float((share[used] * table.accuracy[CENTRAL, c, used]).sum()),
                usd_per_day_before=float(before[c]),
                usd_per_day_after=usd * load.queries_per_day,
            )
        )
    return tuple(found)


def _labels(table: Table, share: Array, used: Sequence[int]) -> str:
    if len(used) == 1:
        return table.entries[used[0]].label
    ranked = sorted(used, key=lambda o: -share[o])
    return " and ".join(f"{format_percent(share[o], 0)} {table.entries[o].label}" for o in ranked)


def _usd_by_class(table: Table, baseline: Sequence[Side]) -> Array:
    """Dollars a day of today's allocation by class, (class_,): fleet by fleet, by GPU-seconds."""
    volumes = np.array([load.queries_per_day for load in table.classes])
    total = float(volumes.sum())
    together: dict[int, list[Side]] = {}
    for side in baseline:
        together.setdefault(_fleet(side.candidate), []).append(side)
    usd: Array = np.zeros(len(volumes))
    mix = _whole_mix(table)
    for sides in together.values():
        spent = float(usd_draws(sides, total, mix)[CENTRAL])
        load = np.array(
            [
                sum(s.share * float(s.candidate.load([s.n], c.mix)[CENTRAL, 0]) for s in sides)
                for c in table.classes
            ]
        )
        taken = load * volumes
        usd = usd + spent * taken / taken.sum()
    return usd


def _fleet(made: Candidate) -> int:
    return id(made.fleet or made)


def _whole_mix(table: Table) -> dict[str, float]:
    """Difficulty of all queries together."""
    total = sum(load.queries_per_day for load in table.classes)
    mix: dict[str, float] = {}
    for load in table.classes:
        for bucket, share in load.mix.items():
            mix[bucket] = mix.get(bucket, 0.0) + share * load.queries_per_day / total
    return mix
