"""The DuckDB that reads the logs: closed to everything but the files that were named."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    import duckdb

MAX_THREADS = 8
"""More threads need more memory than `--memory` usually gives."""

LEAST_BYTES = 10_000_000
"""Memory below which DuckDB cannot work."""
_UNITS = {"K": 1, "M": 2, "G": 3, "T": 4}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]i?B)\s*", re.IGNORECASE)
_GLOB = re.compile(r"([*?\[])")


def text(value: str) -> str:
    """A value as an SQL literal. Nothing that a file holds reaches SQL in another way.

    Raises ValueError of a zero byte.
    """
    if "\0" in value:
        raise ValueError("a text for SQL may not hold a zero byte")
    return "'" + value.replace("'", "''") + "'"


def identifier(value: str) -> str:
    """A column's name as a quoted SQL identifier."""
    return '"' + value.replace('"', '""') + '"'


def file_literal(path: Path) -> str:
    """A file as DuckDB's readers take it: its wildcards are only characters of its name."""
    return text(_unglobbed(path))


def open_engine(files: Iterable[Path], folder: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB that reads `files`, writes to `folder` only, and cannot be told otherwise.

    Raises InputError where `memory` is not a size, or too small to work in.
    """
    import duckdb

    size = _SIZE.fullmatch(memory)
    if size is None:
        what = "this is not a size of memory"
        raise InputError(Problem("--memory", what, value=memory, remedy="write 1GB or 500MB"))
    if float(size.group(1)) * 1000 ** _UNITS[size.group(2)[0].upper()] < LEAST_BYTES:
        what = "this is too little memory to work in"
        raise InputError(Problem("--memory", what, value=memory, remedy="write 1GB or 500MB"))
    connection = duckdb.connect(
        ":memory:",
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    spellings = dict.fromkeys(s for f in files for s in (str(f), _unglobbed(f)))
    for setting in (
        f"SET memory_limit = {text(size.group(1) + size.group(2))}",
        f"SET threads = {min(os.cpu_count() or 1, MAX_THREADS)}",
        f"SET temp_directory = {text(str(folder))}",
        "SET enable_progress_bar = false",
        *_sound_optimizers(connection),
        f"SET allowed_directories = [{text(str(folder))}]",
        f"SET allowed_paths = [{', '.join(map(text, spellings))}]",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        connection.execute(setting)
    return connection


@contextmanager
def enough(memory: str) -> Iterator[None]:
    """Raises InputError where what is done in it needs more memory than was given."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        what = "this is too little memory for these logs"
        problem = Problem("--memory", what, value=memory, remedy="give more, such as 4GB")
        raise InputError(problem) from None


def _sound_optimizers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    # DuckDB 2.0 moves TRY_CAST into its CSV reader, where it raises instead of giving null.
    known = {str(row[0]) for row in connection.execute("FROM duckdb_optimizers()").fetchall()}
    return ["SET disabled_optimizers = 'type_pushdown'"] if "type_pushdown" in known else []


def _unglobbed(path: Path) -> str:
    return _GLOB.sub(r"[\1]", str(path))
