"""What measuring reads in DuckDB: the logs under one view, or saved counts of them.

Saved counts keep one row for equal samples of a problem (same answer, score, outcome and bin
of output tokens) with their number: nothing that measuring uses is lost, and tables of several
folders can be put together, in which case the whole is what measuring all logs at once gives.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from planner.errors import InputError, Problem
from planner.ingest.samples.engine import file_literal, text
from planner.measure.counts import SERIES, WEIGHT

if TYPE_CHECKING:
    import duckdb

    Connection = duckdb.DuckDBPyConnection

SOURCE = "measured_samples"
"""The view: canonical columns, or their sums; methods under one name."""
SUFFIX = ".counts.parquet"
"""How a file of saved counts ends."""
SCHEMA = "planner.counts/1"
BINS_PER_DOUBLING = 64
"""Bins of token counts: 1.1 % wide, so that 95th percentiles of parts can be merged."""

Steps = Literal["min", "product", "last"]
STEPS: dict[Steps, str] = {
    "min": "list_min(step_scores)",
    "product": "list_product(step_scores)",
    "last": "step_scores[-1]",
}
"""One score of a sample from those of its steps, as `planner.measure.best_of.aggregate`."""

# Samples logged as the voted or picked answers of n are measured as the samples they are.
_CHOSEN_LATER = "'sampled', 'majority_vote', 'best_of_n', 'weighted_vote', 'oracle_best_of_n'"
_METHOD = f"""CASE WHEN method IS NULL OR method IN ({_CHOSEN_LATER})
    THEN CASE WHEN thinking_tokens IS NULL THEN 'sampled' ELSE 'long_cot' END
    ELSE method END"""
_BIN = f"CAST(floor(log2(1 + output_tokens) * {BINS_PER_DOUBLING}) AS INTEGER)"
_SUMS_OF_SAMPLES = {
    WEIGHT: "count(*)",
    "prompt_tokens_sum": "sum(prompt_tokens)",
    "samples_prompt": "count(prompt_tokens)",
    "output_tokens_sum": "sum(output_tokens)",
    "samples_output": "count(output_tokens)",
    "output_tokens_max": "max(output_tokens)",
}
_SUMS_OF_SAVED = {name: f"sum({name})" for name in _SUMS_OF_SAMPLES} | {
    "output_tokens_max": "max(output_tokens_max)"
}


@dataclass(frozen=True)
class Source:
    """The view, and how its rows are added up in SQL."""

    connection: Connection
    output_bin: str
    """Bin of a row's output tokens; null where none were logged."""
    sums: Mapping[str, str]
    """Aggregate of each column of sums."""


def view_samples(connection: Connection, steps: Steps) -> Source:
    """The samples of logs; `steps` says how step scores become one."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP VIEW {SOURCE} AS
        SELECT question_set, model, {_METHOD} AS method, depth, thinking_tokens, temperature,
            problem_id, bucket, correct, answer, coalesce(score, {STEPS[steps]}) AS score,
            params_b, prompt_tokens, output_tokens
        FROM samples"""
    )
    return Source(connection, _BIN, _SUMS_OF_SAMPLES)


def view_saved(connection: Connection, files: Sequence[Path]) -> Source:
    """Saved counts of several folders, put together.

    Raises InputError where a file is not one.
    """
    import duckdb

    problems = []
    for file in files:
        try:
            found = connection.execute(
                "SELECT decode(value) FROM parquet_kv_metadata("
                f"{file_literal(file)}) WHERE decode(key) = 'schema'"
            ).fetchall()
        except duckdb.Error as error:
            problems.append(Problem(str(file), f"it cannot be read: {str(error).splitlines()[0]}"))
            continue
        if found != [(SCHEMA,)]:
            what = f"this is not a file of saved counts ({SCHEMA})"
            remedy = "make it with: planner measure LOGS --counts " + file.name
            problems.append(Problem(str(file), what, remedy=remedy))
    if problems:
        raise InputError(problems)
    listed = ", ".join(file_literal(file) for file in files)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {SOURCE} AS SELECT * FROM read_parquet([{listed}])"
    )
    return Source(connection, "output_bin", _SUMS_OF_SAVED)


def save_counts(source: Source, destination: Path) -> None:
    """Writes what there is as saved counts, whole or not at all.

    Raises InputError where the place cannot be written.
    """
    connection = source.connection
    folder = Path(connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0])
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / f"whole{SUFFIX}"
    keys = ", ".join((*SERIES, "problem_id", "bucket", "answer", "score", "correct", "params_b"))
    sums = ", ".join(f"{sql} AS {name}" for name, sql in source.sums.items())
    connection.execute(
        f"COPY (SELECT {keys}, {source.output_bin} AS output_bin, {sums} "
        f"FROM {SOURCE} GROUP BY ALL ORDER BY {keys}, output_bin) "
        f"TO {text(str(whole))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA "
        f"{{schema: {text(SCHEMA)}}})"
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
