"""Logs of all formats to one view of samples."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from planner.domain.measured import Left
from planner.domain.nearest import did_you_mean
from planner.errors import InputError, Note, Problem
from planner.ingest.logs import LOG_FORMATS
from planner.ingest.logs.canonical import UNNAMED, VIEW, canonical_sql
from planner.ingest.logs.casts import cast
from planner.ingest.logs.engine import file_literal, identifier, open_engine, text
from planner.ingest.logs.reading import CLEAN_COLUMNS, Faults, LogOptions, Reading, RowWriter
from planner.ingest.logs.repeats import without_repeats
from planner.ingest.logs.shape import head_of
from planner.ingest.logs.sources import SourceFile, expand

if TYPE_CHECKING:
    import duckdb

LINE_BYTES = 2_000_000
"""Longest line that DuckDB reads unless it is told otherwise, which takes more memory."""
MAX_NAMES = 10
"""Names that a note lists."""
ALWAYS = frozenset({"question_set", "model", "method", "problem_id", "correct", "samples"})
"""Columns of the view that hold something whatever the logs hold."""


@dataclass(frozen=True)
class LogTable:
    """Logs that were read. Its connection and temporary files last until `close`."""

    connection: duckdb.DuckDBPyConnection
    view: str
    """Name of the view of all samples; there is none where there are only saved counts."""
    columns_present: frozenset[str]
    """Columns of the view that some log has; empty where there is no view."""
    partial: bool
    """Whether a grade may lie between 0 and 1."""
    inputs: dict[str, str]
    """SHA-256 of each file, by name."""
    notes: tuple[Note, ...]
    left_out: tuple[Left, ...]
    saved: tuple[Path, ...]
    """Files of saved counts."""
    _open: ExitStack

    def close(self) -> None:
        """Ends the connection and removes the temporary files."""
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_logs(
    paths: Sequence[Path],
    options: LogOptions,
    memory: str,
    progress: Callable[[int, int], None] | None = None,
) -> LogTable:
    """Reads files, folders and globs of logs, of whatever formats.

    memory: what DuckDB may take, such as 1GB. progress is told the bytes worked through, and of
    how many. Raises InputError with every problem of every file, unless options.skip_bad has
    them counted and left out.
    """
    with ExitStack() as stack:
        faults = Faults(options.skip_bad)
        files = expand(paths, lambda problem: faults.bad(problem, None))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planner-"))).resolve()
        rows = RowWriter(folder / "records.csv")
        stack.callback(rows.close)
        connection = open_engine([file.path for file in files], folder, memory)
        stack.callback(connection.close)
        reading = Reading(options, faults, rows, folder, connection)
        reading.progress = _told(files, progress)
        formats = _by_format(files, reading)
        _refuse_in_vain(options, formats)
        inputs, copies = _digests([f for alike in formats.values() for f in alike], reading)
        for name, alike in formats.items():
            if kept := [file for file in alike if file.path not in copies]:
                LOG_FORMATS[name].read(kept, reading)
        rows.close()
        faults.raise_any()
        columns = _make_view(reading)
        _note_columns(reading)
        view, repeated, shared = without_repeats(connection, VIEW, columns)
        return LogTable(
            connection,
            view,
            columns,
            reading.partial or rows.partial,
            inputs,
            (*reading.notes.values(), *shared),
            (*faults.left_out, *repeated),
            tuple(file.path for file in reading.saved),
            stack.pop_all(),
        )


def _digests(files: Sequence[SourceFile], reading: Reading) -> tuple[dict[str, str], set[Path]]:
    """SHA-256 of each file, and the files that are copies of others."""
    inputs: dict[str, str] = {}
    copies: set[Path] = set()
    first: dict[str, SourceFile] = {}
    for file in files:
        with file.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        inputs[file.name] = digest
        if digest in first:
            copied = f"{file.name} is a copy of {first[digest].name}: read once"
            reading.note("copy", copied)
            reading.progress(file.size)
            copies.add(file.path)
        first.setdefault(digest, file)
    return inputs, copies


def _told(
    files: Sequence[SourceFile], progress: Callable[[int, int], None] | None
) -> Callable[[int], None]:
    total = sum(file.size for file in files)
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done = min(done + more, total)
        if progress is not None:
            progress(done, total)

    return tell


def _by_format(files: Sequence[SourceFile], reading: Reading) -> dict[str, list[SourceFile]]:
    wanted = reading.options.format
    if wanted is not None and wanted not in LOG_FORMATS:
        remedy = did_you_mean(wanted, LOG_FORMATS) or f"write one of {', '.join(LOG_FORMATS)}"
        raise InputError(
            Problem("--format", "there is no format of this name", value=wanted, remedy=remedy)
        )
    found: dict[str, list[SourceFile]] = {}
    strange: list[str] = []
    for file in files:
        name = wanted or _format_of(file)
        if name is not None:
            found.setdefault(name, []).append(file)
        elif file.named:
            known = ", ".join(log_format.label for log_format in LOG_FORMATS.values())
            what = "this looks like no log"
            remedy = f"formats are {known}; say which with --format"
            reading.faults.bad(Problem(file.name, what, remedy=remedy), None)
        else:
            strange.append(file.name)
            reading.progress(file.size)
    if strange:
        reading.note("no_logs", f"left unread, for they look like no logs: {_some(strange)}")
    return found


def _refuse_in_vain(options: LogOptions, formats: Collection[str]) -> None:
    """Raises InputError for an option of a format of which there is no log."""
    given = {"--filter": ("lm_eval", options.filter), "--scorer": ("inspect_ai", options.scorer)}
    problems = [
        Problem(flag, f"there is no {LOG_FORMATS[name].label} log to use it on", None, value,
                "leave it away")
        for flag, (name, value) in given.items()
        if value is not None and name not in formats
    ]  # fmt: skip
    if problems:
        raise InputError(problems)


def _format_of(file: SourceFile) -> str | None:
    head, _ = head_of(file.path)
    if head and not head.strip(b"\0"):
        return None  # a disk image, or a file that was never filled: it could be endless
    for name, log_format in LOG_FORMATS.items():
        if log_format.sniff(file, head):
            return name
    # Its reader says best what is wrong with a table.
    return "records" if file.named and _is_table(file.name) else None


def _is_table(name: str) -> bool:
    plain = name.lower().removesuffix(".gz").removesuffix(".zst")
    return plain.endswith((".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"))


def _make_view(reading: Reading) -> frozenset[str]:
    """Creates the view; the columns of it that hold anything."""
    rows, options = reading.rows, reading.options
    selects = list(reading.selects)
    if rows.rows > rows.counts:
        typed = f"{_clean(rows)} WHERE n_total IS NULL"
        selects.append(canonical_sql(reading.connection, typed, options, counts=False))
    if rows.counts:
        typed = f"{_clean(rows)} WHERE n_total IS NOT NULL"
        selects.append(canonical_sql(reading.connection, typed, options, counts=True))
    if selects:
        reading.connection.execute(f"CREATE VIEW {VIEW} AS ({') UNION ALL ('.join(selects)})")
    if not selects or not reading.connection.execute(f"FROM {VIEW} LIMIT 1").fetchall():
        if reading.saved:
            return frozenset()
        nothing = Problem("logs", "there is no record in them", remedy="check the paths")
        raise InputError(reading.faults.in_order or nothing, "the logs hold no sound record")
    columns = reading.columns | rows.columns
    if options.verifier is not None and columns & {"score", "step_scores"}:
        columns.add("verifier")
    described = reading.connection.execute(f"DESCRIBE {VIEW}").fetchall()
    return ALWAYS | (columns & {str(row[0]) for row in described})


def _clean(rows: RowWriter) -> str:
    """SQL of the records that readers wrote, typed."""
    columns = []
    for column in CLEAN_COLUMNS:
        how = cast(column, identifier(column))
        columns.append(f"{how.mended} AS {column}")
    texts = ", ".join(f"{text(column)}: 'VARCHAR'" for column in CLEAN_COLUMNS)
    return (
        f"SELECT {', '.join(columns)} FROM read_csv({file_literal(rows.path)}, header = true, "
        f"auto_detect = false, new_line = '\\n', delim = ',', quote = '\"', escape = '\"', "
        f"max_line_size = {max(LINE_BYTES, 4 * rows.longest)}, columns = {{{texts}}})"
    )


def _note_columns(reading: Reading) -> None:
    if reading.unread:
        names = _some(sorted(reading.unread))
        reading.note("unread_columns", f"columns that measuring has no use for: {names}")
    unnamed = reading.unnamed or reading.rows.unnamed
    if unnamed and reading.options.question_set is None:
        reading.note(
            "unnamed_question_set",
            f"records without a question set are of one that is called {UNNAMED}: name it with "
            "--question-set",
        )


def _some(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
