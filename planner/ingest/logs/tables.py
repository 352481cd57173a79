"""Tables of records and of counts: CSV, JSON lines and Parquet.

Files of one shape are read together, where they lie, and checked in one scan. A file that is not
sound is split line by line first, so that what is wrong can be named with its place.
"""

from __future__ import annotations

from dataclasses import replace

from planner.errors import Problem
from planner.ingest.logs.canonical import canonical_sql
from planner.ingest.logs.engine import file_literal
from planner.ingest.logs.header import complaints, understand
from planner.ingest.logs.reading import Reading
from planner.ingest.logs.record import COUNTS, plain_name
from planner.ingest.logs.runs import (
    find_first_models,
    find_mixed,
    is_mixed,
    strays,
    without_strays,
)
from planner.ingest.logs.shape import Shape, head_of, names_near, shape_of
from planner.ingest.logs.sources import SourceFile
from planner.ingest.logs.split import split
from planner.ingest.logs.table import Table
from planner.ingest.logs.unpack import Compression, UnpackError, blocks

MAX_JSON_READERS = 4
"""Tables of JSON lines that are read where they lie."""


def sniff_records(file: SourceFile, head: bytes) -> bool:
    """Whether a file looks like a table of records.

    Observations look so too: named, they are refused with that reason; in a folder, where an
    earlier measuring may have left them, they are no logs.
    """
    if not file.named and "n_questions" in map(plain_name, names_near(file.path, head)):
        return False
    known = _known(file, head, counts=False)
    return len(known & {"model", "problem_id", "sample", "correct", "answer"}) >= 2


def sniff_counts(file: SourceFile, head: bytes) -> bool:
    """Whether a file looks like a table of counts."""
    return _known(file, head, counts=True) >= set(COUNTS)


def read_records(files: list[SourceFile], reading: Reading) -> None:
    """Reads tables of records, one row a sample."""
    _read(files, reading, counts=False)


def read_counts(files: list[SourceFile], reading: Reading) -> None:
    """Reads tables of counts, one row a problem."""
    _read(files, reading, counts=True)


def _known(file: SourceFile, head: bytes, *, counts: bool) -> set[str]:
    header = understand(names_near(file.path, head), counts)
    return set() if header.is_observations else set(header.places)


def _read(files: list[SourceFile], reading: Reading, *, counts: bool) -> None:
    alike: dict[tuple[Shape, bool], list[SourceFile]] = {}
    for file in files:
        shape = _shape(file, reading)
        if shape is not None:
            if shape.kind == "json":
                shape = _narrowed(shape, reading, counts=counts)
            in_place = shape.in_place and _broken(file, shape.compression) is None
            alike.setdefault((shape, in_place), []).append(file)
    tables = [
        table
        for (shape, in_place), group in alike.items()
        for table in _checked(Table(shape, counts, tuple(group)), reading, in_place=in_place)
    ]
    tables = _few_of_json(tables, reading)
    tables.sort(key=lambda table: files.index(table.files[0]))
    for table in tables:
        if table.facts.bad:
            for problems in table.refused(reading.connection):
                for i, problem in enumerate(problems):
                    # A record is lost once, whatever the number of its faults.
                    reading.faults.bad(problem, 0 if i else 1)
    typed = []
    for table, sql in _by_run(tables, reading):
        typed.append(sql)
        reading.columns |= set(table.header.places)
        reading.unnamed |= table.facts.unnamed
        reading.partial |= table.facts.partial
    if typed:
        # All have the same columns, so their meaning is worked out once for all shapes.
        records = f"({') UNION ALL ('.join(typed)})"
        samples = canonical_sql(reading.connection, records, reading.options, counts=counts)
        reading.selects.append(samples)


def _few_of_json(tables: list[Table], reading: Reading) -> list[Table]:
    """The same with all but the largest tables of JSON lines split.

    Of one query every reader of JSON holds 32 MB from its start to the query's end.
    """
    lying = [t for t in tables if t.split is None and t.shape.kind == "json"]
    lying.sort(key=lambda table: -sum(file.size for file in table.files))
    many = lying[MAX_JSON_READERS:]
    parts = [_placed(one, reading) for table in many for one in table.by_file()]
    return [table for table in tables if table not in many] + parts


def _shape(file: SourceFile, reading: Reading) -> Shape | None:
    import duckdb

    head, compression = head_of(file.path)
    if not head and (broken := _broken(file, compression)) is not None:
        reading.faults.bad(Problem(file.name, broken.what, remedy=broken.remedy), None)
        return None
    shape = shape_of(head, compression)
    if shape.kind != "parquet":
        return shape
    try:
        described = reading.connection.execute(
            f"DESCRIBE SELECT * FROM read_parquet({file_literal(file.path)}, "
            "binary_as_string = true)"
        ).fetchall()
    except duckdb.Error as error:
        reading.faults.bad(_unreadable(file, error), None)
        return None
    names, types = (tuple(str(row[i]) for row in described) for i in (0, 1))
    return replace(shape, names=names, types=types)


def _narrowed(shape: Shape, reading: Reading, *, counts: bool) -> Shape:
    """A shape of the keys that are read, so that files that differ in others are one table."""
    header = understand(shape.names, counts)
    if header.missing:
        # What is there is part of the complaint.
        return shape
    reading.unread |= dict.fromkeys(header.unread)
    return replace(shape, names=tuple(sorted(set(shape.names) - set(header.unread))))


def _broken(file: SourceFile, compression: Compression) -> UnpackError | None:
    """Where a packed stream breaks: DuckDB checks neither its sums nor always its end."""
    if compression != "none":
        try:
            for _ in blocks(file.path, compression):
                pass
        except UnpackError as error:
            return error
    return None


def _checked(table: Table, reading: Reading, *, in_place: bool) -> list[Table]:
    """The tables with their facts: one of all files if these are sound, else one a file."""
    # The keys of JSON lines that are too long to be looked at are told by the check.
    unseen = table.shape.kind == "json" and not table.shape.names
    if not unseen and not _understood(table, reading):
        return []
    # Of JSON lines that name a column twice, each record may name it once.
    in_place = in_place and not table.header.doubled
    told = _told(table, reading) if in_place else None
    if told is not None and told.facts.late:
        names = (*table.shape.names, *told.facts.late)
        longer = replace(table, shape=replace(table.shape, names=names))
        return _checked(longer, reading, in_place=in_place)
    if told is not None and unseen and not _understood(table, reading):
        return []
    if told is not None and (not told.facts.bad or told.tells_places):
        for file in table.files:
            reading.progress(file.size)
        return [told]
    if len(table.files) > 1:
        parts = table.by_file()
        return [found for one in parts for found in _checked(one, reading, in_place=in_place)]
    return [] if table.shape.kind == "parquet" else [_placed(table, reading)]


def _told(table: Table, reading: Reading) -> Table | None:
    """The table with its facts; None where it is malformed."""
    import duckdb

    try:
        return table.checked(reading.connection)
    except (duckdb.Error, ValueError) as error:
        if table.shape.kind == "parquet" and len(table.files) == 1:
            reading.faults.bad(_unreadable(table.files[0], error), None)
        return None


def _placed(table: Table, reading: Reading) -> Table:
    """The table of one file so that it tells places."""
    if table.tells_places:
        return table
    return split(table, reading).checked(reading.connection)


def _understood(table: Table, reading: Reading) -> bool:
    """Whether the columns can be read; where not, says why of each file."""
    header, kind = table.header, table.shape.kind
    reading.unread |= dict.fromkeys(header.unread)
    if kind == "json":
        header = replace(header, doubled=())
    for file in table.files:
        line = "" if kind == "parquet" else f":{max(table.shape.header_lines, 1)}"
        for problem in complaints(header, f"{file.name}{line}"):
            reading.faults.bad(problem, None)
    return not any(complaints(header, ""))


def _by_run(tables: list[Table], reading: Reading) -> list[tuple[Table, str]]:
    """SQL of the records of each table, without those whose run is of another model."""
    connection = reading.connection
    if not find_mixed(connection, tables):
        return [(table, table.typed()) for table in tables]
    found: list[tuple[Table, str]] = []
    apart: list[Table] = []
    for table in tables:
        for one in table.by_file() if is_mixed(connection, table) else [table]:
            if is_mixed(connection, one):
                apart.append(_placed(one, reading))
            else:
                found.append((one, one.typed()))
    find_first_models(connection, apart)
    for table in apart:
        for problem in strays(connection, table):
            reading.faults.bad(problem)
        found.append((table, without_strays(table.typed())))
    return found


def _unreadable(file: SourceFile, error: Exception) -> Problem:
    reason = str(error).split("\n", 1)[0]
    return Problem(file.name, f"this Parquet file cannot be read: {reason}")
