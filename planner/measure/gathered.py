"""What was measured of all series, put together: observations, replicates, gaps, quality."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from planner.domain.measured import (
    Bucket,
    Gap,
    PartitionUsed,
    Refusal,
    ReplicateTable,
    RouterConfusion,
    RowKey,
    SampleTime,
    VarianceOfSample,
    VerifierBucket,
    row_key,
)
from planner.domain.observation import ALL, Observation
from planner.errors import Note
from planner.ingest._axes import complaints
from planner.measure.estimates import Wanted
from planner.measure.summary import Summary
from planner.measure.table import Tally
from planner.measure.tokens import Spent
from planner.measure.variance import variance_parts
from planner.measure.verifier import ScoreTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Sizes = Mapping[tuple[str, str], float]
"""Parameters in billions, by which of SIZES and by the name of the model or verifier."""

UNNAMED_VERIFIER = "unnamed-verifier"
"""Verifier of rows whose scores were logged without its name."""


@dataclass(frozen=True)
class Measurement:
    """What was measured of all logs."""

    rows: tuple[Observation, ...]
    partition: PartitionUsed
    replicates: tuple[ReplicateTable, ...]
    """Their rows are places in `rows`."""
    verifier_quality: tuple[VerifierBucket, ...]
    gaps: tuple[Gap, ...]
    router: tuple[RouterConfusion, ...]
    times: tuple[SampleTime, ...]
    variance: tuple[VarianceOfSample, ...]
    not_measured: tuple[Refusal, ...]
    notes: tuple[Note, ...]


@dataclass
class SeriesMeasured:
    """One series while it is measured."""

    tally: Tally
    wanted: list[Wanted]
    bucket_wanted: list[Wanted]
    refused: list[Refusal]
    rows: dict[str, tuple[list[Wanted], Summary]] = field(default_factory=dict)
    """By bucket: the methods and n, and their summary in the same order."""
    spent: Mapping[str, Spent] = field(default_factory=dict)
    scores: ScoreTable = field(default_factory=ScoreTable)

    @property
    def verifier(self) -> str:
        """Name of the verifier whose scores were logged."""
        return self.tally.series.verifier or UNNAMED_VERIFIER


def gather(
    measured: Sequence[SeriesMeasured],
    partition: PartitionUsed,
    router: Sequence[RouterConfusion],
    threshold: float,
    notes: Sequence[Note],
) -> Measurement:
    """Everything that was measured, in the order of the series' names."""
    rows: list[Observation] = []
    columns: dict[str, list[tuple[int, Array]]] = {}
    questions: dict[str, dict[str, int]] = {}
    sizes = _sizes(measured)
    keys: set[RowKey] = set()
    twice: list[str] = []
    # What the log only states of a method gives way to what its samples give.
    for series in sorted(measured, key=lambda s: any(w.as_logged for w in s.wanted)):
        for row, replicates in _observations(series, sizes):
            if row_key(row) in keys:
                twice.append(f"{row.method} at n = {row.n_samples} of {series.tally.series}")
                continue
            keys.add(row_key(row))
            columns.setdefault(row.question_set, []).append((len(rows), replicates))
            held = questions.setdefault(row.question_set, {})
            held[row.bucket] = max(held.get(row.bucket, 0), row.n_questions)
            rows.append(row)
    said = list(notes)
    if twice:
        what = f"measured twice, kept once: {'; '.join(twice[:3])}"
        said.append(Note("twice", what + (" ..." if len(twice) > 3 else "")))
    if any(row.verifier == UNNAMED_VERIFIER for row in rows):
        what = "scores were logged without the name of the verifier: name it with --verifier"
        said.append(Note("unnamed_verifier", f"{what}, so that it is priced"))
    buckets = tuple(
        Bucket(question_set=question_set, bucket=bucket, questions=count)
        for question_set, held in sorted(questions.items())
        for bucket, count in held.items()
        if bucket != ALL
    )
    return Measurement(
        tuple(rows),
        partition.model_copy(update={"buckets": buckets}),
        tuple(_tables(columns, questions)),
        tuple(
            quality
            for s in measured
            if s.tally.n_score.any()
            for quality in s.scores.quality(s.tally.series, s.verifier, threshold)
        ),
        tuple(_gaps(rows)),
        tuple(router),
        tuple(time for s in measured for time in _times(s)),
        tuple(parts for s in measured for parts in _variance(s)),
        tuple({r.what: r for s in measured for r in s.refused}.values()),
        tuple(said),
    )


def _sizes(measured: Sequence[SeriesMeasured]) -> Sizes:
    """Parameters of each model and verifier, the largest that was logged of it."""
    sizes: dict[tuple[str, str], float] = {}
    for series in measured:
        for size, value in series.tally.sizes.items():
            owner = series.verifier if size == "verifier_params_b" else series.tally.series.model
            sizes[size, owner] = max(value, sizes.get((size, owner), 0.0))
    return sizes


def _observations(series: SeriesMeasured, sizes: Sizes) -> Iterator[tuple[Observation, Array]]:
    """Rows of a series with their replicates, the whole first."""
    for bucket, (wanted, summary) in series.rows.items():
        column = 0
        for method in wanted:
            for n in method.n:
                yield (
                    _observation(series, sizes, bucket, method, n, summary, column),
                    summary.replicates[:, column],
                )
                column += 1


def _observation(
    series: SeriesMeasured,
    sizes: Sizes,
    bucket: str,
    wanted: Wanted,
    n: int,
    summary: Summary,
    column: int,
) -> Observation:
    drawn, spent = series.tally.series, series.spent.get(bucket, Spent())
    verifier = series.verifier if wanted.by_verifier else None
    row = {
        "model": drawn.model,
        "method": wanted.method,
        "question_set": drawn.question_set,
        "bucket": bucket,
        "n_samples": n,
        "accuracy": float(summary.accuracy[column]),
        "n_questions": max(round(summary.questions), 1),
        "params_b": sizes.get(("params_b", drawn.model)),
        "active_params_b": sizes.get(("active_params_b", drawn.model)),
        "verifier": verifier,
        "verifier_params_b": sizes.get(("verifier_params_b", verifier or "")),
        "depth": drawn.depth,
        "width": drawn.width,
        "thinking_tokens": drawn.thinking_tokens,
        "temperature": drawn.temperature,
        "prompt_tokens": spent.prompt_tokens,
        "output_tokens": spent.output_tokens,
        "output_tokens_p95": spent.output_tokens_p95,
        "accuracy_se": min(float(summary.se[column]), 0.5),
    }
    known = {name: value for name, value in row.items() if value is not None}
    # A log may give an axis that its method has not; the CSV may not.
    unfit = {name for name, *_ in complaints(known)}
    return Observation.model_validate({n: v for n, v in known.items() if n not in unfit})


def _tables(
    columns: Mapping[str, Sequence[tuple[int, Array]]],
    questions: Mapping[str, Mapping[str, int]],
) -> Iterator[ReplicateTable]:
    import numpy as np

    for question_set, held in sorted(columns.items()):
        yield ReplicateTable.of(
            question_set,
            questions[question_set][ALL],
            tuple(row for row, _ in held),
            np.stack([values for _, values in held], axis=1),
        )


def _gaps(rows: Sequence[Observation]) -> Iterator[Gap]:
    """Oracle, verifier and vote at each n, over whole question sets."""
    at: dict[tuple[object, ...], dict[str, float]] = {}
    for row in rows:
        if row.bucket == ALL:
            key = (row.question_set, row.model, row.n_samples, row.temperature, row.thinking_tokens)
            at.setdefault(key, {})[row.method] = row.accuracy
    for row in rows:
        if row.method == "best_of_n" and row.bucket == ALL and row.verifier is not None:
            key = (row.question_set, row.model, row.n_samples, row.temperature, row.thinking_tokens)
            # Only stated by a log, it may stand without the samples that it was chosen from.
            oracle = at[key].get("oracle_best_of_n")
            if oracle is not None:
                yield Gap(
                    question_set=row.question_set,
                    model=row.model,
                    verifier=row.verifier,
                    n_samples=row.n_samples,
                    oracle=oracle,
                    verifier_picked=row.accuracy,
                    vote=at[key].get("majority_vote"),
                )


def _variance(series: SeriesMeasured) -> Iterator[VarianceOfSample]:
    drawn, tally = series.tally.series, series.tally
    parts = None if tally.n_fraction.any() else variance_parts(tally.n, tally.n_correct)
    if parts is not None:
        yield VarianceOfSample(
            question_set=drawn.question_set,
            model=drawn.model,
            method=drawn.method,
            between=parts.between,
            within=parts.within,
        )


def _times(series: SeriesMeasured) -> Iterator[SampleTime]:
    drawn = series.tally.series
    for bucket, spent in series.spent.items():
        if spent.time_s is not None:
            yield SampleTime(
                question_set=drawn.question_set,
                model=drawn.model,
                method=drawn.method,
                bucket=bucket,
                time_s=spent.time_s,
            )
