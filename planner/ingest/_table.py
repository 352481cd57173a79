"""Text to records of named cells: separators, header, ragged and blank lines, quoted newlines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from planner.domain.nearest import nearest
from planner.errors import InputError, Note, Problem
from planner.ingest._text import Text
from planner.ingest.formulas import meant

MAX_STORED = 1000
"""Problems kept; more are counted."""

MOST_COLUMNS = 10_000
"""Cells of a first line that are looked at: a file without line ends is no table."""

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_SEP_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_SHOWN = 80


class Problems:
    """Collects the problems of one file; counts all of them, keeps the first `MAX_STORED`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.kept: list[Problem] = []

    def add(
        self,
        line: int | None,
        what: str,
        column: str | None = None,
        value: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """One more problem; `line` None is the whole file's."""
        self.count += 1
        if len(self.kept) < MAX_STORED:
            where = self.name if line is None else f"{self.name}:{line}"
            self.kept.append(Problem(where, what, column, shown(value), remedy))

    def raise_any(self) -> None:
        """Raises InputError where there is a problem."""
        if self.count:
            more = f", the first {MAX_STORED} kept" if self.count > MAX_STORED else ""
            plural = "s" if self.count != 1 else ""
            raise InputError(self.kept, f"{self.count} problem{plural} in {self.name}{more}")


def shown(value: str | None) -> str | None:
    """A value as a message shows it: its beginning, where it is long."""
    return value if value is None or len(value) <= _SHOWN else f"{value[:_SHOWN]}..."


@dataclass(frozen=True)
class Columns:
    """What a header may hold."""

    required: Sequence[str]
    optional: Sequence[str]
    ignored: frozenset[str] = frozenset()
    """Columns that are skipped with a note."""
    meant: Mapping[str, str] = field(default_factory=dict)
    """What to say of a column that people are known to write instead."""

    @property
    def known(self) -> tuple[str, ...]:
        """Names of the columns that are read."""
        return (*self.required, *self.optional)


@dataclass(frozen=True)
class Record:
    """One row: the line on which it begins, and its cells by column, trimmed."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The records of a file, and how it was understood."""

    columns: tuple[str, ...]
    """Known columns that the header names."""
    records: list[Record]
    notes: tuple[Note, ...]


def read_table(text: Text, columns: Columns, problems: Problems) -> Table:
    """Splits a text into records; whatever is wrong with its shape goes to `problems`."""
    notes: list[Note] = []
    body, skipped, separator = _separator(text.text, columns)
    if separator != ",":
        kind = _SEPARATORS[separator]
        notes.append(Note(kind, f"{text.name}: read with {kind} between the columns"))
    rows = _rows(body, separator, skipped, problems)
    header = next(rows, None)
    if header is None:
        if not problems.count:
            start = ",".join(columns.required)
            problems.add(None, "the file is empty", remedy=f"begin with the header {start}")
        return Table((), [], tuple(notes))
    if len(header[1]) > MOST_COLUMNS:
        problems.add(
            header[0],
            f"the first line has more than {MOST_COLUMNS:,} cells",
            value=f"{len(header[1]):,}",
            remedy="name in it only the columns that are read, and end it before the first row",
        )
        return Table((), [], tuple(notes))
    places = _header(*header, columns, problems, notes, text.name)
    records = list(_records(rows, len(header[1]), places, problems)) if places else []
    if places and not records and not problems.count:
        problems.add(
            header[0], "there is a header and no row below it", remedy="write one row for a number"
        )
    return Table(tuple(places.values()), records, tuple(notes))


def _separator(text: str, columns: Columns) -> tuple[str, int, str]:
    """The text below a spreadsheet's `sep=` line, how many lines that took, and the separator."""
    if (found := _SEP_LINE.match(text)) and found.group(1) in _SEPARATORS:
        return text[found.end() :], 1, found.group(1)
    first = next((line for line in io.StringIO(text) if line.strip()), "")

    def known(separator: str) -> tuple[int, int]:
        cells = first.split(separator, MOST_COLUMNS)
        return sum(_canonical(c) in columns.known for c in cells), len(cells)

    return text, 0, max(_SEPARATORS, key=known)


def _rows(
    text: str, separator: str, skipped: int, problems: Problems
) -> Iterator[tuple[int, list[str]]]:
    """Line and trimmed cells of each row that is not blank."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    line = skipped + 1
    try:
        for row in reader:
            cells = [meant(" ".join(cell.split())) for cell in row]
            if any(cells):
                yield line, cells
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        # The rest of the file cannot be told into rows any more.
        problems.add(line, *_unsplittable(str(error)))


def _unsplittable(error: str) -> tuple[str, None, None, str]:
    if "field larger" in error:
        return (
            f"one cell holds more than {csv.field_size_limit():,} characters",
            None,
            None,
            "look for a quotation mark that is never closed, or shorten the cell",
        )
    return (
        "a quotation mark is out of place from here on",
        None,
        None,
        'close it, and write a quotation mark within a quoted cell twice: "say ""yes"""',
    )


def _canonical(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", cell.strip().strip('"').strip().casefold())


def _header(
    line: int, cells: list[str], columns: Columns, problems: Problems, notes: list[Note], name: str
) -> dict[int, str]:
    """Position -> column of the columns that are read; empty where this is no header at all."""
    places: dict[int, str] = {}
    ignored: list[str] = []
    unknown: list[tuple[int, str]] = []
    renamed: list[str] = []
    for position, cell in enumerate(cells):
        column = _canonical(cell)
        if column in columns.known:
            if column in places.values():
                problems.add(line, "the header names this column twice", column)
                continue
            places[position] = column
            if column != cell:
                renamed.append(f"{cell!r} as {column}")
        elif column in columns.ignored or column.startswith("unnamed:"):
            ignored.append(cell)
        elif not column:
            ignored.append(f"column {position + 1}, which has no name")
        else:
            unknown.append((position, cell))
    if not places:
        problems.add(
            line,
            "the first line is not a header: it names no known column",
            value=", ".join(cells),
            remedy=f"begin the file with {','.join(columns.required)}",
        )
        return {}
    _missing_and_unknown(line, places, unknown, columns, problems)
    if renamed:
        notes.append(Note("header", f"{name}: read {', '.join(renamed)}"))
    if ignored:
        notes.append(Note("ignored_columns", f"{name}: left unread: {', '.join(ignored)}"))
    return places


def _missing_and_unknown(
    line: int,
    places: Mapping[int, str],
    unknown: Sequence[tuple[int, str]],
    columns: Columns,
    problems: Problems,
) -> None:
    open_names = [c for c in columns.known if c not in places.values()]
    for column in columns.required:
        if column not in places.values():
            problems.add(
                line,
                "the header lacks this required column",
                column,
                remedy=columns.meant.get(f"no {column}", f"add a column named {column}"),
            )
    for _, cell in unknown:
        near = nearest(cell, open_names)
        known = f"rename or remove it; the columns are {', '.join(columns.known)}"
        remedy = columns.meant.get(_canonical(cell)) or (
            f"did you mean {near}? Else remove it" if near else known
        )
        problems.add(line, "there is no such column", shown(cell), remedy=remedy)


def _records(
    rows: Iterator[tuple[int, list[str]]],
    width: int,
    places: Mapping[int, str],
    problems: Problems,
) -> Iterator[Record]:
    for line, cells in rows:
        if len(cells) < width or any(cells[width:]):
            problems.add(line, *_ragged(cells, width))
            continue
        yield Record(line, {column: cells[position] for position, column in places.items()})


def _ragged(cells: list[str], width: int) -> tuple[str, None, str, str]:
    seen = ", ".join(cells)
    what = f"the row has {len(cells)} cells, the header {width}"
    if cells[0].startswith("#"):
        return what, None, seen, "remove the line: an observations CSV has no comments"
    if len(cells) < width:
        return what, None, seen, "write the missing separators; a cell may be empty"
    return (
        what,
        None,
        seen,
        'quote a cell that holds the separator ("a, b"); decimal commas need ; between the columns',
    )
