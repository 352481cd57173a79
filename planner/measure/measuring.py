"""Measures every series of a table of outcomes: observations, and what stands beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from planner.domain.measured import Refusal
from planner.domain.observation import ALL
from planner.errors import InputError, Note, Problem
from planner.measure.estimates import (
    POOLS,
    Asked,
    Wanted,
    needs_samples,
    values_of,
    values_of_counts,
    wanted_of,
)
from planner.measure.gathered import Measurement, SeriesMeasured, gather
from planner.measure.names import tidy_names
from planner.measure.partition import Partition, Wish, partition_of
from planner.measure.parts import SampleReader
from planner.measure.router import confusion
from planner.measure.summary import REPLICATES, Sums
from planner.measure.table import OutcomeTable, Series, Tally
from planner.measure.tokens import spent_by_bucket
from planner.measure.verifier import THRESHOLD


@dataclass(frozen=True)
class Terms:
    """How to measure."""

    asked: Asked = field(default_factory=Asked)
    wish: Wish = field(default_factory=Wish)
    replicates: int = REPLICATES
    min_samples: int = 1
    """Problems with fewer samples are left out of a series."""
    threshold: float = THRESHOLD
    """Score from which a sample passes a verifier."""

    def __post_init__(self) -> None:
        if not math.isfinite(self.threshold):
            what = "a score from which a sample passes is a finite number"
            raise InputError(Problem("--threshold", what, None, f"{self.threshold}"))


def measure_outcomes(table: OutcomeTable, terms: Terms) -> Measurement:
    """Observations of every series, by bucket, with their standard errors and replicates.

    Raises InputError where logs disagree on buckets, where the partition cannot be made, or
    where nothing can be measured.
    """
    notes = list(tidy_names(table))
    _refuse_conflicts(table)
    tallies = _usable(table.tallies(), terms, notes)
    seed = terms.asked.seed
    told = terms.wish.kind not in (None, "none", "given")
    counted = list(_once_each([(t, wanted_of(t, t.largest_n, terms.asked)) for t in tallies]))
    reader = SampleReader(
        table,
        [t for t, w, _ in counted if needs_samples(t, w) or (told and t.series.method in POOLS)],
        seed,
    )
    partition = partition_of(terms.wish, tallies, reader, seed)
    notes += partition.notes
    measured = []
    for tally, wanted, refused in counted:
        series = SeriesMeasured(tally, wanted, wanted, refused)
        if tally.series in partition.split:
            largest = partition.split[tally.series].largest_n(tally.largest_n)
            again, more = wanted_of(tally, largest, terms.asked)
            methods = {w.method for w in wanted}
            series.bucket_wanted = [w for w in again if w.method in methods]
            series.refused += [_in_buckets(r) for r in more if r not in refused]
        if series.wanted:
            _measure(table, series, partition, reader, terms)
        measured.append(series)
    _refuse_nothing(measured, terms)
    router = tuple(confusion(partition, tallies))
    return gather(measured, partition.used, router, terms.threshold, notes)


def _in_buckets(refusal: Refusal) -> Refusal:
    """A refusal for buckets that some of the samples told."""
    why = f"some of the samples tell the bucket: {refusal.why}"
    return Refusal(what=f"{refusal.what}, in buckets", why=why)


def _refuse_conflicts(table: OutcomeTable) -> None:
    problems = [
        Problem(
            f"question set {question_set}, problem {problem}",
            f"one record puts it into bucket {one!r}, another into {other!r}",
            "bucket",
            remedy="give each problem one bucket, the same for all models",
        )
        for question_set, problem, one, other in table.bucket_conflicts()
    ]
    if problems:
        raise InputError(problems)


def _usable(tallies: Sequence[Tally], terms: Terms, notes: list[Note]) -> list[Tally]:
    """Series with samples, without the problems that have too few."""
    usable = []
    for tally in tallies:
        if unknown := int(tally.n_unknown.sum()):
            what = f"{tally.series}: {unknown} samples without a grade were left out"
            notes.append(Note("ungraded", what))
        enough = tally.n >= max(terms.min_samples, 1)
        if left := int((~enough).sum()):
            least = "a graded sample" if terms.min_samples <= 1 else f"{terms.min_samples} samples"
            what = f"{tally.series}: {left} of {len(enough)} problems have not {least}: left out"
            notes.append(Note("problems_left_out", what))
        if enough.any():
            usable.append(tally.where(enough) if left else tally)
    if not usable:
        raise InputError(_none_enough(tallies, terms.min_samples))
    for tally in usable:
        if tally.n.min() < tally.n.max() and not terms.asked.adaptive:
            what = (
                f"{tally.series}: {tally.n.min()} to {tally.n.max()} samples a problem; n goes to "
                f"{tally.n.min()} (--min-samples leaves problems out). If sampling stopped at the "
                "first right answer, counts are biased: say --adaptive"
            )
            notes.append(Note("uneven_samples", what))
    return usable


def _none_enough(tallies: Sequence[Tally], min_samples: int) -> Problem:
    most = max((int(tally.n.max()) for tally in tallies), default=0)
    if not most:
        return Problem("planner measure", "no sample of the logs is graded", "correct",
                       remedy="log for each sample whether it is right")  # fmt: skip
    what = "no problem has so many graded samples"
    return Problem("--min-samples", what, None, f"{min_samples}", f"ask for {most} or fewer")


def _once_each(
    counted: Sequence[tuple[Tally, tuple[list[Wanted], list[Refusal]]]],
) -> Iterator[tuple[Tally, list[Wanted], list[Refusal]]]:
    """Series with what is measured of them, the same samples under two verifiers only once.

    What needs no verifier is measured on the series with the most samples of those that differ
    in the verifier alone.
    """
    first: dict[Series, Tally] = {}
    for tally, _ in counted:
        bare = replace(tally.series, verifier=None)
        held = first.setdefault(bare, tally)
        if tally.n.sum() > held.n.sum():
            first[bare] = tally
    for tally, (wanted, refused) in counted:
        mine = first[replace(tally.series, verifier=None)] is tally
        yield tally, [w for w in wanted if mine or w.by_verifier], refused


def _measure(
    table: OutcomeTable,
    series: SeriesMeasured,
    partition: Partition,
    reader: SampleReader,
    terms: Terms,
) -> None:
    """Fills in the rows of one series."""
    tally, split = series.tally, partition.split.get(series.tally.series)
    labels = partition.buckets(tally.series, tally.problem)
    cut = any(bucket is not None for fold in labels for bucket in fold)
    whole = _sums(tally, series.wanted, terms)
    parts = _sums(tally, series.bucket_wanted, terms)
    folds = range(len(labels))
    if not needs_samples(tally, series.wanted) and split is None:
        values = values_of_counts(tally, series.wanted)
        whole.add(tally.problem, [values], [[ALL] * len(values)])
        if cut:
            parts.add(tally.problem, [values for _ in folds], labels)
    else:
        for rows, samples in reader.read(tally):
            mine = [[fold[i] for i in rows] for fold in labels]
            values = values_of(samples, series.wanted, terms.asked)
            whole.add(samples.problem, [values], [[ALL] * len(values)])
            measured = [samples if split is None else split.measured(samples, f) for f in folds]
            if cut and series.bucket_wanted:
                of_fold = [
                    values if split is None else values_of(m, series.bucket_wanted, terms.asked)
                    for m in measured
                ]
                parts.add(samples.problem, of_fold, mine)
            if samples.score is not None:
                series.scores.add(samples, [ALL] * len(samples.n), 1.0)
                for m, fold in zip(measured, mine, strict=True):
                    series.scores.add(m, fold, 1.0 / len(folds))
    series.rows = {b: (series.wanted, s) for b, s in whole.summaries().items()}
    series.rows |= {b: (series.bucket_wanted, s) for b, s in sorted(parts.summaries().items())}
    series.spent = spent_by_bucket(table, tally, labels)


def _sums(tally: Tally, wanted: Sequence[Wanted], terms: Terms) -> Sums:
    rows = sum(len(w.n) for w in wanted)
    return Sums(tally.series.question_set, rows, terms.replicates, terms.asked.seed)


def _by_reason(refused: Iterable[Refusal]) -> list[Problem]:
    """One problem a reason, with the first that it befell."""
    reasons: dict[str, list[str]] = {}
    for refusal in refused:
        reasons.setdefault(refusal.why, []).append(refusal.what)
    return [
        Problem(what[0] + (f" (and {len(what) - 1} more)" if len(what) > 1 else ""), why)
        for why, what in reasons.items()
    ]


def _refuse_nothing(measured: Sequence[SeriesMeasured], terms: Terms) -> None:
    """Raises InputError where an n asked for was measured nowhere, or nothing was measured."""
    refused = {r.what: r for series in measured for r in series.refused}
    done = {n for s in measured for w, _ in s.rows.values() for x in w for n in x.n}
    nowhere = [n for n in terms.asked.at or () if n not in done]
    problems = []
    for n in nowhere:
        reason = next((r for what, r in refused.items() if what.startswith(f"n = {n},")), None)
        why = "it was measured nowhere" if reason is None else reason.why
        problems.append(Problem("--at", why, value=str(n)))
    if not any(series.rows for series in measured):
        problems = problems or _by_reason(refused.values())
    if problems:
        raise InputError(problems)
