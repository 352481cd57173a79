"""The table of outcomes in DuckDB: made once, counted by series, read back problem by problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from math import isnan
from typing import TYPE_CHECKING, Any

from planner.ingest.logs.frame import rows_of
from planner.ingest.logs.record import SERIES
from planner.measure.outcomes import KEYS, SIZES, SUMS, WEIGHT

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Connection = duckdb.DuckDBPyConnection

OUTCOMES = "outcomes"
"""The table, in the connection that read the logs."""
_TEXT = ("question_set", "model", "method", "verifier", "problem_id", "answer")
_REAL = ("temperature", "score", "correct", *SIZES)
TYPES: Mapping[str, str] = {
    name: "VARCHAR" if name in _TEXT else "DOUBLE" if name in _REAL else "BIGINT"
    for name in (*KEYS, *SUMS, *SIZES)
} | {"bucket": "VARCHAR", "bucket_last": "VARCHAR"}
"""Every column of the table, and its type."""


@dataclass(frozen=True)
class Series:
    """Samples that were drawn alike: one model, one way of sampling, one question set."""

    question_set: str
    model: str
    method: str
    """`sampled`, `long_cot`, `greedy`, or a method that is measured as it was logged."""
    verifier: str | None = None
    n_samples: int | None = None
    """Samples that each answer was chosen from; None where every sample was logged."""
    depth: int | None = None
    width: int | None = None
    thinking_tokens: int | None = None
    temperature: float | None = None

    def __str__(self) -> str:
        named = {"verifier", "n_samples", "depth", "width", "thinking_tokens", "temperature"}
        known = [
            f"{f.name.replace('_', ' ')} {value:g}" if not isinstance(value, str) else f"by {value}"
            for f in fields(self)
            if f.name in named and (value := getattr(self, f.name)) is not None
        ]
        return ", ".join([f"{self.method} of {self.model} on {self.question_set}", *known])


@dataclass(frozen=True)
class Tally:
    """What was counted of one series; arrays have the shape (problem,)."""

    series: Series
    problem: tuple[str, ...]
    """Names, in the order of the alphabet."""
    bucket: tuple[str | None, ...]
    """Level given in the logs."""
    sizes: Mapping[str, float]
    """Parameters in billions, of those that were logged."""
    n: Ints
    """Samples whose correctness is known."""
    n_correct: Array
    """Sum of their scores."""
    n_unknown: Ints
    """Samples whose correctness was not logged."""
    n_fraction: Ints
    """Samples neither right nor wrong."""
    n_answer: Ints
    """Samples with an answer."""
    n_blank_right: Ints
    """Samples without an answer that are marked right."""
    n_score: Ints
    """Samples with a verifier's score."""
    n_negative: Ints
    """Samples with an answer and a score below 0."""
    totals: Mapping[str, Ints]
    """Sums of tokens and time, and how many samples have them, by column of SUMS."""

    @property
    def largest_n(self) -> int:
        """The largest n that every problem's graded samples allow."""
        return int(self.n.min())

    def where(self, keep: NDArray[np.bool_]) -> Tally:
        """The problems named by a mask."""
        import numpy as np

        rows = np.flatnonzero(keep)
        arrays = {
            f.name: getattr(self, f.name)[rows]
            for f in fields(self)
            if f.name.startswith("n_") or f.name == "n"
        }
        return replace(
            self,
            problem=tuple(self.problem[i] for i in rows),
            bucket=tuple(self.bucket[i] for i in rows),
            totals={name: values[rows] for name, values in self.totals.items()},
            **arrays,
        )


class OutcomeTable:
    """The outcomes of all logs, and ways to read them."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {OUTCOMES} "
            f"({', '.join(f'{name} {kind}' for name, kind in TYPES.items())})"
        )

    def add(self, selection: str, columns: Sequence[str]) -> None:
        """Adds rows of outcomes: SQL that selects them, and which columns it has."""
        named = ", ".join(name for name in TYPES if name in columns)
        self.connection.execute(
            f"INSERT INTO {OUTCOMES} ({named}) SELECT {named} FROM ({selection})"
        )

    def add_frame(self, frame: nw.LazyFrame[Any]) -> None:
        """Adds rows of outcomes that are computed elsewhere, some at a time."""
        names = frame.collect_schema().names()
        chosen = ", ".join(
            name if TYPES[name] == "VARCHAR"
            else f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}"
            for name in names
        )  # fmt: skip
        for rows in rows_of(frame):
            if not rows:
                continue
            columns = zip(names, zip(*rows, strict=True), strict=True)
            self.connection.register("computed", {n: _array(n, values) for n, values in columns})
            self.add(f"SELECT {chosen} FROM computed", names)
            self.connection.unregister("computed")

    def tallies(self) -> list[Tally]:
        """Counts of every series, sorted by its name."""
        graded = f"{WEIGHT} * CAST(correct IS NOT NULL AS INTEGER)"
        counted = {
            "n": f"sum({graded})",
            "n_correct": f"sum({WEIGHT} * correct)",
            "n_unknown": f"sum({WEIGHT} - {graded})",
            "n_fraction": f"sum({WEIGHT} * CAST(correct > 0 AND correct < 1 AS INTEGER))",
            "n_answer": f"sum({WEIGHT} * CAST(answer IS NOT NULL AS INTEGER))",
            "n_blank_right": f"sum({WEIGHT} * CAST(answer IS NULL AND correct > 0 AS INTEGER))",
            "n_score": f"sum({WEIGHT} * CAST(score IS NOT NULL AS INTEGER))",
            "n_negative": f"sum({WEIGHT} * CAST(score < 0 AND answer IS NOT NULL AS INTEGER))",
        } | {total: f"sum({total})" for total in SUMS if total != WEIGHT}
        sizes = ", ".join(f"max({size}) AS {size}" for size in SIZES)
        keys = ", ".join((*SERIES, "problem_id"))
        found = self.connection.execute(
            f"""SELECT {keys}, min(bucket) AS bucket, max(bucket_last) AS bucket_last, {sizes},
                {", ".join(f"coalesce({sql}, 0) AS {name}" for name, sql in counted.items())}
            FROM {OUTCOMES} GROUP BY {keys} ORDER BY {keys}"""
        ).fetchnumpy()
        columns = {name: plain(values) for name, values in found.items()}
        starts = _starts([columns[name] for name in SERIES])
        found_tallies = [
            _tally(
                series_of([columns[name][start] for name in SERIES]),
                {name: c[start:stop] for name, c in columns.items()},
            )
            for start, stop in pairwise([*starts, len(columns["n"])])
        ]
        return sorted(found_tallies, key=lambda tally: str(tally.series))

    def bucket_conflicts(self) -> list[tuple[str, str, str, str]]:
        """Question set, problem and two of its buckets, where logs disagree on a problem."""
        found = self.connection.execute(
            f"""SELECT question_set, problem_id, min(bucket), max(bucket_last) FROM {OUTCOMES}
            GROUP BY 1, 2 HAVING min(bucket) <> max(bucket_last) ORDER BY 1, 2 LIMIT 20"""
        ).fetchall()
        return [(str(q), str(p), str(a), str(b)) for q, p, a, b in found]


def _starts(columns: Sequence[Any]) -> list[int]:
    """Rows at which any column has another value than in the row before."""
    import numpy as np

    fresh = np.ones(len(columns[0]), dtype=bool)
    fresh[1:] = False
    for values in columns:
        known = (
            np.array([v is not None for v in values])
            if values.dtype == object
            else ~np.isnan(values.astype(np.float64))
        )
        other = (values[1:] != values[:-1]) & (known[1:] | known[:-1])
        fresh[1:] |= other.astype(bool)
    return np.flatnonzero(fresh).tolist()


def _array(name: str, values: Sequence[Any]) -> NDArray[Any]:
    """A column as DuckDB takes it; blank numbers are nan."""
    import numpy as np

    if TYPES[name] == "VARCHAR":
        return np.array(values, dtype=object)
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def series_of(key: Sequence[Any]) -> Series:
    """The series of a row of its columns, in the order of SERIES."""
    import numpy as np

    values: dict[str, Any] = {}
    for name, value in zip(SERIES, key, strict=True):
        if value is None or (isinstance(value, float | np.floating) and isnan(value)):
            values[name] = None
        elif TYPES[name] == "VARCHAR":
            values[name] = str(value)
        else:
            values[name] = float(value) if TYPES[name] == "DOUBLE" else int(value)
    return Series(**values)


def plain(values: Any) -> Any:
    """A column without mask: numbers with nan, texts with None."""
    import numpy as np

    if not isinstance(values, np.ma.MaskedArray):
        return values
    mask, data = np.ma.getmaskarray(values), np.ma.getdata(values)
    if not mask.any():
        return data
    bare = np.array(data, dtype=object if data.dtype == object else np.float64)
    bare[mask] = None
    return bare


def _tally(series: Series, c: Mapping[str, Any]) -> Tally:
    import numpy as np

    order = np.argsort(np.array([str(name) for name in c["problem_id"]]), kind="stable")
    c = {name: values[order] for name, values in c.items()}
    sizes = {}
    for size in SIZES:
        known = c[size].astype(np.float64)
        if (known > 0).any():
            sizes[size] = float(np.nanmax(known))
    whole = {
        name: c[name].astype(np.int64)
        for name in (
            "n",
            "n_unknown",
            "n_fraction",
            "n_answer",
            "n_blank_right",
            "n_score",
            "n_negative",
        )
    }
    return Tally(
        series,
        tuple(str(name) for name in c["problem_id"]),
        tuple(None if b is None else str(b) for b in c["bucket"].tolist()),
        sizes,
        n_correct=c["n_correct"].astype(np.float64),
        totals={name: c[name].astype(np.int64) for name in SUMS if name != WEIGHT},
        **whole,
    )
