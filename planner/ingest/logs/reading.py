"""What a reader of logs is given: where its records go, and where its complaints go."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from planner.domain.measured import Left
from planner.errors import MAX_PROBLEMS_SHOWN, InputError, Note, Problem
from planner.ingest.logs.record import COUNTS, RECORD
from planner.ingest.logs.sources import SourceFile

if TYPE_CHECKING:
    import duckdb

MAX_KEPT = 1000
"""Complaints kept word by word; more are counted."""
_PLACE = re.compile(r":(?=[0-9]+$| )")
"""Between a file's name and the place in it."""
CLEAN_COLUMNS = (*RECORD, *COUNTS)
"""Columns of the file of records that readers write."""


@dataclass(frozen=True)
class LogOptions:
    """What the user says of the logs."""

    format: str | None = None
    """Name of a format; None: told from the files."""
    skip_bad: bool = False
    """Keep what is sound, count the rest."""
    question_set: str | None = None
    """Question set of records that name none."""
    verifier: str | None = None
    """Verifier of scores whose record names none."""
    filter: str | None = None
    """lm-evaluation-harness: the filter that is read, of several."""
    scorer: str | None = None
    """inspect_ai: the scorer that is read, of several."""


class Faults:
    """Complaints about logs: all of them are counted, the first are kept.

    Without `skip_bad` they end the reading; with it they are what was left out.
    """

    def __init__(self, skip_bad: bool) -> None:
        self.skip_bad = skip_bad
        self.count = 0
        self.problems: list[Problem] = []
        self._rows: dict[tuple[str, str], int | None] = {}

    def bad(self, problem: Problem, rows: int | None = 1) -> None:
        """Something wrong; `rows` records are lost by it (None: nobody can tell how many).

        A record with several faults is lost by the first of them.
        """
        self.count += 1
        if len(self.problems) < MAX_KEPT:
            self.problems.append(problem)
        if rows == 0:
            return
        key = (_PLACE.split(problem.where)[0], problem.what)
        before = self._rows.get(key, 0)
        self._rows[key] = None if before is None or rows is None else before + rows

    @property
    def left_out(self) -> tuple[Left, ...]:
        """What was left out, added up by file and reason."""
        return tuple(Left(where=w, why=y, rows=n) for (w, y), n in self._rows.items())

    @property
    def in_order(self) -> list[Problem]:
        """The complaints that were kept, those of a file by line or row."""
        files: dict[str, int] = {}

        def place(problem: Problem) -> tuple[int, int]:
            name, *rest = _PLACE.split(problem.where)
            number = re.search("[0-9]+", rest[0]) if rest else None
            return files.setdefault(name, len(files)), int(number.group()) if number else 0

        return sorted(self.problems, key=place)

    def raise_any(self) -> None:
        """Raises InputError with every complaint, unless they are to be skipped."""
        if not self.count or self.skip_bad:
            return
        shown = "" if self.count <= MAX_PROBLEMS_SHOWN else f", the first {MAX_PROBLEMS_SHOWN} here"
        plural = "s" if self.count != 1 else ""
        heading = f"{self.count} problem{plural} in the logs{shown}; --skip-bad keeps what is sound"
        raise InputError(self.in_order, heading)


class RowWriter:
    """Writes records to one clean CSV, which DuckDB reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self.longest = 0
        """Letters of the longest."""
        self.counts = 0
        """Rows of counts among them."""
        self.unnamed = 0
        """Rows that name no question set."""
        self.partial = False
        """Whether a grade lies between 0 and 1."""
        self.columns: set[str] = set()
        """Columns that hold anything."""
        # Half a character, which JSON can hold, is no UTF-8.
        self._stream = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        self._csv = csv.writer(self._stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        self._csv.writerow(CLEAN_COLUMNS)

    def write(self, record: Mapping[str, object]) -> None:
        """One record: values by column of RECORD (or COUNTS), already checked; None is blank."""
        letters = self._csv.writerow([record.get(name) for name in CLEAN_COLUMNS])
        self.longest = max(self.longest, letters)
        held = {name for name, cell in record.items() if cell is not None}
        self.columns |= held
        self.rows += 1
        self.counts += "n_total" in held
        self.unnamed += "question_set" not in held
        self.partial |= record.get("correct") not in (None, 0, 1)

    def close(self) -> None:
        """Ends the file."""
        self._stream.close()


@dataclass
class Reading:
    """One reading of logs, shared by the readers of all their formats."""

    options: LogOptions
    faults: Faults
    rows: RowWriter
    """For readers that make records one by one."""
    folder: Path
    """Temporary; unpacked and mended files go here."""
    connection: duckdb.DuckDBPyConnection
    """Closed to everything but the files named and `folder`."""
    selects: list[str] = field(default_factory=list)
    """SQL of the canonical records of files that DuckDB reads in place."""
    columns: set[str] = field(default_factory=set)
    """Columns of RECORD and COUNTS that any file has."""
    unnamed: bool = False
    """Whether some record in them names no question set."""
    partial: bool = False
    """Whether some grade in them may lie between 0 and 1."""
    unread: dict[str, None] = field(default_factory=dict)
    """Names of columns that no record has a use for."""
    saved: list[SourceFile] = field(default_factory=list)
    """Files of saved counts."""
    notes: dict[str, Note] = field(default_factory=dict)
    """What was understood, by message."""
    progress: Callable[[int], None] = lambda _bytes: None
    """Told the bytes of a file that were worked through."""

    def note(self, code: str, message: str) -> None:
        """Something the reader of the page should know."""
        self.notes.setdefault(message, Note(code, message))


@dataclass(frozen=True)
class LogFormat:
    """One format of logs."""

    name: str
    label: str
    """How a person says it."""
    sniff: Callable[[SourceFile, bytes], bool]
    """Whether a file of this name, whose (unpacked) bytes begin so, looks like this format."""
    read: Callable[[list[SourceFile], Reading], None]
    """Reads all files of this format; complaints go to `Reading.faults`."""
