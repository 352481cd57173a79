"""Text tables split line by line, in bounded memory, for files that DuckDB does not take whole.

Lines that cannot be split are complained of; the cells of the others go to a clean CSV, with the
line they stand in, for DuckDB to read.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from planner.errors import Problem
from planner.ingest._table import shown
from planner.ingest.logs.casts import MAX_TEXT_BYTES
from planner.ingest.logs.cells import UnsoundError
from planner.ingest.logs.header import Header, complaints, required, understand
from planner.ingest.logs.lines import Line, csv_rows, lines, long_cells
from planner.ingest.logs.reading import Reading
from planner.ingest.logs.record import COUNTS, RECORD
from planner.ingest.logs.table import Table
from planner.ingest.logs.unpack import UnpackError, blocks

Cells = Sequence[str | None]
Row = tuple[int, Cells | UnsoundError]

_BEFORE = 20
"""Letters that are shown before the one where JSON ends to be such."""
_EXAMPLE = 'write one record a line, such as {"model": "m", "problem_id": "1", "correct": true}'


def split(table: Table, reading: Reading) -> Table:
    """The table of one file, CSV or JSON lines, split into lines and cells."""
    file, shape = table.files[0], table.shape
    names = shape.names if shape.kind == "csv" else _names(table.header, table.counts)
    place = 0
    filled: set[int] = set()
    packed = blocks(file.path, shape.compression, lambda b: reading.progress(len(b)))
    with (
        closing(packed),
        long_cells(),
        tempfile.NamedTemporaryFile(
            "w",
            dir=reading.folder,
            suffix=".csv",
            delete=False,
            encoding="utf-8",
            # Half a character, which JSON can hold, is no UTF-8.
            errors="backslashreplace",
            newline="",
        ) as stream,
    ):
        # Quotation marks around all texts: they may hold line ends of any kind.
        writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        numbered = lines(packed, shape.encoding)
        found = _csv(table, numbered) if shape.kind == "csv" else _json(table, names, numbered)
        try:
            for place, row in found:
                cells = row if isinstance(row, UnsoundError) else _bounded(row)
                if isinstance(cells, UnsoundError):
                    where, seen = f"{file.name}:{place}", shown(cells.seen)
                    reading.faults.bad(Problem(where, cells.what, None, seen, cells.remedy))
                else:
                    writer.writerow([place, *cells])
                    filled.update(i for i, cell in enumerate(cells) if cell is not None)
        except UnpackError as error:
            where = f"{file.name}:{place + 1}"
            reading.faults.bad(Problem(where, error.what, remedy=error.remedy), None)
    if shape.kind == "json":
        names = _filled(names, filled, table.counts)
    return replace(table, shape=replace(shape, names=names), split=Path(stream.name))


def _names(header: Header, counts: bool) -> tuple[str, ...]:
    """A name of every column that JSON lines may hold, as the file spells it where it does."""
    columns = understand((*RECORD, *(COUNTS if counts else ())), counts).places
    spelled = {column: header.names[i] for column, i in header.places.items()}
    return tuple(spelled.get(column, column) for column in columns)


def _filled(names: Sequence[str], filled: Collection[int], counts: bool) -> tuple[str, ...]:
    """The names without those of columns that no record has, which would be checked for nothing."""
    kept = required(counts)
    columns = {i: column for column, i in understand(tuple(names), counts).places.items()}
    return tuple(name if i in filled or columns[i] in kept else "" for i, name in enumerate(names))


def _bounded(cells: Cells) -> Cells | UnsoundError:
    letters = sum(len(cell) for cell in cells if cell is not None)
    if letters <= MAX_TEXT_BYTES // 4:
        return cells
    if sum(len(cell.encode(errors="replace")) for cell in cells if cell) <= MAX_TEXT_BYTES:
        return cells
    what = f"the columns that are read hold more than {MAX_TEXT_BYTES:,} bytes here"
    return UnsoundError(what, "log the answer that was extracted, not the whole output")


def _csv(table: Table, numbered: Iterator[Line]) -> Iterator[Row]:
    width = len(table.shape.names)
    read = frozenset(table.header.places.values())
    for _ in range(table.shape.header_lines):
        next(numbered, None)
    for number, cells in csv_rows(numbered, table.shape.separator):
        if isinstance(cells, UnsoundError):
            yield number, cells
        elif any(map(str.strip, cells)):
            if len(cells) < width:
                what, remedy = "fewer cells than the header has", "a cell may be empty: write ,,"
                yield number, UnsoundError(what, remedy, table.shape.separator.join(cells))
            elif any(map(str.strip, cells[width:])):
                what, remedy = "more cells than the header has", 'quote a separator within: "a, b"'
                yield number, UnsoundError(what, remedy, table.shape.separator.join(cells))
            else:
                yield number, [cells[i] if i in read else None for i in range(width)]


def _json(table: Table, names: Sequence[str], numbered: Iterator[Line]) -> Iterator[Row]:
    columns = understand(tuple(names), table.counts).places
    for number, line in numbered:
        if isinstance(line, UnsoundError):
            yield number, line
        elif line.strip():
            try:
                record = _record(line)
                header = understand(tuple(record), table.counts)
                if header.doubled:
                    problem = next(complaints(header, ""))
                    raise UnsoundError(problem.what, problem.remedy or "")
            except UnsoundError as error:
                yield number, error
            else:
                values = list(record.values())
                places = header.places
                yield number, [_text(values[places[c]]) if c in places else None for c in columns]


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line, parse_constant=str, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        seen = line[max(0, error.pos - _BEFORE) :]
        raise UnsoundError("this line is not JSON", _EXAMPLE, seen) from None
    except (ValueError, RecursionError):
        raise UnsoundError("this JSON cannot be read", _EXAMPLE) from None
    if not isinstance(record, dict):
        raise UnsoundError("this line is no JSON object", _EXAMPLE)
    return record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise UnsoundError("a key stands twice in this record", "keep one of them")
    return record


def _text(value: object) -> str | None:
    """A value as DuckDB's reader of JSON makes it a text."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case list() | dict():
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        case _:
            return repr(value)
