"""Saved counts: the outcomes of logs in a file, to be put together with those of other logs.

The file keeps one row for equal samples of a problem with their number. Measuring the saved
counts of two folders gives what measuring both folders at once gives.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from planner.errors import InputError, Problem
from planner.ingest.logs.engine import file_literal, text
from planner.measure.outcomes import KEYS, SIZES, SUMS
from planner.measure.table import OUTCOMES, TYPES, OutcomeTable
from planner.measure.written import check_place

SUFFIX = ".counts.parquet"
"""How a file of saved counts ends."""
SCHEMA = "planner.counts/1"


def add_saved(table: OutcomeTable, files: Sequence[Path], logs: Iterable[str]) -> frozenset[str]:
    """Adds saved counts to the table.

    logs: SHA-256 of the logs that the table holds already. Gives back those of all logs that it
    then holds. Raises InputError where a file is not one of saved counts, not whole, or counts a
    log that is counted already.
    """
    import duckdb

    counted = set(logs)
    problems = []
    for file in files:
        try:
            told = _told(table, file)
            if told.get("schema") != SCHEMA:
                problems.append(_not_saved(file, f"this is not a file of saved counts ({SCHEMA})"))
                continue
            mine = set(told.get("logs", "").split())
            if mine & counted:
                what = "it counts a log that is counted already: its samples would count twice"
                remedy = "name the log or the counts that hold it, not both"
                problems.append(Problem(str(file), what, remedy=remedy))
                continue
            table.add(f"SELECT * FROM read_parquet({file_literal(file)})", tuple(TYPES))
            counted |= mine
        except duckdb.Error as error:
            reason = str(error).partition("\n")[0]
            problems.append(_not_saved(file, f"it cannot be read: {reason}"))
    if problems:
        raise InputError(problems)
    return frozenset(counted)


def _told(table: OutcomeTable, file: Path) -> dict[str, str]:
    """What a Parquet file says of itself."""
    found = table.connection.execute(
        f"SELECT decode(key), decode(value) FROM parquet_kv_metadata({file_literal(file)}) "
        "WHERE decode(key) IN ('schema', 'logs')"
    ).fetchall()
    return {str(key): str(value) for key, value in found}


def check_counts(destination: Path, inputs: Sequence[Path]) -> None:
    """Raises InputError where saved counts may not have this name, or cannot be written there."""
    if not destination.name.endswith(SUFFIX):
        raise InputError(
            Problem("--counts", f"the name of saved counts ends in {SUFFIX}", None,
                    str(destination), f"write {destination.stem.partition('.')[0]}{SUFFIX}")
        )  # fmt: skip
    check_place("--counts", destination, inputs)


def save_counts(table: OutcomeTable, destination: Path, logs: Iterable[str]) -> None:
    """Writes the outcomes as saved counts, whole or not at all.

    logs: SHA-256 of the logs they are of, so that none is counted twice later. Raises InputError
    where the place cannot be written.
    """
    connection = table.connection
    folder = Path(connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0])
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / f"whole{SUFFIX}"
    keys = ", ".join(KEYS)
    sums = ", ".join(f"CAST(sum(coalesce({name}, 0)) AS BIGINT) AS {name}" for name in SUMS)
    sizes = ", ".join(f"max({size}) AS {size}" for size in SIZES)
    told = f"schema: {text(SCHEMA)}, logs: {text(' '.join(sorted(logs)))}"
    connection.execute(
        f"COPY (SELECT {keys}, {sums}, {sizes}, min(bucket) AS bucket, "
        f"max(bucket_last) AS bucket_last FROM {OUTCOMES} GROUP BY {keys} ORDER BY {keys}) "
        f"TO {text(str(whole))} (FORMAT parquet, COMPRESSION zstd, "
        f"KV_METADATA {{{told}}})"
    )
    try:
        # Beside the destination first: a rename across disks would not be one step.
        with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".planner-") as beside:
            copy = Path(beside) / destination.name
            shutil.copyfile(whole, copy)
            copy.replace(destination)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(Problem(str(destination), f"it cannot be written: {reason}")) from None
    finally:
        whole.unlink()


def _not_saved(file: Path, what: str) -> Problem:
    return Problem(
        str(file), what, remedy=f"make it with: planner measure LOGS --counts {file.name}"
    )
