"""Cascades as options like any other: columns beside those of the options they are made of.

Of a bucket, with a_1 the accuracy of the first option, a_2 that of the second, and a verifier that
passes right answers with probability tp and wrong ones with fp at a threshold:

    kept     = a_1 tp + (1 - a_1) fp
    accuracy = a_1 tp + (1 - kept) a_2
    cost     = first + score + (1 - kept) then

An assumption, told with every plan that has one: within a bucket the second option is as accurate
on the queries that are handed on as on all of them. Queries that a cheap model fails are harder, so
that finer buckets make it truer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.allocate.handed import own_work, within_s
from planner.allocate.problem import API_FLEET, Array
from planner.allocate.table import ClassLoad, Entry, Table, with_accuracy
from planner.domain.cascade import FALSE_POSITIVES, SCORES, Cascade
from planner.domain.cascade import Stage as Named
from planner.domain.measured import VerifierBucket
from planner.domain.observation import ALL
from planner.domain.plan import Assumption
from planner.errors import InputError, Problem


@dataclass(frozen=True)
class Passing:
    """A threshold by what passes it."""

    name: str
    right: float
    """Share of right answers that pass."""
    wrong: float
    """Share of wrong answers that pass."""


@dataclass(frozen=True)
class CascadeEntry(Entry):
    """An option that hands on what its verifier does not pass."""

    then: Entry | None = None
    threshold: str = ""
    handed_on: tuple[float, ...] = ()
    """Share of the queries of each class that its second stage answers, central case."""

    @property
    def label(self) -> str:
        """As "7B greedy, else 34B greedy (score from 0.5)"."""
        then = "" if self.then is None else self.then.label
        return f"{super().label}, else {then} ({self.threshold})"

    @property
    def stages(self) -> tuple[Entry, ...]:
        """The first option and the second."""
        first = Entry(self.candidate, self.n)
        return (first,) if self.then is None else (first, self.then)

    def answers(self, class_: int) -> tuple[float, ...]:
        """All queries by the first stage, and those handed on by the second."""
        return (1.0,) if self.then is None else (1.0, self.handed_on[class_])


def assumed(cascades: Sequence[Cascade]) -> tuple[Assumption, ...]:
    """What plans with cascades rest on."""
    if not cascades:
        return ()
    source = "planner.allocate.cascades: what is handed on is as hard as its bucket"
    name = "accuracy of the second option of a cascade, handed on over all of the bucket"
    return (Assumption(name=name, value=1.0, unit="ratio", source=source),)


def passing_by_auc(auc: float) -> list[Passing]:
    """Thresholds of a verifier whose scores are normal with one variance: binormal ROC.

    tp = Phi(sqrt(2) Phi^-1(auc) + Phi^-1(fp))
    """
    from scipy.special import ndtr, ndtri

    apart = np.sqrt(2.0) * ndtri(auc)
    return [
        Passing(f"passing {fp:.0%} of wrong answers", float(ndtr(apart + ndtri(fp))), fp)
        for fp in FALSE_POSITIVES
    ]


def passing_by_scores(quality: VerifierBucket) -> list[Passing]:
    """Thresholds on the scores of a log, from the samples in each range of them."""
    bins = quality.calibration
    right = sum(b.samples * b.correct for b in bins)
    wrong = sum(b.samples * (1 - b.correct) for b in bins)
    found = []
    for threshold in SCORES:
        above = [b for b in bins if b.score >= threshold]
        tp = sum(b.samples * b.correct for b in above) / right if right else 0.0
        fp = sum(b.samples * (1 - b.correct) for b in above) / wrong if wrong else 0.0
        found.append(Passing(f"score from {threshold:g}", tp, fp))
    return found


def kept_and_right(first: Array, passing: Passing) -> tuple[Array, Array]:
    """(share of queries whose first answer is kept, share whose kept answer is right), (draw,)."""
    right = first * passing.right
    return right + (1.0 - first) * passing.wrong, right


def with_cascades(
    table: Table, cascades: Sequence[Cascade], quality: Sequence[VerifierBucket]
) -> Table:
    """The table with an option more for each cascade and threshold.

    Raises InputError, all problems at once, for stages that are no options and verifiers whose
    scores were not measured.
    """
    faults: list[Problem] = []
    columns: list[_Column] = []
    for i, cascade in enumerate(cascades):
        where = f"cascades[{i}]"
        pairs = list(_pairs(table, cascade, where, faults))
        known = _passing(cascade, quality, where, faults)
        columns += [
            _column(table, cascade, pair, known, k) for pair in pairs for k in range(_count(known))
        ]
    if faults:
        raise InputError(faults)
    return _widened(table, columns) if columns else table


@dataclass(frozen=True)
class _Column:
    entry: CascadeEntry
    accuracy: Array
    """(draw, class_), as are the next three."""
    gpu_s: Array
    direct_usd: Array
    then_gpu_s: Array
    """On the second option's fleet, where that is another one."""
    flop: Array
    """(class_,), as are the next two."""
    p50_s: Array
    p95_s: Array
    fleet: int
    then_fleet: int
    model: int
    also_model: int


def _pairs(
    table: Table, cascade: Cascade, where: str, faults: list[Problem]
) -> Iterator[tuple[int, int]]:
    """Positions of the two options; those with a verifier on a fleet of its own are left out, for
    an option has two fleets at most.
    """
    reader = table.problem.reader_fleet
    ends = []
    for name, stage in (("first", cascade.first), ("then", cascade.then)):
        found = [
            o
            for o, entry in enumerate(table.entries)
            if _is(entry, stage) and (reader is None or reader[o] == API_FLEET)
        ]
        if not found:
            what = f"{stage.method} of {stage.model} at {stage.samples} is no option"
            remedy = "name a model, method and samples that [[candidates]] offer"
            faults.append(Problem(f"{where}.{name}", what, remedy=remedy))
        ends.append(found)
    for first in ends[0]:
        for then in ends[1]:
            yield first, then


def _is(entry: Entry, stage: Named) -> bool:
    made = entry.candidate
    return (made.model, made.method, entry.n) == (stage.model, stage.method, stage.samples)


def _passing(
    cascade: Cascade, quality: Sequence[VerifierBucket], where: str, faults: list[Problem]
) -> dict[str, list[Passing]]:
    """Thresholds by bucket; `all` serves the buckets that are absent."""
    if cascade.auc is not None:
        return {ALL: passing_by_auc(cascade.auc)}
    seen = [
        q
        for q in quality
        if (q.verifier, q.model) == (cascade.verifier, cascade.first.model) and q.calibration
    ]
    if not seen:
        what = f"no scores of {cascade.verifier} for {cascade.first.model} were measured"
        remedy = "measure logs with scores from 0 to 1, or write auc instead of verifier"
        faults.append(Problem(f"{where}.verifier", what, remedy=remedy))
    return {q.bucket: passing_by_scores(q) for q in seen}


def _count(known: dict[str, list[Passing]]) -> int:
    return min((len(p) for p in known.values()), default=0)


def _column(
    table: Table,
    cascade: Cascade,
    pair: tuple[int, int],
    known: dict[str, list[Passing]],
    threshold: int,
) -> _Column:
    first, then = (table.entries[o] for o in pair)
    a, b = pair
    problem = table.problem
    shape = (table.draws, len(table.classes))
    accuracy, handed = np.full(shape, np.nan), np.zeros(shape)
    for c, load in enumerate(table.classes):
        if not (first.candidate.covers(load.mix) and then.candidate.covers(load.mix)):
            continue
        accuracy[:, c], handed[:, c] = _answered(first, then, load, known, threshold)
    fleet, other = int(problem.fleet[a]), int(problem.fleet[b])
    then_gpu_s, then_usd, then_flop = own_work(table, b)
    on_other = then_gpu_s * handed
    together = fleet in (other, API_FLEET)
    name = next(iter(known.values()))[threshold].name
    first_s, then_s = ((table.latency_p50_s[:, o], table.latency_p95_s[:, o]) for o in pair)
    p50_s, p95_s = within_s(first_s, then_s, handed[0])
    return _Column(
        entry=CascadeEntry(first.candidate, first.n, then, name, tuple(handed[0].tolist())),
        accuracy=accuracy,
        gpu_s=table.gpu_s[:, :, a] + (on_other if together else 0.0),
        direct_usd=table.direct_usd[:, :, a] + cascade.cost + then_usd * handed,
        then_gpu_s=np.zeros(shape) if together else on_other,
        flop=problem.flop[:, a] + handed[0] * then_flop,
        p50_s=p50_s,
        p95_s=p95_s,
        fleet=other if fleet == API_FLEET else fleet,
        then_fleet=API_FLEET if together else other,
        model=int(problem.model[a]),
        also_model=int(problem.model[b]),
    )


def _answered(
    first: Entry, then: Entry, load: ClassLoad, known: dict[str, list[Passing]], threshold: int
) -> tuple[Array, Array]:
    """(accuracy, share handed on) of a class, each (draw,)."""
    rows = first.candidate.supply.draws.rows
    accuracy, handed = np.zeros(rows), np.zeros(rows)
    for bucket, share in load.mix.items():
        if share <= 0:
            continue
        passing = known.get(bucket) or known.get(ALL) or next(iter(known.values()))
        one = first.candidate.accuracy([first.n], {bucket: 1.0})[:, 0]
        two = then.candidate.accuracy([then.n], {bucket: 1.0})[:, 0]
        kept, right = kept_and_right(one, passing[threshold])
        accuracy += share * (right + (1.0 - kept) * two)
        handed += share * (1.0 - kept)
    return accuracy, handed


def _widened(table: Table, columns: Sequence[_Column]) -> Table:
    problem = table.problem

    def wide(old: Array, new: Sequence[Array]) -> Array:
        return np.concatenate([old, np.stack(new, axis=-1)], axis=-1)

    accuracy = wide(table.accuracy, [c.accuracy for c in columns])
    gpu_s = wide(table.gpu_s, [c.gpu_s for c in columns])
    usd = wide(table.direct_usd, [c.direct_usd for c in columns])
    reads = wide(table.reader_gpu_s, [c.then_gpu_s for c in columns])
    latency_s = (
        wide(table.latency_p50_s, [c.p50_s for c in columns]),
        wide(table.latency_p95_s, [c.p95_s for c in columns]),
    )
    none = np.full(len(table.entries), API_FLEET)
    reader = none if problem.reader_fleet is None else problem.reader_fleet
    also = none if problem.also_model is None else problem.also_model
    central = np.nan_to_num(accuracy[0])
    wider = replace(
        table,
        entries=(*table.entries, *(c.entry for c in columns)),
        accuracy=accuracy,
        gpu_s=gpu_s,
        direct_usd=usd,
        reader_gpu_s=reads,
        latency_s=lambda: latency_s,
        measured=central,
        problem=replace(
            problem,
            accuracy=central,
            allowed=np.isfinite(accuracy[0]),
            gpu_s=gpu_s[0],
            direct_usd=usd[0],
            flop=wide(problem.flop, [c.flop for c in columns]),
            fleet=np.append(problem.fleet, [c.fleet for c in columns]),
            reader_fleet=np.append(reader, [c.then_fleet for c in columns]),
            reader_gpu_s=reads[0],
            model=np.append(problem.model, [c.model for c in columns]),
            also_model=np.append(also, [c.also_model for c in columns]),
        ),
    )
    return with_accuracy(wider, accuracy)
