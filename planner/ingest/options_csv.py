"""Reads a bare table of options for `planner solve --options`."""

from __future__ import annotations

import math
from pathlib import Path

from planner.ingest._table import Columns, Problems, Record, read_table
from planner.ingest._text import read_text

Row = dict[str, str | float | None]

COLUMNS = Columns(
    required=("query_class", "queries_per_day", "option", "model", "accuracy", "cost_usd"),
    optional=("latency_s", "model_fixed_usd_per_day"),
)
LARGEST = 1e30
"""Of a volume, a cost or a latency: costs are also written in FLOPs. Products of two are finite."""
NAMES = ("query_class", "option", "model")


def read_options(path: Path) -> list[Row]:
    """Rows of an option table: names as text, quantities as numbers, blanks as None.

    accuracy is in [0, 1], the other numbers are finite and not negative; a class has one volume, a
    model one fixed cost, and an option of a model one row a class. Raises InputError with every
    problem of the file at once.
    """
    text = read_text(path)
    problems = Problems(text.name)
    table = read_table(text, COLUMNS, problems)
    problems.raise_any()
    rows = [_row(record, problems) for record in table.records]
    if not rows:
        problems.add(None, "it has a header and no rows", remedy="add one row an option")
    elif all(row["queries_per_day"] == 0 for row in rows) and not problems.count:
        remedy = "write the queries a day of each class"
        problems.add(None, "no class has any queries", "queries_per_day", "0", remedy)
    _agree(rows, table.records, problems, "query_class", "queries_per_day")
    _agree(rows, table.records, problems, "model", "model_fixed_usd_per_day")
    _once(rows, table.records, problems)
    problems.raise_any()
    return rows


def _row(record: Record, problems: Problems) -> Row:
    row: Row = {}
    for name in COLUMNS.known:
        cell = record.cells.get(name, "")
        if name in NAMES:
            if not cell:
                problems.add(record.line, "a name is missing", name, remedy="write one")
            row[name] = cell
        elif cell or name in COLUMNS.required:
            row[name] = _number(record.line, name, cell, problems)
        else:
            row[name] = None
    return row


def _number(line: int, name: str, cell: str, problems: Problems) -> float:
    most = 1.0 if name == "accuracy" else LARGEST
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and 0 <= value <= most:
        return value
    wanted = f"a number from 0 to {most:g}"
    problems.add(line, f"{name} is not {wanted}", name, cell, f"write {wanted}")
    return 0.0


def _agree(
    rows: list[Row], records: list[Record], problems: Problems, owner: str, name: str
) -> None:
    """One value of `name` for each `owner`, over all rows that give one."""
    first: dict[object, tuple[object, int]] = {}
    for row, record in zip(rows, records, strict=True):
        if row[name] is None:
            continue
        value, line = first.setdefault(row[owner], (row[name], record.line))
        if value != row[name]:
            problems.add(
                record.line,
                f"{owner} {row[owner]} has {name} {value:g} on line {line}",
                name,
                record.cells.get(name),
                f"give each {owner} one {name}",
            )


def _once(rows: list[Row], records: list[Record], problems: Problems) -> None:
    first: dict[tuple[object, ...], int] = {}
    for row, record in zip(rows, records, strict=True):
        key = tuple(row[name] for name in NAMES)
        line = first.setdefault(key, record.line)
        if line != record.line:
            what = f"option {row['option']} of {row['model']} stands on line {line} already"
            problems.add(record.line, what, "option", remedy="take one of the two out")
