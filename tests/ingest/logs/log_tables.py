"""Tables of logs as tests write them, and the samples that are read from them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from planner.domain.measured import Left
from planner.errors import InputError, Problem
from planner.ingest.logs.read import LogTable, read_logs
from planner.ingest.logs.reading import LogOptions

Rows = Sequence[Mapping[str, Any]]

MEMORY = "200MB"


@dataclass
class Samples:
    """What was read."""

    rows: list[dict[str, Any]]
    """Samples without their null columns, in the order of their contents."""
    columns: frozenset[str]
    inputs: dict[str, str]
    notes: dict[str, str]
    """Message of each code."""
    left: dict[str, int | None]
    """Rows left out for each reason."""
    left_out: tuple[Left, ...]

    @property
    def only(self) -> dict[str, Any]:
        assert len(self.rows) == 1, self.rows
        return self.rows[0]

    def column(self, name: str) -> list[Any]:
        return [row.get(name) for row in self.rows]


def opened(paths: Path | Sequence[Path], **options: Any) -> LogTable:
    """The logs, open."""
    listed = [paths] if isinstance(paths, Path) else list(paths)
    return read_logs(listed, LogOptions(**options), MEMORY)


def samples(paths: Path | Sequence[Path], **options: Any) -> Samples:
    """The samples of logs."""
    with opened(paths, **options) as found:
        rows = queried(found, f"SELECT * FROM {found.view}") if found.columns_present else []
        return Samples(
            rows,
            found.columns_present,
            found.inputs,
            {note.code: note.message for note in found.notes},
            {left.why: left.rows for left in found.left_out},
            found.left_out,
        )


def queried(found: LogTable, sql: str) -> list[dict[str, Any]]:
    """Rows of a query, without nulls, in the order of their contents."""
    cursor = found.connection.execute(sql)
    names = [str(column[0]) for column in cursor.description or ()]
    rows = (zip(names, row, strict=True) for row in cursor.fetchall())
    return sorted(({n: v for n, v in row if v is not None} for row in rows), key=repr)


def problems(paths: Path | Sequence[Path], **options: Any) -> list[Problem]:
    """What is wrong with logs that are refused."""
    with pytest.raises(InputError) as caught:
        samples(paths, **options)
    return list(caught.value.problems)


def only_problem(paths: Path | Sequence[Path], **options: Any) -> Problem:
    """The one thing that is wrong with logs."""
    found = problems(paths, **options)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def csv_text(rows: Rows, separator: str = ",") -> str:
    """Rows as CSV; None is an empty cell."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        cells = [row.get(name) for name in names]
        writer.writerow([json.dumps(c) if isinstance(c, list | bool) else c for c in cells])
    return stream.getvalue()


def jsonl_text(rows: Rows) -> str:
    """Rows as JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def write(path: Path, content: str | bytes | Rows) -> Path:
    """Writes a file; rows in the format of its suffix."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_bytes(content.encode())
    elif path.suffix == ".parquet":
        names = list(dict.fromkeys(name for row in content for name in row))
        table = pa.table({name: [row.get(name) for row in content] for name in names})
        pq.write_table(table, path)
    else:
        text = csv_text(content) if path.suffix == ".csv" else jsonl_text(content)
        path.write_bytes(text.encode())
    return path


SOUND: Rows = (
    {"model": "m", "problem_id": "p", "sample": 0, "correct": 1, "answer": "7"},
    {"model": "m", "problem_id": "p", "sample": 1, "correct": 0, "answer": "8"},
    {"model": "m", "problem_id": "q", "sample": 0, "correct": 1, "answer": "x"},
)
"""Records with nothing wrong."""
