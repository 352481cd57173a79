"""The files that measuring writes: observations as CSV, and the measured file beside it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from planner._files import write_atomic
from planner.domain.measured import SCHEMA, Left, Measured, meta_path
from planner.domain.observation import Observation
from planner.errors import InputError, Note, Problem
from planner.ingest.formulas import inert
from planner.ingest.logs.sources import expand
from planner.measure.gathered import Measurement
from planner.units import SIGNIFICANT_DIGITS, jsonable

REQUIRED = (
    "model", "method", "question_set", "bucket", "n_samples", "accuracy", "n_questions"
)  # fmt: skip


def observations_text(rows: Sequence[Observation]) -> str:
    """Observations as CSV: the required columns, and the others that hold anything."""
    optional = [f for f in Observation.model_fields if f not in REQUIRED]
    columns = [*REQUIRED, *(f for f in optional if any(getattr(r, f) is not None for r in rows))]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(getattr(row, column)) for column in columns] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.{SIGNIFICANT_DIGITS}g}"
    if isinstance(value, str):
        return inert(value)
    return "" if value is None else value


def measured_of(
    measurement: Measurement,
    text: str,
    name: str,
    *,
    seed: int,
    inputs: Mapping[str, str],
    left_out: Sequence[Left],
    notes: Sequence[Note],
) -> Measured:
    """The measured file of an observations CSV with this text and name."""
    return Measured(
        csv=name,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        seed=seed,
        inputs=dict(inputs),
        partition=measurement.partition,
        replicates=measurement.replicates,
        verifier_quality=measurement.verifier_quality,
        gaps=measurement.gaps,
        router=measurement.router,
        times=measurement.times,
        variance=measurement.variance,
        not_measured=measurement.not_measured,
        left_out=tuple(left_out),
        notes=tuple(note.message for note in notes),
    )


def check_output(path: Path, inputs: Sequence[Path]) -> None:
    """Raises InputError where the observations would be written over a log, or cannot be."""
    for file in (path, meta_path(path)):
        check_place("-o", file, inputs)


def check_place(flag: str, path: Path, inputs: Sequence[Path]) -> None:
    """Raises InputError where a file would be written over a log, or cannot be written.

    inputs: files, folders or globs of logs. What an earlier measuring wrote among them is no log.
    """
    if path.is_dir() or not path.parent.is_dir():
        remedy = (
            f"make the folder {path.parent} first" if not path.is_dir() else "name a file in it"
        )
        raise InputError(Problem(flag, "no file can be written there", None, str(path), remedy))
    logs = {file.path for file in expand(inputs, lambda _: None)}
    if path.resolve() in logs and not _written_before(path):
        what = "this would be written over one of the logs"
        raise InputError(Problem(flag, what, None, str(path), "name another file"))


def _written_before(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(200).decode(errors="replace")
    return head.startswith(",".join(REQUIRED)) or f'"{SCHEMA}"' in head


def write_observations(path: Path, text: str, measured: Measured) -> None:
    """Writes both files, each whole or not at all.

    The measured file goes first: if only that is written, its digest fits no older CSV, which
    is refused with that reason rather than read with replicates that are not its own.
    """
    dumped = jsonable(measured.model_dump(mode="json", by_alias=True))
    write_atomic(meta_path(path), json.dumps(dumped, indent=1, ensure_ascii=False) + "\n")
    write_atomic(path, text)
