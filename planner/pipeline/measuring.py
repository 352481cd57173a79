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
    logs: Sequence[Path],
    output: Path | None = None,
    *,
    options: LogOptions | None = None,
    terms: Terms | None = None,
    steps: Steps = "last",
    counts: Path | None = None,
    memory: str = MEMORY,
    progress: Callable[[int, int], None] | None = None,
) -> MeasuredLogs:
    """Turns evaluation logs into observations by difficulty bucket, with their uncertainty.

    logs: files, folders or globs of any format in LOG_FORMATS, saved counts included. output:
    the observations CSV; obs.meta.json is written beside obs.csv. counts: file of saved counts
    to write. steps: how the scores of a sample's steps become one. memory: what the engine may
    take before it goes on on disk. progress is told the bytes worked through, and of how many.

    Raises InputError for logs that cannot be used, every problem of them at once, or for a
    partition or n that they do not allow. Nothing is written then.
    """
    from planner.ingest.logs.read import read_logs
    from planner.ingest.logs.reading import LogOptions
    from planner.measure.logs import add_logs
    from planner.measure.measuring import Terms, measure_outcomes
    from planner.measure.saved import add_saved, save_counts
    from planner.measure.table import OutcomeTable
    from planner.measure.written import (
        check_output,
        measured_of,
        observations_text,
        write_observations,
    )

    if output is not None:
        check_output(output, logs)
    terms = terms or Terms()
    with read_logs(logs, options or LogOptions(), memory, progress) as found:
        table = OutcomeTable(found.connection)
        if found.columns_present:
            add_logs(table, found.view, found.columns_present, steps)
        add_saved(table, found.saved)
        if counts is not None:
            save_counts(table, counts)
        measurement = measure_outcomes(table, terms)
        notes = (*found.notes, *measurement.notes)
        inputs, left_out = found.inputs, found.left_out
    text = observations_text(measurement.rows)
    measured = measured_of(
        measurement,
        text,
        output.name if output is not None else "",
        seed=terms.asked.seed,
        inputs=inputs,
        left_out=left_out,
        notes=notes,
    )
    if output is not None:
        write_observations(output, text, measured)
    return MeasuredLogs(measurement.rows, measured, notes)


def partition_wish(
    kind: str | None, reference: str | None, buckets: int, signal_samples: int
) -> Wish:
    """The partition asked for in words; raises InputError where there is none of this name."""
    from planner.measure.partition import KINDS, Wish

    if kind is not None and kind not in KINDS:
        raise InputError(_unknown("--partition", "partition", kind, KINDS))
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
