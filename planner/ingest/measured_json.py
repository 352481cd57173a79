"""The measured file beside an observations CSV: obs.meta.json of obs.csv."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from planner.domain.measured import (
    SCHEMA,
    Measured,
    Replicated,
    ReplicateTable,
    meta_path,
    row_key,
)
from planner.domain.observation import Observations
from planner.errors import InputError, Problem
from planner.ingest._text import read_text
from planner.ingest.json_file import parse_json

_REMEDY = "measure again, or rename this file to read the CSV without its replicates"


def with_replicates(observations: Observations, csv: Path, sha256: str) -> Observations:
    """Observations with the replicates of the measured file beside their CSV, where there is one.

    sha256 is the digest of the CSV. Raises InputError where the file beside it is broken, or was
    written for a CSV of another digest.
    """
    path = meta_path(csv)
    if not path.is_file():
        return observations
    measured = read_measured(path)
    if measured.sha256 != sha256:
        raise InputError(
            Problem(
                str(path),
                f"it was written for another {csv.name}: that file was changed since",
                "sha256",
                measured.sha256[:12],
                _REMEDY,
            )
        )
    try:
        tables = tuple(_replicated(observations, table) for table in measured.replicates)
    except (ValueError, IndexError) as error:
        raise InputError(Problem(str(path), str(error), "replicates", remedy=_REMEDY)) from None
    return replace(
        observations,
        replicates=tables,
        partitions=(measured.partition,),
        verifier_quality=measured.verifier_quality,
        confusions=measured.router,
    )


def read_measured(path: Path) -> Measured:
    """A measured file. Raises InputError with every field that does not fit."""
    text = read_text(path)
    value = parse_json(text, _REMEDY)
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema != SCHEMA:
        raise InputError(
            Problem(text.name, f"this is not {SCHEMA}", "schema", str(schema), _REMEDY)
        )
    try:
        return Measured.model_validate(value)
    except ValidationError as error:
        raise InputError(
            Problem(text.name, e["msg"], ".".join(map(str, e["loc"])), remedy=_REMEDY)
            for e in error.errors()
        ) from None


def _replicated(observations: Observations, table: ReplicateTable) -> Replicated:
    rows = [observations.rows[i] for i in table.rows]
    if any(row.question_set != table.question_set for row in rows):
        raise ValueError(f"a row of {table.question_set} belongs to another question set")
    column = {row_key(row): j for j, row in enumerate(rows)}
    return Replicated(table.question_set, column, table.values())
