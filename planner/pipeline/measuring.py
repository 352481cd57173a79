"""The verb `measure`: logs in, observations out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.domain.nearest import did_you_mean
from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.domain.measured import Measured
    from planner.domain.observation import Observation
    from planner.errors import Note
    from planner.ingest.logs.reading import LogOptions
    from planner.measure.logs import Steps
    from planner.measure.measuring import Terms
    from planner.measure.partition import Wish

MEMORY = "1GB"
"""Memory of the engine that reads the logs, where none is asked for."""
ENGINES = ("duckdb", "spark")
"""What counts the records of logs."""
LOCAL = "local[*]"
"""Spark's master where none is named: this machine."""


@dataclass(frozen=True)
class MeasuredLogs:
    """What `measure` found, and what it wrote."""

    rows: tuple[Observation, ...]
    measured: Measured
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """As planner.measured/1, with the observations in place of the replicates."""
        shown = self.measured.model_dump(mode="json", by_alias=True, exclude={"replicates"})
        rows = [row.model_dump(mode="json", exclude_none=True) for row in self.rows]
        return {**shown, "observations": rows}


def measure(
    logs: Sequence[Path | str] | Any,
    output: Path | None = None,
    *,
    options: LogOptions | None = None,
    terms: Terms | None = None,
    steps: Steps = "last",
    counts: Path | None = None,
    memory: str = MEMORY,
    engine: str = "duckdb",
    master: str = LOCAL,
    progress: Callable[[int, int], None] | None = None,
) -> MeasuredLogs:
    """Turns evaluation logs into observations by difficulty bucket, with their uncertainty.

    logs: files, folders or globs of any format in LOG_FORMATS, saved counts included; or a table
    of records or counts in pandas, Polars, Arrow, DuckDB or PySpark. output: the observations CSV;
    obs.meta.json is written beside obs.csv. counts: file of saved counts to write. steps: how the
    scores of a sample's steps become one. memory: what the engine may take before it goes on on
    disk. engine: `spark` counts on the cluster of `master`, whose paths `logs` are. progress is
    told the bytes worked through, and of how many.

    Raises InputError for logs that cannot be used, every problem of them at once, or for a
    partition or n that they do not allow. Nothing is written then.
    """
    from planner.ingest.logs.reading import LogOptions
    from planner.measure.filled import from_frame, from_logs, from_spark
    from planner.measure.measuring import Terms, measure_outcomes
    from planner.measure.saved import check_counts, save_counts
    from planner.measure.written import (
        check_output,
        measured_of,
        observations_text,
        write_observations,
    )

    if engine not in ENGINES:
        raise InputError(_unknown("--engine", "engine", engine, ENGINES))
    paths = _paths(logs)
    on_spark = engine == "spark" and paths is not None
    files = [] if on_spark else [Path(p) for p in paths or ()]
    if output is not None:
        check_output(output, files)
    if counts is not None:
        check_counts(counts, files)
    terms, options = terms or Terms(), options or LogOptions()
    if paths is None:
        source = from_frame(logs, options, steps, memory)
    elif on_spark:
        source = from_spark([str(p) for p in paths], options, steps, memory, master)
    else:
        source = from_logs(files, options, steps, memory, progress)
    with source as found:
        measurement = measure_outcomes(found.table, terms)
        if counts is not None:
            save_counts(found.table, counts, found.counted)
    notes = (*found.notes, *measurement.notes)
    text = observations_text(measurement.rows)
    measured = measured_of(
        measurement,
        text,
        output.name if output is not None else "",
        seed=terms.asked.seed,
        inputs=found.inputs,
        left_out=found.left_out,
        notes=notes,
    )
    if output is not None:
        write_observations(output, text, measured)
    return MeasuredLogs(measurement.rows, measured, notes)


def _paths(logs: Any) -> Sequence[Path | str] | None:
    """The paths that were given; None where it is something else."""
    if isinstance(logs, str | Path):
        return [logs]
    listed = isinstance(logs, list | tuple) and all(isinstance(p, str | Path) for p in logs)
    return logs if listed else None


def partition_wish(
    kind: str | None, reference: str | None, buckets: int, signal_samples: int
) -> Wish:
    """The partition asked for in words; raises InputError where there is none of this name."""
    from planner.measure.partition import KINDS, WITHOUT_REFERENCE, Wish

    if kind is not None and kind not in KINDS:
        raise InputError(_unknown("--partition", "partition", kind, KINDS))
    if reference is not None and kind in (None, *WITHOUT_REFERENCE):
        what = "difficulty refers to a model only in buckets that are told by its samples"
        remedy = "add --partition quantiles, thresholds, verifier or agreement"
        raise InputError(Problem("--reference", what, None, reference, remedy))
    return Wish(next((k for k in KINDS if k == kind), None), reference, buckets, signal_samples)


def step_scores(name: str) -> Steps:
    """How step scores become one; raises InputError where there is no such way."""
    from planner.measure.logs import STEPS

    found = next((s for s in STEPS if s == name), None)
    if found is None:
        raise InputError(_unknown("--steps", "way to put step scores together", name, STEPS))
    return found


def _unknown(flag: str, what: str, name: str, known: Iterable[str]) -> Problem:
    remedy = did_you_mean(name, known) or f"write one of {', '.join(known)}"
    return Problem(flag, f"there is no {what} of this name", value=name, remedy=remedy)
