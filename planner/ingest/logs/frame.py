"""Data frames of records or counts to samples, wherever they lie: in memory or on a cluster.

The names, the checks and the meaning of the columns are those of files. A frame has no lines, so
rows are refused with their number and one example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from planner.errors import InputError, Note, Problem
from planner.ingest._table import shown
from planner.ingest.logs.canonical import UNNAMED, canonical
from planner.ingest.logs.cells import method_name, refusal
from planner.ingest.logs.frame_casts import Cell, cell
from planner.ingest.logs.header import Header, complaints, understand
from planner.ingest.logs.reading import Faults, LogOptions
from planner.ingest.logs.record import COUNTS
from planner.ingest.logs.repeats import RUN_SERIES

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw

_ROWS_AT_ONCE = 100_000
_FAULT = "first fault"
"""Column of the number of the check that loses a row; null where it is sound."""
_MAX_METHODS = 1000
"""Spellings of methods that are looked at; a column with more holds something else."""


@dataclass(frozen=True)
class FrameSamples:
    """The samples of a frame; nothing of them was computed yet."""

    samples: nw.LazyFrame[Any]
    """As `planner.ingest.logs.canonical.canonical` gives them."""
    columns: frozenset[str]
    """Columns of RECORD or COUNTS that the frame has."""
    notes: tuple[Note, ...]


def lazy_frame(frame: Any, connection: duckdb.DuckDBPyConnection) -> nw.LazyFrame[Any]:
    """A frame as narwhals takes it: what lies in memory is read by DuckDB, except Polars.

    Raises InputError where it is no frame of pandas, Polars, Arrow, DuckDB or PySpark.
    """
    import narwhals as nw

    known = nw.from_native(frame, pass_through=True)
    if isinstance(known, nw.DataFrame | nw.LazyFrame):
        kind, native = known.implementation, known.to_native()
        if kind.is_pandas():
            return nw.from_native(connection.from_df(native)).lazy()
        if kind.is_pyarrow():
            return nw.from_native(connection.from_arrow(native)).lazy()
        if kind.is_polars() or kind.is_duckdb() or kind.is_pyspark():
            return known.lazy()
    what = "this is neither paths of logs nor a data frame that can be measured"
    remedy = "give a table of pandas, Polars, Arrow, DuckDB or PySpark, or paths of logs"
    raise InputError(Problem("planner.measure", what, None, type(frame).__name__, remedy))


def rows_of(frame: nw.LazyFrame[Any]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows of a frame, some at a time; needs no library beside the frame's own."""
    native = frame.to_native()
    kind = frame.implementation
    if kind.is_duckdb():
        yield native.fetchall()
    elif kind.is_pyspark():
        held = []
        for row in native.toLocalIterator():
            held.append(tuple(row))
            if len(held) == _ROWS_AT_ONCE:
                yield held
                held = []
        if held:
            yield held
    else:
        yield frame.collect().rows()


def read_frame(
    frame: nw.LazyFrame[Any],
    options: LogOptions,
    faults: Faults,
    where: str = "data frame",
    *,
    words: bool = False,
    broken: str | None = None,
) -> FrameSamples | None:
    """The sound samples of a frame, whose complaints go to `faults`; None where it has none.

    where: its name in messages; words: whether the text NA and the like are blank; broken: a
    column that holds the text of those rows that could not be split into cells. Two small
    aggregates are computed: the methods named, and how many rows are refused for each reason.
    """
    import narwhals as nw

    names = tuple(n for n in frame.collect_schema().names() if n != broken)
    header = _understood(names)
    if problems := list(_complaints(header, where)):
        for problem in problems:
            faults.bad(problem, None)
        return None
    raw = frame.select(
        *(nw.col(names[place]).alias(column) for column, place in header.places.items()),
        *([nw.col(broken)] if broken else []),
    )
    cells = _cells(raw, header, words)
    checks = {column: how.bad for column, how in cells.items() if how.bad is not None}
    if broken:
        checks = {broken: ~nw.col(broken).is_null(), **checks}
    marked = raw.with_columns(_first_fault(checks).alias(_FAULT))
    unnamed = _check(marked, list(checks), cells, faults, where, broken)
    if unnamed is None:
        return None
    sound = marked.filter(nw.col(_FAULT).is_null())
    records = sound.select(*(how.value.alias(column) for column, how in cells.items()))
    if not header.counts:
        _refuse_repeats(records, faults, where)
    samples = canonical(records, options)
    return FrameSamples(samples, frozenset(header.places), tuple(_notes(header, options, unnamed)))


def nothing_sound(faults: Faults) -> InputError:
    """What to raise where no frame has a sound row."""
    nothing = Problem("records", "there is none in it", remedy="check what was given")
    return InputError(faults.in_order or nothing, "there is no sound record")


def _understood(names: tuple[str, ...]) -> Header:
    counted = understand(names, counts=True)
    return counted if counted.places.keys() >= COUNTS.keys() else understand(names, counts=False)


def _complaints(header: Header, where: str) -> Iterator[Problem]:
    example = header.example.rpartition(" ")[2]
    for problem in complaints(header, where):
        general = problem.remedy == header.example
        yield replace(problem, remedy=f"name its columns {example}") if general else problem


def _cells(raw: nw.LazyFrame[Any], header: Header, words: bool) -> dict[str, Cell]:

    schema = raw.collect_schema()
    cells = {column: cell(column, schema[column], words=words) for column in header.places}
    if header.counts:
        total, right = cells["n_total"].value, cells["n_correct"]
        more = (right.value > total).fill_null(value=False)
        cells["n_correct"] = replace(right, bad=more if right.bad is None else right.bad | more)
    if "method" in cells:
        spelled = raw.select(cells["method"].value.alias("method")).unique().head(_MAX_METHODS)
        named = [str(row[0]) for row in chain.from_iterable(rows_of(spelled)) if row[0]]
        known = {m: name for m in sorted(named) if (name := method_name(m)) is not None}
        cells["method"] = _named(cells["method"].value, known)
    return cells


def _named(spelled: nw.Expr, known: Mapping[str, str]) -> Cell:
    """A method under its registered name; bad where there is none."""
    import narwhals as nw

    value = spelled
    for name, registered in known.items():
        if name != registered:
            value = nw.when(spelled == name).then(nw.lit(registered)).otherwise(value)
    strange = ~spelled.is_in(list(known)) if known else ~spelled.is_null()
    return Cell(value, strange.fill_null(value=False))


def _first_fault(checks: Mapping[str, nw.Expr]) -> nw.Expr:
    """Number of the first check that a row does not pass: it is lost by that one only."""
    import narwhals as nw

    fault = nw.lit(None, nw.Int64)
    for number, bad in reversed(list(enumerate(checks.values()))):
        fault = nw.when(bad).then(nw.lit(number, nw.Int64)).otherwise(fault)
    return fault


def _check(
    marked: nw.LazyFrame[Any],
    checked: Sequence[str],
    cells: Mapping[str, Cell],
    faults: Faults,
    where: str,
    broken: str | None,
) -> int | None:
    """How many sound rows name no question set; None where no row is sound."""
    import narwhals as nw

    unnamed = nw.lit(value=True)
    if "question_set" in cells:
        unnamed = cells["question_set"].value.is_null()
    counted = (
        marked.with_columns(unnamed.cast(nw.Int64).alias("unnamed"))
        .group_by(_FAULT)
        .agg(nw.len().alias("rows"), nw.col("unnamed").sum())
    )
    found = {row[0]: row[1:] for row in chain.from_iterable(rows_of(counted))}
    columns = marked.collect_schema().names()
    for number, (rows, _) in sorted((n, f) for n, f in found.items() if n is not None):
        column = checked[number]
        one = next(rows_of(marked.filter(nw.col(_FAULT) == number).head(1)))[0]
        example = one[columns.index(column)]
        faults.bad(_problem(where, column, example, rows, broken), rows)
    if not found:
        faults.bad(Problem(where, "it has no rows", remedy="check what it was made of"), None)
    return int(found[None][1]) if None in found else None


def _problem(where: str, column: str, example: object, rows: int, broken: str | None) -> Problem:
    number = f"{rows} row{'s' if rows != 1 else ''}"
    if column == broken:
        remedy = "each row has a cell for each name of the header; quote a cell with separators"
        what = f"{number} cannot be split into cells"
        return Problem(where, what, value=shown(str(example)), remedy=remedy)
    seen = None if example is None else str(example)
    why = refusal(column, seen)
    return Problem(where, f"{number}: {why.what}", column, shown(seen), why.remedy)


def _refuse_repeats(records: nw.LazyFrame[Any], faults: Faults, where: str) -> None:
    """Complains of problems with more samples than numbers for them: which of them count?

    Files are looked through for records that were logged twice; a frame is only counted.
    """
    import narwhals as nw

    columns = set(records.collect_schema().names())
    if "sample" not in columns:
        return
    sample = nw.col("sample")
    keys = [key for key in (*RUN_SERIES, "problem_id") if key in columns]
    counted = records.filter(~sample.is_null()).group_by(*keys).agg(
        nw.len().alias("drawn"), sample.min().alias("lowest"), sample.max().alias("highest")
    )  # fmt: skip
    more = nw.col("drawn") > nw.col("highest") - nw.col("lowest") + 1
    crowded = counted.filter(more).select("problem_id", "drawn").sort("problem_id").head(1)
    for problem, drawn in chain.from_iterable(rows_of(crowded)):
        faults.bad(
            Problem(
                where,
                f"problem {problem} has {drawn} samples, of which some share their number",
                "sample",
                remedy="remove records that were logged twice, or tell runs apart by run_id",
            ),
            None,
        )


def _notes(header: Header, options: LogOptions, unnamed: int) -> Iterator[Note]:
    if header.unread:
        names = ", ".join(header.unread)
        yield Note("unread_columns", f"columns that measuring has no use for: {names}")
    if unnamed and options.question_set is None:
        yield Note(
            "unnamed_question_set",
            f"records without a question set are of one that is called {UNNAMED}: name it with "
            "--question-set",
        )
