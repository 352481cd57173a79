"""Data frames of any kind in, and out again in the kind that is there."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Literal, get_args

from planner.errors import InputError, Problem

Backend = Literal["pandas", "polars", "pyarrow"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)
"""Kinds of frames that are given out, the first that is installed where none is named."""


def is_frame(value: object) -> bool:
    """Whether it is a data frame of pandas, Polars, Arrow, DuckDB or others that narwhals knows."""
    import narwhals as nw

    found: Any = nw.from_native(value, pass_through=True)
    return isinstance(found, nw.DataFrame | nw.LazyFrame)


def csv_of(frame: Any) -> str:
    """The rows of a frame as CSV; what is missing is an empty cell."""
    import narwhals as nw

    found: Any = nw.from_native(frame)
    rows = found.collect() if isinstance(found, nw.LazyFrame) else found
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.columns)
    writer.writerows([_cell(value) for value in row] for row in rows.iter_rows())
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = str(value)
    return "" if text in ("<NA>", "NaT") else text  # how pandas writes what is missing


def frame_of(rows: Sequence[Mapping[str, Any]], backend: Backend | None = None) -> Any:
    """Rows as a data frame; raises InputError where no library for it is installed.

    backend: pandas, polars or pyarrow; without it the first of them that is installed.
    """
    import narwhals as nw

    there = [name for name in BACKENDS if find_spec(name) is not None]
    wanted = backend or next(iter(there), BACKENDS[0])
    if wanted not in there:
        known = f"write one of {', '.join(there)}" if there else "pip install pandas"
        raise InputError(Problem("frame", "this kind of frame is not there", None, wanted, known))
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else {})}
    return nw.from_dict(columns, backend=wanted).to_native()
