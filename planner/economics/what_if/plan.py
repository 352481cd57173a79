"""The lines of a plan and of its baseline: shares are held, and the sliders move the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.allocate.baseline import Side, accuracy_draws
from planner.allocate.problem import API_FLEET, Problem
from planner.allocate.rented import Rented
from planner.allocate.solvers.books import fixed_usd_per_day
from planner.allocate.solvers.milp import Solution
from planner.allocate.table import ClassLoad, Entry, Table, option_label
from planner.domain.method import METHODS
from planner.domain.what_if import Paid, Series, WhatIf, WhatIfLine, WhatIfLoad
from planner.economics.what_if.lines import Mix, Packer, n_stops, paid_by, straight_line
from planner.options import Candidate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Share:
    """A part of all queries that one option answers; arrays are of one of its queries."""

    load: ClassLoad
    entry: Entry
    weight: float
    """Of all queries."""
    accuracy: Array
    """(draw,) as the plan was chosen on it: shrunk towards what is alike."""
    gpu_s: tuple[tuple[int, Array], ...]
    """(fleet, GPU-seconds (draw,)) of each fleet that it uses."""
    direct_usd: Array
    """(draw,) dollars that are paid by the query."""

    @property
    def simple(self) -> bool:
        """One candidate alone answers."""
        return len(self.entry.stages) == 1

    def own(self, made: Candidate, n: float) -> Array:
        """What a candidate takes at n beside any router, (draw,)."""
        return np.asarray(made.load([n], self.load.mix)[:, 0])


@dataclass(frozen=True)
class Held:
    """What no slider moves."""

    optimism: float = 0.0
    """Accuracy that is taken off the plan's."""
    latency_p95_s: tuple[float | None, float | None] = (None, None)
    """Of the plan and of its baseline."""


def plan_what_if(
    table: Table,
    problem: Problem,
    solution: Solution,
    baseline: Sequence[Side],
    mix: Mix,
    held: Held,
) -> WhatIf:
    """What a page needs to move a plan and its baseline; `problem` is the one that was solved."""
    shares = list(_shares(table, solution))
    packer = Packer([*table.used(solution.share), *(side.candidate for side in baseline)])
    lines = [_plan_line(packer, shares, table, problem, solution, held)]
    if baseline:
        lines.append(_baseline_line(packer, baseline, mix, held))
    return packer.packed(
        lines,
        judged="plan",
        queries_per_day=float(problem.queries_per_day.sum()),
        reference=len(lines) - 1,
        budget_usd_per_day=problem.budget_usd_per_day,
    )


def _shares(table: Table, solution: Solution) -> Iterator[_Share]:
    problem = table.problem
    for c, o in zip(*np.nonzero(solution.share > 0), strict=True):
        used = [(int(problem.fleet[o]), table.gpu_s[:, c, o])]
        if problem.reader_fleet is not None:
            used.append((int(problem.reader_fleet[o]), table.reader_gpu_s[:, c, o]))
        yield _Share(
            table.classes[c],
            table.entries[o],
            float(solution.share[c, o] * problem.weight[c]),
            table.accuracy[:, c, o],
            tuple((fleet, gpu_s) for fleet, gpu_s in used if fleet != API_FLEET),
            table.direct_usd[:, c, o],
        )


def _plan_line(
    packer: Packer,
    shares: Sequence[_Share],
    table: Table,
    problem: Problem,
    solution: Solution,
    held: Held,
) -> WhatIfLine:
    slid = _sliding(packer, shares)
    fleets = sorted({fleet for share in shares for fleet, _ in share.gpu_s})
    loads = [_on_fleet(packer, shares, slid, f, table.fleet_of[f]) for f in fleets]
    loads += _by_the_query(packer, shares, slid)
    stops = (1,) if slid is None else n_stops(slid.entry.candidate, slid.entry.n)
    used = np.any(solution.share > 0, axis=0)
    return WhatIfLine(
        label="The plan",
        side=0,
        loads=tuple(loads),
        fixed_usd_per_day=float(fixed_usd_per_day(problem, used)),
        n_samples=1 if slid is None else slid.entry.n,
        n_of=None if slid is None else _named(slid),
        n_stops=stops,
        accuracy=_accuracy(packer, shares, slid, stops),
        optimism=held.optimism,
        latency_p95_s=held.latency_p95_s[0],
    )


def _sliding(packer: Packer, shares: Sequence[_Share]) -> _Share | None:
    """The part with most queries whose n may change; None where there is none."""
    for share in sorted(shares, key=lambda s: -s.weight):
        made = share.entry.candidate
        counted = METHODS[made.method].samples and len(made.measured_n()) > 1
        if counted and share.simple and made.reader_fleet is None and share.load.checker is None:
            most = max(made.measured_n())
            if None not in [straight_line(one, share.own, most) for one in packer.longer(made)]:
                return share
    return None


def _named(share: _Share) -> str:
    bucket = "" if share.load.bucket == "all" else f", {share.load.bucket}"
    return f"{share.entry.candidate.label} for {share.load.query_class}{bucket}"


def _on_fleet(
    packer: Packer, shares: Sequence[_Share], slid: _Share | None, fleet: int, rented: Rented
) -> WhatIfLoad:
    """What an average query of the plan takes of one fleet, by length."""
    alone = _zeros(packer)
    per_sample: list[Array] = []
    sizes = (rented.fleet.gpus_per_replica,) * len(alone)
    for share in shares:
        for gpu_s in (gpu_s for f, gpu_s in share.gpu_s if f == fleet):
            made = _user(share, rented)
            by_length = _by_length(packer, share, made, rented, gpu_s)
            if made.fleet is rented.fleet:
                sizes = tuple(one.on_fleet.gpus_per_replica for one in packer.longer(made))
            for k, one in enumerate(packer.longer(made)):
                alone[k] = alone[k] + share.weight * by_length[k]
                if share is slid:
                    slope = _slope(share, one)
                    per_sample.append(share.weight * slope)
                    alone[k] = alone[k] - share.weight * share.entry.n * slope
    return WhatIfLoad(
        paid="GPUs",
        supply=packer.supply(rented.supply),
        gpus_per_replica=sizes,
        alone=packer.block.each(alone),
        per_sample=packer.block.each(per_sample) if per_sample else None,
    )


def _slope(share: _Share, made: Candidate) -> Array:
    line = straight_line(made, share.own, max(made.measured_n()))
    assert line is not None
    return line[1]


def _user(share: _Share, rented: Rented) -> Candidate:
    """The candidate of an option that runs on a fleet."""
    stages = [stage.candidate for stage in share.entry.stages]
    own = [c for c in stages if rented.fleet in (c.fleet, c.reader_fleet)]
    return own[0] if own else stages[0]


def _by_length(
    packer: Packer, share: _Share, made: Candidate, rented: Rented, gpu_s: Array
) -> list[Array]:
    """GPU-seconds of a query on a fleet at each length of samples.

    What is beside the candidate's own work, a router's say, does not change with the length; where
    several candidates answer, it changes as the work of the one on this fleet does.
    """
    n, mix = share.entry.n, share.load.mix
    at_stage = next((s.n for s in share.entry.stages if s.candidate is made), n)

    def work(one: Candidate) -> Array:
        reads = rented.fleet is made.reader_fleet
        return np.asarray((one.reader_gpu_s if reads else one.load)([at_stage], mix)[:, 0])

    now = work(made)
    longer = [work(one) for one in packer.longer(made)]
    if share.simple:
        return [gpu_s - now + then for then in longer]
    return [gpu_s * _times(then, now) for then in longer]


def _zeros(packer: Packer) -> list[Array]:
    return [np.zeros(packer.rows) for _ in packer.lengths]


def _times(then: Array, now: Array) -> Array:
    return np.divide(then, now, out=np.ones_like(now), where=now > 0)


def _by_the_query(
    packer: Packer, shares: Sequence[_Share], slid: _Share | None
) -> list[WhatIfLoad]:
    """What is paid by itself: tokens, GPU-seconds, people; and checks and routers beside."""
    found: dict[tuple[Paid, int | None], tuple[list[Array], list[Array]]] = {}

    for share in shares:
        metered = [s for s in share.entry.stages if s.candidate.metered]
        beside = share.direct_usd
        if metered:
            made, n = metered[0].candidate, metered[0].n
            paid = paid_by(made)
            place = packer.supply(made.supply) if paid == "GPU-seconds" else None
            alone, per_sample = found.setdefault((paid, place), (_zeros(packer), []))
            now = share.own(made, n)
            if not share.simple:
                now = beside
            for k, one in enumerate(packer.longer(made)):
                times = _times(share.own(one, n), share.own(made, n))
                alone[k] += share.weight * times * now
                if share is slid:
                    slope = share.weight * _slope(share, one)
                    per_sample.append(slope)
                    alone[k] -= share.entry.n * slope
            beside = beside - now
        alone, _ = found.setdefault(("answer", None), (_zeros(packer), []))
        for k in range(len(alone)):
            alone[k] += share.weight * beside
    return [
        WhatIfLoad(
            paid=paid,
            supply=place,
            alone=packer.block.each(alone),
            per_sample=packer.block.each(per_sample) if per_sample else None,
        )
        for (paid, place), (alone, per_sample) in found.items()
        if any(values.any() for values in alone) or per_sample
    ]


def _accuracy(
    packer: Packer, shares: Sequence[_Share], slid: _Share | None, stops: Sequence[int]
) -> tuple[Series, ...]:
    """Mean accuracy over all queries at each stop: the plan's, and how the curve moves it."""
    found = []
    for n in stops:
        total: Array = np.zeros(packer.rows)
        for share in shares:
            total = total + share.weight * share.accuracy
        if slid is not None and n != slid.entry.n:
            both = slid.entry.candidate.accuracy([float(slid.entry.n), float(n)], slid.load.mix)
            total = total + slid.weight * (both[:, 1] - both[:, 0])
        found.append(total)
    return packer.block.each(found)


def _baseline_line(packer: Packer, sides: Sequence[Side], mix: Mix, held: Held) -> WhatIfLine:
    """Today's allocation; sides of one fleet share its replicas."""
    fleets: dict[int, list[Side]] = {}
    for side in sides:
        fleets.setdefault(id(side.candidate.fleet or side.candidate), []).append(side)
    loads = [
        _today(packer, together, mix, f"baseline {place}")
        for place, together in enumerate(fleets.values())
    ]
    return WhatIfLine(
        label=" and ".join(option_label(s.candidate, s.n) for s in sides),
        side=1,
        loads=tuple(loads),
        n_samples=sides[0].n,
        n_stops=(sides[0].n,),
        accuracy=packer.block.each([accuracy_draws(sides, mix)]),
        latency_p95_s=held.latency_p95_s[1],
    )


def _today(packer: Packer, together: Sequence[Side], mix: Mix, apart: str) -> WhatIfLoad:
    """One fleet of today's allocation, which rents its GPUs for itself."""
    first = together[0].candidate
    paid = paid_by(first)
    alone = _zeros(packer)
    for side in together:
        for k, made in enumerate(packer.longer(side.candidate)):
            alone[k] = alone[k] + side.share * made.load([side.n], mix)[:, 0]
    rented = paid == "GPUs"
    sizes = [one.on_fleet.gpus_per_replica for one in packer.longer(first)] if rented else []
    return WhatIfLoad(
        paid=paid,
        supply=None if paid in ("tokens", "answer") else packer.supply(first.supply, apart),
        gpus_per_replica=tuple(sizes),
        alone=packer.block.each(alone),
    )
