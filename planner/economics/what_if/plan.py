"""The lines of a plan and of its baseline: shares are held, and the sliders move the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.allocate.baseline import Side
from planner.allocate.problem import Problem
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
    """A part of all queries that one option answers."""

    load: ClassLoad
    entry: Entry
    weight: float
    """Of all queries."""
    accuracy: Array
    """(draw,) as the plan was chosen on it: shrunk towards what is alike."""

    @property
    def candidate(self) -> Candidate:
        return self.entry.candidate

    def taken(self, made: Candidate, n: float) -> Array:
        """GPU-seconds, or dollars where it is metered, of one of its queries at n, (draw,)."""
        taken = made.load([n], self.load.mix)[:, 0]
        if self.load.router is not None:
            gpu_s, usd, _ = self.load.router.added(made)
            taken = taken + (usd if made.metered else gpu_s)
        return np.asarray(taken)

    def beside(self, made: Candidate) -> Array:
        """Dollars that telling its difficulty costs beside the GPU time, (draw,)."""
        if self.load.router is None or made.metered:
            return np.zeros(made.supply.draws.rows)
        return np.asarray(self.load.router.added(made)[1])


def plan_what_if(
    table: Table,
    problem: Problem,
    solution: Solution,
    baseline: Sequence[Side],
    mix: Mix,
    optimism: float = 0.0,
) -> WhatIf:
    """What a page needs to move a plan and its baseline; `problem` is the one that was solved."""
    shares = _shares(table, solution)
    packer = Packer([*(s.candidate for s in shares), *(b.candidate for b in baseline)])
    plan = _plan_line(packer, shares, table, problem, solution)
    lines = [plan.model_copy(update={"optimism": optimism})]
    if baseline:
        lines.append(_baseline_line(packer, baseline, mix))
    return packer.packed(
        lines,
        judged="plan",
        queries_per_day=float(problem.queries_per_day.sum()),
        reference=len(lines) - 1,
        budget_usd_per_day=problem.budget_usd_per_day,
    )


def _shares(table: Table, solution: Solution) -> list[_Share]:
    weight = table.problem.weight
    return [
        _Share(
            table.classes[c],
            table.entries[o],
            float(solution.share[c, o] * weight[c]),
            table.accuracy[:, c, o],
        )
        for c, o in zip(*np.nonzero(solution.share > 0), strict=True)
    ]


def _plan_line(
    packer: Packer, shares: Sequence[_Share], table: Table, problem: Problem, solution: Solution
) -> WhatIfLine:
    slid = _sliding(packer, shares)
    fleets: dict[object, list[_Share]] = {}
    for share in shares:
        paid = paid_by(share.candidate)
        fleets.setdefault(id(share.candidate.fleet) if paid == "GPUs" else paid, []).append(share)
    loads = [_together(packer, parts, slid) for parts in fleets.values()]
    loads += _readers(packer, shares)
    if (beside := _beside(packer, shares)) is not None:
        loads.append(beside)
    stops = (1,) if slid is None else n_stops(slid.candidate, slid.entry.n)
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
        latency_p95_s=_latency_s(table, solution),
    )


def _sliding(packer: Packer, shares: Sequence[_Share]) -> _Share | None:
    """The part with most queries whose n may change; None where there is none."""
    for share in sorted(shares, key=lambda s: -s.weight):
        made = share.candidate
        if METHODS[made.method].samples and len(made.measured_n()) > 1:
            most = max(made.measured_n())
            lines = [straight_line(one, share.taken, most) for one in packer.longer(made)]
            if None not in lines and made.reader_fleet is None:
                return share
    return None


def _named(share: _Share) -> str:
    bucket = "" if share.load.bucket == "all" else f", {share.load.bucket}"
    return f"{share.candidate.label} for {share.load.query_class}{bucket}"


def _together(packer: Packer, parts: Sequence[_Share], slid: _Share | None) -> WhatIfLoad:
    """What a query of the plan takes of one fleet, on average over all queries."""
    first = parts[0].candidate
    paid: Paid = paid_by(first)
    alone: list[Array] = [np.zeros(packer.rows) for _ in packer.lengths]
    per_sample: list[Array] = []
    for part in parts:
        for k, made in enumerate(packer.longer(part.candidate)):
            if part is slid:
                line = straight_line(made, part.taken, max(made.measured_n()))
                assert line is not None
                per_sample.append(part.weight * line[1])
                alone[k] = alone[k] + part.weight * line[0]
            else:
                alone[k] = alone[k] + part.weight * part.taken(made, part.entry.n)
    return WhatIfLoad(
        paid=paid,
        supply=None if paid in ("tokens", "answer") else packer.supply(first.supply),
        gpus_per_replica=(
            tuple(one.on_fleet.gpus_per_replica for one in packer.longer(first))
            if paid == "GPUs"
            else ()
        ),
        alone=packer.block.each(alone),
        per_sample=packer.block.each(per_sample) if per_sample else None,
    )


def _readers(packer: Packer, shares: Sequence[_Share]) -> list[WhatIfLoad]:
    """Verifiers that read on fleets of their own."""
    found: dict[int, list[_Share]] = {}
    for share in shares:
        if share.candidate.reader_fleet is not None and not share.candidate.metered:
            found.setdefault(id(share.candidate.reader_fleet), []).append(share)
    loads = []
    for parts in found.values():
        fleet = parts[0].candidate.reader_fleet
        assert fleet is not None
        alone: list[Array] = [np.zeros(packer.rows) for _ in packer.lengths]
        for part in parts:
            for k, made in enumerate(packer.longer(part.candidate)):
                reads = made.reader_gpu_s([part.entry.n], part.load.mix)[:, 0]
                alone[k] = alone[k] + part.weight * reads
        loads.append(
            WhatIfLoad(
                paid="GPUs",
                supply=packer.supply(parts[0].candidate.supply),
                gpus_per_replica=(fleet.gpus_per_replica,) * len(alone),
                alone=packer.block.each(alone),
            )
        )
    return loads


def _beside(packer: Packer, shares: Sequence[_Share]) -> WhatIfLoad | None:
    """Dollars of telling queries apart that no slider but volume moves; None where there are none.

    They are the price of the router's own answers.
    """
    usd: Array = np.zeros(packer.rows)
    for share in shares:
        usd = usd + share.weight * share.beside(share.candidate)
    if not usd.any():
        return None
    return WhatIfLoad(paid="answer", alone=packer.block.each([usd] * len(packer.lengths)))


def _accuracy(
    packer: Packer, shares: Sequence[_Share], slid: _Share | None, stops: Sequence[int]
) -> tuple[Series, ...]:
    """Mean accuracy over all queries at each stop."""
    found = []
    for n in stops:
        total: Array = np.zeros(packer.rows)
        for share in shares:
            total = total + share.weight * share.accuracy
        if slid is not None and n != slid.entry.n:
            both = slid.candidate.accuracy([float(slid.entry.n), float(n)], slid.load.mix)
            total = total + slid.weight * (both[:, 1] - both[:, 0])
        found.append(total)
    return packer.block.each(found)


def _latency_s(table: Table, solution: Solution) -> float | None:
    """The slowest 95th percentile of its options, in full batches; None where one is not known."""
    slowest = float(np.max(table.latency_p95_s[solution.share > 0]))
    return slowest if np.isfinite(slowest) else None


def _baseline_line(packer: Packer, sides: Sequence[Side], mix: Mix) -> WhatIfLine:
    """Today's allocation; sides of one fleet share its replicas."""
    fleets: dict[int, list[Side]] = {}
    for side in sides:
        fleets.setdefault(id(side.candidate.fleet or side.candidate), []).append(side)
    loads = []
    for place, together in enumerate(fleets.values()):
        first = together[0].candidate
        alone: list[Array] = [np.zeros(packer.rows) for _ in packer.lengths]
        for side in together:
            for k, made in enumerate(packer.longer(side.candidate)):
                alone[k] = alone[k] + side.share * made.load([side.n], mix)[:, 0]
        paid = paid_by(first)
        loads.append(
            WhatIfLoad(
                paid=paid,
                supply=(
                    None
                    if paid in ("tokens", "answer")
                    else packer.supply(first.supply, f"baseline {place}")
                ),
                gpus_per_replica=(
                    tuple(one.on_fleet.gpus_per_replica for one in packer.longer(first))
                    if paid == "GPUs"
                    else ()
                ),
                alone=packer.block.each(alone),
            )
        )
    parts = [s.share * s.candidate.accuracy([s.n], mix)[:, 0] for s in sides]
    total: Array = np.sum(parts, axis=0)
    slowest = max(float(s.candidate.latency_s([s.n], mix)[1][0]) for s in sides)
    return WhatIfLine(
        label=" and ".join(option_label(s.candidate, s.n) for s in sides),
        side=1,
        loads=tuple(loads),
        n_samples=sides[0].n,
        n_stops=(sides[0].n,),
        accuracy=packer.block.each([total]),
        latency_p95_s=slowest if np.isfinite(slowest) else None,
    )
